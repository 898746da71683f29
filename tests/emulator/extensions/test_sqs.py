"""SQS queue attributes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.conftest import Aws

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "tls", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
}


@pytest.fixture
def sqs(aws: Aws) -> Any:
    return aws("sqs")


@pytest.fixture
def queue(sqs: Any, name: str) -> str:
    return str(sqs.create_queue(QueueName=name)["QueueUrl"])


@pytest.fixture
def dead_letters(sqs: Any, name: str) -> str:
    """The ARN of a queue for dead letters."""
    url = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    return str(attributes(sqs, url, "QueueArn")["QueueArn"])


def attributes(sqs: Any, url: str, *names: str) -> dict[str, str]:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names)).get(
        "Attributes", {}
    )
    return found


def test_a_redrive_allow_policy_is_answered(sqs: Any, queue: str) -> None:
    allow = json.dumps({"redrivePermission": "denyAll"})

    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedriveAllowPolicy": allow})

    assert attributes(sqs, queue, "RedriveAllowPolicy") == {"RedriveAllowPolicy": allow}
    assert attributes(sqs, queue, "All")["RedriveAllowPolicy"] == allow


def test_a_queue_without_one_can_be_asked_for_it(sqs: Any, queue: str) -> None:
    assert attributes(sqs, queue, "RedriveAllowPolicy") == {}
    assert "RedriveAllowPolicy" not in attributes(sqs, queue, "All")


def test_a_redrive_allow_policy_can_be_removed(sqs: Any, queue: str) -> None:
    allow = json.dumps({"redrivePermission": "denyAll"})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedriveAllowPolicy": allow})

    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedriveAllowPolicy": ""})

    assert attributes(sqs, queue, "RedriveAllowPolicy") == {}


def test_a_redrive_policy_is_answered_without_spaces_and_with_a_number(
    sqs: Any, queue: str, dead_letters: str
) -> None:
    policy = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": "4"})

    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy})

    expected = f'{{"deadLetterTargetArn":"{dead_letters}","maxReceiveCount":4}}'
    assert attributes(sqs, queue, "RedrivePolicy")["RedrivePolicy"] == expected


def test_setting_another_attribute_leaves_the_policy_alone(sqs: Any, queue: str) -> None:
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(POLICY)})

    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "60"})

    assert json.loads(attributes(sqs, queue, "Policy")["Policy"]) == POLICY


def test_a_policy_can_be_removed(sqs: Any, queue: str) -> None:
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(POLICY)})

    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})

    assert attributes(sqs, queue, "Policy") == {}
