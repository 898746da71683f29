"""DynamoDB global tables, contributor insights, Kinesis destinations, table settings."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws, eventually

OTHER_REGION = "eu-central-1"


@pytest.fixture
def dynamodb(aws: Aws) -> Any:
    return aws("dynamodb")


@pytest.fixture
def other(aws: Aws) -> Any:
    """DynamoDB in the region of the replica."""
    return aws("dynamodb", region=OTHER_REGION)


@pytest.fixture
def table(dynamodb: Any, name: str) -> str:
    create(dynamodb, name)
    return name


def create(dynamodb: Any, name: str, **more: Any) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        **more,
    )
    active(dynamodb, name)


def describe(dynamodb: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = dynamodb.describe_table(TableName=name)["Table"]
    return found


def active(dynamodb: Any, name: str) -> None:
    eventually(lambda: describe(dynamodb, name)["TableStatus"] == "ACTIVE")


def replicas(dynamodb: Any, name: str) -> dict[str, str]:
    """Region and status of the replicas."""
    return {
        found["RegionName"]: found["ReplicaStatus"] for found in describe(dynamodb, name).get("Replicas", [])
    }


@pytest.fixture
def replicated(dynamodb: Any, table: str) -> str:
    """A table with a replica in the other region."""
    update(dynamodb, table, "Create")
    eventually(lambda: replicas(dynamodb, table) == {OTHER_REGION: "ACTIVE"})
    return table


def update(dynamodb: Any, table: str, what: str, **more: Any) -> None:
    change = {what: {"RegionName": OTHER_REGION, **more}}
    dynamodb.update_table(TableName=table, ReplicaUpdates=[change])


def test_a_replica_is_a_table_in_its_region(dynamodb: Any, other: Any, replicated: str) -> None:
    here, there = describe(dynamodb, replicated), describe(other, replicated)

    assert there["TableArn"] == here["TableArn"].replace("eu-west-1", OTHER_REGION)
    assert OTHER_REGION in there["LatestStreamArn"]
    assert here["GlobalTableVersion"] == "2019.11.21"
    assert replicas(other, replicated).keys() == {"eu-west-1"}


def test_an_item_written_to_one_is_in_the_other(dynamodb: Any, other: Any, replicated: str) -> None:
    def has(region: Any, key: str) -> bool:
        return "Item" in region.get_item(TableName=replicated, Key={"pk": {"S": key}})

    dynamodb.put_item(TableName=replicated, Item={"pk": {"S": "here"}})
    other.put_item(TableName=replicated, Item={"pk": {"S": "there"}})

    eventually(lambda: has(dynamodb, "there"))
    eventually(lambda: has(other, "here"))


def test_tags_and_recovery_are_the_replicas_own(dynamodb: Any, other: Any, replicated: str) -> None:
    other.tag_resource(
        ResourceArn=describe(other, replicated)["TableArn"], Tags=[{"Key": "side", "Value": "other"}]
    )
    other.update_continuous_backups(
        TableName=replicated, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    backups = dynamodb.describe_continuous_backups(TableName=replicated)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    assert (
        dynamodb.list_tags_of_resource(ResourceArn=describe(dynamodb, replicated)["TableArn"])["Tags"] == []
    )


def test_each_region_has_its_key(aws: Aws, dynamodb: Any, other: Any, replicated: str) -> None:
    keys = {
        region: aws("kms", region=region).create_key()["KeyMetadata"]["Arn"]
        for region in ("eu-west-1", OTHER_REGION)
    }

    changes = [{"Update": {"RegionName": region, "KMSMasterKeyId": key}} for region, key in keys.items()]
    dynamodb.update_table(TableName=replicated, ReplicaUpdates=changes)

    for region, client in (("eu-west-1", dynamodb), (OTHER_REGION, other)):
        active(client, replicated)
        assert describe(client, replicated)["SSEDescription"]["KMSMasterKeyArn"] == keys[region]
    assert describe(dynamodb, replicated)["Replicas"][0]["KMSMasterKeyId"] == keys[OTHER_REGION]


def test_a_removed_replica_is_gone(dynamodb: Any, other: Any, replicated: str) -> None:
    update(dynamodb, replicated, "Delete")

    eventually(lambda: not replicas(dynamodb, replicated))
    with pytest.raises(ClientError, match="ResourceNotFound"):
        describe(other, replicated)


def test_a_replica_that_is_not_there_cannot_be_changed(dynamodb: Any, table: str) -> None:
    with pytest.raises(ClientError) as missing:
        update(dynamodb, table, "Update", TableClassOverride="STANDARD")

    assert missing.value.response["Error"]["Code"] in ("ReplicaNotFoundException", "ValidationException")


def test_insights_are_enabled_and_disabled(dynamodb: Any, table: str) -> None:
    def status() -> str:
        found: str = dynamodb.describe_contributor_insights(TableName=table)["ContributorInsightsStatus"]
        return found

    assert status() == "DISABLED"
    dynamodb.update_contributor_insights(TableName=table, ContributorInsightsAction="ENABLE")
    eventually(lambda: status() == "ENABLED")
    dynamodb.update_contributor_insights(TableName=table, ContributorInsightsAction="DISABLE")
    eventually(lambda: status() == "DISABLED")


def test_a_stream_receives_changes_until_it_does_not(aws: Aws, dynamodb: Any, table: str) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName=table, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    arn = kinesis.describe_stream_summary(StreamName=table)["StreamDescriptionSummary"]["StreamARN"]

    def destinations() -> dict[str, Any]:
        answer = dynamodb.describe_kinesis_streaming_destination(TableName=table)
        return {found["StreamArn"]: found for found in answer["KinesisDataStreamDestinations"]}

    assert destinations() == {}
    dynamodb.enable_kinesis_streaming_destination(
        TableName=table,
        StreamArn=arn,
        EnableKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": "MICROSECOND"},
    )
    eventually(lambda: destinations()[arn]["DestinationStatus"] == "ACTIVE")
    assert destinations()[arn]["ApproximateCreationDateTimePrecision"] == "MICROSECOND"

    dynamodb.disable_kinesis_streaming_destination(TableName=table, StreamArn=arn)
    eventually(lambda: destinations()[arn]["DestinationStatus"] == "DISABLED")


def test_class_and_limits_of_a_table_are_answered(dynamodb: Any, name: str) -> None:
    limits = {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}
    create(dynamodb, name, TableClass="STANDARD_INFREQUENT_ACCESS", OnDemandThroughput=limits)

    found = describe(dynamodb, name)

    assert found["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert found["OnDemandThroughput"] == limits


def test_limits_of_an_index_are_answered(dynamodb: Any, name: str) -> None:
    limits = {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 5}
    index = {
        "IndexName": "by-key",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        "OnDemandThroughput": limits,
    }
    create(dynamodb, name, GlobalSecondaryIndexes=[index])

    assert describe(dynamodb, name)["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == limits


def test_the_key_of_a_table_can_be_changed(aws: Aws, dynamodb: Any, table: str) -> None:
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]

    dynamodb.update_table(
        TableName=table, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    )

    eventually(lambda: describe(dynamodb, table)["SSEDescription"]["Status"] == "ENABLED")
    assert describe(dynamodb, table)["SSEDescription"]["KMSMasterKeyArn"] == key
