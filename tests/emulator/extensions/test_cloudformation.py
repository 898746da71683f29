"""CloudFormation: what an update of a stack keeps and changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.conftest import REGION, Aws, eventually


def template(seconds: int) -> str:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": seconds}}
    return json.dumps({"Resources": {"Queue": queue}})


@pytest.fixture
def cloudformation(aws: Aws) -> Any:
    return aws("cloudformation")


@pytest.fixture
def role(aws: Aws, name: str) -> str:
    """The ARN of a role that CloudFormation may take."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "cloudformation.amazonaws.com"},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = aws("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "sqs:*", "Resource": f"arn:aws:sqs:{REGION}:*:{name}-*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName=name, PolicyName="queues", PolicyDocument=policy)
    return str(arn)


def described(cloudformation: Any, name: str, status: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return stack if stack["StackStatus"] == status else None

    found: dict[str, Any] = eventually(look)
    return found


def test_an_update_keeps_the_role_and_takes_topics_and_policy(
    aws: Aws, cloudformation: Any, name: str, role: str
) -> None:
    topic = aws("sns").create_topic(Name=name)["TopicArn"]
    cloudformation.create_stack(StackName=name, TemplateBody=template(30), RoleARN=role)
    described(cloudformation, name, "CREATE_COMPLETE")

    policy = json.dumps(
        {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
    )
    cloudformation.update_stack(
        StackName=name, TemplateBody=template(60), NotificationARNs=[topic], StackPolicyBody=policy
    )

    stack = described(cloudformation, name, "UPDATE_COMPLETE")
    assert stack["RoleARN"] == role
    assert stack["NotificationARNs"] == [topic]
    kept = cloudformation.get_stack_policy(StackName=name)["StackPolicyBody"]
    assert json.loads(kept) == json.loads(policy)


def test_an_update_that_names_no_topics_keeps_them(aws: Aws, cloudformation: Any, name: str) -> None:
    topic = aws("sns").create_topic(Name=name)["TopicArn"]
    cloudformation.create_stack(StackName=name, TemplateBody=template(30), NotificationARNs=[topic])
    described(cloudformation, name, "CREATE_COMPLETE")

    cloudformation.update_stack(StackName=name, TemplateBody=template(60))

    assert described(cloudformation, name, "UPDATE_COMPLETE")["NotificationARNs"] == [topic]
