"""SageMaker's models, endpoints, model registry and pipelines, read back as they were given, and changed.

AWS (SageMaker API reference):

- ``DescribeModel`` answers the network isolation it was created with, and leaves out what a model has not
  (``VpcConfig``, ``PrimaryContainer``).
- ``CreateEndpointConfig`` takes shadow variants and every instance type of ``ProductionVariantInstanceType``;
  ``DescribeEndpointConfig`` leaves out the data capture that was not asked for; a variant weighs 1 by default.
- ``CreateEndpoint`` and ``UpdateEndpoint`` take a ``DeploymentConfig``, which ``DescribeEndpoint`` answers as
  ``LastDeploymentConfig``. An update takes the new configuration's counts and weights, unless
  ``RetainAllVariantProperties`` keeps those that autoscaling has set.
- None of them is made twice under one name.
- ``DeleteModelPackageGroup`` (empty groups alone), ``PutModelPackageGroupPolicy``, ``GetModelPackageGroupPolicy``,
  ``DeleteModelPackageGroupPolicy``.
- A pipeline that does not exist is ``ResourceNotFound``.
- ``AddTags`` replaces the value of a tag that is there; tags of what does not exist are refused.
- Application Auto Scaling scales a variant's provisioned concurrency, too.

moto never isolates a model, answers empty structures (which are differences in every plan), knows the instance types
of some years ago, loses shadow variants and deployment settings, has neither ``UpdateEndpoint`` nor the operations on
package groups, and keeps a tag's old value beside the new one.

Endpoints are in service at once and answer no invocations: a control plane alone, since a container's answers can't
be made up.

Needed by ``aws_sagemaker_model``, ``aws_sagemaker_endpoint_configuration``, ``aws_sagemaker_endpoint``,
``aws_sagemaker_model_package_group`` and its policy, ``aws_sagemaker_pipeline``, and ``aws_appautoscaling_target`` for
serverless variants.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any

import botocore.session
from moto.applicationautoscaling import models as autoscaling
from moto.applicationautoscaling import responses as autoscaling_responses
from moto.core.resource_tagging import TaggedResource
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ConflictException, ResourceNotFound, ValidationError
from moto.sagemaker.models import FakeEndpointConfig, SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse
from moto.sagemaker.utils import arn_formatter

from orchestrator.emulator.patch import add, memory, replace, wrap

_PROVISIONED_CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
_SCALED = {
    "DesiredInstanceCount": ("CurrentInstanceCount", "DesiredInstanceCount"),
    "DesiredWeight": ("CurrentWeight", "DesiredWeight"),
}


def register() -> None:
    """Extend moto's SageMaker backend and responses, and the scalable dimensions."""
    _models()
    _endpoint_configurations()
    _endpoints()
    _package_groups()
    _pipelines()
    _tags()
    _scaling()


def _models() -> None:
    @wrap(SageMakerResponse, "create_model")
    def create_model(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        backend, name = response.sagemaker_backend, response._get_param("ModelName")
        if name in backend._models:
            raise ValidationError(f'Cannot create already existing model "{backend._models[name].arn}".')
        answer = original(response)
        model = backend._models[name]
        model.enable_network_isolation = bool(response._get_param("EnableNetworkIsolation"))
        model.inference_execution_config = response._get_param("InferenceExecutionConfig")
        model.vpc_config = model.vpc_config or None
        model.primary_container = model.primary_container or None
        model.containers = model.containers or None
        return answer


@cache
def _instance_types() -> frozenset[str]:
    """What ``ProductionVariantInstanceType`` of the API's own model enumerates."""
    shape: Any = (
        botocore.session.get_session()
        .get_service_model("sagemaker")
        .shape_for("ProductionVariantInstanceType")
    )
    return frozenset(shape.enum)


def _endpoint_configurations() -> None:
    @replace(FakeEndpointConfig, "validate_instance_type")
    def validate_instance_type(_configuration: Any, instance_type: str) -> None:
        if instance_type not in _instance_types():
            raise ValidationError(
                f"1 validation error detected: Value '{instance_type}' at 'productionVariants.1.member.instanceType' "
                "failed to satisfy constraint: Member must satisfy enum value set: "
                f"[{', '.join(sorted(_instance_types()))}]"
            )

    @wrap(SageMakerResponse, "create_endpoint_config")
    def create_endpoint_config(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        backend, name = response.sagemaker_backend, response._get_param("EndpointConfigName")
        if name in backend.endpoint_configs:
            found = backend.endpoint_configs[name].endpoint_config_arn
            raise ValidationError(f'Cannot create already existing endpoint configuration "{found}".')
        shadows = response._get_param("ShadowProductionVariants")
        backend.validate_production_variants(shadows or [])
        answer = original(response)
        configuration = backend.endpoint_configs[name]
        configuration.validate_production_variants(shadows or [])
        configuration.arn = configuration.endpoint_config_arn  # moto's is a tuple
        configuration.shadow_production_variants = shadows
        configuration.explainer_config = response._get_param("ExplainerConfig")
        for variant in [*configuration.production_variants, *(shadows or [])]:
            variant.setdefault("InitialVariantWeight", 1.0)
        return answer

    @replace(SageMakerResponse, "describe_endpoint_config")
    def describe_endpoint_config(response: Any) -> ActionResult:
        found = response.sagemaker_backend.describe_endpoint_config(response._get_param("EndpointConfigName"))
        return ActionResult({key: value for key, value in found.items() if value != {}})


def _endpoints() -> None:
    @wrap(SageMakerResponse, "create_endpoint")
    def create_endpoint(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        backend, name = response.sagemaker_backend, response._get_param("EndpointName")
        if name in backend.endpoints:
            raise ValidationError(f'Cannot create already existing endpoint "{backend.endpoints[name].arn}".')
        answer = original(response)
        endpoint = backend.endpoints[name]
        _deploy(backend, endpoint, endpoint.endpoint_config_name)
        endpoint.last_deployment_config = response._get_param("DeploymentConfig")
        return answer

    @add(SageMakerResponse)
    def update_endpoint(response: Any) -> ActionResult:
        backend, name = response.sagemaker_backend, response._get_param("EndpointName")
        configuration = response._get_param("EndpointConfigName")
        backend.describe_endpoint(name)
        backend.describe_endpoint_config(configuration)
        endpoint = backend.endpoints[name]
        before = {variant["VariantName"]: variant for variant in endpoint.production_variants}
        _deploy(backend, endpoint, configuration)
        if response._get_param("RetainAllVariantProperties"):
            excluded = response._get_param("ExcludeRetainedVariantProperties") or []
            _retain(endpoint, before, {each["VariantPropertyType"] for each in excluded})
        if not response._get_param("RetainDeploymentConfig"):
            endpoint.last_deployment_config = response._get_param("DeploymentConfig")
        endpoint.last_modified_time = utcnow()
        return ActionResult({"EndpointArn": endpoint.arn})


def _deploy(backend: Any, endpoint: Any, name: str) -> None:
    """Make an endpoint what a configuration says."""
    configuration = backend.endpoint_configs[name]
    endpoint.endpoint_config_name = name
    endpoint.production_variants = endpoint._process_production_variants(configuration.production_variants)
    shadows = configuration.shadow_production_variants
    endpoint.shadow_production_variants = endpoint._process_production_variants(shadows) if shadows else None
    endpoint.async_inference_config = configuration.async_inference_config
    endpoint.data_capture_config = _capture(configuration.data_capture_config)


def _capture(configured: dict[str, Any] | None) -> dict[str, Any] | None:
    """The summary of a configuration's data capture."""
    if not configured:
        return None
    enabled = configured.get("EnableCapture", False)
    summary = {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": configured["InitialSamplingPercentage"],
        "DestinationS3Uri": configured["DestinationS3Uri"],
    }
    return summary | ({"KmsKeyId": configured["KmsKeyId"]} if configured.get("KmsKeyId") else {})


def _retain(endpoint: Any, before: dict[str, dict[str, Any]], excluded: set[str]) -> None:
    """Keep counts and weights of the variants that were there."""
    for variant in endpoint.production_variants:
        old = before.get(variant["VariantName"], {})
        for kind, keys in _SCALED.items():
            if kind not in excluded:
                variant.update({key: old[key] for key in keys if old.get(key) is not None and key in variant})


def _package_groups() -> None:
    @wrap(SageMakerResponse, "create_model_package_group")
    def create_model_package_group(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        backend, name = response.sagemaker_backend, response._get_param("ModelPackageGroupName")
        if name in backend.model_package_groups:
            found = backend.model_package_groups[name].arn
            raise ValidationError(f"Model Package Group already exists: {found}")
        return original(response)

    @add(SageMakerResponse)
    def delete_model_package_group(response: Any) -> ActionResult:
        backend, group = response.sagemaker_backend, _group(response)
        name = group.model_package_group_name
        if any(each.model_package_group_name == name for each in backend.model_packages.values()):
            raise ConflictException(
                f"Model Package Group {group.arn} cannot be deleted: it has model packages."
            )
        del backend.model_package_groups[name]
        return EmptyResult()

    @add(SageMakerResponse)
    def put_model_package_group_policy(response: Any) -> ActionResult:
        group = _group(response)
        memory(group)["policy"] = response._get_param("ResourcePolicy")
        return ActionResult({"ModelPackageGroupArn": group.arn})

    @add(SageMakerResponse)
    def get_model_package_group_policy(response: Any) -> ActionResult:
        return ActionResult({"ResourcePolicy": _policy(_group(response))})

    @add(SageMakerResponse)
    def delete_model_package_group_policy(response: Any) -> ActionResult:
        group = _group(response)
        _policy(group)
        del memory(group)["policy"]
        return EmptyResult()


def _group(response: Any) -> Any:
    """The package group that a request names, by name or ARN."""
    name = response._get_param("ModelPackageGroupName").rpartition("/")[2]
    return response.sagemaker_backend.describe_model_package_group(name)


def _policy(group: Any) -> str:
    if "policy" not in memory(group):
        raise ValidationError(f"Cannot find Model Package Group policy of {group.arn}.")
    return str(memory(group)["policy"])


def _pipelines() -> None:
    @wrap(SageMakerModelBackend, "describe_pipeline")
    def describe_pipeline(original: Callable[..., Any], backend: Any, pipeline_name: str) -> Any:
        if pipeline_name not in backend.pipelines:
            arn = arn_formatter("pipeline", pipeline_name, backend.account_id, backend.region_name)
            raise ResourceNotFound(f"Pipeline '{arn}' does not exist.")
        return original(backend, pipeline_name)

    @wrap(SageMakerModelBackend, "update_pipeline")
    def update_pipeline(original: Callable[..., Any], backend: Any, pipeline_name: str, **given: Any) -> Any:
        arn = original(backend, pipeline_name, **given)
        backend.pipelines[pipeline_name].last_modified_time = utcnow()
        return arn


def _tags() -> None:
    @wrap(SageMakerModelBackend, "_get_resource_from_arn")
    def resource_from_arn(original: Callable[..., Any], backend: Any, arn: str) -> Any:
        more = {
            each.arn: each
            for collection in more_collections(backend).values()
            for each in collection.values()
        }
        try:
            found = more.get(arn) or original(backend, arn)
        except (AttributeError, ValueError):  # a kind that moto does not know, or a name of two parts
            found = None
        if found is None:
            raise ValidationError(f"Could not find resource '{arn}'.")
        return found

    @wrap(SageMakerModelBackend, "iter_tagged_resources")
    def iter_tagged_resources(original: Callable[..., Any], backend: Any) -> Any:
        yield from original(backend)
        for kind, collection in more_collections(backend).items():
            if kind == "feature-group":  # moto lists them
                continue
            for each in collection.values():
                tags = {tag["Key"]: tag["Value"] for tag in each.tags or []}
                yield TaggedResource(arn=each.arn, tags=tags, resource_type=f"sagemaker:{kind}")

    @replace(SageMakerModelBackend, "add_tags")
    def add_tags(backend: Any, arn: str, tags: list[dict[str, str]]) -> list[dict[str, str]]:
        resource = backend._get_resource_from_arn(arn)
        given = {tag["Key"] for tag in tags}
        kept = [tag for tag in resource.tags or [] if tag["Key"] not in given]
        resource.tags = [*kept, *tags]
        return list(resource.tags)


def more_collections(backend: Any) -> dict[str, dict[str, Any]]:
    """Resources, by kind and name, that moto does not find by their ARN; each has an ``arn`` and ``tags``."""
    kept: dict[str, dict[str, Any]] = memory(backend).setdefault("collections", {})
    return {"feature-group": backend.feature_groups} | kept


def collection(backend: Any, kind: str) -> dict[str, Any]:
    """The resources, by name, of a kind that moto does not know."""
    kept: dict[str, Any] = memory(backend).setdefault("collections", {}).setdefault(kind, {})
    return kept


def _scaling() -> None:
    known = {dimension.name: dimension.value for dimension in autoscaling.ScalableDimensionValueSet}
    name = "SAGEMAKER_VARIANT_DESIRED_PROVISIONED_CONCURRENCY"
    if name in known:
        raise AttributeError(f"moto already scales {known[name]}")
    extended = Enum("ScalableDimensionValueSet", known | {name: _PROVISIONED_CONCURRENCY})  # type: ignore[misc]
    autoscaling.ScalableDimensionValueSet = autoscaling_responses.ScalableDimensionValueSet = extended
