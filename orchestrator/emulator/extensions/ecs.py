"""ECS: services keep all their settings; deleted clusters are not listed, and capacity providers can be.

AWS (Amazon ECS API reference): ``CreateService`` and ``UpdateService`` take, and ``DescribeServices`` answers, a capacity
provider strategy, which stands in place of a launch type; deployments' settings with circuit breaker and alarms; Service
Connect and VPC Lattice (in the deployment); zone rebalancing, managed tags, execute command and the grace period of health checks.

``ListClusters`` names active clusters; those that were deleted can be described for a while, as ``INACTIVE``.
``DescribeCapacityProviders`` describes all of them when it is given no names.

moto forgets these settings, so that every plan would replace a service with a capacity provider strategy, lists
deleted clusters, and fails without names of capacity providers.

Needed by ``aws_ecs_service``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from orchestrator.emulator.patch import wrap

# The request's parameter and the attribute that the answer is made from.
_SETTINGS = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "placementConstraints": "placement_constraints",
    "placementStrategy": "placement_strategy",
}
_OF_DEPLOYMENTS = ("serviceConnectConfiguration", "vpcLatticeConfigurations")
_DEFAULTS = {
    "availabilityZoneRebalancing": "DISABLED",
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
}


def register() -> None:
    """Extend moto's ECS."""

    @wrap(EC2ContainerServiceBackend, "list_clusters")
    def list_clusters(original: Callable[..., list[str]], backend: Any) -> list[str]:
        active = {cluster.arn for cluster in backend.clusters.values() if cluster.status == "ACTIVE"}
        return [arn for arn in original(backend) if arn in active]

    @wrap(EC2ContainerServiceBackend, "describe_capacity_providers")
    def describe_capacity_providers(
        original: Callable[..., Any], backend: Any, names: list[str] | None
    ) -> Any:
        return original(backend, list(backend.capacity_providers) if names is None else names)

    @wrap(EC2ContainerServiceResponse, "create_service")
    def create_service(original: Callable[[Any], Any], response: Any) -> Any:
        answer = original(response)
        service = answer.result["service"]
        for parameter, value in _DEFAULTS.items():
            setattr(service, _SETTINGS[parameter], value)
        _keep(response, service)
        return answer

    @wrap(EC2ContainerServiceResponse, "update_service")
    def update_service(original: Callable[[Any], Any], response: Any) -> Any:
        answer = original(response)
        _keep(response, answer.result["service"])
        return answer


def _keep(response: Any, service: Any) -> None:
    for parameter, attribute in _SETTINGS.items():
        value = response._get_param(parameter)
        if value is not None:
            setattr(service, attribute, value)
    if response._get_param("capacityProviderStrategy"):
        service.launch_type = None
    for deployment in service.deployments:
        deployment["launchType"] = service.launch_type
        deployment["capacityProviderStrategy"] = getattr(service, "capacity_provider_strategy", None)
        for parameter in _OF_DEPLOYMENTS:
            if (value := response._get_param(parameter)) is not None:
                deployment[parameter] = value
