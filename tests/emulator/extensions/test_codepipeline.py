"""CodePipeline: times, defaults, what only pipelines of type V2 have."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

TRIGGER = {
    "providerType": "CodeStarSourceConnection",
    "gitConfiguration": {"sourceActionName": "Source", "push": [{"branches": {"includes": ["main"]}}]},
}


@pytest.fixture
def codepipeline(aws: Aws) -> Any:
    return aws("codepipeline")


@pytest.fixture
def pipeline(aws: Aws, name: str, account: str) -> dict[str, Any]:
    """A pipeline that nobody has created yet: a source and an approval."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "codepipeline.amazonaws.com"},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    source = {
        "name": "Source",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
        "configuration": {"S3Bucket": name, "S3ObjectKey": "source.zip", "PollForSourceChanges": "false"},
        "outputArtifacts": [{"name": "source"}],
    }
    approval = {
        "name": "Review",
        "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
    }
    return {
        "name": name,
        "roleArn": role,
        "artifactStore": {"type": "S3", "location": name},
        "stages": [{"name": "Source", "actions": [source]}, {"name": "Approve", "actions": [approval]}],
    }


def test_times_are_timestamps(codepipeline: Any, pipeline: dict[str, Any]) -> None:
    codepipeline.create_pipeline(pipeline=pipeline)

    found = codepipeline.get_pipeline(name=pipeline["name"])
    assert isinstance(found["metadata"]["created"], datetime)
    listed = {item["name"]: item for item in codepipeline.list_pipelines()["pipelines"]}
    assert isinstance(listed[pipeline["name"]]["updated"], datetime)


def test_a_pipeline_is_v1_and_superseded_unless_it_says_otherwise(
    codepipeline: Any, pipeline: dict[str, Any]
) -> None:
    codepipeline.create_pipeline(pipeline=pipeline)

    found = codepipeline.get_pipeline(name=pipeline["name"])["pipeline"]
    assert (found["pipelineType"], found["executionMode"]) == ("V1", "SUPERSEDED")


def test_a_v2_pipeline_keeps_triggers_and_variables(codepipeline: Any, pipeline: dict[str, Any]) -> None:
    given = pipeline | {
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "triggers": [TRIGGER],
        "variables": [{"name": "reason", "defaultValue": "routine"}],
    }
    codepipeline.create_pipeline(pipeline=given)

    found = codepipeline.get_pipeline(name=pipeline["name"])["pipeline"]
    assert found["triggers"] == [TRIGGER]
    assert found["variables"] == given["variables"]
    assert found["executionMode"] == "QUEUED"


def test_an_update_counts_the_version_up(codepipeline: Any, pipeline: dict[str, Any]) -> None:
    codepipeline.create_pipeline(pipeline=pipeline)

    assert codepipeline.update_pipeline(pipeline=pipeline)["pipeline"]["version"] == 2


def test_a_pipeline_that_is_not_there_cannot_be_updated(codepipeline: Any, pipeline: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as error:
        codepipeline.update_pipeline(pipeline=pipeline)
    assert error.value.response["Error"]["Code"] == "PipelineNotFoundException"


@pytest.mark.parametrize(
    "wrong",
    [
        {"triggers": [TRIGGER]},
        {
            "pipelineType": "V2",
            "triggers": [
                TRIGGER
                | {"gitConfiguration": {"sourceActionName": "Other", "push": [{"tags": {"includes": ["*"]}}]}}
            ],
        },
    ],
)
def test_triggers_are_for_sources_of_v2_pipelines(
    codepipeline: Any, pipeline: dict[str, Any], wrong: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as error:
        codepipeline.create_pipeline(pipeline=pipeline | wrong)
    assert error.value.response["Error"]["Code"] == "InvalidStructureException"
