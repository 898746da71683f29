"""Backups or history are kept for less time, or no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.review.context import PlanInContext, owner_of
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import goes_on, number, shown, stops

# What counts where nothing is said: attribute → the provider's or AWS's default.
_RETENTION: dict[str, int] = {
    "backup_retention_period": 0,
    "automated_snapshot_retention_period": 1,
    "snapshot_retention_limit": 0,
    "retention_in_days": 0,
    "retention_period": 24,
    "message_retention_seconds": 345600,
    "retention_days": 0,
    "data_retention_in_hours": 0,
    "deletion_window_in_days": 30,
    "recovery_window_in_days": 30,
    "min_retention_days": 0,
    "point_in_time_recovery.0.recovery_period_in_days": 35,
}
_KEEPERS = {
    "aws_backup_plan": "the backup plan goes: nothing is backed up by it any more",
    "aws_backup_selection": "what it names is not backed up any more",
    "aws_backup_vault_lock_configuration": "recovery points can be deleted before their time",
    "aws_dlm_lifecycle_policy": "no snapshots are made by it any more",
    "aws_efs_backup_policy": "the file system is not backed up by itself any more",
    "aws_s3_bucket_versioning": "versions are kept no more (the provider suspends versioning)",
    "aws_s3_bucket_object_lock_configuration": "new objects are not locked any more",
    "aws_db_instance_automated_backups_replication": "backups are not copied to the other region any more",
}
_SWITCHES = (
    ("point_in_time_recovery.0.enabled", True, "point-in-time recovery"),
    ("versioning_configuration.0.status", "Enabled", "versioning"),
    ("versioning.0.enabled", True, "versioning"),
    ("backup_policy.0.status", "ENABLED", "the file system's backup"),
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
    if change.action == "delete" and change.type in _KEEPERS and not change.deposed:
        yield from _keeper_goes(change, plan)
    if not goes_on(change):
        return
    if change.type == "aws_backup_plan":
        yield from _backups_end_sooner(change)
    yield from _kept_for_less(change)
    for path, on, what in _SWITCHES:
        if stops(change, path, on):
            yield Hit(f"{what} is switched off", path, on, at(change.after, *dotted(path)))
    if change.type == "aws_dlm_lifecycle_policy" and stops(change, "state", "ENABLED"):
        yield Hit("no snapshots are made by it any more", "state", "ENABLED", change.after.get("state"))
    if change.type == "aws_dynamodb_table":
        yield from _replicas_go(change)
    if change.type == "aws_s3_bucket_object_lock_configuration":
        yield from _lock_is_loosened(change)


def _keeper_goes(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """What keeps backups or versions goes, and that of which they are stays."""
    owners = [change.before.get(name) for name in ("bucket", "backup_vault_name", "file_system_id")]
    twin = any(
        not other.ends and owner_of(other.after) == owner_of(change.before) != ""
        for other in plan.by_type.get(change.type, ())
        if other is not change
    )
    off = at(change.before, "versioning_configuration", 0, "status") in ("Suspended", "Disabled") or at(
        change.before, "backup_policy", 0, "status"
    ) in ("DISABLED", "DISABLING")
    if not twin and not off and not plan.ends(*owners):
        yield Hit(_KEEPERS[change.type])


def _kept_for_less(change: Change) -> Iterator[Hit]:
    for path, default in _RETENTION.items():
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if change.is_unknown(*keys) or not number(before) or before == after:
            continue
        now = default if after is None else after
        if not number(now) or now is None:
            continue
        forever = path == "retention_in_days"  # 0 keeps logs for ever
        shorter = (now != 0 and (before == 0 or now < before)) if forever else now < before
        if shorter:
            gone = now == 0 and not forever
            yield Hit(
                f"{shown(path)} goes from {before or 'for ever'} to {now}",
                path,
                before,
                after,
                severity="high" if gone or "backup" in path else "medium",
            )


def _backups_end_sooner(change: Change) -> Iterator[Hit]:
    before = {entry.get("rule_name"): entry for entry in blocks(change.before, "rule")}
    after = {entry.get("rule_name"): entry for entry in blocks(change.after, "rule")}
    for name, entry in before.items():
        was = at(entry, "lifecycle", 0, "delete_after")
        if name not in after:
            yield Hit(f"the backup rule {name} goes", "rule")
            continue
        now = at(after[name], "lifecycle", 0, "delete_after")
        if number(now) and now and (not was or now < was):
            yield Hit(
                f"backups of rule {name} end after {now} days, {was or 'never'} before", "rule", was, now
            )


def _replicas_go(change: Change) -> Iterator[Hit]:
    if change.is_unknown("replica"):
        return
    before = {str(entry.get("region_name")) for entry in blocks(change.before, "replica")}
    after = {str(entry.get("region_name")) for entry in blocks(change.after, "replica")}
    for region in sorted(before - after):
        yield Hit(f"the table's replica in {region} is deleted", "replica", region, None)


def _lock_is_loosened(change: Change) -> Iterator[Hit]:
    path = "rule.0.default_retention.0"
    before, after = at(change.before, *dotted(path)) or {}, at(change.after, *dotted(path)) or {}
    was, now = (
        (entry.get("days") or 0) + 365 * (entry.get("years") or 0)
        if number(entry.get("days") or entry.get("years"))
        else 0
        for entry in (before, after)
    )
    if now < was:
        yield Hit(f"objects are locked for {now} days, {was} before", path, was, now)
    if stops(change, f"{path}.mode", "COMPLIANCE"):
        yield Hit(
            "the lock can be lifted by who may bypass governance",
            f"{path}.mode",
            "COMPLIANCE",
            after.get("mode"),
        )
