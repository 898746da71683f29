"""Somebody may do everything."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext, attached
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import (
    policies_of,
)
from orchestrator.review.iam.policy import Statement
from orchestrator.review.plan import Change
from orchestrator.review.rules._iam import (
    ADMIN,
    does_all,
    grants,
    held_back,
)


@rule(
    "IA001",
    "Somebody may do everything",
    "critical",
    "iam",
    why="Whoever gets hold of these credentials owns the account.",
    fix="Name the actions and resources that are needed.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def administrator(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if name == "assume_role_policy" or not grants(change, plan):
            continue
        if _all(after) and not _all(before or ()):
            yield Hit("every action on every resource is allowed", name)
    if change.action == "delete":
        return
    was = {arn for _, arn in attached(change.type, change.before)}
    for holder, arn in sorted(set(attached(change.type, change.after))):
        if arn in was or (holder, arn) in plan.attached_before:
            continue
        if arn.rpartition("/")[2] in ADMIN:
            yield Hit(f"{arn.rpartition('/')[2]} is attached", "policy_arn", None, arn)
        elif arn.endswith(("AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy")):
            yield Hit(f"{arn.rpartition('/')[2]} is associated", "policy_arn", None, arn, "high")


def _all(statements: Iterable[Statement]) -> bool:
    return any(does_all(statement) and not held_back(statement) for statement in statements)
