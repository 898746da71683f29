"""Tags of Kinesis streams."""

from __future__ import annotations

import json

from tests.emulator.conftest import Aws


def test_tags_given_on_creation_are_kept(aws: Aws, name: str) -> None:
    kinesis = aws("kinesis")

    # The parameter is newer than some SDKs that know the operation.
    def add_tags(params: dict[str, bytes], **_: object) -> None:
        params["body"] = json.dumps({**json.loads(params["body"]), "Tags": {"team": "data"}}).encode()

    kinesis.meta.events.register("before-call.kinesis.CreateStream", add_tags)
    kinesis.create_stream(StreamName=name, ShardCount=1)

    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "team", "Value": "data"}]
