"""A protection against deletion is taken away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change

_PROTECTION = (
    "deletion_protection",
    "deletion_protection_enabled",
    "enable_deletion_protection",
    "deletion_protection_configuration",
    "disable_api_termination",
    "termination_protection",
    "delete_protection",
    "force_destroy",
    "force_delete",
    "skip_final_snapshot",
    "delete_automated_backups",
)


_UNPROTECTED_WHEN: dict[str, Any] = {
    "force_destroy": True,
    "force_delete": True,
    "skip_final_snapshot": True,
    "delete_automated_backups": True,
}


@rule(
    "DL002",
    "A protection against deletion is taken away",
    "high",
    "data loss",
    why="The next plan that deletes it, by mistake too, will do so.",
    fix="Leave the protection on; take it away in a change of its own, just before the deletion it is for.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
)
def protection_is_removed(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if not change.stays:
        return
    for name in _PROTECTION:
        bad = _UNPROTECTED_WHEN.get(name, False)
        before, after = change.before.get(name), change.after.get(name)
        if change.is_unknown(name) or before == after:
            continue
        if name in ("deletion_protection",) and isinstance(before, str):  # Cognito
            if before == "ACTIVE" and after != "ACTIVE":
                yield Hit(f"{name} is switched off", name, before, after)
        elif after == bad and before in (not bad, None if bad else True):
            yield Hit(f"{name} becomes {str(after).lower()}", name, before, after)
