"""S3 bucket policies with conditions, bucket configurations, notifications to EventBridge."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws


@pytest.fixture
def s3(aws: Aws) -> Any:
    return aws("s3")


@pytest.fixture
def bucket(s3: Any, name: str) -> str:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def deny(bucket: str, condition: dict[str, Any], action: str = "s3:*") -> str:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resources,
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


TIERING = {
    "Id": "all",
    "Status": "Enabled",
    "Filter": {"And": {"Prefix": "documents/", "Tags": [{"Key": "class", "Value": "blue"}]}},
    "Tierings": [
        {"Days": 125, "AccessTier": "ARCHIVE_ACCESS"},
        {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"},
    ],
}


def test_a_policy_that_wants_tls_lets_tls_through(s3: Any, bucket: str) -> None:
    s3.put_bucket_policy(Bucket=bucket, Policy=deny(bucket, {"Bool": {"aws:SecureTransport": "false"}}))

    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")

    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello"
    s3.delete_object(Bucket=bucket, Key="k")


def test_a_policy_that_wants_encryption_refuses_what_is_not(s3: Any, bucket: str) -> None:
    condition = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    s3.put_bucket_policy(Bucket=bucket, Policy=deny(bucket, condition, "s3:PutObject"))

    s3.put_object(Bucket=bucket, Key="k", Body=b"", ServerSideEncryption="aws:kms")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"")

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_object_with_a_key_of_its_own_is_kept(aws: Aws, s3: Any, bucket: str) -> None:
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    s3.put_bucket_policy(Bucket=bucket, Policy=deny(bucket, {"Bool": {"aws:SecureTransport": "false"}}))

    s3.put_object(Bucket=bucket, Key="k", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == key


def test_intelligent_tiering_is_answered_as_put(s3: Any, bucket: str) -> None:
    s3.put_bucket_intelligent_tiering_configuration(
        Bucket=bucket, Id="all", IntelligentTieringConfiguration=TIERING
    )

    found = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="all")
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)

    assert found["IntelligentTieringConfiguration"] == TIERING
    assert listed["IntelligentTieringConfigurationList"] == [TIERING]
    assert not listed["IsTruncated"]


@pytest.mark.parametrize(
    ("kind", "parameter", "configuration"),
    [
        ("intelligent_tiering", "IntelligentTieringConfiguration", TIERING),
        ("metrics", "MetricsConfiguration", {"Id": "all", "Filter": {"Prefix": "documents/"}}),
        ("analytics", "AnalyticsConfiguration", {"Id": "all", "StorageClassAnalysis": {}}),
    ],
)
def test_a_configuration_can_be_removed_without_the_bucket(
    s3: Any, bucket: str, kind: str, parameter: str, configuration: dict[str, Any]
) -> None:
    getattr(s3, f"put_bucket_{kind}_configuration")(Bucket=bucket, Id="all", **{parameter: configuration})
    get = getattr(s3, f"get_bucket_{kind}_configuration")
    assert get(Bucket=bucket, Id="all")[parameter] == configuration

    getattr(s3, f"delete_bucket_{kind}_configuration")(Bucket=bucket, Id="all")

    with pytest.raises(ClientError) as missing:
        get(Bucket=bucket, Id="all")
    assert code_of(missing) == "NoSuchConfiguration"
    s3.head_bucket(Bucket=bucket)


def test_an_inventory_can_be_removed_without_the_bucket(s3: Any, bucket: str) -> None:
    inventory = {
        "Id": "weekly",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Weekly"},
        "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "Parquet"}},
        "OptionalFields": ["Size", "ETag"],
    }
    s3.put_bucket_inventory_configuration(Bucket=bucket, Id="weekly", InventoryConfiguration=inventory)
    found = s3.get_bucket_inventory_configuration(Bucket=bucket, Id="weekly")
    assert found["InventoryConfiguration"] == inventory

    s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="weekly")

    assert "InventoryConfigurationList" not in s3.list_bucket_inventory_configurations(Bucket=bucket)
    s3.head_bucket(Bucket=bucket)


def test_who_pays_for_requests_is_kept(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"

    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})

    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_lifecycle_rules_are_answered_as_put(s3: Any, bucket: str) -> None:
    rules = [
        {
            "ID": "versions",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 1000}},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 3},
        },
        {
            "ID": "large",
            "Status": "Enabled",
            "Filter": {"ObjectSizeGreaterThan": 131072},
            "Expiration": {"Days": 30},
        },
    ]

    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert sorted(found["Rules"], key=lambda rule: rule["ID"], reverse=True) == rules
    assert found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"


def test_a_lifecycle_keeps_its_minimum_size_and_names_its_rules(s3: Any, bucket: str) -> None:
    rule = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}

    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [rule]},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )

    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert found["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    assert found["Rules"][0]["ID"]


def test_a_removed_lifecycle_is_gone(s3: Any, bucket: str) -> None:
    rule = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})

    s3.delete_bucket_lifecycle(Bucket=bucket)

    with pytest.raises(ClientError) as missing:
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert code_of(missing) == "NoSuchLifecycleConfiguration"


def test_replication_keeps_which_objects_it_selects(s3: Any, bucket: str, account: str) -> None:
    target = f"{bucket}-copy"
    s3.create_bucket(Bucket=target, CreateBucketConfiguration={"LocationConstraint": REGION})
    for versioned in (bucket, target):
        s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {
            "Bucket": f"arn:aws:s3:::{target}",
            "EncryptionConfiguration": {"ReplicaKmsKeyID": f"arn:aws:kms:{REGION}:{account}:alias/aws/s3"},
        },
    }

    s3.put_bucket_replication(
        Bucket=bucket,
        ReplicationConfiguration={"Role": f"arn:aws:iam::{account}:role/replication", "Rules": [rule]},
    )

    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"] == [rule]


def test_notification_to_eventbridge_is_answered(aws: Aws, s3: Any, bucket: str) -> None:
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=bucket)

    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )

    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}


def test_notification_to_eventbridge_stands_beside_others(aws: Aws, s3: Any, bucket: str) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:*",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    queue = {"Id": "created", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}

    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={"EventBridgeConfiguration": {}, "QueueConfigurations": [queue]},
    )

    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert found["EventBridgeConfiguration"] == {}
    assert found["QueueConfigurations"] == [queue]


def test_a_bucket_that_is_not_the_expected_account_s_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", ExpectedBucketOwner="123456789012")
    assert s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="123456789012")
    for call, more in (
        (s3.get_object, {"Key": "a"}),
        (s3.put_object, {"Key": "a", "Body": b"y"}),
        (s3.list_objects_v2, {}),
        (s3.get_bucket_versioning, {}),
    ):
        with pytest.raises(ClientError) as error:
            call(Bucket=bucket, ExpectedBucketOwner="210987654321", **more)
        assert code_of(error) == "AccessDenied"
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def test_of_writes_on_the_same_condition_at_the_same_time_one_is_carried_out(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="sum", Body=b"0")

    def put(key: str, body: bytes, **condition: str) -> bool:
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=body, **condition)
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return False
        return True

    def add(_: int) -> None:
        there = s3.get_object(Bucket=bucket, Key="sum")
        if not put("sum", str(int(there["Body"].read()) + 1).encode(), IfMatch=there["ETag"]):
            add(_)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(48)))
        created = list(pool.map(lambda number: put(f"new{number // 8}", b"x", IfNoneMatch="*"), range(48)))
    assert s3.get_object(Bucket=bucket, Key="sum")["Body"].read() == b"48"
    assert sum(created) == 6
