"""Tags of scalable targets."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws


@pytest.fixture
def autoscaling(aws: Aws) -> Any:
    return aws("application-autoscaling")


@pytest.fixture
def target(aws: Aws, autoscaling: Any, name: str) -> str:
    """The ARN of a scalable target, tagged ``team: data``."""
    aws("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    answer = autoscaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId=f"table/{name}",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=10,
        Tags={"team": "data"},
    )
    return str(answer["ScalableTargetARN"])


def test_tags_given_on_registration_are_kept(autoscaling: Any, target: str) -> None:
    assert autoscaling.list_tags_for_resource(ResourceARN=target)["Tags"] == {"team": "data"}


def test_tags_are_added_and_removed(autoscaling: Any, target: str) -> None:
    autoscaling.tag_resource(ResourceARN=target, Tags={"stage": "dev"})
    autoscaling.untag_resource(ResourceARN=target, TagKeys=["team"])

    assert autoscaling.list_tags_for_resource(ResourceARN=target)["Tags"] == {"stage": "dev"}


def test_a_target_that_is_not_there_has_no_tags(autoscaling: Any, target: str) -> None:
    with pytest.raises(ClientError) as missing:
        autoscaling.list_tags_for_resource(ResourceARN=target[:-4] + "0000")

    assert missing.value.response["Error"]["Code"] == "ResourceNotFoundException"
