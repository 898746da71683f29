"""A role trusts somebody outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.conditions import Condition, holds_back
from orchestrator.review.iam.documents import (
    knows_account,
    outsiders,
    policies_of,
)
from orchestrator.review.iam.globs import UNKNOWN, covers
from orchestrator.review.iam.policy import Statement
from orchestrator.review.plan import Change

_TRUST = "assume_role_policy"
_NUMBERED = re.compile(r"AWS:arn:aws[\w-]*:(iam|sts)::\d{12}:")
_OF_CERTIFICATE = re.compile(
    rf"aws:sourcearn$|aws:principaltag/|sts:sourceidentity$|{re.escape(UNKNOWN)}$", re.IGNORECASE
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
def trust_without_subject(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type != "aws_iam_role":
        return
    for name, before, after in policies_of(change, plan):
        if name != "assume_role_policy":
            continue
        trusted = {who for statement in before or () if statement.allow for who in statement.principals}
        for statement in after:
            if statement.allow and not (before and statement in before):
                yield from _strangers(statement, trusted, change, plan)
                yield from _any_external_id(statement, plan)
                yield from _federated(statement)
                yield from _any_certificate(statement)


def _strangers(statement: Statement, trusted: set[str], change: Change, plan: PlanInContext) -> Iterator[Hit]:
    newly = sorted(statement.principals - trusted)
    for who in outsiders(newly, plan):
        yield Hit(f"{who.partition(':')[2]} of another account is trusted", _TRUST, None, who)
    if knows_account(plan) or not change.creates:
        return
    asked = any(
        condition.key.lower() == "sts:externalid" and holds_back(condition)
        for condition in statement.conditions
    )
    for who in newly:
        if _NUMBERED.match(who):
            severity: Severity = "low" if asked and not who.endswith(":root") else "medium"
            text = f"{who.partition(':')[2]} is trusted, of an account by number"
            yield Hit(text, _TRUST, None, who, severity)


def _any_external_id(statement: Statement, plan: PlanInContext) -> Iterator[Hit]:
    """An ExternalId is asked for, and any is taken: another customer's of the same vendor, too."""
    strangers = outsiders(sorted(statement.principals), plan)
    if not strangers and not knows_account(plan):
        strangers = [who for who in statement.principals if _NUMBERED.match(who)]
    asked = [condition for condition in statement.conditions if condition.key.lower() == "sts:externalid"]
    if strangers and asked and not any(holds_back(condition) for condition in asked):
        yield Hit(f"any ExternalId will do: {asked[0]}", _TRUST, severity="medium")


def _any_certificate(statement: Statement) -> Iterator[Hit]:
    """Roles Anywhere: what keeps anybody away is the trust anchor, or what the certificate says."""
    asked = any(
        holds_back(condition) and _OF_CERTIFICATE.match(condition.key) for condition in statement.conditions
    )
    if "Service:rolesanywhere.amazonaws.com" in statement.principals and not asked:
        text = "every certificate of every trust anchor of the account is trusted"
        yield Hit(text, _TRUST, severity="medium")


def _federated(statement: Statement) -> Iterator[Hit]:
    providers = [who for who in sorted(statement.principals) if _is_oidc(who, statement)]
    subjects = [
        condition
        for condition in statement.conditions
        if (condition.key.lower().endswith(":sub") or condition.key == UNKNOWN)
        and not condition.test.negated
        and not condition.test.absent
    ]
    if providers and not subjects:
        yield Hit(
            f"{providers[0].partition(':')[2]} is trusted whatever the subject", _TRUST, severity="critical"
        )
    for condition in subjects:
        if providers and any(_anybody(value) for value in condition.values):
            yield Hit(f"the subject may be anything: {condition}", _TRUST, severity="critical")
        elif providers:
            yield from _any_account_of_cluster(condition)
    cognito = "Federated:cognito-identity.amazonaws.com" in statement.principals
    if cognito and not any(
        condition.key.lower() in ("cognito-identity.amazonaws.com:aud", UNKNOWN) and holds_back(condition)
        for condition in statement.conditions
    ):
        yield Hit("any identity pool of anybody is trusted: the audience (aud) is not asked for", _TRUST)


def _any_account_of_cluster(condition: Condition) -> Iterator[Hit]:
    """A subject that every service account of a Kubernetes cluster has, or of a namespace."""
    for value in condition.test.values:
        words = value.split(":")
        namespace = words[2] if len(words) > 2 else "*"
        if covers(value, f"{_ACCOUNTS}:*:*") or (
            value.startswith(f"{_ACCOUNTS}:") and not namespace.strip("*?")
        ):
            yield Hit(f"service accounts of every namespace are trusted: {condition}", _TRUST)
        elif covers(value, f"{_ACCOUNTS}:{namespace}:*"):
            text = f"every service account of the namespace {namespace} is trusted"
            yield Hit(text, _TRUST, severity="low")


_ACCOUNTS = "system:serviceaccount"
_OWNED = ("repo", "project_path", "organization", "repository_owner", "owner", "org")
"""What a subject begins with, where whose it is comes next: GitHub's, GitLab's, Terraform Cloud's, Vercel's, Pulumi's."""


def _anybody(subject: str) -> bool:
    """Whether a subject leaves open whose it is: ``*``, ``repo:*``, ``repo:*:ref:…``, ``project_path:*``."""
    words = subject.split(":")
    owner = words[1] if words[0] in _OWNED and len(words) > 1 else subject
    return not owner.partition("/")[0].strip("*?")


def _is_oidc(principal: str, statement: Statement) -> bool:
    """Whether it is an OpenID Connect provider, perhaps one that the same plan makes."""
    by_token = "sts:assumerolewithwebidentity" in statement.actions
    return principal.startswith("Federated:") and (
        "oidc-provider" in principal or (by_token and UNKNOWN in principal)
    )
