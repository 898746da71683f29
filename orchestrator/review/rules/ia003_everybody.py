"""Everybody is let in by a resource's or role's policy."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import (
    POLICIES,
    policies_of,
)
from orchestrator.review.iam.policy import Statement
from orchestrator.review.plan import Change
from orchestrator.review.rules._iam import (
    listed,
    only_limits,
    open_to_everybody,
)


@rule(
    "IA003",
    "Everybody is let in by a resource's or role's policy",
    "critical",
    "iam",
    why="A principal of * is anybody with an AWS account, or without one.",
    fix="Name accounts or services; hold it back by aws:SourceAccount, aws:PrincipalOrgID or the like.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
def everybody(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if only_limits(change):
        return
    for name, before, after in policies_of(change, plan):
        for statement in after:
            if open_to_everybody([statement]) and not _was_open(statement, before or ()):
                yield Hit(
                    f"{POLICIES.get(name, 'policy')} lets everybody {listed(sorted(statement.actions))}", name
                )


def _was_open(statement: Statement, before: Iterable[Statement]) -> bool:
    """Whether everybody was let in already; what they may do is for the comparison of policies."""
    return any(open_to_everybody([old]) for old in before)
