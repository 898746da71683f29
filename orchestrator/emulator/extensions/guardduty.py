"""GuardDuty: features that are changed one by one, publishing destinations, tags.

AWS (GuardDuty API reference)

- ``UpdateDetector`` changes the features that it names and leaves the others.
- ``CreatePublishingDestination``, ``DescribePublishingDestination``, ``UpdatePublishingDestination``,
  ``ListPublishingDestinations`` and ``DeletePublishingDestination`` send findings to a bucket.
- ``TagResource``, ``UntagResource`` and ``ListTagsForResource`` keep a detector's tags.

moto replaces all features by those of the request, and knows no destinations and no changes of tags.

Needed by ``aws_guardduty_detector`` (changed tags), ``aws_guardduty_detector_feature`` (a second one made the first one
drift) and ``aws_guardduty_publishing_destination``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.core.exceptions import JsonRESTError
from moto.guardduty import urls
from moto.guardduty.models import Detector
from moto.guardduty.responses import GuardDutyResponse
from moto.moto_api._internal import mock_random

from orchestrator.emulator.patch import add, memory, wrap


def register() -> None:
    """Extend moto's detectors, GuardDuty responses and paths."""
    _merge_features()
    _keep_destinations()
    _keep_tags()
    destinations = "{0}/detector/(?P<detector_id>[^/]+)/publishingDestination"
    for path in (f"{destinations}$", f"{destinations}/(?P<destination_id>[^/]+)$", "{0}/tags/(?P<arn>.+)$"):
        urls.url_paths.setdefault(path, GuardDutyResponse.dispatch)


def _merge_features() -> None:
    @wrap(Detector, "update")
    def update(
        original: Callable[..., None],
        detector: Any,
        enable: Any,
        frequency: Any,
        data_sources: Any,
        features: list[dict[str, Any]] | None,
    ) -> None:
        if features is not None:
            given = {feature["name"]: feature for feature in features}
            kept = [given.pop(feature["name"], feature) for feature in detector.features]
            features = [*kept, *given.values()]
        original(detector, enable, frequency, data_sources, features)


def _keep_destinations() -> None:
    @add(GuardDutyResponse)
    def create_publishing_destination(response: Any) -> str:
        destinations = _destinations(response, response.path.split("/")[-2])
        properties = response._get_param("destinationProperties")
        if any(kept["destinationProperties"] == properties for kept in destinations.values()):
            raise _bad_request("The request failed because the destination already exists.")
        destination_id = mock_random.get_random_hex(length=32)
        destinations[destination_id] = {
            "destinationId": destination_id,
            "destinationType": response._get_param("destinationType"),
            "status": "PUBLISHING",
            "publishingFailureStartTimestamp": 0,
            "destinationProperties": properties,
        }
        return json.dumps({"destinationId": destination_id})

    @add(GuardDutyResponse)
    def describe_publishing_destination(response: Any) -> str:
        return json.dumps(_destination(response))

    @add(GuardDutyResponse)
    def update_publishing_destination(response: Any) -> str:
        _destination(response)["destinationProperties"] |= response._get_param("destinationProperties") or {}
        return "{}"

    @add(GuardDutyResponse)
    def list_publishing_destinations(response: Any) -> str:
        destinations = _destinations(response, response.path.split("/")[-2]).values()
        fields = ("destinationId", "destinationType", "status")
        found = [{field: kept[field] for field in fields} for kept in destinations]
        return json.dumps({"destinations": found})

    @add(GuardDutyResponse)
    def delete_publishing_destination(response: Any) -> str:
        gone = _destination(response)["destinationId"]
        del _destinations(response, response.path.split("/")[-3])[gone]
        return "{}"


def _keep_tags() -> None:
    @add(GuardDutyResponse)
    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"tags": _tagged(response).tags})

    @add(GuardDutyResponse)
    def tag_resource(response: Any) -> str:
        _tagged(response).tags |= response._get_param("tags")
        return "{}"

    @add(GuardDutyResponse)
    def untag_resource(response: Any) -> str:
        for key in response.querystring.get("tagKeys", []):
            _tagged(response).tags.pop(key, None)
        return "{}"


def _destinations(response: Any, detector_id: str) -> dict[str, dict[str, Any]]:
    detector = response.guardduty_backend.get_detector(detector_id)
    kept: dict[str, dict[str, Any]] = memory(detector).setdefault("destinations", {})
    return kept


def _destination(response: Any) -> dict[str, Any]:
    _, detector_id, _, destination_id = response.path.split("/")[-4:]
    destinations = _destinations(response, detector_id)
    if destination_id not in destinations:
        raise _bad_request(
            "The request is rejected because the input destinationId is not owned by the current account."
        )
    return destinations[destination_id]


def _tagged(response: Any) -> Any:
    """The detector that a request names by its ARN."""
    return response.guardduty_backend.get_detector(unquote(response.path).rpartition("/")[2])


def _bad_request(message: str) -> JsonRESTError:
    return JsonRESTError("BadRequestException", message)
