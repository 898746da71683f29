"""Somebody can give themselves more."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.actions import NONE, Actions
from orchestrator.review.iam.documents import (
    policies_of,
)
from orchestrator.review.iam.escalation import gained
from orchestrator.review.iam.policy import Statement, actions_of
from orchestrator.review.plan import Change
from orchestrator.review.rules._iam import (
    does_all,
    everywhere,
    grants,
    held_back,
    listed,
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
def escalation(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if name == "assume_role_policy" or not grants(change, plan):
            continue
        if any(does_all(statement) and not held_back(statement) for statement in after):
            continue  # that finding says it all
        role = str(change.after.get("role") or "")
        new = set(gained(_broad(after, role))) - set(gained(_broad(before or [], role)))
        if new:
            yield Hit(f"it leads to {listed(sorted(new))}", name)


def _broad(statements: list[Statement], role: str) -> Actions:
    """Actions that are allowed on everything, or on the role that has them, without a condition that keeps anybody away."""
    found = NONE
    for statement in statements:
        if statement.allow and not held_back(statement) and _wide(statement, role):
            found |= actions_of(statement)
    return found


def _wide(statement: Statement, role: str) -> bool:
    return everywhere(statement) or any(
        re.match(r"arn:[\w-]+:iam::[^:]*:(?:role|user|policy|\*)/?\*$", resource)
        or (role and re.match(rf"arn:[\w-]+:iam::[^:]*:role/(?:.*/)?{re.escape(role)}$", resource))
        for resource in statement.resources
    )
