"""CodeDeploy: changing and deleting, deployment configurations."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

CANARY = {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 15}}
LISTENER = (
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1234567890123456/1234567890123456"
)
BEHIND_LOAD_BALANCER = {
    "targetGroupPairInfoList": [
        {
            "targetGroups": [{"name": "blue"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": [LISTENER]},
        }
    ]
}


@pytest.fixture
def codedeploy(aws: Aws) -> Any:
    return aws("codedeploy")


@pytest.fixture
def application(codedeploy: Any, name: str) -> str:
    """The name of an application that deploys functions."""
    codedeploy.create_application(applicationName=name, computePlatform="Lambda")
    return name


@pytest.fixture
def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/deploy"


def group_of(codedeploy: Any, application: str, group: str) -> dict[str, Any]:
    answer = codedeploy.get_deployment_group(applicationName=application, deploymentGroupName=group)
    found: dict[str, Any] = answer["deploymentGroupInfo"]
    return found


def code_of(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response["Error"]["Code"])


def test_a_group_takes_its_platforms_configuration_and_leaves_out_what_it_has_not(
    codedeploy: Any, application: str, role: str
) -> None:
    codedeploy.create_deployment_group(
        applicationName=application, deploymentGroupName="live", serviceRoleArn=role
    )

    group = group_of(codedeploy, application, "live")
    assert group["deploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
    assert "loadBalancerInfo" not in group


def test_a_group_keeps_alarms_and_load_balancer(codedeploy: Any, name: str, role: str) -> None:
    codedeploy.create_application(applicationName=name, computePlatform="ECS")
    alarms = {"enabled": True, "alarms": [{"name": "errors"}], "ignorePollAlarmFailure": False}
    codedeploy.create_deployment_group(
        applicationName=name,
        deploymentGroupName="live",
        serviceRoleArn=role,
        alarmConfiguration=alarms,
        loadBalancerInfo=BEHIND_LOAD_BALANCER,
        ecsServices=[{"clusterName": "shop", "serviceName": "catalog"}],
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        blueGreenDeploymentConfiguration={
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE"},
        },
    )

    found = codedeploy.batch_get_deployment_groups(applicationName=name, deploymentGroupNames=["live"])
    group = found["deploymentGroupsInfo"][0]
    assert group["alarmConfiguration"] == alarms
    assert group["loadBalancerInfo"] == BEHIND_LOAD_BALANCER
    assert group["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"


def test_a_group_is_changed_renamed_and_deleted(codedeploy: Any, application: str, role: str) -> None:
    codedeploy.create_deployment_group(
        applicationName=application, deploymentGroupName="old", serviceRoleArn=role
    )

    codedeploy.update_deployment_group(
        applicationName=application,
        currentDeploymentGroupName="old",
        newDeploymentGroupName="new",
        deploymentConfigName="CodeDeployDefault.LambdaCanary10Percent5Minutes",
    )
    group = group_of(codedeploy, application, "new")
    assert group["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert group["serviceRoleArn"] == role

    codedeploy.delete_deployment_group(applicationName=application, deploymentGroupName="new")
    missing = {"applicationName": application, "deploymentGroupName": "new"}
    assert code_of(codedeploy.get_deployment_group, **missing) == "DeploymentGroupDoesNotExistException"


def test_an_application_is_renamed_and_deleted_with_its_groups(
    codedeploy: Any, application: str, role: str
) -> None:
    codedeploy.create_deployment_group(
        applicationName=application, deploymentGroupName="live", serviceRoleArn=role
    )
    renamed = f"{application}-2"
    codedeploy.update_application(applicationName=application, newApplicationName=renamed)
    assert group_of(codedeploy, renamed, "live")["applicationName"] == renamed

    codedeploy.delete_application(applicationName=renamed)
    wanted = {"applicationName": renamed}
    assert code_of(codedeploy.get_application, **wanted) == "ApplicationDoesNotExistException"


def test_a_configuration_is_kept_and_refused_deletion_while_in_use(
    codedeploy: Any, application: str, role: str, name: str
) -> None:
    codedeploy.create_deployment_config(
        deploymentConfigName=name, computePlatform="Lambda", trafficRoutingConfig=CANARY
    )
    found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
    assert (found["computePlatform"], found["trafficRoutingConfig"]) == ("Lambda", CANARY)
    assert name in codedeploy.list_deployment_configs()["deploymentConfigsList"]

    group = {"applicationName": application, "deploymentGroupName": "live"}
    codedeploy.create_deployment_group(**group, serviceRoleArn=role, deploymentConfigName=name)
    assert (
        code_of(codedeploy.delete_deployment_config, deploymentConfigName=name)
        == "DeploymentConfigInUseException"
    )

    codedeploy.delete_deployment_group(**group)
    codedeploy.delete_deployment_config(deploymentConfigName=name)
    wanted = {"deploymentConfigName": name}
    assert code_of(codedeploy.get_deployment_config, **wanted) == "DeploymentConfigDoesNotExistException"


def test_configurations_that_cannot_be_are_refused(
    codedeploy: Any, application: str, role: str, name: str
) -> None:
    create = codedeploy.create_deployment_config
    taken = {"computePlatform": "Lambda", "trafficRoutingConfig": CANARY}
    create(deploymentConfigName=name, **taken)

    assert code_of(create, deploymentConfigName=name, **taken) == "DeploymentConfigAlreadyExistsException"
    reserved = "CodeDeployDefault.Mine"
    assert code_of(create, deploymentConfigName=reserved, **taken) == "InvalidDeploymentConfigNameException"
    missing = {"applicationName": application, "deploymentGroupName": "live", "serviceRoleArn": role}
    assert (
        code_of(codedeploy.create_deployment_group, **missing, deploymentConfigName=f"{name}-2")
        == "DeploymentConfigDoesNotExistException"
    )
