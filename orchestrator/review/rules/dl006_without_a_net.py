"""Something that holds data begins without backups."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change
from orchestrator.review.rules._common import same

# Type → attribute whose zero means none, and how bad that is: what only caches can be filled again.
_BACKUPS: dict[str, tuple[str, Severity]] = {
    "aws_db_instance": ("backup_retention_period", "medium"),
    "aws_elasticache_replication_group": ("snapshot_retention_limit", "info"),
    "aws_fsx_lustre_file_system": ("automatic_backup_retention_days", "info"),
    "aws_fsx_ontap_file_system": ("automatic_backup_retention_days", "low"),
    "aws_fsx_openzfs_file_system": ("automatic_backup_retention_days", "low"),
    "aws_fsx_windows_file_system": ("automatic_backup_retention_days", "medium"),
    "aws_memorydb_cluster": ("snapshot_retention_limit", "low"),
    "aws_redshift_cluster": ("automated_snapshot_retention_period", "medium"),
}
_KEPT_ALIVE = ("aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster")
_COPIES = ("replicate_source_db", "replication_source_identifier", "global_cluster_identifier")


@rule(
    "DL006",
    "Something that holds data begins without a net",
    "medium",
    "data loss",
    why="What is deleted or spoilt by mistake can't be brought back.",
    fix="Keep backups for some days, and a final snapshot, where the data can't be made again.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
)
def without_a_net(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if not change.creates or any(change.after.get(name) or change.is_unknown(name) for name in _COPIES):
        return
    if change.type in _BACKUPS:
        name, severity = _BACKUPS[change.type]
        # What the code does not set is the provider's zero: of caches and file systems for scratch mostly.
        if same(change.after.get(name), 0) and plan.sets(change, name) is not False:
            yield Hit(f"no backups are made of it ({name} is 0)", name, None, 0, severity)
    if (
        change.type in _KEPT_ALIVE
        and not change.is_unknown("deletion_protection")
        and not change.after.get("deletion_protection")
        and change.after.get("skip_final_snapshot") is True
    ):
        text = "it can be deleted at once, and leaves no snapshot"
        yield Hit(text, "skip_final_snapshot", None, True, "info")
