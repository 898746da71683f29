"""IAM: who may do more after the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.documents import POLICIES, outsiders, policies_of
from orchestrator.review.iam.escalation import gained
from orchestrator.review.iam.policy import UNKNOWN, Statement, actions_of, compare, parse
from orchestrator.review.plan import Change, ReviewedPlan

_RESOURCE_POLICY = re.compile(
    r"_(?:bucket|queue|topic|key|vault|repository|domain|resource|secret\w*|layer_version|file_system)_?policy$|^aws_(?:kms_key|sqs_queue|sns_topic|kms_key_policy|secretsmanager_secret_policy|opensearch_domain)"
)
_ADMIN = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
_OPEN_TO_EVERYBODY_HELD_BACK_BY = re.compile(
    r":(?:aws:(?:principalorgid|principalorgpaths|principalaccount|principalarn|sourceaccount|sourcearn|sourceowner|sourcevpce?|sourceip|sourceorgid|userid|federatedprovider)|kms:calleraccount|kms:viaservice|s3:dataaccesspointaccount|elasticfilesystem:accessedviamounttarget)",
    re.IGNORECASE,
)


def _is_boundary(change: Change) -> bool:
    return "boundary" in change.address.lower() and change.type == "aws_iam_policy"


def _stars(statement: Statement) -> bool:
    return statement.allow and bool({"*", "*:*"} & statement.actions) and "*" in statement.resources


@rule(
    "IA001",
    "Somebody may do everything",
    "critical",
    "iam",
    why="Whoever gets hold of these credentials owns the account.",
    fix="Name the actions and resources that are needed.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def administrator(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if name == "assume_role_policy" or _is_boundary(change) or _RESOURCE_POLICY.search(change.type):
            continue
        if any(_stars(statement) and not statement.conditions for statement in after) and not any(
            _stars(statement) for statement in before or ()
        ):
            yield Hit("every action on every resource is allowed", name)
    arns = set()
    if (
        change.type
        in (
            "aws_iam_role_policy_attachment",
            "aws_iam_user_policy_attachment",
            "aws_iam_group_policy_attachment",
            "aws_iam_policy_attachment",
        )
        and change.action != "delete"
    ):
        arns = {change.after.get("policy_arn")} - {change.before.get("policy_arn")}
    elif change.type == "aws_iam_role":
        arns = set(change.after.get("managed_policy_arns") or ()) - set(
            change.before.get("managed_policy_arns") or ()
        )
    elif change.type == "aws_ssoadmin_managed_policy_attachment" and change.creates:
        arns = {change.after.get("managed_policy_arn")}
    elif change.type == "aws_eks_access_policy_association" and change.action != "delete":
        arns = {change.after.get("policy_arn")} - {change.before.get("policy_arn")}
    for arn in sorted(str(arn) for arn in arns if arn):
        if arn.rpartition("/")[2] in _ADMIN:
            yield Hit(f"{arn.rpartition('/')[2]} is attached", "policy_arn", None, arn)
        elif arn.endswith(("AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy")):
            yield Hit(f"{arn.rpartition('/')[2]} is associated", "policy_arn", None, arn, "high")


@rule(
    "IA002",
    "A policy allows more than before",
    "high",
    "iam",
    why="What was reviewed once is not what holds any more.",
    fix="See that each new action, resource and principal is needed, and name it as narrowly as it can be.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html",
)
def policy_is_widened(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.creates:
        return
    if change.action == "delete":
        yield from _denials_gone(change, plan)
        return
    for name, before, after in policies_of(change, plan):
        if before is None:
            continue
        wider = compare(before, after)
        kind = POLICIES.get(name, "policy")
        if wider.actions:
            yield Hit(f"the {kind} newly allows {_list(wider.actions)}", name, None, list(wider.actions))
        if wider.resources:
            yield Hit(
                f"the {kind} reaches more resources: {_list(wider.resources)}",
                name,
                None,
                list(wider.resources),
            )
        told = {"AWS:*", "*:*"} if _open_to_everybody(after) else set()  # by IA003
        told |= set(outsiders(wider.principals, plan))  # by IA007, or EX003
        admitted = [principal for principal in wider.principals if principal not in told]
        if admitted:
            severity: Severity = "critical" if {"AWS:*", "*:*"} & set(admitted) else "high"
            yield Hit(f"the {kind} admits {_list(admitted)}", name, None, admitted, severity)
        if wider.conditions:
            yield Hit(
                f"the {kind} drops or loosens conditions: {_list(wider.conditions)}",
                name,
                list(wider.conditions),
                None,
            )
        if wider.denies:
            yield Hit(f"the {kind} denies less: {_list(wider.denies)}", name, list(wider.denies), None)


@rule(
    "IA003",
    "Everybody is let in by a resource's or role's policy",
    "critical",
    "iam",
    why="A principal of * is anybody with an AWS account, or without one.",
    fix="Name accounts or services; hold it back by aws:SourceAccount, aws:PrincipalOrgID or the like.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
def everybody(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type.startswith("aws_vpc_endpoint"):  # it narrows what callers' own policies allow
        return
    for name, before, after in policies_of(change, plan):
        for statement in after:
            if not _open_to_everybody([statement]):
                continue
            if change.creates or not any(old.allow and old.anybody for old in before or ()):
                yield Hit(
                    f"{POLICIES.get(name, 'policy')} lets everybody {_list(tuple(sorted(statement.actions)))}",
                    name,
                )


@rule(
    "IA004",
    "Somebody can give themselves more",
    "high",
    "iam",
    why="These actions together lead to permissions that nobody granted.",
    fix="Take one of them away, name the resources, or set a permissions boundary.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
)
def escalation(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if name == "assume_role_policy" or _is_boundary(change) or _RESOURCE_POLICY.search(change.type):
            continue
        new = set(gained(_broad(after))) - set(gained(_broad(before or [])))
        if any(_stars(statement) for statement in after):
            continue  # that finding says it all
        if new:
            yield Hit(f"it leads to {_list(tuple(sorted(new)))}", name)


def _broad(statements: list[Statement]) -> frozenset[str]:
    """Actions that are allowed on everything, without a condition."""
    found = [
        actions_of(statement)
        for statement in statements
        if statement.allow
        and not statement.conditions
        and any(_wide(resource) for resource in statement.resources)
    ]
    return frozenset().union(*found) if found else frozenset()


def _wide(resource: str) -> bool:
    return resource == "*" or bool(re.match(r"arn:[\w-]+:iam::[^:]*:(?:role|user|policy|\*)/?\*$", resource))


@rule(
    "IA005",
    "Roles can be passed on",
    "medium",
    "iam",
    why="Whoever passes a role to a service acts with it.",
    fix="Name the roles, and the service by iam:PassedToService.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def passes_roles(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if _is_boundary(change):
            continue
        for statement in after:
            if not statement.allow or "iam:passrole" not in actions_of(statement) or _stars(statement):
                continue
            if before and any(
                old.allow and "iam:passrole" in actions_of(old) and statement.resources <= old.resources
                for old in before
            ):
                continue
            held = any("iam:passedtoservice" in item.lower() for item in statement.conditions)
            wide = any("*" in resource for resource in statement.resources)
            if wide or not held:
                severity: Severity = "high" if wide and not held else "medium" if wide else "low"
                yield Hit(
                    f"iam:PassRole on {_list(tuple(sorted(statement.resources)))}"
                    + ("" if held else ", to any service"),
                    name,
                    severity=severity,
                )


@rule(
    "IA006",
    "A permissions boundary is taken away",
    "high",
    "iam",
    why="Nothing limits any more what the role can be given.",
    fix="Keep the boundary on every role that others may change.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
)
def boundary_is_removed(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type not in ("aws_iam_role", "aws_iam_user") or change.action not in ("update", "replace"):
        return
    before, after = change.before.get("permissions_boundary"), change.after.get("permissions_boundary")
    if before and not after and not change.is_unknown("permissions_boundary"):
        yield Hit("the permissions boundary is taken away", "permissions_boundary", before, after)
    elif before and before != after and str(after).endswith(_ADMIN):
        yield Hit(
            f"{str(after).rpartition('/')[2]} is the permissions boundary, which limits nothing",
            "permissions_boundary",
            before,
            after,
        )


@rule(
    "IA007",
    "A role trusts somebody outside",
    "high",
    "iam",
    why="Another account, or any repository of a code host, can act with the role.",
    fix="Name the principal; for GitHub and the like, hold it back by the subject (sub) and audience.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
)
def trust_without_subject(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type != "aws_iam_role":
        return
    for name, before, after in policies_of(change, plan):
        if name != "assume_role_policy":
            continue
        trusted = {who for statement in before or () if statement.allow for who in statement.principals}
        for statement in after:
            if not statement.allow or (before and statement in before):
                continue
            newly = sorted(statement.principals - trusted)
            for who in outsiders(newly, plan):
                yield Hit(f"{who.partition(':')[2]} of another account is trusted", name, None, who)
            if not plan.accounts and change.creates:
                for who in newly:
                    if re.match(r"AWS:arn:aws[\w-]*:(iam|sts)::\d{12}:", who):
                        yield Hit(
                            f"{who.partition(':')[2]} is trusted, of an account by number",
                            name,
                            None,
                            who,
                            "medium",
                        )
            federated = [who for who in statement.principals if _is_oidc(who, statement)]
            subjects = [
                item
                for item in statement.conditions
                if ":sub=" in item.lower().replace('"', "") or UNKNOWN in item.partition("=")[0]
            ]
            if federated and not subjects:
                yield Hit(
                    f"{federated[0].partition(':')[2]} is trusted whatever the subject",
                    name,
                    severity="critical",
                )
            for item in subjects:
                if any(
                    re.fullmatch(r"(?:repo:)?\*(?:[:/]\*)*", value)
                    for value in item.partition("=")[2].split(",")
                ):
                    yield Hit(f"the subject may be anything: {item}", name, severity="critical")


def _open_to_everybody(statements: Iterable[Statement]) -> bool:
    return any(
        statement.allow
        and statement.anybody
        and not any(_OPEN_TO_EVERYBODY_HELD_BACK_BY.search(item) for item in statement.conditions)
        for statement in statements
    )


def _is_oidc(principal: str, statement: Statement) -> bool:
    """Whether it is an OpenID Connect provider, perhaps one that the same plan makes."""
    by_token = "sts:assumerolewithwebidentity" in statement.actions
    return principal.startswith("Federated:") and (
        "oidc-provider" in principal or (by_token and UNKNOWN in principal)
    )


def _denials_gone(change: Change, plan: ReviewedPlan) -> Iterator[Hit]:
    """A resource's policy goes, and what it denied, while the resource stays."""
    owner = change.before.get("bucket") or change.before.get("arn") or change.before.get("queue_url")
    ends = any(
        other.ends and owner in (other.before.get("id"), other.before.get("arn"))
        for other in plan.changes
        if other is not change
    )
    denied = [statement for statement in parse(change.before.get("policy")) or () if not statement.allow]
    if denied and not ends and not change.type.startswith("aws_iam_"):
        names = _list(sorted(item.sid or ", ".join(sorted(item.actions)) for item in denied))
        yield Hit(f"the policy goes, and with it what it denies: {names}", "policy", names, None)


def _list(values: Iterable[Any]) -> str:
    words = [str(value) for value in values]
    return ", ".join(words[:6]) + (f" and {len(words) - 6} more" if len(words) > 6 else "") or UNKNOWN
