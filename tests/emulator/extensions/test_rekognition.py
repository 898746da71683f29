"""Rekognition: collections, projects and stream processors."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

HERE = "eu-west-1:123456789012"


@pytest.fixture
def rekognition(aws: Aws) -> Any:
    return aws("rekognition")


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_collection_is_made_described_tagged_and_deleted(rekognition: Any, name: str) -> None:
    arn = rekognition.create_collection(CollectionId=name, Tags={"a": "b"})["CollectionArn"]
    with pytest.raises(ClientError) as error:
        rekognition.create_collection(CollectionId=name)
    assert code(error) == "ResourceAlreadyExistsException"
    found = rekognition.describe_collection(CollectionId=name)
    assert (found["CollectionARN"].rpartition("/")[2], found["FaceCount"]) == (name, 0)
    assert name in rekognition.list_collections()["CollectionIds"]
    tagged = f"arn:aws:rekognition:{HERE}:collection/{name}"
    assert tagged.rpartition("/")[2] == arn.rpartition("/")[2]
    rekognition.tag_resource(ResourceArn=found["CollectionARN"], Tags={"c": "d"})
    rekognition.untag_resource(ResourceArn=found["CollectionARN"], TagKeys=["a"])
    assert rekognition.list_tags_for_resource(ResourceArn=found["CollectionARN"])["Tags"] == {"c": "d"}
    rekognition.delete_collection(CollectionId=name)
    with pytest.raises(ClientError) as error:
        rekognition.describe_collection(CollectionId=name)
    assert code(error) == "ResourceNotFoundException"


def test_a_project_is_found_by_its_name_and_feature(rekognition: Any, name: str) -> None:
    arn = rekognition.create_project(
        ProjectName=name, Feature="CONTENT_MODERATION", AutoUpdate="ENABLED", Tags={"a": "b"}
    )["ProjectArn"]
    with pytest.raises(ClientError) as error:
        rekognition.create_project(ProjectName=name)
    assert code(error) == "ResourceInUseException"
    (found,) = rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    assert (found["ProjectArn"], found["Feature"], found["AutoUpdate"]) == (
        arn,
        "CONTENT_MODERATION",
        "ENABLED",
    )
    assert (
        rekognition.describe_projects(ProjectNames=[name], Features=["CUSTOM_LABELS"])["ProjectDescriptions"]
        == []
    )
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "b"}
    rekognition.delete_project(ProjectArn=arn)
    assert rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"] == []


def test_custom_labels_do_not_update_themselves(rekognition: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        rekognition.create_project(ProjectName=name, AutoUpdate="ENABLED")
    assert code(error) == "InvalidParameterException"


def test_a_stream_processor_watches_a_home(rekognition: Any, name: str) -> None:
    given: dict[str, Any] = {
        "Name": name,
        "Input": {"KinesisVideoStream": {"Arn": f"arn:aws:kinesisvideo:{HERE}:stream/{name}/1598784211076"}},
        "Output": {"S3Destination": {"Bucket": "found", "KeyPrefix": name}},
        "Settings": {"ConnectedHome": {"Labels": ["PERSON"], "MinConfidence": 80.0}},
        "RoleArn": "arn:aws:iam::123456789012:role/stream",
        "NotificationChannel": {"SNSTopicArn": f"arn:aws:sns:{HERE}:topic"},
        "DataSharingPreference": {"OptIn": False},
    }
    arn = rekognition.create_stream_processor(**given, Tags={"a": "b"})["StreamProcessorArn"]
    found = rekognition.describe_stream_processor(Name=name)
    assert {field: found[field] for field in given} == given
    assert found["Status"] == "STOPPED"
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "b"}
    rekognition.update_stream_processor(
        Name=name, SettingsForUpdate={"ConnectedHomeForUpdate": {"Labels": ["PERSON", "PET"]}}
    )
    changed = rekognition.describe_stream_processor(Name=name)["Settings"]["ConnectedHome"]
    assert changed == {"Labels": ["PERSON", "PET"], "MinConfidence": 80.0}
    rekognition.start_stream_processor(Name=name)
    with pytest.raises(ClientError) as error:
        rekognition.delete_stream_processor(Name=name)
    assert code(error) == "ResourceInUseException"
    rekognition.stop_stream_processor(Name=name)
    assert {"Name": name, "Status": "STOPPED"} in rekognition.list_stream_processors()["StreamProcessors"]
    rekognition.delete_stream_processor(Name=name)
    with pytest.raises(ClientError) as error:
        rekognition.describe_stream_processor(Name=name)
    assert code(error) == "ResourceNotFoundException"


def test_a_stream_processor_does_one_thing(rekognition: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        rekognition.create_stream_processor(
            Name=name,
            Input={"KinesisVideoStream": {"Arn": f"arn:aws:kinesisvideo:{HERE}:stream/{name}/1598784211076"}},
            Output={"KinesisDataStream": {"Arn": f"arn:aws:kinesis:{HERE}:stream/{name}"}},
            Settings={},
            RoleArn="arn:aws:iam::123456789012:role/stream",
        )
    assert code(error) == "InvalidParameterException"
