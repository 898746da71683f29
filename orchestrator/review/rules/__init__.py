"""The rules, a file a category. Each is found by being here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.review.finding import Finding
    from orchestrator.review.plan import ReviewedPlan


def load() -> None:
    """Import every file of rules, once."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def whole_plan(plan: ReviewedPlan) -> Iterator[Finding]:
    """Findings that are about the plan and not about one change."""
    from orchestrator.review.rules.plan_time_code import in_configuration

    yield from in_configuration(plan)
