"""CodeDeploy: changing and deleting applications and deployment groups, deployment configurations.

AWS (CodeDeploy API reference):

- ``UpdateApplication``, ``DeleteApplication`` (with its groups), ``UpdateDeploymentGroup``, ``DeleteDeploymentGroup``,
  ``BatchGetDeploymentGroups``.
- ``CreateDeploymentConfig``, ``GetDeploymentConfig``, ``ListDeploymentConfigs``, ``DeleteDeploymentConfig``; those that
  AWS brings are called ``CodeDeployDefault.…`` and can't be deleted, one that a group uses neither.
- A group without a configuration gets ``CodeDeployDefault.OneAtATime``, ``CodeDeployDefault.ECSAllAtOnce`` or
  ``CodeDeployDefault.LambdaAllAtOnce``, by platform; one that does not exist is refused.
- A group answers the ``alarmConfiguration`` it was given, and leaves out what it has not.

moto has none of these operations, takes any configuration, answers empty alarms, and answers empty structures for what
a group does not have (an empty ``loadBalancerInfo`` is a difference in every plan).

Needed by ``aws_codedeploy_app`` and ``aws_codedeploy_deployment_group`` (to be changed and deleted),
``aws_codedeploy_deployment_config``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from moto.codedeploy import responses
from moto.codedeploy.exceptions import (
    ApplicationAlreadyExistsException,
    ApplicationDoesNotExistException,
    CodeDeployException,
    DeploymentGroupAlreadyExistsException,
)
from moto.codedeploy.models import CodeDeployBackend
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from orchestrator.emulator.patch import add, memory, wrap

_DEFAULTS = {
    "Server": "CodeDeployDefault.OneAtATime",
    "ECS": "CodeDeployDefault.ECSAllAtOnce",
    "Lambda": "CodeDeployDefault.LambdaAllAtOnce",
}
_GROUP_FIELDS = {
    "autoScalingGroups": "auto_scaling_groups",
    "autoRollbackConfiguration": "auto_rollback_configuration",
    "blueGreenDeploymentConfiguration": "blue_green_deployment_configuration",
    "deploymentConfigName": "deployment_config_name",
    "deploymentStyle": "deployment_style",
    "ec2TagFilters": "ec2_tag_filters",
    "ec2TagSet": "ec2_tag_set",
    "ecsServices": "ecs_services",
    "loadBalancerInfo": "load_balancer_info",
    "onPremisesInstanceTagFilters": "on_premises_instance_tag_filters",
    "onPremisesTagSet": "on_premises_tag_set",
    "outdatedInstancesStrategy": "outdated_instances_strategy",
    "serviceRoleArn": "service_role_arn",
    "terminationHookEnabled": "termination_hook_enabled",
    "triggerConfigurations": "trigger_configurations",
}
_LEFT_OUT_WHEN_EMPTY = (
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "blueGreenDeploymentConfiguration",
    "deploymentStyle",
    "ec2TagSet",
    "lastAttemptedDeployment",
    "lastSuccessfulDeployment",
    "loadBalancerInfo",
    "onPremisesTagSet",
    "targetRevision",
)


def register() -> None:
    """Extend moto's CodeDeploy backend and responses."""
    _change_applications()
    _describe_groups_as_aws_does()
    _change_groups()
    _keep_configurations()


def _change_applications() -> None:
    @add(CodeDeployResponse)
    def update_application(response: Any) -> ActionResult:
        backend = response.codedeploy_backend
        old, new = response._get_param("applicationName"), response._get_param("newApplicationName")
        application = backend.get_application(old)
        if new and new != old:
            if new in backend.applications:
                raise ApplicationAlreadyExistsException(
                    f"The application {new} already exists with the user or AWS account."
                )
            application.application_name = new
            backend.applications[new] = backend.applications.pop(old)
            if old in backend.deployment_groups:
                backend.deployment_groups[new] = backend.deployment_groups.pop(old)
        return EmptyResult()

    @add(CodeDeployResponse)
    def delete_application(response: Any) -> ActionResult:
        backend, name = response.codedeploy_backend, response._get_param("applicationName")
        backend.applications.pop(name, None)
        for group in backend.deployment_groups.pop(name, {}):
            backend.tagger.delete_all_tags_for_resource(backend._deployment_group_arn(name, group))
        backend.tagger.delete_all_tags_for_resource(backend._application_arn(name))
        return EmptyResult()


def _describe_groups_as_aws_does() -> None:
    @wrap(responses, "_deployment_group_info")
    def deployment_group_info(original: Callable[[Any], dict[str, Any]], group: Any) -> dict[str, Any]:
        described = original(group) | {"alarmConfiguration": group.alarm_configuration or {}}
        return {key: value for key, value in described.items() if value or key not in _LEFT_OUT_WHEN_EMPTY}

    @wrap(CodeDeployBackend, "create_deployment_group")
    def create_deployment_group(
        original: Callable[..., str],
        backend: Any,
        application_name: str,
        deployment_group_name: str,
        deployment_config_name: str | None,
        **given: Any,
    ) -> str:
        name = deployment_config_name or _default_configuration(backend, application_name)
        _configuration(backend, name)
        return original(
            backend,
            application_name=application_name,
            deployment_group_name=deployment_group_name,
            deployment_config_name=name,
            **given,
        )

    @add(CodeDeployResponse)
    def batch_get_deployment_groups(response: Any) -> ActionResult:
        backend, name = response.codedeploy_backend, response._get_param("applicationName")
        backend.get_application(name)
        groups = backend.deployment_groups.get(name, {})
        found = [groups[group] for group in response._get_param("deploymentGroupNames") if group in groups]
        described = [responses._deployment_group_info(group) for group in found]
        return ActionResult({"deploymentGroupsInfo": described})


def _change_groups() -> None:
    @add(CodeDeployResponse)
    def update_deployment_group(response: Any) -> ActionResult:
        backend, application = response.codedeploy_backend, response._get_param("applicationName")
        old = response._get_param("currentDeploymentGroupName")
        group = backend.get_deployment_group(application, old)
        new = response._get_param("newDeploymentGroupName") or old
        groups = backend.deployment_groups[application]
        if new != old and new in groups:
            raise DeploymentGroupAlreadyExistsException(f"Deployment group {new} already exists.")
        if configuration := response._get_param("deploymentConfigName"):
            _configuration(backend, configuration)
        for parameter, attribute in _GROUP_FIELDS.items():
            if (value := response._get_param(parameter)) is not None:
                setattr(group, attribute, value)
        if (alarms := response._get_param("alarmConfiguration")) is not None:
            group.alarm_configuration = alarms
        group.deployment_group_name = new
        groups[new] = groups.pop(old)
        return ActionResult({"hooksNotCleanedUp": []})

    @add(CodeDeployResponse)
    def delete_deployment_group(response: Any) -> ActionResult:
        backend, application = response.codedeploy_backend, response._get_param("applicationName")
        name = response._get_param("deploymentGroupName")
        if application not in backend.applications:
            raise ApplicationDoesNotExistException(
                f"The application {application} does not exist with the user or AWS account."
            )
        backend.deployment_groups.get(application, {}).pop(name, None)
        backend.tagger.delete_all_tags_for_resource(backend._deployment_group_arn(application, name))
        return ActionResult({"hooksNotCleanedUp": []})


def _keep_configurations() -> None:
    @add(CodeDeployResponse)
    def create_deployment_config(response: Any) -> ActionResult:
        configurations = _own_configurations(response.codedeploy_backend)
        name = response._get_param("deploymentConfigName")
        platform = response._get_param("computePlatform") or "Server"
        routing = response._get_param("trafficRoutingConfig")
        hosts = response._get_param("minimumHealthyHosts")
        if name.startswith("CodeDeployDefault."):
            raise CodeDeployException(
                "InvalidDeploymentConfigNameException", "The prefix CodeDeployDefault. is reserved for AWS."
            )
        if name in configurations:
            raise CodeDeployException(
                "DeploymentConfigAlreadyExistsException",
                f"A deployment configuration named {name} already exists.",
            )
        if platform == "Server" and hosts is None:
            raise CodeDeployException(
                "InvalidMinimumHealthyHostValueException", "Minimum healthy hosts are required."
            )
        if platform != "Server":
            _check_routing(routing)
        configuration = {
            "deploymentConfigId": str(uuid.uuid4()),
            "deploymentConfigName": name,
            "computePlatform": platform,
            "createTime": utcnow(),
            "minimumHealthyHosts": hosts,
            "trafficRoutingConfig": routing,
            "zonalConfig": response._get_param("zonalConfig"),
        }
        configurations[name] = {key: value for key, value in configuration.items() if value is not None}
        return ActionResult({"deploymentConfigId": configuration["deploymentConfigId"]})

    @add(CodeDeployResponse)
    def get_deployment_config(response: Any) -> ActionResult:
        name = response._get_param("deploymentConfigName")
        return ActionResult({"deploymentConfigInfo": _configuration(response.codedeploy_backend, name)})

    @add(CodeDeployResponse)
    def list_deployment_configs(response: Any) -> ActionResult:
        own = _own_configurations(response.codedeploy_backend)
        return ActionResult({"deploymentConfigsList": [*_BROUGHT_BY_AWS, *own]})

    @add(CodeDeployResponse)
    def delete_deployment_config(response: Any) -> ActionResult:
        backend, name = response.codedeploy_backend, response._get_param("deploymentConfigName")
        if name in _BROUGHT_BY_AWS:
            raise CodeDeployException(
                "InvalidOperationException", f"The deployment configuration {name} belongs to AWS."
            )
        groups = [group for groups in backend.deployment_groups.values() for group in groups.values()]
        if any(group.deployment_config_name == name for group in groups):
            raise CodeDeployException(
                "DeploymentConfigInUseException", f"The deployment configuration {name} is in use."
            )
        _own_configurations(backend).pop(name, None)
        return EmptyResult()


def _own_configurations(backend: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(backend).setdefault("configurations", {})
    return kept


def _configuration(backend: Any, name: str) -> dict[str, Any]:
    found = _own_configurations(backend).get(name) or _BROUGHT_BY_AWS.get(name)
    if found is None:
        raise CodeDeployException(
            "DeploymentConfigDoesNotExistException", f"No deployment configuration found for name: {name}"
        )
    return found


def _default_configuration(backend: Any, application: str) -> str:
    known = backend.applications.get(application)
    return _DEFAULTS.get(known.compute_platform if known else "Server", _DEFAULTS["Server"])


def _check_routing(routing: dict[str, Any] | None) -> None:
    part = {"TimeBasedCanary": "timeBasedCanary", "TimeBasedLinear": "timeBasedLinear"}
    kind = (routing or {}).get("type")
    if routing is None or kind not in (*part, "AllAtOnce"):
        raise CodeDeployException(
            "InvalidTrafficRoutingConfigurationException",
            "The traffic routing type is TimeBasedCanary, TimeBasedLinear or AllAtOnce.",
        )
    if kind in part:
        steps = routing.get(part[kind]) or {}
        percentage, interval = (
            steps.get(f"{_stem(kind)}Percentage", 0),
            steps.get(f"{_stem(kind)}Interval", 0),
        )
        if not (1 <= percentage <= 99 and interval >= 1):
            raise CodeDeployException(
                "InvalidTrafficRoutingConfigurationException",
                "The percentage lies between 1 and 99, the interval is at least a minute.",
            )


def _stem(kind: str) -> str:
    return "canary" if kind == "TimeBasedCanary" else "linear"


def _brought(name: str, platform: str, kind: str, percentage: int = 0, interval: int = 0) -> dict[str, Any]:
    routing: dict[str, Any] = {"type": kind}
    if kind != "AllAtOnce":
        stem = _stem(kind)
        routing[f"timeBased{stem.title()}"] = {f"{stem}Percentage": percentage, f"{stem}Interval": interval}
    return {
        "deploymentConfigName": f"CodeDeployDefault.{name}",
        "computePlatform": platform,
        "trafficRoutingConfig": routing,
    }


def _all_brought_by_aws() -> dict[str, dict[str, Any]]:
    """https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""
    found: list[dict[str, Any]] = [
        {
            "deploymentConfigName": f"CodeDeployDefault.{name}",
            "computePlatform": "Server",
            "minimumHealthyHosts": {"type": kind, "value": value},
        }
        for name, kind, value in (
            ("AllAtOnce", "HOST_COUNT", 0),
            ("HalfAtATime", "FLEET_PERCENT", 50),
            ("OneAtATime", "HOST_COUNT", 1),
        )
    ]
    for platform, linear, canary in (("ECS", (1, 3), (5, 15)), ("Lambda", (1, 2, 3, 10), (5, 10, 15, 30))):
        found.append(_brought(f"{platform}AllAtOnce", platform, "AllAtOnce"))
        for minutes in linear:
            unit = "Minute" if minutes == 1 else "Minutes"
            name = f"{platform}Linear10PercentEvery{minutes}{unit}"
            found.append(_brought(name, platform, "TimeBasedLinear", 10, minutes))
        for minutes in canary:
            name = f"{platform}Canary10Percent{minutes}Minutes"
            found.append(_brought(name, platform, "TimeBasedCanary", 10, minutes))
    return {configuration["deploymentConfigName"]: configuration for configuration in found}


_BROUGHT_BY_AWS = _all_brought_by_aws()
