"""Auto Scaling groups keep how long instances live, and how new ones warm up."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws


@pytest.fixture
def group(aws: Aws, name: str) -> dict[str, Any]:
    """What makes a group, besides its settings."""
    aws("ec2").create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"InstanceType": "t3.micro", "ImageId": "ami-12345678"}
    )
    template = {"LaunchTemplateName": name, "Version": "1"}
    zones = [f"{REGION}a"]
    return {
        "AutoScalingGroupName": name,
        "MinSize": 0,
        "MaxSize": 1,
        "LaunchTemplate": template,
        "AvailabilityZones": zones,
    }


def test_the_life_of_instances_and_their_warm_up_stay_and_change(
    aws: Aws, group: dict[str, Any], name: str
) -> None:
    scaling = aws("autoscaling")
    scaling.create_auto_scaling_group(**group, MaxInstanceLifetime=2592000, DefaultInstanceWarmup=120)
    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MaxInstanceLifetime=86400)
    found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
    assert (found["MaxInstanceLifetime"], found["DefaultInstanceWarmup"]) == (86400, 120)
    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MaxInstanceLifetime=0)
    found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
    assert "MaxInstanceLifetime" not in found


def test_instances_live_a_day_at_least(aws: Aws, group: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        aws("autoscaling").create_auto_scaling_group(**group, MaxInstanceLifetime=60)
