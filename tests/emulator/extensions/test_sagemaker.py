"""SageMaker: models, endpoints, the model registry, pipelines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 60,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        }
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws("sagemaker")


@pytest.fixture
def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/model"


@pytest.fixture
def model(sagemaker: Any, name: str, role: str, account: str) -> str:
    """The name of a model that is isolated."""
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": f"{account}.dkr.ecr.eu-west-1.amazonaws.com/model:1"},
        EnableNetworkIsolation=True,
    )
    return name


def variant(model: str, count: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "VariantName": "main",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
    } | more


def error_of(call: Any, **given: Any) -> dict[str, str]:
    with pytest.raises(ClientError) as error:
        call(**given)
    found = error.value.response["Error"]
    return {"Code": found["Code"], "Message": found["Message"]}


def test_a_model_is_isolated_and_has_nothing_that_was_not_given(
    sagemaker: Any, model: str, role: str
) -> None:
    found = sagemaker.describe_model(ModelName=model)

    assert found["EnableNetworkIsolation"] is True
    assert not {"VpcConfig", "Containers"} & set(found)
    assert (
        error_of(sagemaker.create_model, ModelName=model, ExecutionRoleArn=role)["Code"]
        == "ValidationException"
    )


def test_an_endpoint_configuration_keeps_shadows_and_leaves_out_data_capture(
    sagemaker: Any, model: str
) -> None:
    sagemaker.create_endpoint_config(
        EndpointConfigName=model,
        ProductionVariants=[variant(model, InstanceType="ml.g5.xlarge")],
        ShadowProductionVariants=[variant(model, VariantName="shadow")],
    )

    found = sagemaker.describe_endpoint_config(EndpointConfigName=model)

    assert found["ProductionVariants"][0]["InitialVariantWeight"] == 1
    assert found["ShadowProductionVariants"][0]["VariantName"] == "shadow"
    assert "DataCaptureConfig" not in found


def test_an_unknown_instance_type_is_refused(sagemaker: Any, model: str) -> None:
    error = error_of(
        sagemaker.create_endpoint_config,
        EndpointConfigName=model,
        ProductionVariants=[variant(model, InstanceType="ml.nothing.large")],
    )

    assert error["Code"] == "ValidationException"
    assert "ml.nothing.large" in error["Message"]


def test_an_endpoint_takes_a_new_configuration(sagemaker: Any, model: str) -> None:
    for count in (1, 3):
        sagemaker.create_endpoint_config(
            EndpointConfigName=f"{model}-{count}",
            ProductionVariants=[variant(model, count)],
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": 20,
                "DestinationS3Uri": "s3://captured/",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        )
    sagemaker.create_endpoint(EndpointName=model, EndpointConfigName=f"{model}-1", DeploymentConfig=CANARY)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=model)
    created = sagemaker.describe_endpoint(EndpointName=model)

    sagemaker.update_endpoint(
        EndpointName=model, EndpointConfigName=f"{model}-3", RetainDeploymentConfig=True
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=model)
    updated = sagemaker.describe_endpoint(EndpointName=model)

    assert created["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert created["DataCaptureConfig"]["CurrentSamplingPercentage"] == 20
    assert created["LastDeploymentConfig"] == updated["LastDeploymentConfig"] == CANARY
    assert updated["EndpointConfigName"] == f"{model}-3"
    assert updated["ProductionVariants"][0]["CurrentInstanceCount"] == 3


def test_an_update_may_retain_what_autoscaling_has_set(sagemaker: Any, model: str) -> None:
    for count in (1, 2):
        sagemaker.create_endpoint_config(
            EndpointConfigName=f"{model}-{count}", ProductionVariants=[variant(model, count)]
        )
    sagemaker.create_endpoint(EndpointName=model, EndpointConfigName=f"{model}-1")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=model)
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=model,
        DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredWeight": 1, "DesiredInstanceCount": 5}],
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=model)

    sagemaker.update_endpoint(
        EndpointName=model, EndpointConfigName=f"{model}-2", RetainAllVariantProperties=True
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=model)

    assert (
        sagemaker.describe_endpoint(EndpointName=model)["ProductionVariants"][0]["DesiredInstanceCount"] == 5
    )


def test_what_an_update_names_must_exist(sagemaker: Any, model: str) -> None:
    error = error_of(sagemaker.update_endpoint, EndpointName=model, EndpointConfigName=model)

    assert error["Code"] == "ValidationException"
    assert "Could not find endpoint" in error["Message"]


def test_a_model_package_group_has_a_policy_and_can_be_deleted(
    sagemaker: Any, name: str, account: str
) -> None:
    arn = sagemaker.create_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
    group = {"ModelPackageGroupName": name}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "sagemaker:DescribeModelPackageGroup",
                "Resource": arn,
            }
        ],
    }
    assert (
        "Cannot find Model Package Group"
        in error_of(sagemaker.get_model_package_group_policy, **group)["Message"]
    )

    sagemaker.put_model_package_group_policy(ResourcePolicy=json.dumps(policy), **group)

    assert json.loads(sagemaker.get_model_package_group_policy(**group)["ResourcePolicy"]) == policy
    sagemaker.delete_model_package_group_policy(**group)
    sagemaker.delete_model_package_group(**group)
    assert "does not exist" in error_of(sagemaker.describe_model_package_group, **group)["Message"]


def test_a_pipeline_that_is_not_there_is_not_found(sagemaker: Any, name: str) -> None:
    assert error_of(sagemaker.describe_pipeline, PipelineName=name)["Code"] == "ResourceNotFound"


def test_a_tags_new_value_replaces_the_old_one(sagemaker: Any, model: str) -> None:
    arn = sagemaker.describe_model(ModelName=model)["ModelArn"]
    for value in ("old", "new"):
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "Age", "Value": value}])

    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "Age", "Value": "new"}]


def test_provisioned_concurrency_is_scaled(aws: Aws, sagemaker: Any, model: str) -> None:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 10, "ProvisionedConcurrency": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName=model,
        ProductionVariants=[{"VariantName": "main", "ModelName": model, "ServerlessConfig": serverless}],
    )
    sagemaker.create_endpoint(EndpointName=model, EndpointConfigName=model)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=model)
    scaling = aws("application-autoscaling")
    dimension = "sagemaker:variant:DesiredProvisionedConcurrency"

    scaling.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{model}/variant/main",
        ScalableDimension=dimension,
        MinCapacity=1,
        MaxCapacity=5,
    )

    found = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[f"endpoint/{model}/variant/main"]
    )
    assert [target["ScalableDimension"] for target in found["ScalableTargets"]] == [dimension]
