"""A guard or a record of access is removed."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, blocks

_LOGS_KEPT = (
    (("aws_eks_cluster",), "enabled_cluster_log_types", "the control plane"),
    (
        ("aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"),
        "enabled_cloudwatch_logs_exports",
        "the database",
    ),
    (("aws_neptune_cluster",), "enable_cloudwatch_logs_exports", "the database"),
)


@rule(
    "EX004",
    "A guard or a record of access is removed",
    "high",
    "exposure",
    why="Attacks get through, or leave no trace.",
    fix="Keep it; when it moves elsewhere, create the new one first.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/detection.html",
)
def guard_is_removed(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    guards = {
        "aws_wafv2_web_acl_association": "the web ACL guards it no more",
        "aws_wafv2_web_acl": "the web ACL is gone",
        "aws_wafv2_web_acl_logging_configuration": "the web ACL keeps no log",
        "aws_shield_protection": "Shield Advanced protects it no more",
        "aws_guardduty_detector": "GuardDuty looks no more",
        "aws_securityhub_account": "Security Hub is off",
        "aws_config_configuration_recorder": "AWS Config records no more",
        "aws_cloudtrail": "the trail is gone",
        "aws_flow_log": "the network keeps no flow log",
        "aws_s3_bucket_logging": "the bucket keeps no access log",
        "aws_accessanalyzer_analyzer": "Access Analyzer looks no more",
        "aws_inspector2_enabler": "Inspector looks no more",
    }
    if change.action == "delete" and change.type in guards:
        yield Hit(guards[change.type])
    for path, off, what in (
        ("enable_logging", False, "the trail records no more"),
        ("is_multi_region_trail", False, "the trail records one region only"),
        ("enable_log_file_validation", False, "changed log files are not noticed"),
        ("access_logs.0.enabled", False, "no access log is kept"),
        ("enable", False, "the detector is off"),
        ("recording", False, "the recorder is off"),
        ("is_enabled", False, "it is off"),
    ):
        if change.type in ("aws_kms_key", "aws_kms_replica_key") and path == "is_enabled":
            continue
        if change.type.startswith(
            ("aws_cloudtrail", "aws_lb", "aws_alb", "aws_guardduty", "aws_config")
        ) and change.turned(path, True, off):
            yield Hit(what, path, True, off)
    if change.turned("metadata_options.0.http_tokens", "required", "optional"):
        yield Hit(
            "the instance's credentials are given without a token (IMDSv1)", "metadata_options.0.http_tokens"
        )
    for kinds, name, what in _LOGS_KEPT:
        if change.type not in kinds or not change.stays or change.is_unknown(name):
            continue
        gone = set(change.before.get(name) or ()) - set(change.after.get(name) or ())
        if gone:
            yield Hit(f"{what} keeps no log of {', '.join(sorted(gone))}", name, severity="medium")
    if (
        change.type in ("aws_lb", "aws_alb")
        and change.stays
        and blocks(change.before, "access_logs")
        and not blocks(change.after, "access_logs")
    ):
        yield Hit("no access log is kept", "access_logs", severity="medium")
