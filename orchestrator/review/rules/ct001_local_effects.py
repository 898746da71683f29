"""A resource runs code or writes files where Terraform runs."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change
from orchestrator.review.rules._plan_time_code import FIX, SOURCE, WHY


@rule(
    "CT001",
    "A resource runs code or writes files where Terraform runs",
    "low",
    "plan-time code",
    why=WHY,
    fix=FIX,
    source=SOURCE,
)
def local_effects(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type in ("local_file", "local_sensitive_file") and change.action != "delete":
        yield Hit(f"it writes {change.after.get('filename') or 'a file'}", "filename")
