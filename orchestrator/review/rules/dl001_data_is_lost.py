"""Something that holds data is deleted or replaced."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change
from orchestrator.review.stateful import STATEFUL


def _forced_by(change: Change) -> str:
    names = sorted({".".join(map(str, path)) for path in change.replace_paths})
    return f", forced by {', '.join(names)}" if names else ""


@rule(
    "DL001",
    "Something that holds data is deleted or replaced",
    "critical",
    "data loss",
    why="Terraform deletes what is there; a replacement begins empty.",
    fix="Keep the attribute that forces it, move the resource with a moved block, or migrate the data first and waive this address.",
    source="https://developer.hashicorp.com/terraform/language/resources/behavior",
    exact=True,
)
def stateful_resource_is_lost(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type not in STATEFUL or not change.ends:
        return
    lost, severity = STATEFUL[change.type]
    because = _forced_by(change)
    if change.deposed or change.reason == "replace_because_tainted":
        severity = "medium"  # what a creation that failed left behind
        because = because or ", since its creation did not end well"
    verb = "deleted" if change.action == "delete" else "replaced"
    yield Hit(
        f"{verb}{because}: {lost} would be gone",
        attribute=".".join(map(str, change.replace_paths[0])) if change.replace_paths else None,
        severity=severity,
    )
