"""Terraform has put off a change."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule_for_all
from orchestrator.review.rules._incomplete_plan import SOURCE


@rule_for_all(
    "CT006",
    "Terraform has put off a change",
    "high",
    "plan-time code",
    why="What it will be is not known yet; a later plan, which nobody has reviewed, decides.",
    fix="Apply what it waits for by itself, then plan and review again.",
    source=SOURCE,
)
def put_off(plan: PlanInContext) -> Iterable[tuple[str, Hit]]:
    for address in plan.deferred:
        yield address, Hit("its change is put off, and not known in full")
