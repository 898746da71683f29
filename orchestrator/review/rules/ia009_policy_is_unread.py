"""A policy cannot be read before it is applied."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import (
    POLICIES,
    unread,
)
from orchestrator.review.plan import Change


@rule(
    "IA009",
    "A policy can't be read before it is applied",
    "medium",
    "iam",
    why="What it allows is seen only when it holds already.",
    fix="Write its actions and effects so that none of them waits for apply; name somebody else's code with --source.",
    source="https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document",
)
def policy_is_unread(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    for name, was_read in unread(change, plan):
        kind = POLICIES.get(name, "policy")
        before = "; what it says now is known" if was_read else ""
        yield Hit(f"what the {kind} says is known only after apply{before}", name)
