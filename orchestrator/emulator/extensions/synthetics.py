"""Synthetics: the life of a canary, its tags and times, and groups of canaries.

AWS (CloudWatch Synthetics API reference)

- ``CreateCanary`` answers times as numbers, the code's place as ``SourceLocationArn``, and refuses a name that is
  taken. Then ``StartCanary``, ``StopCanary``, ``UpdateCanary`` and ``DeleteCanary``, the last two not while the canary
  runs (``ConflictException``); a canary that does not exist is a ``ResourceNotFoundException``.
- ``TagResource``, ``UntagResource``, ``ListTagsForResource`` of canaries and groups by ARN.
- ``CreateGroup``, ``GetGroup``, ``DeleteGroup``, ``AssociateResource``, ``DisassociateResource`` and
  ``ListGroupResources``.

moto answers times as text, which no client can read, and can only create and get canaries. No canary runs here:
what is kept is what it would be.

Needed by ``aws_synthetics_canary``, ``aws_synthetics_group`` and ``aws_synthetics_group_association``.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import Any
from urllib.parse import unquote

from moto.core.exceptions import JsonRESTError
from moto.synthetics import urls
from moto.synthetics.models import Canary
from moto.synthetics.responses import SyntheticsResponse

from orchestrator.emulator.patch import add, memory, replace

_PATHS = (
    r"canary/(?P<name>[^/]+)/start",
    r"canary/(?P<name>[^/]+)/stop",
    r"group",
    r"group/(?P<name>[^/]+)",
    r"group/(?P<name>[^/]+)/associate",
    r"group/(?P<name>[^/]+)/disassociate",
    r"group/(?P<name>[^/]+)/resources",
)
_NAME = re.compile(r"^[0-9a-z_\-]{1,255}$")
_IDLE = ("READY", "STOPPED", "ERROR")
_UPDATED = {
    "ExecutionRoleArn": "execution_role_arn",
    "RuntimeVersion": "runtime_version",
    "Schedule": "schedule",
    "RunConfig": "run_config",
    "SuccessRetentionPeriodInDays": "success_retention_period_in_days",
    "FailureRetentionPeriodInDays": "failure_retention_period_in_days",
    "VpcConfig": "vpc_config",
    "ArtifactS3Location": "artifact_s3_location",
    "ArtifactConfig": "artifact_config",
    "ProvisionedResourceCleanup": "provisioned_resource_cleanup",
}


class _NotFoundError(JsonRESTError):  # type: ignore[misc]
    code = 404


class _ConflictError(JsonRESTError):  # type: ignore[misc]
    code = 409


def register() -> None:
    """Extend moto's Synthetics responses and the paths that lead to them."""
    for path in _PATHS:
        urls.url_paths[f"{{0}}/{path}$"] = SyntheticsResponse.dispatch
    _describe_canaries()
    _run_canaries()
    _keep_tags()
    _keep_groups()


def _describe_canaries() -> None:
    @replace(SyntheticsResponse, "create_canary")
    def create_canary(response: Any) -> str:
        given = json.loads(response.body)
        name = given["Name"]
        if not _NAME.match(name):
            raise _invalid(f"'{name}' does not match the pattern ^[0-9a-z_\\-]+$")
        if name in response.synthetics_backend.canaries:
            raise _invalid(f"Canary name already exists: {name}")
        run = {"TimeoutInSeconds": 840, "MemoryInMB": 1000, "ActiveTracing": False} | given.get(
            "RunConfig", {}
        )
        canary = Canary(
            name=name,
            code=given["Code"],
            artifact_s3_location=given["ArtifactS3Location"],
            execution_role_arn=given["ExecutionRoleArn"],
            schedule={"DurationInSeconds": 0} | given["Schedule"],
            run_config=run,
            success_retention_period_in_days=given.get("SuccessRetentionPeriodInDays", 31),
            failure_retention_period_in_days=given.get("FailureRetentionPeriodInDays", 31),
            runtime_version=given["RuntimeVersion"],
            vpc_config=_vpc(response, given.get("VpcConfig")),
            resources_to_replicate_tags=given.get("ResourcesToReplicateTags"),
            provisioned_resource_cleanup=given.get("ProvisionedResourceCleanup", "AUTOMATIC"),
            browser_configs=None,
            tags=given.get("Tags", {}),
            artifact_config=given.get("ArtifactConfig"),
        )
        response.synthetics_backend.canaries[name] = canary
        kept = memory(canary)
        kept["times"] = {"Created": time.time(), "LastModified": time.time()}
        _keep_code(response, canary)
        return json.dumps({"Canary": _described(canary) | _status("CREATING")})

    @replace(SyntheticsResponse, "get_canary")
    def get_canary(response: Any) -> str:
        return json.dumps({"Canary": _described(_canary(response))})

    @replace(SyntheticsResponse, "describe_canaries")
    def describe_canaries(response: Any) -> str:
        names = json.loads(response.body or "{}").get("Names")
        canaries = response.synthetics_backend.canaries.values()
        found = [_described(canary) for canary in canaries if names is None or canary.name in names]
        return json.dumps({"Canaries": found})

    @add(SyntheticsResponse)
    def update_canary(response: Any) -> str:
        canary = _canary(response)
        if canary.state not in (*_IDLE, "RUNNING"):
            raise _ConflictError("ConflictException", f"Canary {canary.name} is in state {canary.state}")
        given = json.loads(response.body)
        if "VpcConfig" in given:
            given["VpcConfig"] = _vpc(response, given["VpcConfig"])
        if "RunConfig" in given:
            given["RunConfig"] = canary.run_config | given["RunConfig"]
        if "Schedule" in given:
            given["Schedule"] = {"DurationInSeconds": 0} | given["Schedule"]
        for key, attribute in _UPDATED.items():
            if key in given:
                setattr(canary, attribute, given[key])
        if "Code" in given:
            canary.code = given["Code"]
            _keep_code(response, canary)
        memory(canary)["times"]["LastModified"] = time.time()
        return "{}"

    @add(SyntheticsResponse)
    def delete_canary(response: Any) -> str:
        canary = _canary(response)
        if canary.state not in _IDLE:
            raise _ConflictError("ConflictException", f"Canary {canary.name} is in state {canary.state}")
        del response.synthetics_backend.canaries[canary.name]
        return "{}"


def _run_canaries() -> None:
    @add(SyntheticsResponse)
    def start_canary(response: Any) -> str:
        canary = _canary(response)
        if canary.state not in _IDLE:
            raise _ConflictError("ConflictException", f"Canary {canary.name} is in state {canary.state}")
        canary.state = "RUNNING"
        memory(canary)["times"]["LastStarted"] = time.time()
        return "{}"

    @add(SyntheticsResponse)
    def stop_canary(response: Any) -> str:
        canary = _canary(response)
        if canary.state != "RUNNING":
            raise _ConflictError("ConflictException", f"Canary {canary.name} is in state {canary.state}")
        canary.state = "STOPPED"
        memory(canary)["times"]["LastStopped"] = time.time()
        return "{}"


def _keep_tags() -> None:
    @add(SyntheticsResponse)
    def tag_resource(response: Any) -> str:
        _tags(response).update(json.loads(response.body)["Tags"])
        return "{}"

    @add(SyntheticsResponse)
    def untag_resource(response: Any) -> str:
        tags = _tags(response)
        for key in response.querystring.get("tagKeys", []):
            tags.pop(key, None)
        return "{}"

    @replace(SyntheticsResponse, "list_tags_for_resource")
    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"Tags": _tags(response)})


def _keep_groups() -> None:
    @add(SyntheticsResponse)
    def create_group(response: Any) -> str:
        given = json.loads(response.body)
        name = given["Name"]
        if any(group["Name"] == name for group in _groups(response).values()):
            raise _ConflictError("ConflictException", f"The group {name} already exists")
        identity = uuid.uuid4().hex[:7]
        group = {
            "Id": identity,
            "Name": name,
            "Arn": _arn(response, "group", identity),
            "Tags": given.get("Tags", {}),
            "CreatedTime": time.time(),
            "LastModifiedTime": time.time(),
        }
        _groups(response)[identity] = group
        memory(response.synthetics_backend).setdefault("members", {})[identity] = []
        return json.dumps({"Group": group})

    @add(SyntheticsResponse)
    def get_group(response: Any) -> str:
        return json.dumps({"Group": _group(response)})

    @add(SyntheticsResponse)
    def delete_group(response: Any) -> str:
        group = _group(response)
        del _groups(response)[group["Id"]]
        return "{}"

    @add(SyntheticsResponse)
    def associate_resource(response: Any) -> str:
        arn, members = json.loads(response.body)["ResourceArn"], _members(response)
        if arn in members:
            raise _ConflictError("ConflictException", f"{arn} is in the group already")
        members.append(arn)
        return "{}"

    @add(SyntheticsResponse)
    def disassociate_resource(response: Any) -> str:
        arn, members = json.loads(response.body)["ResourceArn"], _members(response)
        if arn not in members:
            raise _NotFoundError("ResourceNotFoundException", f"{arn} is not in the group")
        members.remove(arn)
        return "{}"

    @add(SyntheticsResponse)
    def list_group_resources(response: Any) -> str:
        return json.dumps({"Resources": _members(response)})


def _canary(response: Any) -> Canary:
    name = unquote(response.path.split("/")[2])
    canaries: dict[str, Canary] = response.synthetics_backend.canaries
    if name not in canaries:
        raise _NotFoundError("ResourceNotFoundException", f"Canary not found: {name}")
    return canaries[name]


def _described(canary: Canary) -> dict[str, Any]:
    code = {"Handler": canary.code["Handler"], "SourceLocationArn": memory(canary)["source"]}
    described = canary.to_dict() | {
        "Code": code,
        "EngineArn": memory(canary)["engine"],
        "Timeline": memory(canary)["times"],
        "RunConfig": {
            key: value for key, value in canary.run_config.items() if key != "EnvironmentVariables"
        },
    }
    del described["BrowserConfigs"]
    return {key: value for key, value in described.items() if value is not None} | _status(canary.state)


def _status(state: str) -> dict[str, Any]:
    return {"Status": {"State": state}}


def _keep_code(response: Any, canary: Canary) -> None:
    kept = memory(canary)
    place = f"{response.region}:{response.current_account}"
    layer = f"arn:{response.partition}:lambda:{place}:layer:cwsyn-{canary.name}-{canary.id}"
    kept["version"] = kept.get("version", 0) + 1
    kept["source"] = f"{layer}:{kept['version']}"
    function = f"arn:{response.partition}:lambda:{place}:function:cwsyn-{canary.name}-{canary.id}"
    kept["engine"] = f"{function}:{kept['version']}"


def _vpc(response: Any, given: dict[str, Any] | None) -> dict[str, Any] | None:
    if not given or not given.get("SubnetIds"):
        return None
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[response.current_account][response.region]
    subnets = backend.describe_subnets(subnet_ids=given["SubnetIds"])
    return given | {"VpcId": subnets[0].vpc_id}


def _tags(response: Any) -> dict[str, str]:
    arn = unquote(response.path.split("/tags/", 1)[1])
    for canary in response.synthetics_backend.canaries.values():
        if arn == _arn(response, "canary", canary.name):
            tags: dict[str, str] = canary.tags
            return tags
    for group in _groups(response).values():
        if arn == group["Arn"]:
            kept: dict[str, str] = group["Tags"]
            return kept
    raise _NotFoundError("NotFoundException", f"{arn} was not found")


def _groups(response: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.synthetics_backend).setdefault("groups", {})
    return kept


def _group(response: Any) -> dict[str, Any]:
    named = unquote(response.path.split("/group/", 1)[1])
    named = re.sub(r"/(associate|disassociate|resources)$", "", named)
    for group in _groups(response).values():
        if named in (group["Id"], group["Name"], group["Arn"]):
            return group
    raise _NotFoundError("ResourceNotFoundException", f"The group {named} was not found")


def _members(response: Any) -> list[str]:
    members: list[str] = memory(response.synthetics_backend)["members"][_group(response)["Id"]]
    return members


def _arn(response: Any, kind: str, name: str) -> str:
    return f"arn:{response.partition}:synthetics:{response.region}:{response.current_account}:{kind}:{name}"


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("ValidationException", message)
