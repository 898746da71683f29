"""Tags of scalable targets.

AWS (Application Auto Scaling API reference, ``RegisterScalableTarget``, ``ListTagsForResource``, ``TagResource``,
``UntagResource``) keeps tags on a scalable target. moto knows none of the tag operations.

Needed by ``aws_appautoscaling_target``, which reads the tags of every target, whatever it scales (DynamoDB, ECS,
Lambda, Aurora).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError

from orchestrator.emulator.patch import add, memory, wrap


def register() -> None:
    """Extend moto's Application Auto Scaling responses."""

    @wrap(ApplicationAutoScalingResponse, "register_scalable_target")
    def register_scalable_target(original: Callable[[Any], str], response: Any) -> str:
        answer = original(response)
        if tags := response._get_param("Tags"):
            _tags(response, json.loads(answer)["ScalableTargetARN"]).update(tags)
        return answer

    @add(ApplicationAutoScalingResponse)
    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"Tags": _tags(response, response._get_param("ResourceARN"))})

    @add(ApplicationAutoScalingResponse)
    def tag_resource(response: Any) -> str:
        _tags(response, response._get_param("ResourceARN")).update(response._get_param("Tags"))
        return "{}"

    @add(ApplicationAutoScalingResponse)
    def untag_resource(response: Any) -> str:
        tags = _tags(response, response._get_param("ResourceARN"))
        for key in response._get_param("TagKeys"):
            tags.pop(key, None)
        return "{}"


def _tags(response: Any, arn: str) -> dict[str, str]:
    """The tags of the scalable target with this ARN."""
    for targets in response.applicationautoscaling_backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                tags: dict[str, str] = memory(target).setdefault("tags", {})
                return tags
    raise JsonRESTError("ResourceNotFoundException", f"No scalable target found for ARN: {arn}")
