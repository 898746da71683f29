"""The plan is not complete."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule_for_all
from orchestrator.review.rules._incomplete_plan import SOURCE


@rule_for_all(
    "CT007",
    "The plan is not complete",
    "low",
    "plan-time code",
    why="It was made of a part of the configuration (-target), or something was put off: another plan follows.",
    fix="Plan the whole, unless the part is what is meant.",
    source=SOURCE,
)
def incomplete(plan: PlanInContext) -> Iterable[tuple[str, Hit]]:
    if not plan.complete and not plan.deferred:
        yield "(plan)", Hit("the plan shows a part of what the configuration asks for")
