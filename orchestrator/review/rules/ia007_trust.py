"""A role trusts somebody outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.conditions import holds_back
from orchestrator.review.iam.documents import (
    knows_account,
    outsiders,
    policies_of,
)
from orchestrator.review.iam.globs import UNKNOWN
from orchestrator.review.iam.policy import Statement
from orchestrator.review.plan import Change

_TRUST = "assume_role_policy"


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
                yield from _federated(statement)


def _strangers(statement: Statement, trusted: set[str], change: Change, plan: PlanInContext) -> Iterator[Hit]:
    newly = sorted(statement.principals - trusted)
    for who in outsiders(newly, plan):
        yield Hit(f"{who.partition(':')[2]} of another account is trusted", _TRUST, None, who)
    if knows_account(plan) or not change.creates:
        return
    for who in newly:
        if re.match(r"AWS:arn:aws[\w-]*:(iam|sts)::\d{12}:", who):
            yield Hit(
                f"{who.partition(':')[2]} is trusted, of an account by number", _TRUST, None, who, "medium"
            )


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
    cognito = "Federated:cognito-identity.amazonaws.com" in statement.principals
    if cognito and not any(
        condition.key.lower() in ("cognito-identity.amazonaws.com:aud", UNKNOWN) and holds_back(condition)
        for condition in statement.conditions
    ):
        yield Hit("any identity pool of anybody is trusted: the audience (aud) is not asked for", _TRUST)


_OWNED = ("repo", "project_path", "organization", "repository_owner")
"""What a subject begins with, where whose it is comes next: GitHub's, GitLab's, Terraform Cloud's."""


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
