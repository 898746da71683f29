"""CloudFormation: EventBridge connections whose secrets it looks up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.emulator.conftest import Aws


def template(name: str, secret: str, *, key: str = "value", description: str = "first") -> str:
    """A stack with a connection that sends an API key."""
    reference = f"{{{{resolve:secretsmanager:{secret}:SecretString:{key}}}}}"
    properties = {
        "Name": name,
        "Description": description,
        "AuthorizationType": "API_KEY",
        "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": reference}},
    }
    return json.dumps(
        {
            "Resources": {"Connection": {"Type": "AWS::Events::Connection", "Properties": properties}},
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Connection", "Arn"]}}},
        }
    )


@pytest.fixture
def secret(aws: Aws, name: str) -> Iterator[str]:
    """ARN of a secret."""
    secrets = aws("secretsmanager")
    made = secrets.create_secret(Name=name, SecretString=json.dumps({"value": "s3cret"}))["ARN"]
    yield made
    secrets.delete_secret(SecretId=made, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def stack(aws: Aws, name: str, secret: str) -> Iterator[Any]:
    """A stack with a connection."""
    formation = aws("cloudformation")
    formation.create_stack(StackName=name, TemplateBody=template(name, secret))
    formation.get_waiter("stack_create_complete").wait(StackName=name)
    yield formation
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name)


def test_a_connection_has_the_secret_and_the_template_has_not(aws: Aws, stack: Any, name: str) -> None:
    found = aws("events").describe_connection(Name=name)
    outputs = stack.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert outputs[0]["OutputValue"] == found["ConnectionArn"]
    assert found["ConnectionState"] in ("AUTHORIZED", "AUTHORIZING")

    kept = aws("secretsmanager").get_secret_value(SecretId=found["SecretArn"])["SecretString"]
    assert "s3cret" in kept
    assert "s3cret" not in json.dumps(stack.get_template(StackName=name)["TemplateBody"])


def test_an_update_changes_the_connection(aws: Aws, stack: Any, name: str, secret: str) -> None:
    before = aws("events").describe_connection(Name=name)
    stack.update_stack(StackName=name, TemplateBody=template(name, secret, description="second"))
    stack.get_waiter("stack_update_complete").wait(StackName=name)

    after = aws("events").describe_connection(Name=name)
    assert (after["Description"], after["ConnectionArn"]) == ("second", before["ConnectionArn"])


def test_a_key_that_is_not_there_fails_the_stack(aws: Aws, name: str, secret: str) -> None:
    formation = aws("cloudformation")

    def make() -> None:
        formation.create_stack(StackName=name, TemplateBody=template(name, secret, key="other"))
        formation.get_waiter("stack_create_complete").wait(StackName=name)

    with pytest.raises((ClientError, WaiterError)):
        make()


def test_a_removed_stack_takes_its_connection_along(aws: Aws, name: str, secret: str) -> None:
    formation, events = aws("cloudformation"), aws("events")
    formation.create_stack(StackName=name, TemplateBody=template(name, secret))
    formation.get_waiter("stack_create_complete").wait(StackName=name)
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name)

    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_connection(Name=name)
