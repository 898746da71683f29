"""Replicas of multi-Region keys, rotation periods."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.conftest import Aws, eventually

OTHER_REGION = "eu-central-1"


@pytest.fixture
def kms(aws: Aws) -> Any:
    return aws("kms")


@pytest.fixture
def other(aws: Aws) -> Any:
    """KMS in the region of the replica."""
    return aws("kms", region=OTHER_REGION)


@pytest.fixture
def key(kms: Any) -> str:
    """The id of a multi-Region key."""
    return str(kms.create_key(MultiRegion=True, Description="the primary")["KeyMetadata"]["KeyId"])


def describe(kms: Any, key: str) -> dict[str, Any]:
    found: dict[str, Any] = kms.describe_key(KeyId=key)["KeyMetadata"]
    return found


def test_primary_and_replica_know_which_they_are(kms: Any, other: Any, key: str) -> None:
    kms.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION)
    eventually(lambda: describe(other, key)["KeyState"] == "Enabled")

    for _ in range(2):
        assert describe(other, key)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
        primary = describe(kms, key)["MultiRegionConfiguration"]
        assert primary["MultiRegionKeyType"] == "PRIMARY"
        assert [replica["Region"] for replica in primary["ReplicaKeys"]] == [OTHER_REGION]


def test_a_replica_has_what_it_was_given(kms: Any, other: Any, key: str, account: str, name: str) -> None:
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Sid": "own", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)

    kms.replicate_key(
        KeyId=key,
        ReplicaRegion=OTHER_REGION,
        Description="the replica",
        Policy=policy,
        Tags=[{"TagKey": "side", "TagValue": "other"}],
    )
    eventually(lambda: describe(other, key)["KeyState"] == "Enabled")

    assert describe(other, key)["Description"] == "the replica"
    assert describe(kms, key)["Description"] == "the primary"
    assert json.loads(other.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == json.loads(policy)
    assert other.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "side", "TagValue": "other"}]
    assert other.list_aliases(KeyId=key)["Aliases"] == []


def test_what_the_primary_encrypts_the_replica_decrypts(kms: Any, other: Any, key: str) -> None:
    kms.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION)
    eventually(lambda: describe(other, key)["KeyState"] == "Enabled")

    encrypted = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]

    assert other.decrypt(KeyId=key, CiphertextBlob=encrypted)["Plaintext"] == b"secret"


@pytest.mark.parametrize(("given", "period"), [({}, 365), ({"RotationPeriodInDays": 180}, 180)])
def test_the_rotation_period_is_answered(kms: Any, given: dict[str, int], period: int) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)

    kms.enable_key_rotation(KeyId=key, **given)

    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, period)


def test_the_key_of_an_alias_of_aws_is_not_the_customers(aws: Aws) -> None:
    kms = aws("kms")
    assert kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyManager"] == "AWS"
    own = kms.create_key()["KeyMetadata"]
    assert own["KeyManager"] == "CUSTOMER"
    kms.schedule_key_deletion(KeyId=own["KeyId"], PendingWindowInDays=7)
