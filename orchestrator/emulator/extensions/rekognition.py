"""Rekognition: collections, projects and stream processors.

AWS (Amazon Rekognition API reference): a collection of faces is known by its id; a project (``CUSTOM_LABELS`` unless
it says otherwise, ``CONTENT_MODERATION`` with ``AutoUpdate``) by its ARN, which ends with the time it was made, and
is found by name; a stream processor reads a Kinesis video stream and either searches faces (to a Kinesis data stream)
or watches a home (to a bucket, with a topic). A processor is ``STOPPED`` until it is started; settings of a connected
home, regions and data sharing can be changed. Names that are taken, or are not there, are answered with
``ResourceAlreadyExistsException``, ``ResourceInUseException`` and ``ResourceNotFoundException``.

moto knows some analyses, and none of these. Nothing is seen in any stream.

Needed by ``aws_rekognition_collection``, ``aws_rekognition_project`` and ``aws_rekognition_stream_processor``.
"""

from __future__ import annotations

import json
import time
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.rekognition.responses import RekognitionResponse

from orchestrator.emulator.patch import add, memory

_PROCESSOR = (
    "Input",
    "Output",
    "Settings",
    "RoleArn",
    "NotificationChannel",
    "KmsKeyId",
    "RegionsOfInterest",
    "DataSharingPreference",
)


class RekognitionError(JsonRESTError):  # type: ignore[misc]
    """An error of Rekognition, by its code."""


def register() -> None:
    """Extend moto's Rekognition."""
    _collections()
    _projects()
    _stream_processors()
    _tags()


def _kept(response: Any, kind: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = memory(response.rekognition_backend).setdefault(kind, {})
    return found


def _found(response: Any, kind: str, key: str) -> dict[str, Any]:
    try:
        return _kept(response, kind)[key]
    except KeyError:
        raise RekognitionError("ResourceNotFoundException", f"The {kind} id: {key} does not exist") from None


def _arn(response: Any, kind: str, name: str) -> str:
    return f"arn:aws:rekognition:{response.region}:{response.current_account}:{kind}/{name}"


def _collections() -> None:
    @add(RekognitionResponse)
    def create_collection(response: Any) -> str:
        key = response._get_param("CollectionId")
        if key in _kept(response, "collection"):
            raise RekognitionError(
                "ResourceAlreadyExistsException", f"The collection id: {key} already exists"
            )
        arn = _arn(response, "collection", key)
        _kept(response, "collection")[key] = {
            "arn": arn,
            "created": time.time(),
            "tags": response._get_param("Tags") or {},
        }
        return json.dumps({"StatusCode": 200, "CollectionArn": arn, "FaceModelVersion": "7.0"})

    @add(RekognitionResponse)
    def describe_collection(response: Any) -> str:
        found = _found(response, "collection", response._get_param("CollectionId"))
        return json.dumps(
            {
                "FaceCount": 0,
                "FaceModelVersion": "7.0",
                "CollectionARN": found["arn"],
                "CreationTimestamp": found["created"],
                "UserCount": 0,
            }
        )

    @add(RekognitionResponse)
    def list_collections(response: Any) -> str:
        names = sorted(_kept(response, "collection"))
        return json.dumps({"CollectionIds": names, "FaceModelVersions": ["7.0"] * len(names)})

    @add(RekognitionResponse)
    def delete_collection(response: Any) -> str:
        key = response._get_param("CollectionId")
        _found(response, "collection", key)
        del _kept(response, "collection")[key]
        return json.dumps({"StatusCode": 200})


def _projects() -> None:
    @add(RekognitionResponse)
    def create_project(response: Any) -> str:
        name = response._get_param("ProjectName")
        if any(project["name"] == name for project in _kept(response, "project").values()):
            raise RekognitionError("ResourceInUseException", f"Project name {name} is already in use")
        feature = response._get_param("Feature") or "CUSTOM_LABELS"
        update = response._get_param("AutoUpdate")
        if update and feature != "CONTENT_MODERATION":
            raise RekognitionError("InvalidParameterException", "AutoUpdate is for content moderation")
        arn = _arn(response, "project", f"{name}/{int(time.time() * 1000)}")
        _kept(response, "project")[arn] = {
            "arn": arn,
            "name": name,
            "feature": feature,
            "auto_update": update or ("DISABLED" if feature == "CONTENT_MODERATION" else None),
            "created": time.time(),
            "tags": response._get_param("Tags") or {},
        }
        return json.dumps({"ProjectArn": arn})

    @add(RekognitionResponse)
    def describe_projects(response: Any) -> str:
        names, features = response._get_param("ProjectNames"), response._get_param("Features")
        found = [
            {
                "ProjectArn": project["arn"],
                "CreationTimestamp": project["created"],
                "Status": "CREATED",
                "Feature": project["feature"],
                **({"AutoUpdate": project["auto_update"]} if project["auto_update"] else {}),
                "Datasets": [],
            }
            for project in _kept(response, "project").values()
            if (not names or project["name"] in names)
            and project["feature"] in (features or ["CUSTOM_LABELS", "CONTENT_MODERATION"])
        ]
        return json.dumps({"ProjectDescriptions": found})

    @add(RekognitionResponse)
    def delete_project(response: Any) -> str:
        arn = response._get_param("ProjectArn")
        _found(response, "project", arn)
        del _kept(response, "project")[arn]
        return json.dumps({"Status": "DELETING"})


def _stream_processors() -> None:
    @add(RekognitionResponse)
    def create_stream_processor(response: Any) -> str:
        name = response._get_param("Name")
        if name in _kept(response, "stream processor"):
            raise RekognitionError(
                "ResourceInUseException", f"Stream processor name {name} is already in use"
            )
        given = {field: response._get_param(field) for field in _PROCESSOR}
        settings = given["Settings"] or {}
        if len([kind for kind in ("FaceSearch", "ConnectedHome") if settings.get(kind)]) != 1:
            raise RekognitionError(
                "InvalidParameterException", "Settings name either FaceSearch or ConnectedHome"
            )
        arn = _arn(response, "streamprocessor", name)
        _kept(response, "stream processor")[name] = {
            "Name": name,
            "StreamProcessorArn": arn,
            "Status": "STOPPED",
            "CreationTimestamp": time.time(),
            "LastUpdateTimestamp": time.time(),
            "tags": response._get_param("Tags") or {},
            **{field: value for field, value in given.items() if value is not None},
        }
        return json.dumps({"StreamProcessorArn": arn})

    @add(RekognitionResponse)
    def describe_stream_processor(response: Any) -> str:
        found = _found(response, "stream processor", response._get_param("Name"))
        return json.dumps({field: value for field, value in found.items() if field != "tags"})

    @add(RekognitionResponse)
    def list_stream_processors(response: Any) -> str:
        found = [
            {"Name": processor["Name"], "Status": processor["Status"]}
            for processor in _kept(response, "stream processor").values()
        ]
        return json.dumps({"StreamProcessors": found})

    @add(RekognitionResponse)
    def update_stream_processor(response: Any) -> str:
        found = _found(response, "stream processor", response._get_param("Name"))
        change = (response._get_param("SettingsForUpdate") or {}).get("ConnectedHomeForUpdate") or {}
        if change:
            found["Settings"] = {"ConnectedHome": {**found["Settings"].get("ConnectedHome", {}), **change}}
        if (regions := response._get_param("RegionsOfInterestForUpdate")) is not None:
            found["RegionsOfInterest"] = regions
        if (sharing := response._get_param("DataSharingPreferenceForUpdate")) is not None:
            found["DataSharingPreference"] = sharing
        for field in response._get_param("ParametersToDelete") or ():
            if field == "RegionsOfInterest":
                found.pop("RegionsOfInterest", None)
            else:
                found["Settings"].get("ConnectedHome", {}).pop("MinConfidence", None)
        found["LastUpdateTimestamp"] = time.time()
        return "{}"

    @add(RekognitionResponse)
    def start_stream_processor(response: Any) -> str:
        found = _found(response, "stream processor", response._get_param("Name"))
        found["Status"] = "RUNNING"
        return json.dumps({"SessionId": "session"})

    @add(RekognitionResponse)
    def stop_stream_processor(response: Any) -> str:
        _found(response, "stream processor", response._get_param("Name"))["Status"] = "STOPPED"
        return "{}"

    @add(RekognitionResponse)
    def delete_stream_processor(response: Any) -> str:
        name = response._get_param("Name")
        if _found(response, "stream processor", name)["Status"] != "STOPPED":
            raise RekognitionError("ResourceInUseException", f"Stream processor {name} is not stopped")
        del _kept(response, "stream processor")[name]
        return "{}"


def _tags() -> None:
    def tags_of(response: Any) -> dict[str, str]:
        arn = response._get_param("ResourceArn")
        for kind, field in (
            ("collection", "arn"),
            ("project", "arn"),
            ("stream processor", "StreamProcessorArn"),
        ):
            for thing in _kept(response, kind).values():
                if thing[field] == arn:
                    found: dict[str, str] = thing["tags"]
                    return found
        raise RekognitionError("ResourceNotFoundException", f"The resource {arn} does not exist")

    @add(RekognitionResponse)
    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"Tags": tags_of(response)})

    @add(RekognitionResponse)
    def tag_resource(response: Any) -> str:
        tags_of(response).update(response._get_param("Tags"))
        return "{}"

    @add(RekognitionResponse)
    def untag_resource(response: Any) -> str:
        tags = tags_of(response)
        for key in response._get_param("TagKeys"):
            tags.pop(key, None)
        return "{}"
