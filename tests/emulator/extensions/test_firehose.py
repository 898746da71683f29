"""Firehose: delivery to OpenSearch domains and collections, the state of encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws


@pytest.fixture
def firehose(aws: Aws) -> Any:
    return aws("firehose")


@pytest.fixture
def backup(aws: Aws, name: str, account: str) -> Iterator[dict[str, Any]]:
    """Where failed documents go, and who delivers them."""
    s3 = aws("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    yield {"RoleARN": f"arn:aws:iam::{account}:role/deliver", "BucketARN": f"arn:aws:s3:::{name}"}
    s3.delete_bucket(Bucket=name)


def destination(firehose: Any, name: str) -> Any:
    found = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    [one] = found["Destinations"]
    return found, one


def test_a_stream_delivers_to_a_domain_and_is_changed(
    firehose: Any, backup: dict[str, Any], name: str, account: str
) -> None:
    domain = f"arn:aws:es:eu-west-1:{account}:domain/logs"
    firehose.create_delivery_stream(
        DeliveryStreamName=name,
        DeliveryStreamEncryptionConfigurationInput={"KeyType": "AWS_OWNED_CMK"},
        AmazonopensearchserviceDestinationConfiguration={
            "RoleARN": backup["RoleARN"],
            "DomainARN": domain,
            "IndexName": "logs",
            "S3Configuration": backup,
        },
    )
    found, one = destination(firehose, name)
    assert found["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLED"
    described = one["AmazonopensearchserviceDestinationDescription"]
    assert (described["DomainARN"], described["IndexName"]) == (domain, "logs")
    assert (described["IndexRotationPeriod"], described["S3BackupMode"]) == ("OneDay", "FailedDocumentsOnly")
    assert described["S3DestinationDescription"]["BucketARN"] == backup["BucketARN"]

    change = {"DeliveryStreamName": name, "DestinationId": one["DestinationId"]}
    firehose.update_destination(
        **change,
        CurrentDeliveryStreamVersionId=found["VersionId"],
        AmazonopensearchserviceDestinationUpdate={"IndexName": "events"},
    )
    changed, one = destination(firehose, name)
    assert one["AmazonopensearchserviceDestinationDescription"]["IndexName"] == "events"
    assert one["AmazonopensearchserviceDestinationDescription"]["DomainARN"] == domain
    with pytest.raises(ClientError) as stale:
        firehose.update_destination(
            **change,
            CurrentDeliveryStreamVersionId=found["VersionId"],
            AmazonopensearchserviceDestinationUpdate={"IndexName": "late"},
        )
    assert stale.value.response["Error"]["Code"] == "ConcurrentModificationException"
    with pytest.raises(ClientError) as other:
        firehose.update_destination(
            **change,
            CurrentDeliveryStreamVersionId=changed["VersionId"],
            AmazonOpenSearchServerlessDestinationUpdate={"IndexName": "other"},
        )
    assert other.value.response["Error"]["Code"] == "InvalidArgumentException"
    firehose.delete_delivery_stream(DeliveryStreamName=name)


def test_a_stream_delivers_to_a_collection_from_within_a_vpc(
    firehose: Any, aws: Aws, backup: dict[str, Any], name: str
) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=name, Description="firehose", VpcId=vpc)["GroupId"]
    firehose.create_delivery_stream(
        DeliveryStreamName=name,
        AmazonOpenSearchServerlessDestinationConfiguration={
            "RoleARN": backup["RoleARN"],
            "CollectionEndpoint": "https://abc.eu-west-1.aoss.amazonaws.com",
            "IndexName": "logs",
            "S3Configuration": backup,
            "VpcConfiguration": {
                "SubnetIds": [subnet],
                "RoleARN": backup["RoleARN"],
                "SecurityGroupIds": [group],
            },
        },
    )
    _, one = destination(firehose, name)
    described = one["AmazonOpenSearchServerlessDestinationDescription"]
    assert described["VpcConfigurationDescription"]["VpcId"] == vpc
    assert described["RetryOptions"] == {"DurationInSeconds": 300}
    firehose.delete_delivery_stream(DeliveryStreamName=name)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
