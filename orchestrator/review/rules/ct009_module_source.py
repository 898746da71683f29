"""A layer's module comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule_for_all


@rule_for_all(
    "CT009",
    "A layer's module comes from elsewhere",
    "medium",
    "plan-time code",
    why="All that the layer is made of may differ from what was reviewed when it was applied last.",
    fix="Review the module's change itself; pin it to a version or commit.",
    source="https://developer.hashicorp.com/terraform/language/modules/sources",
)
def module_source(plan: PlanInContext) -> Iterable[tuple[str, Hit]]:
    if plan.code is None or plan.code_before is None:
        return
    for layer, now in sorted(plan.code.sources.items()):
        before = plan.code_before.sources.get(layer)
        if before is not None and before != now:
            yield f"module.{layer}", Hit(f"{before} becomes {now}", "source", before, now)
