"""A protection against deletion is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change
from orchestrator.review.rules._common import goes_on, shown, stops

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
_UNPROTECTED_WHEN_TRUE = ("force_destroy", "force_delete", "skip_final_snapshot", "delete_automated_backups")


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
    if not goes_on(change):
        return
    for name in _PROTECTION:
        before, after = change.before.get(name), change.after.get(name)
        if change.is_unknown(name) or before == after:
            continue
        if name in _UNPROTECTED_WHEN_TRUE:
            if after is True:
                yield Hit(f"{name} becomes true", name, before, after)
        elif before is True or before == "ACTIVE":  # the latter of Cognito
            now = "is taken away" if after is None else "is switched off"
            yield Hit(f"{name} {now}", name, before, after)
    for path in ("root_block_device.0.delete_on_termination", "ebs_block_device.0.delete_on_termination"):
        if change.type == "aws_instance" and change.action == "update" and stops(change, path, False):
            yield Hit(f"{shown(path)}: the volume goes with the instance", path, False, True, "medium")
