"""Everybody is let in by a resource's or role's policy."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import POLICIES, policies_of
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.rules._iam import (
    _list,
    _open_to_everybody,
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
