"""Kinesis Video Streams: tags, and changes to a stream.

AWS (Kinesis Video Streams API reference): ``ListTagsForStream``, ``TagStream`` and ``UntagStream`` know a stream by
name or ARN; ``UpdateStream`` changes the media type and device, ``UpdateDataRetention`` raises or lowers the hours
that video is kept. Both want the stream's current version, and give it a new one.

moto knows neither, and its streams are encrypted with nothing unless a key is named: AWS takes
``alias/aws/kinesisvideo``.

Needed by ``aws_kinesis_video_stream``. No video is kept.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.kinesisvideo import urls
from moto.kinesisvideo.responses import KinesisVideoResponse
from moto.moto_api._internal import mock_random

from orchestrator.emulator.patch import add


class KinesisVideoError(ServiceException):  # type: ignore[misc]
    """An error of Kinesis Video Streams, by its code."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def register() -> None:
    """Extend moto's Kinesis Video Streams."""
    for path in ("listTagsForStream", "tagStream", "untagStream", "updateStream", "updateDataRetention"):
        urls.url_paths[f"{{0}}/{path}$"] = KinesisVideoResponse.dispatch

    @add(KinesisVideoResponse)
    def list_tags_for_stream(response: Any) -> ActionResult:
        return ActionResult({"Tags": _stream(response).tags or {}})

    @add(KinesisVideoResponse)
    def tag_stream(response: Any) -> EmptyResult:
        stream = _stream(response)
        stream.tags = {**(stream.tags or {}), **response._get_param("Tags")}
        return EmptyResult()

    @add(KinesisVideoResponse)
    def untag_stream(response: Any) -> EmptyResult:
        stream, gone = _stream(response), set(response._get_param("TagKeyList"))
        stream.tags = {key: value for key, value in (stream.tags or {}).items() if key not in gone}
        return EmptyResult()

    @add(KinesisVideoResponse)
    def update_stream(response: Any) -> EmptyResult:
        stream = _current(response)
        for parameter, attribute in (("MediaType", "media_type"), ("DeviceName", "device_name")):
            if (value := response._get_param(parameter)) is not None:
                setattr(stream, attribute, value)
        return EmptyResult()

    @add(KinesisVideoResponse)
    def update_data_retention(response: Any) -> EmptyResult:
        stream = _current(response)
        hours = int(response._get_param("DataRetentionChangeInHours"))
        if response._get_param("Operation") == "DECREASE_DATA_RETENTION":
            hours = -hours
        if not 0 <= stream.data_retention_in_hours + hours <= 87600:
            raise KinesisVideoError("InvalidArgumentException", "Retention lies between 0 and 87600 hours")
        stream.data_retention_in_hours += hours
        return EmptyResult()


def _stream(response: Any) -> Any:
    name, arn = response._get_param("StreamName"), response._get_param("StreamARN")
    for stream in response.kinesisvideo_backend.streams.values():
        if stream.arn == arn or stream.stream_name == name:
            return stream
    raise KinesisVideoError("ResourceNotFoundException", "The requested stream is not found or not active.")


def _current(response: Any) -> Any:
    stream = _stream(response)
    if response._get_param("CurrentVersion") != stream.version:
        raise KinesisVideoError("VersionMismatchException", "The stream version does not match")
    stream.version = mock_random.get_random_string(include_digits=False, lower_case=True)
    return stream
