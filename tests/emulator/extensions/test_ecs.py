"""ECS: services keep all their settings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Aws


@pytest.fixture
def containers(aws: Aws) -> Any:
    return aws("ecs")


@pytest.fixture
def service(containers: Any, name: str) -> dict[str, Any]:
    """What makes the service of the test, besides its settings."""
    containers.create_cluster(clusterName=name)
    containers.register_task_definition(
        family=name, containerDefinitions=[{"name": "web", "image": "web:1", "memory": 128}]
    )
    return {"cluster": name, "serviceName": name, "taskDefinition": name, "desiredCount": 0}


def described(containers: Any, name: str) -> dict[str, Any]:
    service: dict[str, Any] = containers.describe_services(cluster=name, services=[name])["services"][0]
    return service


def test_a_capacity_provider_strategy_stands_in_place_of_a_launch_type(
    containers: Any, service: dict[str, Any], name: str
) -> None:
    strategy = [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}]
    containers.create_service(**service, capacityProviderStrategy=strategy)
    found = described(containers, name)
    assert found["capacityProviderStrategy"] == strategy
    assert "launchType" not in found


def test_settings_stay_and_change(containers: Any, service: dict[str, Any], name: str) -> None:
    breaker = {"enable": True, "rollback": True}
    lattice = {"roleArn": "role", "targetGroupArn": "group", "portName": "http"}
    containers.create_service(
        **service,
        availabilityZoneRebalancing="ENABLED",
        enableECSManagedTags=True,
        healthCheckGracePeriodSeconds=60,
        deploymentConfiguration={"deploymentCircuitBreaker": breaker},
        serviceConnectConfiguration={"enabled": False},
        vpcLatticeConfigurations=[lattice],
    )
    containers.update_service(cluster=name, service=name, healthCheckGracePeriodSeconds=30)
    found = described(containers, name)
    assert found["availabilityZoneRebalancing"] == "ENABLED"
    assert found["enableECSManagedTags"]
    assert found["healthCheckGracePeriodSeconds"] == 30
    assert found["deploymentConfiguration"]["deploymentCircuitBreaker"] == breaker
    assert found["deployments"][0]["serviceConnectConfiguration"] == {"enabled": False}
    assert found["deployments"][0]["vpcLatticeConfigurations"] == [lattice]


def test_without_settings_a_service_has_the_defaults(
    containers: Any, service: dict[str, Any], name: str
) -> None:
    containers.create_service(**service)
    found = described(containers, name)
    assert found["launchType"] == "EC2"
    assert not found["enableExecuteCommand"]


def test_a_deleted_cluster_is_described_and_not_listed(aws: Aws, name: str) -> None:
    ecs = aws("ecs")
    arn = ecs.create_cluster(clusterName=name)["cluster"]["clusterArn"]
    assert arn in ecs.list_clusters()["clusterArns"]
    ecs.delete_cluster(cluster=name)
    assert arn not in ecs.list_clusters()["clusterArns"]
    assert ecs.describe_clusters(clusters=[name])["clusters"][0]["status"] == "INACTIVE"


def test_capacity_providers_are_found_without_their_names(aws: Aws, containers: Any, name: str) -> None:
    group = aws("autoscaling")
    group.create_launch_configuration(
        LaunchConfigurationName=name, ImageId="ami-12345678", InstanceType="t4g.small"
    )
    group.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName=name,
        MinSize=0,
        MaxSize=1,
        AvailabilityZones=["eu-west-1a"],
    )
    arn = group.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0][
        "AutoScalingGroupARN"
    ]
    containers.create_capacity_provider(name=name, autoScalingGroupProvider={"autoScalingGroupArn": arn})
    assert name in [found["name"] for found in containers.describe_capacity_providers()["capacityProviders"]]
    containers.delete_capacity_provider(capacityProvider=name)
    left = containers.describe_capacity_providers()["capacityProviders"]
    assert name not in [found["name"] for found in left if found["status"] == "ACTIVE"]
