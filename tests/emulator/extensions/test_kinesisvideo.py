"""Kinesis Video Streams: tags, and changes to a stream."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws


@pytest.fixture
def video(aws: Aws) -> Any:
    return aws("kinesisvideo")


def test_a_streams_tags_and_settings_change(video: Any, name: str) -> None:
    arn = video.create_stream(
        StreamName=name, MediaType="video/h264", DataRetentionInHours=24, Tags={"a": "b"}
    )["StreamARN"]
    video.tag_stream(StreamARN=arn, Tags={"c": "d"})
    video.untag_stream(StreamName=name, TagKeyList=["a"])
    assert video.list_tags_for_stream(StreamARN=arn)["Tags"] == {"c": "d"}
    version = video.describe_stream(StreamName=name)["StreamInfo"]["Version"]
    video.update_data_retention(
        StreamName=name,
        CurrentVersion=version,
        Operation="INCREASE_DATA_RETENTION",
        DataRetentionChangeInHours=24,
    )
    with pytest.raises(ClientError) as error:
        video.update_stream(StreamName=name, CurrentVersion=version, MediaType="video/h265")
    assert error.value.response["Error"]["Code"] == "VersionMismatchException"
    version = video.describe_stream(StreamName=name)["StreamInfo"]["Version"]
    video.update_stream(StreamName=name, CurrentVersion=version, MediaType="video/h265")
    found = video.describe_stream(StreamName=name)["StreamInfo"]
    assert (found["DataRetentionInHours"], found["MediaType"]) == (48, "video/h265")


def test_a_stream_that_is_not_there_has_no_tags(video: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        video.list_tags_for_stream(StreamName=name)
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
