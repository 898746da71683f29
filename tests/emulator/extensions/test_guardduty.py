"""GuardDuty: features one by one, destinations, tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws


@pytest.fixture
def guardduty(aws: Aws) -> Any:
    return aws("guardduty")


@pytest.fixture
def detector(guardduty: Any) -> Iterator[str]:
    """Id of a detector."""
    made = guardduty.create_detector(Enable=True, Tags={"team": "security"})["DetectorId"]
    yield made
    guardduty.delete_detector(DetectorId=made)


def test_a_feature_leaves_the_others(guardduty: Any, detector: str) -> None:
    for name, status in (
        ("S3_DATA_EVENTS", "ENABLED"),
        ("RDS_LOGIN_EVENTS", "ENABLED"),
        ("S3_DATA_EVENTS", "DISABLED"),
    ):
        guardduty.update_detector(DetectorId=detector, Features=[{"Name": name, "Status": status}])

    features = guardduty.get_detector(DetectorId=detector)["Features"]
    found = {feature["Name"]: feature["Status"] for feature in features}
    assert (found["S3_DATA_EVENTS"], found["RDS_LOGIN_EVENTS"]) == ("DISABLED", "ENABLED")


def test_findings_are_published(guardduty: Any, detector: str, name: str, account: str) -> None:
    properties = {
        "DestinationArn": f"arn:aws:s3:::{name}",
        "KmsKeyArn": f"arn:aws:kms:{REGION}:{account}:key/00000000-0000-0000-0000-000000000000",
    }
    to = {"DestinationType": "S3", "DestinationProperties": properties}
    made = guardduty.create_publishing_destination(DetectorId=detector, **to)["DestinationId"]

    found = guardduty.describe_publishing_destination(DetectorId=detector, DestinationId=made)
    assert (found["DestinationProperties"], found["Status"]) == (properties, "PUBLISHING")
    listed = guardduty.list_publishing_destinations(DetectorId=detector)["Destinations"]
    assert [one["DestinationId"] for one in listed] == [made]

    guardduty.delete_publishing_destination(DetectorId=detector, DestinationId=made)
    with pytest.raises(ClientError, match="BadRequestException"):
        guardduty.describe_publishing_destination(DetectorId=detector, DestinationId=made)


def test_tags_are_changed(guardduty: Any, detector: str, account: str) -> None:
    arn = f"arn:aws:guardduty:{REGION}:{account}:detector/{detector}"
    guardduty.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "security", "stage": "test"}

    guardduty.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"stage": "test"}
