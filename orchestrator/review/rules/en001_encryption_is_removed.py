"""Data is not encrypted any more, or not with one's own key."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._common import begins, goes_on, shown, stops
from orchestrator.review.rules._exposure import asked_for

_SWITCHES = (
    "storage_encrypted",
    "encrypted",
    "at_rest_encryption_enabled",
    "encrypt_at_rest.0.enabled",
    "server_side_encryption.0.enabled",
    "sqs_managed_sse_enabled",
    "ebs_block_device.0.encrypted",
    "root_block_device.0.encrypted",
)


_KEYS = (
    "kms_key_id",
    "kms_key_arn",
    "kms_master_key_id",
    "kms_key",
    "server_side_encryption.0.kms_key_arn",
    "encryption_configuration.0.kms_key",
    "encryption_config.0.provider.0.key_arn",
    "rule.0.apply_server_side_encryption_by_default.0.kms_master_key_id",
)

_OFF_SWITCHES = (
    ("aws_codebuild_project", "artifacts.0.encryption_disabled"),
    ("aws_codebuild_project", "logs_config.0.s3_logs.0.encryption_disabled"),
)
_BLOCKS = (
    (
        "aws_athena_workgroup",
        "configuration.0.result_configuration.0.encryption_configuration.0.encryption_option",
    ),
)


@rule(
    "EN001",
    "Data is not encrypted any more, or not with one's own key",
    "high",
    "encryption",
    why="Whoever gets at the disk, snapshot or message reads it; without a key of one's own, access can't be withdrawn.",
    fix="Keep encryption on, with a customer-managed key.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_rest_encrypt.html",
)
def encryption_is_removed(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.creates:
        for path in _SWITCHES:
            off = at(change.after, *dotted(path)) is False and asked_for(change, path, plan)
            if off and path != "sqs_managed_sse_enabled":
                yield Hit(f"{shown(path)} is off from the start", path, None, False, "medium")
    if change.type == "aws_s3_bucket_server_side_encryption_configuration" and change.action == "delete":
        path = "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm"
        algorithm = str(at(change.before, *dotted(path)))
        stays = not any(
            other.ends and other.before.get("id") == change.before.get("bucket")
            for other in plan.by_type.get("aws_s3_bucket", ())
        )
        if algorithm.startswith("aws:kms") and stays:
            yield Hit(
                "new objects are encrypted with S3's own key instead of KMS", path, algorithm, None, "medium"
            )
    if change.type == "aws_ebs_encryption_by_default" and (
        stops(change, "enabled", True) or (change.action == "delete" and change.before.get("enabled"))
    ):
        yield Hit("new volumes of the account are not encrypted any more", "enabled", True, False)
    if not goes_on(change):
        return
    for kind, path in _OFF_SWITCHES:
        if change.type == kind and begins(change, path, True):
            yield Hit(
                f"{shown(path)}: what it writes is not encrypted",
                path,
                at(change.before, *dotted(path)),
                True,
            )
    for kind, path in _BLOCKS:
        keys = dotted(path)
        gone = at(change.before, *keys) and not at(change.after, *keys) and not change.is_unknown(*keys)
        if change.type == kind and gone:
            yield Hit(f"{shown(path)} is taken away", path, at(change.before, *keys), None)
    if (
        change.type == "aws_ssm_parameter"
        and begins(change, "type", "String")
        and change.before.get("type") == "SecureString"
    ):
        yield Hit("the parameter is kept in the clear", "type", "SecureString", "String")
    for path in _SWITCHES:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if before in (True, "true") and not change.is_unknown(*keys) and after not in (True, "true"):
            if path == "sqs_managed_sse_enabled" and (
                change.after.get("kms_master_key_id") or change.is_unknown("kms_master_key_id")
            ):
                continue
            yield Hit(f"{shown(path)} is switched off", path, before, after)
    for path in _KEYS:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if before and not after and not change.is_unknown(*keys):
            yield Hit(f"{shown(path)}: the key is taken away", path, before, after, severity="high")
        if before and str(after).startswith("alias/aws/") and not str(before).startswith("alias/aws/"):
            yield Hit(f"{shown(path)}: AWS's own key instead of one's own", path, before, after, "medium")
    if change.type == "aws_s3_bucket_server_side_encryption_configuration":
        path = "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm"
        before, after = at(change.before, *dotted(path)), at(change.after, *dotted(path))
        if str(before).startswith("aws:kms") and after == "AES256":
            yield Hit(
                "objects are encrypted with S3's own key instead of KMS",
                path,
                before,
                after,
                severity="medium",
            )
