"""Synthetics: the life of a canary, tags, groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws, eventually


@pytest.fixture
def synthetics(aws: Aws) -> Any:
    return aws("synthetics")


@pytest.fixture
def canary(synthetics: Any, name: str, account: str) -> str:
    """A canary that does not run."""
    synthetics.create_canary(
        Name=name,
        Code={"S3Bucket": "scripts", "S3Key": "heartbeat.zip", "Handler": "heartbeat.handler"},
        ArtifactS3Location="s3://artifacts/canary",
        ExecutionRoleArn=f"arn:aws:iam::{account}:role/canary",
        Schedule={"Expression": "rate(5 minutes)"},
        RunConfig={"TimeoutInSeconds": 60, "EnvironmentVariables": {"URL": "https://example.com"}},
        RuntimeVersion="syn-nodejs-puppeteer-17.0",
        Tags={"team": "ops"},
    )
    eventually(lambda: state(synthetics, name) == "READY")
    return name


def get(synthetics: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = synthetics.get_canary(Name=name)["Canary"]
    return found


def state(synthetics: Any, name: str) -> str:
    return str(get(synthetics, name)["Status"]["State"])


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response["Error"]["Code"])


def test_a_canary_can_be_read_back(synthetics: Any, canary: str) -> None:
    found = get(synthetics, canary)

    assert found["Code"]["Handler"] == "heartbeat.handler"
    assert f":layer:cwsyn-{canary}-" in found["Code"]["SourceLocationArn"]
    assert f":function:cwsyn-{canary}-" in found["EngineArn"]
    assert isinstance(found["Timeline"]["Created"], datetime)
    assert found["RunConfig"]["TimeoutInSeconds"] == 60
    assert "EnvironmentVariables" not in found["RunConfig"]
    assert found["Tags"] == {"team": "ops"}
    listed = synthetics.describe_canaries(Names=[canary])["Canaries"]
    assert [one["Name"] for one in listed] == [canary]


def test_a_canary_starts_changes_stops_and_goes(synthetics: Any, canary: str) -> None:
    synthetics.start_canary(Name=canary)
    eventually(lambda: state(synthetics, canary) == "RUNNING")
    assert refused(synthetics.delete_canary, Name=canary) == "ConflictException"

    synthetics.stop_canary(Name=canary)
    eventually(lambda: state(synthetics, canary) == "STOPPED")
    synthetics.update_canary(Name=canary, Schedule={"Expression": "rate(1 hour)"})
    eventually(lambda: get(synthetics, canary)["Schedule"]["Expression"] == "rate(1 hour)")

    eventually(lambda: state(synthetics, canary) == "STOPPED")
    synthetics.delete_canary(Name=canary)
    eventually(lambda: canary not in [one["Name"] for one in synthetics.describe_canaries()["Canaries"]])
    assert refused(synthetics.start_canary, Name=canary) == "ResourceNotFoundException"


def test_tags_of_a_canary_change(synthetics: Any, canary: str, account: str) -> None:
    arn = f"arn:aws:synthetics:{REGION}:{account}:canary:{canary}"

    synthetics.tag_resource(ResourceArn=arn, Tags={"stage": "prod"})
    assert synthetics.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "ops", "stage": "prod"}

    synthetics.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert get(synthetics, canary)["Tags"] == {"stage": "prod"}


def test_canaries_are_grouped(synthetics: Any, canary: str, name: str, account: str) -> None:
    group = synthetics.create_group(Name=f"{name}-group", Tags={"team": "ops"})["Group"]
    arn = f"arn:aws:synthetics:{REGION}:{account}:canary:{canary}"
    assert refused(synthetics.create_group, Name=f"{name}-group") == "ConflictException"

    synthetics.associate_resource(GroupIdentifier=group["Name"], ResourceArn=arn)
    assert synthetics.list_group_resources(GroupIdentifier=group["Id"])["Resources"] == [arn]
    synthetics.disassociate_resource(GroupIdentifier=group["Id"], ResourceArn=arn)
    assert synthetics.list_group_resources(GroupIdentifier=group["Id"])["Resources"] == []

    synthetics.delete_group(GroupIdentifier=group["Name"])
    assert refused(synthetics.get_group, GroupIdentifier=group["Name"]) == "ResourceNotFoundException"
