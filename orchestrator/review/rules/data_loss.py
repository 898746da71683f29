"""Data loss: what is deleted, replaced, or protected less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, ReviewedPlan, at, blocks, dotted

# What holds data, or what other people's things depend on for good: type → what is lost, and how bad that is.
STATEFUL: dict[str, tuple[str, Severity]] = {
    "aws_backup_vault": ("its recovery points", "critical"),
    "aws_cloudwatch_log_group": ("its logs", "high"),
    "aws_cloudwatch_event_archive": ("archived events", "high"),
    "aws_cloudtrail_event_data_store": ("its events", "critical"),
    "aws_cognito_identity_pool": ("its identities", "high"),
    "aws_cognito_user_pool": ("its users", "critical"),
    "aws_codecommit_repository": ("its code", "critical"),
    "aws_comprehend_document_classifier": ("a trained model", "medium"),
    "aws_comprehend_entity_recognizer": ("a trained model", "medium"),
    "aws_db_instance": ("its databases", "critical"),
    "aws_db_snapshot": ("a snapshot", "critical"),
    "aws_db_cluster_snapshot": ("a snapshot", "critical"),
    "aws_docdb_cluster": ("its databases", "critical"),
    "aws_dynamodb_table": ("its items", "critical"),
    "aws_dynamodb_table_replica": ("a replica's items", "high"),
    "aws_ebs_snapshot": ("a snapshot", "critical"),
    "aws_ebs_volume": ("its data", "critical"),
    "aws_ecr_repository": ("its images", "high"),
    "aws_efs_file_system": ("its files", "critical"),
    "aws_eks_cluster": ("the cluster and what runs in it", "critical"),
    "aws_elasticache_cluster": ("what it has cached", "high"),
    "aws_elasticache_replication_group": ("what it has cached", "high"),
    "aws_elasticache_serverless_cache": ("what it has cached", "high"),
    "aws_fsx_lustre_file_system": ("its files", "critical"),
    "aws_fsx_ontap_file_system": ("its files", "critical"),
    "aws_fsx_openzfs_file_system": ("its files", "critical"),
    "aws_fsx_windows_file_system": ("its files", "critical"),
    "aws_glacier_vault": ("its archives", "critical"),
    "aws_instance": ("its root volume", "high"),
    "aws_kinesis_stream": ("records in flight", "high"),
    "aws_kinesis_video_stream": ("recorded video", "high"),
    "aws_kms_key": ("what is encrypted with it", "critical"),
    "aws_kms_replica_key": ("what is encrypted with it there", "critical"),
    "aws_memorydb_cluster": ("its data", "critical"),
    "aws_mq_broker": ("messages in flight", "high"),
    "aws_msk_cluster": ("its topics", "critical"),
    "aws_neptune_cluster": ("its graphs", "critical"),
    "aws_opensearch_domain": ("its indices", "critical"),
    "aws_opensearchserverless_collection": ("its indices", "critical"),
    "aws_elasticsearch_domain": ("its indices", "critical"),
    "aws_qldb_ledger": ("the ledger", "critical"),
    "aws_rds_cluster": ("its databases", "critical"),
    "aws_rds_global_cluster": ("the global database", "critical"),
    "aws_redshift_cluster": ("its databases", "critical"),
    "aws_redshiftserverless_namespace": ("its databases", "critical"),
    "aws_rekognition_collection": ("its faces", "high"),
    "aws_route53_zone": ("its records and name servers", "critical"),
    "aws_s3_bucket": ("its objects", "critical"),
    "aws_s3_directory_bucket": ("its objects", "critical"),
    "aws_s3tables_table_bucket": ("its tables", "critical"),
    "aws_s3_object": ("an object", "medium"),
    "aws_sagemaker_domain": ("its users' files", "high"),
    "aws_sagemaker_feature_group": ("records of the online store", "high"),
    "aws_secretsmanager_secret": ("a secret", "high"),
    "aws_sns_topic": ("its subscriptions", "medium"),
    "aws_sqs_queue": ("messages in the queue", "high"),
    "aws_ssm_parameter": ("a parameter's value and history", "medium"),
    "aws_timestreamwrite_table": ("its records", "critical"),
    "aws_transfer_server": ("its users and host key", "high"),
}

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
def stateful_resource_is_lost(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
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


@rule(
    "DL002",
    "A protection against deletion is taken away",
    "high",
    "data loss",
    why="The next plan that deletes it, by mistake too, will do so.",
    fix="Leave the protection on; take it away in a change of its own, just before the deletion it is for.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
)
def protection_is_removed(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
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


@rule(
    "DL003",
    "Backups or history are kept for less time, or no more",
    "high",
    "data loss",
    why="What is older than the new limit is deleted, and a mistake can be undone for less time.",
    fix="Keep the retention, or write down why less will do.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
)
def retention_is_shortened(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
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


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@rule(
    "DL004",
    "A KMS key is switched off",
    "critical",
    "data loss",
    why="Nothing that is encrypted with it can be read while it is off.",
    fix="Leave the key enabled; find out who uses it before it is disabled.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html",
)
def key_is_disabled(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type in ("aws_kms_key", "aws_kms_replica_key") and change.turned("is_enabled", True, False):
        yield Hit("the key is disabled", "is_enabled", True, False)


@rule(
    "DL005",
    "Objects or images expire that did not before",
    "medium",
    "data loss",
    why="A lifecycle rule deletes within a day of its change, and in bulk.",
    fix="Look at what the rule's prefix matches, and whether versions are kept.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html",
)
def lifecycle_expires_more(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.action not in ("update", "create"):
        return
    if (
        change.type == "aws_ecr_lifecycle_policy"
        and change.before.get("policy") != change.after.get("policy")
        and _is_there(change, "repository", "aws_ecr_repository", plan)
    ):
        yield Hit("images expire by a new policy", "policy", severity="medium")
    if change.type != "aws_s3_bucket_lifecycle_configuration":
        return
    if change.action == "create" and not _is_there(change, "bucket", "aws_s3_bucket", plan):
        return
    before = {
        entry.get("id"): entry for entry in blocks(change.before, "rule") if entry.get("status") == "Enabled"
    }
    for entry in blocks(change.after, "rule"):
        if entry.get("status") == "Enabled":
            yield from _expires_more(entry, before.get(entry.get("id"), {}))


def _expires_more(entry: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[Hit]:
    name = entry.get("id")
    prefix, was_prefix = _prefix(entry), _prefix(old)
    for path in ("expiration.0.days", "noncurrent_version_expiration.0.noncurrent_days"):
        days, was = at(entry, *dotted(path)), at(old, *dotted(path))
        if not _number(days) or not days:
            continue
        if not was or days < was:
            before = f", {was} before" if was else ", never before"
            yield Hit(f"rule {name} deletes after {days} days{before}", f"rule.{path}", was, days)
        elif was_prefix.startswith(prefix) and was_prefix != prefix:
            covers = f"what begins with {prefix}" if prefix else "everything"
            yield Hit(
                f"rule {name} deletes {covers}, only {was_prefix} before", "rule.filter", was_prefix, prefix
            )


def _prefix(entry: Mapping[str, Any]) -> str:
    return str(
        at(entry, "filter", 0, "prefix")
        or at(entry, "filter", 0, "and", 0, "prefix")
        or entry.get("prefix")
        or ""
    )


def _is_there(change: Change, name: str, kind: str, plan: ReviewedPlan) -> bool:
    """Whether what a change is attached to exists already, and is not made by the same plan."""
    owner = change.after.get(name)
    made = {
        other.after.get(key)
        for other in plan.by_type.get(kind, ())
        if other.creates
        for key in ("bucket", "name", "id")
    }
    return bool(owner) and owner not in made
