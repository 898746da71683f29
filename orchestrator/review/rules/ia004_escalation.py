"""Somebody can give themselves more."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import policies_of
from orchestrator.review.iam.escalation import gained
from orchestrator.review.iam.policy import Statement, actions_of
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.rules._iam import (
    _RESOURCE_POLICY,
    _is_boundary,
    _list,
    _stars,
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
