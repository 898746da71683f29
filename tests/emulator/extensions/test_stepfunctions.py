"""Step Functions: what is wrong with a definition, versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

PASS = {"Type": "Pass", "End": True}


@pytest.fixture
def states(aws: Aws) -> Any:
    return aws("stepfunctions", config={"inject_host_prefix": False})


@pytest.fixture
def machine(aws: Aws, states: Any, name: str, account: str) -> Iterator[str]:
    """ARN of a state machine with one version."""
    made = states.create_state_machine(
        name=name,
        definition=json.dumps(one(PASS)),
        roleArn=f"arn:aws:iam::{account}:role/states",
        publish=True,
    )
    yield made["stateMachineArn"]
    states.delete_state_machine(stateMachineArn=made["stateMachineArn"])


def one(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A definition that begins with this state."""
    return {"StartAt": "First", "States": {"First": state} | others}


def problems(states: Any, definition: Any, kind: str = "STANDARD") -> list[tuple[str, str]]:
    """Code and place of all that is wrong with a definition."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    answer = states.validate_state_machine_definition(definition=text, type=kind)
    assert answer["result"] == ("FAIL" if answer["diagnostics"] else "OK")
    return [(found["code"], found["location"]) for found in answer["diagnostics"]]


def test_a_whole_definition_is_accepted(states: Any) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "https://example.com", "MessageBody": {"token.$": "$$.Task.Token"}},
        "Retry": [{"ErrorEquals": ["States.Timeout"]}, {"ErrorEquals": ["States.ALL"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
        "Next": "Each",
    }
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "Item", "States": {"Item": PASS}}, "Next": "Both"}
    both = {"Type": "Parallel", "Branches": [{"StartAt": "Left", "States": {"Left": PASS}}], "Next": "Which"}
    which = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Wait"}],
        "Default": "Done",
    }
    others = {
        "Each": each,
        "Both": both,
        "Which": which,
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "Broken"},
    }
    assert problems(states, one(task, **others)) == []


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("{", "INVALID_JSON_DESCRIPTION"),
        ({"StartAt": "First"}, "SCHEMA_VALIDATION_FAILED"),
        ({"States": {"First": PASS}}, "SCHEMA_VALIDATION_FAILED"),
        ({"StartAt": "Other", "States": {"First": PASS}}, "MISSING_TRANSITION_TARGET"),
        (one({"Type": "Pass"}), "SCHEMA_VALIDATION_FAILED"),
        (one({"Type": "Pass", "Next": "Other"}), "MISSING_TRANSITION_TARGET"),
        (one(PASS, Alone=PASS), "MISSING_TRANSITION_TARGET"),
        (one({"Type": "Work", "End": True}), "SCHEMA_VALIDATION_FAILED"),
        (one({"Type": "Task", "End": True}), "SCHEMA_VALIDATION_FAILED"),
        (one({"Type": "Wait", "End": True}), "SCHEMA_VALIDATION_FAILED"),
        (one({"Type": "Choice", "Choices": []}), "SCHEMA_VALIDATION_FAILED"),
        (one(PASS | {"Rseult": 1}), "SCHEMA_VALIDATION_FAILED"),
        (one(PASS | {"Parameters": {"id.$": "id"}}), "SCHEMA_VALIDATION_FAILED"),
    ],
)
def test_what_is_wrong_is_said(states: Any, definition: Any, code: str) -> None:
    assert code in {found for found, _ in problems(states, definition)}


def test_an_express_machine_waits_for_nobody(states: Any) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": True}
    assert problems(states, one(task)) == []
    assert problems(states, one(task), "EXPRESS") != []


def test_a_wrong_definition_is_not_deployed(states: Any, machine: str, name: str, account: str) -> None:
    wrong = json.dumps(one({"Type": "Pass"}))
    role = f"arn:aws:iam::{account}:role/states"
    with pytest.raises(ClientError, match="InvalidDefinition"):
        states.create_state_machine(name=f"{name}-wrong", definition=wrong, roleArn=role)
    with pytest.raises(ClientError, match="InvalidDefinition"):
        states.update_state_machine(stateMachineArn=machine, definition=wrong)


def test_versions_are_listed_and_removed(states: Any, machine: str, name: str) -> None:
    changed = json.dumps(one(PASS | {"Comment": "changed"}))
    states.update_state_machine(stateMachineArn=machine, definition=changed, publish=True)
    listed = states.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
    versions = [version["stateMachineVersionArn"] for version in listed]
    assert versions == [f"{machine}:2", f"{machine}:1"]

    routes = [{"stateMachineVersionArn": versions[0], "weight": 100}]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=routes)[
        "stateMachineAliasArn"
    ]
    with pytest.raises(ClientError, match="ConflictException"):
        states.delete_state_machine_version(stateMachineVersionArn=versions[0])

    states.delete_state_machine_alias(stateMachineAliasArn=alias)
    states.delete_state_machine_version(stateMachineVersionArn=versions[1])
    listed = states.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
    assert [version["stateMachineVersionArn"] for version in listed] == versions[:1]
