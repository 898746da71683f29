"""Tags of a Kinesis stream that are given when it is created.

AWS (Kinesis API reference, ``CreateStream``) takes ``Tags`` with the request. moto ignores them.

Needed by ``aws_kinesis_stream``, whose tags would change in the plan after its creation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.kinesis.responses import KinesisResponse

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's Kinesis responses."""

    @wrap(KinesisResponse, "create_stream")
    def create_stream(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer = original(response)
        if tags := response._get_param("Tags"):
            name = response._get_param("StreamName")
            response.kinesis_backend.add_tags_to_stream(None, name, tags)
        return answer
