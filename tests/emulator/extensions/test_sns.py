"""SNS topic attributes and data protection policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.conftest import Aws

POLICY = json.dumps(
    {
        "Name": "no-addresses",
        "Version": "2021-06-01",
        "Statement": [
            {
                "DataDirection": "Inbound",
                "Principal": ["*"],
                "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
                "Operation": {"Deny": {}},
            }
        ],
    }
)


@pytest.fixture
def sns(aws: Aws) -> Any:
    return aws("sns")


@pytest.fixture
def topic(sns: Any, name: str) -> str:
    return str(sns.create_topic(Name=name)["TopicArn"])


def test_attributes_that_were_set_are_answered(sns: Any, topic: str, account: str) -> None:
    given = {
        "TracingConfig": "Active",
        "SQSSuccessFeedbackRoleArn": f"arn:aws:iam::{account}:role/sns",
        "SQSSuccessFeedbackSampleRate": "10",
        "HTTPFailureFeedbackRoleArn": f"arn:aws:iam::{account}:role/sns",
    }
    for attribute, value in given.items():
        sns.set_topic_attributes(TopicArn=topic, AttributeName=attribute, AttributeValue=value)

    assert given.items() <= sns.get_topic_attributes(TopicArn=topic)["Attributes"].items()


def test_attributes_given_on_creation_are_answered(sns: Any, name: str) -> None:
    archive = json.dumps({"MessageRetentionPeriod": "7"})
    topic = sns.create_topic(Name=f"{name}.fifo", Attributes={"FifoTopic": "true", "ArchivePolicy": archive})

    found = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]

    assert json.loads(found["ArchivePolicy"]) == {"MessageRetentionPeriod": "7"}


def test_attributes_that_were_not_set_are_not_answered(sns: Any, topic: str) -> None:
    found = sns.get_topic_attributes(TopicArn=topic)["Attributes"]

    assert not {"ArchivePolicy", "SQSSuccessFeedbackRoleArn"} & found.keys()


def test_a_data_protection_policy_is_kept_and_removed(sns: Any, topic: str) -> None:
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=POLICY)
    assert json.loads(
        sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"]
    ) == json.loads(POLICY)

    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy="")
    assert not sns.get_data_protection_policy(ResourceArn=topic).get("DataProtectionPolicy")
