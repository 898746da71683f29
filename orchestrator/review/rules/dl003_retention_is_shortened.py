"""Backups or history are kept for less time, or no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._data_loss import _number

_RETENTION = (
    "backup_retention_period",
    "automated_snapshot_retention_period",
    "snapshot_retention_limit",
    "retention_in_days",
    "retention_period",
    "message_retention_seconds",
    "retention_days",
    "data_retention_in_hours",
    "deletion_window_in_days",
    "recovery_window_in_days",
)


_BACKUP_PLANS = {
    "aws_backup_plan": "the backup plan goes: nothing is backed up by it any more",
    "aws_backup_selection": "what it names is not backed up any more",
    "aws_dlm_lifecycle_policy": "no snapshots are made by it any more",
}


def _backups_end_sooner(change: Change) -> Iterator[Hit]:
    before = {entry.get("rule_name"): entry for entry in blocks(change.before, "rule")}
    after = {entry.get("rule_name"): entry for entry in blocks(change.after, "rule")}
    for name, entry in before.items():
        was = at(entry, "lifecycle", 0, "delete_after")
        if name not in after:
            yield Hit(f"the backup rule {name} goes", "rule")
            continue
        now = at(after[name], "lifecycle", 0, "delete_after")
        if _number(now) and now and (not was or now < was):
            yield Hit(
                f"backups of rule {name} end after {now} days, {was or 'never'} before", "rule", was, now
            )


@rule(
    "DL003",
    "Backups or history are kept for less time, or no more",
    "high",
    "data loss",
    why="What is older than the new limit is deleted, and a mistake can be undone for less time.",
    fix="Keep the retention, or write down why less will do.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
)
def retention_is_shortened(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action == "delete" and change.type in _BACKUP_PLANS:
        yield Hit(_BACKUP_PLANS[change.type])
    if not change.stays:
        return
    if change.type == "aws_backup_plan":
        yield from _backups_end_sooner(change)
    for name in _RETENTION:
        before, after = change.before.get(name), change.after.get(name)
        if change.is_unknown(name) or not _number(before) or not _number(after) or before == after:
            continue
        assert before is not None
        assert after is not None
        forever = name == "retention_in_days"  # 0 keeps logs for ever
        shorter = (after != 0 and (before == 0 or after < before)) if forever else after < before
        if shorter:
            gone = after == 0 and not forever
            yield Hit(
                f"{name} goes from {before or 'for ever'} to {after}",
                name,
                before,
                after,
                severity="high" if gone or "backup" in name else "medium",
            )
    for path, on, what in (
        ("point_in_time_recovery.0.enabled", True, "point-in-time recovery"),
        ("versioning_configuration.0.status", "Enabled", "versioning"),
        ("versioning.0.enabled", True, "versioning"),
    ):
        keys = dotted(path)
        if at(change.before, *keys) == on and not change.is_unknown(*keys) and at(change.after, *keys) != on:
            yield Hit(f"{what} is switched off", path, on, at(change.after, *keys))
