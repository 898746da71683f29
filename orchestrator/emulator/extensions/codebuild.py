"""CodeBuild projects as AWS takes them, changes to a project.

AWS (CodeBuild API reference):

- ``CreateProject`` and ``UpdateProject`` need a source's ``location`` for repositories and S3 only: a source of type
  ``CODEPIPELINE`` or ``NO_SOURCE`` has none. An artifact's ``location`` is needed for S3 only. GitLab and Lambda
  compute are offered besides what is older.
- A project keeps every setting it is given, among them ``encryptionKey``, ``concurrentBuildLimit``, secondary sources
  and artifacts, file systems, batch settings and visibility. ``timeoutInMinutes`` is 60 and ``queuedTimeoutInMinutes``
  480 unless they are given, between 5 and 2160, and 5 and 480.
- ``UpdateProject`` changes what it names and leaves the rest.
- ``DeleteProject`` takes a name or an ARN, and a project that is not there is no error.

moto wants a location of every source and every artifact but ``NO_ARTIFACTS``, forgets the settings it does not know,
puts 0 for times that are not given, has no ``UpdateProject``, and keeps a project that is deleted by its ARN.

Needed by ``aws_codebuild_project`` in a pipeline, with a key of its own, and to be changed.
"""

from __future__ import annotations

from typing import Any

from moto.codebuild.exceptions import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from moto.codebuild.responses import (
    CodeBuildResponse,
    _validate_required_params_project_name,
    _validate_required_params_service_role,
)
from moto.core.responses import ActionResult
from moto.core.utils import unix_time

from orchestrator.emulator.patch import add, replace

_SOURCES_WITH_LOCATION = frozenset(
    {"BITBUCKET", "CODECOMMIT", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED", "S3"}
)
_SOURCES = _SOURCES_WITH_LOCATION | {"CODEPIPELINE", "NO_SOURCE"}
_ARTIFACTS = frozenset({"CODEPIPELINE", "S3", "NO_ARTIFACTS"})
_ENVIRONMENTS = frozenset(
    {
        "ARM_CONTAINER",
        "ARM_EC2",
        "ARM_LAMBDA_CONTAINER",
        "LINUX_CONTAINER",
        "LINUX_EC2",
        "LINUX_GPU_CONTAINER",
        "LINUX_LAMBDA_CONTAINER",
        "MAC_ARM",
        "WINDOWS_CONTAINER",
        "WINDOWS_EC2",
        "WINDOWS_SERVER_2019_CONTAINER",
        "WINDOWS_SERVER_2022_CONTAINER",
    }
)
_COMPUTE = frozenset(
    {f"BUILD_GENERAL1_{size}" for size in ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE")}
    | {f"BUILD_LAMBDA_{size}GB" for size in (1, 2, 4, 8, 10)}
    | {"ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"}
)
_FIELDS = (
    "artifacts",
    "autoRetryLimit",
    "buildBatchConfig",
    "cache",
    "concurrentBuildLimit",
    "description",
    "encryptionKey",
    "environment",
    "fileSystemLocations",
    "logsConfig",
    "queuedTimeoutInMinutes",
    "secondaryArtifacts",
    "secondarySources",
    "secondarySourceVersions",
    "serviceRole",
    "source",
    "sourceVersion",
    "tags",
    "timeoutInMinutes",
    "vpcConfig",
)
_ENVIRONMENT_DEFAULTS = {
    "environmentVariables": [],
    "imagePullCredentialsType": "CODEBUILD",
    "privilegedMode": False,
}
_LIMITS = {"timeoutInMinutes": (60, 5, 2160), "queuedTimeoutInMinutes": (480, 5, 480)}
"""Default, least and most."""


def register() -> None:
    """Extend moto's CodeBuild responses."""

    @replace(CodeBuildResponse, "create_project")
    def create_project(response: Any) -> ActionResult:
        name, given = response._get_param("name"), _given(response)
        for required in ("source", "artifacts", "environment", "serviceRole"):
            if required not in given:
                raise InvalidInputException(f"Project {required} is required")
        _validate_required_params_project_name(name)
        _validate(response, given)
        backend = response.codebuild_backend
        if name in backend.codebuild_projects:
            raise ResourceAlreadyExistsException(f"Project already exists: {_arn(response, name)}")
        backend.create_project(
            project_name=name,
            description=None,
            project_source=given["source"],
            artifacts=given["artifacts"],
            environment=given["environment"],
            service_role=given["serviceRole"],
            tags=[],
            cache=None,
            timeout=None,
            queued_timeout=None,
            source_version=None,
            logs_config=None,
            vpc_config=None,
        )
        project = backend.codebuild_projects[name].project_metadata
        project |= {limit: default for limit, (default, _, _) in _LIMITS.items()}
        project["projectVisibility"] = "PRIVATE"
        return _keep(response, name, given)

    @add(CodeBuildResponse)
    def update_project(response: Any) -> ActionResult:
        name, given = response._get_param("name"), _given(response)
        if name not in response.codebuild_backend.codebuild_projects:
            raise ResourceNotFoundException(f"Project cannot be found: {_arn(response, name)}")
        _validate(response, given)
        return _keep(response, name, given)

    @replace(CodeBuildResponse, "delete_project")
    def delete_project(response: Any) -> ActionResult:
        name = response._get_param("name").rpartition("project/")[2]
        response.codebuild_backend.delete_project(name)
        return ActionResult({})

    @add(CodeBuildResponse)
    def update_project_visibility(response: Any) -> ActionResult:
        arn, visibility = response._get_param("projectArn"), response._get_param("projectVisibility")
        for project in response.codebuild_backend.codebuild_projects.values():
            if project.arn == arn:
                project.project_metadata["projectVisibility"] = visibility
                return ActionResult({"projectArn": arn, "projectVisibility": visibility})
        raise ResourceNotFoundException(f"Project cannot be found: {arn}")


def _given(response: Any) -> dict[str, Any]:
    values = {field: response._get_param(field) for field in _FIELDS}
    return {field: value for field, value in values.items() if value is not None}


def _keep(response: Any, name: str, given: dict[str, Any]) -> ActionResult:
    """Lay what the request gives over the project, and answer the project."""
    kept = response.codebuild_backend.codebuild_projects[name]
    project = kept.project_metadata
    project |= given
    project["environment"] = _ENVIRONMENT_DEFAULTS | project["environment"]
    if response._get_param("badgeEnabled") is not None:
        project["badge"] = {"badgeEnabled": response._get_param("badgeEnabled")}
    # Empty is how a caller takes a setting away.
    for field in ("cache", "vpcConfig", "buildBatchConfig"):
        if field in given and not given[field]:
            project.pop(field)
    if project.get("concurrentBuildLimit") == -1:
        del project["concurrentBuildLimit"]
    project.setdefault("cache", {"type": "NO_CACHE"})
    project["lastModifiedDate"] = unix_time()
    kept.service_role, kept.tags = project["serviceRole"], project.get("tags")
    return ActionResult({"project": project})


def _validate(response: Any, given: dict[str, Any]) -> None:
    for source in ([given["source"]] if "source" in given else []) + given.get("secondarySources", []):
        _validate_source(source)
    if "artifacts" in given:
        _validate_artifacts(given["artifacts"])
    if "source" in given and "artifacts" in given:
        in_pipeline = [part["type"] == "CODEPIPELINE" for part in (given["source"], given["artifacts"])]
        if in_pipeline == [True, False] or in_pipeline == [False, True]:
            raise InvalidInputException(
                "Invalid project: source and artifacts must both be of type CODEPIPELINE, or neither"
            )
    if "environment" in given:
        kind, compute = given["environment"]["type"], given["environment"]["computeType"]
        if kind not in _ENVIRONMENTS:
            raise InvalidInputException(f"Invalid type provided: {kind}")
        if compute not in _COMPUTE:
            raise InvalidInputException(f"Invalid compute type provided: {compute}")
    if "serviceRole" in given:
        _validate_required_params_service_role(
            response.current_account, response.region, given["serviceRole"]
        )
    for limit, (_, least, most) in _LIMITS.items():
        if limit in given and not least <= given[limit] <= most:
            raise InvalidInputException(f"Invalid {limit}: must be between {least} and {most}")


def _validate_source(source: dict[str, Any]) -> None:
    if source["type"] not in _SOURCES:
        raise InvalidInputException("Invalid type provided: Project source type")
    if source["type"] in _SOURCES_WITH_LOCATION and not source.get("location"):
        raise InvalidInputException("Project source location is required")
    if source["type"] == "NO_SOURCE" and not source.get("buildspec"):
        raise InvalidInputException("Invalid buildspec: buildspec must be provided for source type NO_SOURCE")


def _validate_artifacts(artifacts: dict[str, Any]) -> None:
    if artifacts["type"] not in _ARTIFACTS:
        raise InvalidInputException("Invalid type provided: Artifact type")
    if artifacts["type"] == "S3" and not artifacts.get("location"):
        raise InvalidInputException("Invalid artifacts: artifact location is required")
    if artifacts["type"] == "NO_ARTIFACTS" and artifacts.get("location"):
        raise InvalidInputException("Invalid artifacts: artifact type NO_ARTIFACTS should have null location")


def _arn(response: Any, name: str) -> str:
    return f"arn:{response.partition}:codebuild:{response.region}:{response.current_account}:project/{name}"
