"""The rules about data loss, availability and encryption: what is removed or replaced counts as switched off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_review import TABLE, resource, review
from tests.unit.test_rules_iam import worst

DATABASE = {"engine": "mysql"}


def lifecycle(*before: dict[str, Any], to: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return resource(
        "aws_s3_bucket_lifecycle_configuration",
        {"bucket": "shop", "rule": [{"id": "a", "status": "Enabled", **entry} for entry in before]},
        {"bucket": "shop", "rule": [{"id": "a", "status": "Enabled", **entry} for entry in to]},
    )


def days(number: int, **more: Any) -> dict[str, Any]:
    return {"expiration": [{"days": number}], **more}


def versions(kept: int) -> dict[str, Any]:
    expiry = {"noncurrent_days": 30, "newer_noncurrent_versions": kept}
    return {"noncurrent_version_expiration": [expiry]}


def prefix(text: str) -> list[dict[str, Any]]:
    return [{"prefix": text}]


VERSIONING = {"bucket": "shop", "versioning_configuration": [{"status": "Enabled"}]}
LOCK = {"bucket": "shop", "rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 365}]}]}
PITR = {"name": "t", "point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}]}
ATHENA = (
    "configuration",
    [{"result_configuration": [{"encryption_configuration": [{"encryption_option": "SSE_KMS"}]}]}],
)

FOUND: dict[str, tuple[str, str | None, list[dict[str, Any]]]] = {
    "a table's protection is not set any more": (
        "DL002",
        "high",
        [resource("aws_dynamodb_table", TABLE, {**TABLE, "deletion_protection_enabled": None})],
    ),
    "a database's protection is not set any more": (
        "DL002",
        "high",
        [resource("aws_db_instance", {"deletion_protection": True}, {})],
    ),
    "a load balancer is replaced without protection": (
        "DL002",
        "high",
        [
            resource(
                "aws_lb",
                {"enable_deletion_protection": True},
                {"enable_deletion_protection": False},
                replace=[["name"]],
            )
        ],
    ),
    "a volume goes with its instance": (
        "DL002",
        "medium",
        [
            resource(
                "aws_instance",
                {"root_block_device": [{"delete_on_termination": False}]},
                {"root_block_device": [{"delete_on_termination": True}]},
            )
        ],
    ),
    "backups are not asked for any more": (
        "DL003",
        "high",
        [resource("aws_db_instance", {"backup_retention_period": 7}, {"backup_retention_period": None})],
    ),
    "the block of recovery goes": (
        "DL003",
        "high",
        [resource("aws_dynamodb_table", TABLE, {**TABLE, "point_in_time_recovery": []})],
    ),
    "recovery reaches back less far": (
        "DL003",
        "medium",
        [
            resource(
                "aws_dynamodb_table",
                PITR,
                {**PITR, "point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 1}]},
            )
        ],
    ),
    "versioning's resource goes": ("DL003", "high", [resource("aws_s3_bucket_versioning", VERSIONING, None)]),
    "the lock goes": ("DL003", "high", [resource("aws_s3_bucket_object_lock_configuration", LOCK, None)]),
    "the lock is shorter": (
        "DL003",
        "high",
        [
            resource(
                "aws_s3_bucket_object_lock_configuration",
                LOCK,
                {"bucket": "shop", "rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 1}]}]},
            )
        ],
    ),
    "the vault's lock goes": (
        "DL003",
        "high",
        [resource("aws_backup_vault_lock_configuration", {"backup_vault_name": "v"}, None)],
    ),
    "files are not backed up": (
        "DL003",
        "high",
        [
            resource(
                "aws_efs_backup_policy",
                {"backup_policy": [{"status": "ENABLED"}]},
                {"backup_policy": [{"status": "DISABLED"}]},
            )
        ],
    ),
    "a table's replica goes": (
        "DL003",
        "high",
        [resource("aws_dynamodb_table", {"replica": [{"region_name": "eu-west-1"}]}, {"replica": []})],
    ),
    "a replica key is disabled": (
        "DL004",
        "critical",
        [resource("aws_kms_replica_key", {"enabled": True}, {"enabled": False})],
    ),
    "a tag is not asked for any more": (
        "DL005",
        "medium",
        [lifecycle(days(30, filter=[{"tag": [{"key": "tmp", "value": "1"}]}]), to=(days(30, filter=[{}]),))],
    ),
    "another prefix": (
        "DL005",
        "medium",
        [lifecycle(days(30, filter=prefix("tmp/")), to=(days(30, filter=prefix("invoices/")),))],
    ),
    "on a day": (
        "DL005",
        "medium",
        [lifecycle(to=({"expiration": [{"date": "2027-01-01T00:00:00Z", "days": 0}]},))],
    ),
    "fewer older versions": ("DL005", "medium", [lifecycle(versions(50), to=(versions(1),))]),
    "a rule in the bucket itself": (
        "DL005",
        "medium",
        [
            resource(
                "aws_s3_bucket",
                {"bucket": "shop", "lifecycle_rule": []},
                {"bucket": "shop", "lifecycle_rule": [{"id": "x", "enabled": True, **days(1)}]},
            )
        ],
    ),
    "a replaced instance in one zone": (
        "AV001",
        "high",
        [
            resource(
                "aws_dms_replication_instance",
                {"multi_az": True},
                {"multi_az": False},
                replace=[["kms_key_arn"]],
            )
        ],
    ),
    "a standby that is not asked for": (
        "AV001",
        "high",
        [resource("aws_db_instance", {"multi_az": True}, {})],
    ),
    "one node of three": (
        "AV001",
        "medium",
        [resource("aws_elasticache_replication_group", {"num_cache_clusters": 3}, {"num_cache_clusters": 1})],
    ),
    "nobody is wanted": (
        "AV002",
        "medium",
        [
            resource(
                "aws_autoscaling_group",
                {"min_size": 0, "desired_capacity": 2},
                {"min_size": 0, "desired_capacity": 0},
            )
        ],
    ),
    "a function that can't run": (
        "AV002",
        "medium",
        [
            resource(
                "aws_lambda_function",
                {"reserved_concurrent_executions": -1},
                {"reserved_concurrent_executions": 0},
            )
        ],
    ),
    "no way out is left": (
        "AV003",
        "high",
        [
            resource(
                "aws_nat_gateway", {"id": zone}, None, address=f'module.n.aws_nat_gateway.this["{zone}"]'
            )
            for zone in "ab"
        ],
    ),
    "results in the clear": (
        "EN001",
        "high",
        [resource("aws_athena_workgroup", dict([ATHENA]), {"configuration": [{"result_configuration": []}]})],
    ),
    "artifacts in the clear": (
        "EN001",
        "high",
        [
            resource(
                "aws_codebuild_project",
                {"artifacts": [{"encryption_disabled": False}]},
                {"artifacts": [{"encryption_disabled": True}]},
            )
        ],
    ),
    "rotation is not asked for": (
        "EN002",
        "medium",
        [resource("aws_kms_key", {"enable_key_rotation": True}, {"enable_key_rotation": None})],
    ),
    "a runtime that has ended": (
        "RE001",
        "medium",
        [resource("aws_lambda_function", None, {"runtime": "python3.7"})],
    ),
    "SQL on streams": ("RE001", "high", [resource("aws_kinesis_analytics_application", None, {"name": "a"})]),
    "video streams, which new customers do not get": (
        "RE001",
        "medium",
        [resource("aws_rekognition_stream_processor", None, {"name": "a"})],
    ),
}

QUIET: dict[str, list[dict[str, Any]]] = {
    "a rule with another id": [
        lifecycle(
            days(30, id="x", filter=prefix("tmp/")), to=(days(30, id="expire-tmp", filter=prefix("tmp/")),)
        )
    ],
    "a rule under another address": [
        resource(
            "aws_s3_bucket_lifecycle_configuration",
            {"bucket": "shop", "rule": [{"id": "a", "status": "Enabled", **days(30)}]},
            None,
            address="aws_s3_bucket_lifecycle_configuration.a",
        ),
        resource(
            "aws_s3_bucket_lifecycle_configuration",
            None,
            {"bucket": "shop", "rule": [{"id": "a", "status": "Enabled", **days(30)}]},
            address="aws_s3_bucket_lifecycle_configuration.b",
        ),
    ],
    "versioning goes with its bucket's move": [
        resource("aws_s3_bucket_versioning", VERSIONING, None, address="aws_s3_bucket_versioning.a"),
        resource("aws_s3_bucket_versioning", None, VERSIONING, address="aws_s3_bucket_versioning.b"),
    ],
    "a protection that is known after apply": [
        resource("aws_db_instance", {"deletion_protection": True}, {}, unknown={"deletion_protection": True})
    ],
    "a window that is left to AWS": [
        resource("aws_kms_key", {"deletion_window_in_days": 30}, {"deletion_window_in_days": None})
    ],
    "protection on the bucket's own word": [
        resource("aws_lb", {"enable_deletion_protection": None}, {"enable_deletion_protection": False})
    ],
    "the network goes with its ways out": [
        resource("aws_nat_gateway", {"id": "a"}, None, address="module.n.aws_nat_gateway.this"),
        resource("aws_vpc", {"id": "v"}, None, address="module.n.aws_vpc.this"),
    ],
}


@pytest.mark.parametrize("name", FOUND)
def test_what_can_be_lost_is_found(name: str) -> None:
    rule, severity, changes = FOUND[name]
    assert worst(*changes).get(rule) == severity


@pytest.mark.parametrize("name", QUIET)
def test_what_is_kept_is_not(name: str) -> None:
    assert {rule: severity for rule, severity in worst(*QUIET[name]).items() if severity != "info"} == {}


def test_a_tainted_database_is_lost_like_any_other_and_confirmed() -> None:
    change = resource("aws_db_instance", DATABASE, DATABASE, replace=[])
    change["change"]["actions"] = ["delete", "create"]
    found = review({**change, "action_reason": "replace_because_tainted"})
    assert [(finding.severity, finding.exact) for finding in found.to_confirm] == [("critical", True)]
    assert found.findings[0].message == "replaced, since it is tainted: its databases would be gone"


def test_a_deposed_database_is_confirmed() -> None:
    found = review({**resource("aws_db_instance", DATABASE, None), "deposed": "abcd1234"})
    assert [(finding.severity, finding.exact) for finding in found.to_confirm] == [("high", True)]


def test_a_block_that_is_gone_took_its_prevent_destroy_with_it() -> None:
    gone = {
        **resource("aws_dynamodb_table", TABLE, None),
        "action_reason": "delete_because_no_resource_config",
    }
    assert "and with it a prevent_destroy" in review(gone).findings[0].message


@pytest.mark.parametrize(
    "kind", ["aws_keyspaces_table", "aws_fsx_ontap_volume", "aws_dsql_cluster", "aws_organizations_account"]
)
def test_more_types_hold_data(kind: str) -> None:
    assert worst(resource(kind, {"id": "a"}, None)) == {"DL001": "critical"}
