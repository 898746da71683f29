"""A provisioner runs a program."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule_for_all
from orchestrator.review.rules._plan_time_code import FIX, SOURCE, WHY, resources_of


@rule_for_all(
    "CT002",
    "A provisioner runs a program",
    "high",
    "plan-time code",
    why=WHY,
    fix=FIX,
    source=SOURCE,
)
def provisioners(plan: PlanInContext) -> Iterator[tuple[str, Hit]]:
    for address, resource in resources_of(plan):
        for provisioner in resource.get("provisioners") or ():
            yield address, Hit(f"a provisioner runs {provisioner.get('type')}")
