"""Plans that do not say all that will be done."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule_for_all
from orchestrator.review.plan import ReviewedPlan

SOURCE = "https://developer.hashicorp.com/terraform/internals/json-format#plan-representation"


@rule_for_all(
    "CT006",
    "Terraform has put off a change",
    "high",
    "plan-time code",
    why="What it will be is not known yet; a later plan, which nobody has reviewed, decides.",
    fix="Apply what it waits for by itself, then plan and review again.",
    source=SOURCE,
)
def put_off(plan: ReviewedPlan) -> Iterable[tuple[str, Hit]]:
    for address in plan.deferred:
        yield address, Hit("its change is put off, and not known in full")


@rule_for_all(
    "CT007",
    "The plan is not complete",
    "low",
    "plan-time code",
    why="It was made of a part of the configuration (-target), or something was put off: another plan follows.",
    fix="Plan the whole, unless the part is what is meant.",
    source=SOURCE,
)
def incomplete(plan: ReviewedPlan) -> Iterable[tuple[str, Hit]]:
    if not plan.complete and not plan.deferred:
        yield "(plan)", Hit("the plan shows a part of what the configuration asks for")
