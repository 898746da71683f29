"""Something that holds data is deleted or replaced."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change
from orchestrator.review.stateful import STATEFUL


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
    if change.type not in STATEFUL:
        return
    lost, severity = STATEFUL[change.type]
    if change.action == "forget":
        yield Hit(f"Terraform forgets it: nothing guards {lost} any more", severity="info")
    if not change.ends:
        return
    because = _forced_by(change)
    if change.deposed:
        because = because or ", an older object that a replacement left behind"
        severity = "high" if severity == "critical" else severity
    elif change.reason == "replace_because_tainted":
        because = because or ", since it is tainted"
    elif change.reason == "delete_because_no_resource_config":
        because = because or ", since its block is gone, and with it a prevent_destroy if it had one"
    verb = "deleted" if change.action == "delete" else "replaced"
    yield Hit(
        f"{verb}{because}: {lost} would be gone",
        attribute=".".join(map(str, change.replace_paths[0])) if change.replace_paths else None,
        severity=severity,
    )


def _forced_by(change: Change) -> str:
    names = sorted({".".join(map(str, path)) for path in change.replace_paths})
    return f", forced by {', '.join(names)}" if names else ""
