"""Something is imported and then replaced."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change


@rule(
    "IM001",
    "Something is imported and then replaced",
    "critical",
    "data loss",
    why="What was made by hand is destroyed, and a new one made in its place: that is the contrary of adopting it.",
    fix="Make the configuration say what is there, at the attribute that forces the replacement.",
    source="https://developer.hashicorp.com/terraform/language/import",
    exact=True,
)
def imported_and_replaced(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.importing is None or not change.ends:
        return
    forcing = sorted({str(path[0]) for path in change.replace_paths if path})
    name = forcing[0] if forcing else None
    yield Hit(
        f"{change.importing} is imported and then replaced"
        + (f", forced by {', '.join(forcing)}" if forcing else ""),
        attribute=name,
        before=change.before.get(name) if name else None,
        after=change.after.get(name) if name else None,
    )
