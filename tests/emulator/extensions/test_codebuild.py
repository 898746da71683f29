"""CodeBuild: projects of pipelines, settings that are kept, changes to a project."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws

ENVIRONMENT = {
    "type": "ARM_CONTAINER",
    "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
    "computeType": "BUILD_GENERAL1_SMALL",
}
IN_PIPELINE = {"source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"}}


@pytest.fixture
def codebuild(aws: Aws) -> Any:
    return aws("codebuild")


@pytest.fixture
def base(name: str, account: str) -> dict[str, Any]:
    """What every project needs."""
    return {
        "name": name,
        "environment": ENVIRONMENT,
        "serviceRole": f"arn:aws:iam::{account}:role/{name}",
    }


def read(codebuild: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = codebuild.batch_get_projects(names=[name])["projects"][0]
    return found


def test_a_project_of_a_pipeline_needs_no_location(codebuild: Any, base: dict[str, Any]) -> None:
    codebuild.create_project(**base, **IN_PIPELINE)

    project = read(codebuild, base["name"])
    assert project["source"]["type"] == project["artifacts"]["type"] == "CODEPIPELINE"
    assert (project["timeoutInMinutes"], project["queuedTimeoutInMinutes"]) == (60, 480)
    assert project["cache"]["type"] == "NO_CACHE"
    assert project["projectVisibility"] == "PRIVATE"
    assert project["environment"]["privilegedMode"] is False


def test_every_setting_is_kept(codebuild: Any, base: dict[str, Any], account: str) -> None:
    key = f"arn:aws:kms:{REGION}:{account}:key/00000000-0000-0000-0000-000000000000"
    given = {
        "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "encryptionKey": key,
        "concurrentBuildLimit": 2,
        "secondarySources": [
            {"type": "GITHUB", "location": "https://github.com/example/x.git", "sourceIdentifier": "x"}
        ],
        "logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": "builds"}},
        "tags": [{"key": "team", "value": "platform"}],
    }
    codebuild.create_project(**base, **given)

    project = read(codebuild, base["name"])
    assert project["encryptionKey"] == key
    assert project["concurrentBuildLimit"] == 2
    assert project["secondarySources"][0]["sourceIdentifier"] == "x"
    assert project["tags"] == given["tags"]


def test_an_update_changes_what_it_names(codebuild: Any, base: dict[str, Any]) -> None:
    codebuild.create_project(**base, **IN_PIPELINE, description="old", concurrentBuildLimit=2)

    codebuild.update_project(name=base["name"], description="new", concurrentBuildLimit=-1)

    project = read(codebuild, base["name"])
    assert project["description"] == "new"
    assert project["source"]["type"] == "CODEPIPELINE"
    assert "concurrentBuildLimit" not in project


def test_a_project_that_is_not_there_cannot_be_updated(codebuild: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        codebuild.update_project(name=name, description="new")
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": {"type": "GITHUB"}, "artifacts": {"type": "NO_ARTIFACTS"}},
        {"source": {"type": "NO_SOURCE"}, "artifacts": {"type": "NO_ARTIFACTS"}},
        {"source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "NO_ARTIFACTS"}},
        {**IN_PIPELINE, "timeoutInMinutes": 4000},
    ],
)
def test_what_does_not_fit_is_refused(codebuild: Any, base: dict[str, Any], wrong: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as error:
        codebuild.create_project(**base, **wrong)
    assert error.value.response["Error"]["Code"] == "InvalidInputException"


def test_a_second_project_of_one_name_is_refused(codebuild: Any, base: dict[str, Any]) -> None:
    codebuild.create_project(**base, **IN_PIPELINE)
    with pytest.raises(ClientError) as error:
        codebuild.create_project(**base, **IN_PIPELINE)
    assert error.value.response["Error"]["Code"] == "ResourceAlreadyExistsException"


def test_a_project_is_deleted_by_its_arn(codebuild: Any, base: dict[str, Any]) -> None:
    project = codebuild.create_project(**base, **IN_PIPELINE)["project"]
    codebuild.delete_project(name=project["arn"])
    assert project["name"] not in codebuild.list_projects()["projects"]
    codebuild.delete_project(name=project["name"])
