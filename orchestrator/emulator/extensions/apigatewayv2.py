"""API Gateway HTTP APIs: custom domain names that become available, deployments, stages that can be changed.

AWS (API Gateway v2 API reference, ``CreateDomainName``, ``UpdateDomainName``, ``UpdateApiMapping``, ``UpdateStage``,
``DeleteRouteSettings``, ``DeleteAccessLogSettings``, ``CreateDeployment`` and its siblings) answers a domain name's
configurations with their status, the name and hosted zone to point DNS at, and the date of the certificate; changes
domain names, mappings and stages in place; and keeps an API's deployments. A stage with automatic deployment has one
from the beginning.

moto gives back the configurations as they were sent, without a status, fails to delete a domain name that has a
mapping, and knows no update of these three and no deployment.

Needed by ``aws_apigatewayv2_domain_name`` (waits for ``AVAILABLE``), ``aws_apigatewayv2_api_mapping``,
``aws_apigatewayv2_stage`` (throttling cannot be changed) and ``aws_apigatewayv2_deployment``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.apigatewayv2 import urls
from moto.apigatewayv2.exceptions import APIGatewayV2Error
from moto.apigatewayv2.models import ApiGatewayV2Backend, DomainName, Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.utils import iso_8601_datetime_without_milliseconds, utcnow

from orchestrator.emulator.patch import add, memory, replace, wrap

Answer = tuple[int, dict[str, str], str]

_HOSTED_ZONE = "Z1UJRXOUMOOFQ8"
_STAGE = {
    "defaultRouteSettings": "default_route_settings",
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "clientCertificateId": "client_certificate_id",
    "description": "description",
    "routeSettings": "route_settings",
    "stageVariables": "stage_variables",
}


class DeploymentNotFoundError(APIGatewayV2Error):  # type: ignore[misc]
    """There is no such deployment."""

    code = 404

    def __init__(self, deployment_id: str) -> None:
        super().__init__("NotFoundException", f"Invalid deployment identifier specified {deployment_id}")


class DeploymentInUseError(APIGatewayV2Error):  # type: ignore[misc]
    """A stage points at the deployment."""

    code = 400

    def __init__(self) -> None:
        super().__init__(
            "BadRequestException", "Active stages pointing to this deployment must be moved or deleted"
        )


def register() -> None:
    """Extend moto's API Gateway v2 backend and responses."""
    for path in ("deployments$", "deployments/(?P<deployment_id>[^/]+)$"):
        urls.url_paths[f"{{0}}/v2/apis/(?P<api_id>[^/]+)/{path}"] = ApiGatewayV2Response.dispatch
    stage = "{0}/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)"
    urls.url_paths[f"{stage}/accesslogsettings$"] = ApiGatewayV2Response.dispatch
    urls.url_paths[f"{stage}/routesettings/(?P<route_key>.+)$"] = ApiGatewayV2Response.dispatch
    _domain_names()
    _stages()
    _deployments()


def _domain_names() -> None:
    @wrap(DomainName, "to_json")
    def to_json(original: Callable[[Any], dict[str, Any]], domain: Any) -> dict[str, Any]:
        region = domain.domain_name_arn.split(":")[3]
        label = hashlib.sha256(domain.domain_name.encode()).hexdigest()[:10]
        uploaded = memory(domain).setdefault("uploaded", iso_8601_datetime_without_milliseconds(utcnow()))
        configurations = [
            {
                "endpointType": "REGIONAL",
                "ipAddressType": "ipv4",
                "securityPolicy": "TLS_1_2",
                **{key: value for key, value in given.items() if value is not None},
                "apiGatewayDomainName": f"d-{label}.execute-api.{region}.amazonaws.com",
                "certificateUploadDate": uploaded,
                "domainNameStatus": "AVAILABLE",
                "hostedZoneId": _HOSTED_ZONE,
            }
            for given in domain.domain_name_configurations
        ]
        answer = {**original(domain), "domainNameConfigurations": configurations}
        if not domain.mutual_tls_authentication:
            del answer["mutualTlsAuthentication"]
        return answer

    @replace(ApiGatewayV2Backend, "delete_domain_name")
    def delete_domain_name(backend: Any, domain_name: str) -> None:
        backend.get_domain_name(domain_name)
        for identity, mapping in list(backend.api_mappings.items()):
            if mapping.domain_name == domain_name:
                del backend.api_mappings[identity]
        del backend.domain_names[domain_name]

    @add(ApiGatewayV2Response)
    def update_domain_name(response: Any) -> Answer:
        domain = response.apigatewayv2_backend.get_domain_name(response.path.split("/")[-1])
        given = json.loads(response.body)
        if configurations := given.get("domainNameConfigurations"):
            domain.domain_name_configurations = configurations
            memory(domain).pop("uploaded", None)
        if "mutualTlsAuthentication" in given:
            domain.mutual_tls_authentication = given["mutualTlsAuthentication"]
        return 200, {}, json.dumps(domain.to_json())

    @add(ApiGatewayV2Response)
    def update_api_mapping(response: Any) -> Answer:
        *_, domain_name, _, mapping_id = response.path.split("/")
        mapping = response.apigatewayv2_backend.get_api_mapping(mapping_id, domain_name)
        given = json.loads(response.body)
        mapping.api_id = given["apiId"]
        mapping.stage = given.get("stage", mapping.stage)
        mapping.api_mapping_key = given.get("apiMappingKey", mapping.api_mapping_key)
        return 200, {}, json.dumps(mapping.to_json())


def _stages() -> None:
    @wrap(Stage, "to_json")
    def to_json(original: Callable[[Any], dict[str, Any]], stage: Any) -> dict[str, Any]:
        answer = original(stage)
        if deployment_id := memory(stage).get("deployment"):
            answer["deploymentId"] = deployment_id
        return answer

    @wrap(ApiGatewayV2Backend, "create_stage")
    def create_stage(original: Callable[..., Any], backend: Any, api_id: str, config: dict[str, Any]) -> Any:
        stage = original(backend, api_id, config)
        if config.get("deploymentId"):
            memory(stage)["deployment"] = _deployment(backend.get_api(api_id), config["deploymentId"])[
                "deploymentId"
            ]
        elif config.get("autoDeploy"):
            memory(stage)["deployment"] = _deploy(backend.get_api(api_id), "", automatic=True)["deploymentId"]
        return stage

    @add(ApiGatewayV2Response)
    def update_stage(response: Any) -> Answer:
        api_id, _, stage_name = response.path.split("/")[-3:]
        stage = response.apigatewayv2_backend.get_stage(api_id, unquote(stage_name))
        given = json.loads(response.body)
        for name, attribute in _STAGE.items():
            if name in given:
                setattr(stage, attribute, given[name])
        if given.get("deploymentId"):
            api = response.apigatewayv2_backend.get_api(api_id)
            memory(stage)["deployment"] = _deployment(api, given["deploymentId"])["deploymentId"]
        stage.updated = utcnow()
        return 200, {}, json.dumps(stage.to_json())

    @add(ApiGatewayV2Response)
    def delete_route_settings(response: Any) -> Answer:
        above, route_key = response.path.split("/routesettings/")
        api_id, _, stage_name = above.split("/")[-3:]
        stage = response.apigatewayv2_backend.get_stage(api_id, unquote(stage_name))
        stage.route_settings.pop(unquote(route_key), None)
        return 204, {}, ""

    @add(ApiGatewayV2Response)
    def delete_access_log_settings(response: Any) -> Answer:
        api_id, _, stage_name = response.path.split("/")[-4:-1]
        stage = response.apigatewayv2_backend.get_stage(api_id, unquote(stage_name))
        stage.access_log_settings = None
        return 204, {}, ""


def _deployments() -> None:
    @add(ApiGatewayV2Response)
    def create_deployment(response: Any) -> Answer:
        api_id = response.path.split("/")[-2]
        api = response.apigatewayv2_backend.get_api(api_id)
        given = json.loads(response.body or "{}")
        stage = None
        if stage_name := given.get("stageName"):
            stage = response.apigatewayv2_backend.get_stage(api_id, stage_name)
        made = _deploy(api, given.get("description", ""), automatic=False)
        if stage is not None:
            memory(stage)["deployment"] = made["deploymentId"]
        return 201, {}, json.dumps(made)

    @add(ApiGatewayV2Response)
    def get_deployment(response: Any) -> Answer:
        api, deployment_id = _named(response)
        return 200, {}, json.dumps(_deployment(api, deployment_id))

    @add(ApiGatewayV2Response)
    def get_deployments(response: Any) -> Answer:
        api = response.apigatewayv2_backend.get_api(response.path.split("/")[-2])
        return 200, {}, json.dumps({"items": list(_all(api).values())})

    @add(ApiGatewayV2Response)
    def update_deployment(response: Any) -> Answer:
        deployment = _deployment(*_named(response))
        deployment["description"] = json.loads(response.body).get("description", deployment["description"])
        return 200, {}, json.dumps(deployment)

    @add(ApiGatewayV2Response)
    def delete_deployment(response: Any) -> Answer:
        api, deployment_id = _named(response)
        _deployment(api, deployment_id)
        if any(memory(stage).get("deployment") == deployment_id for stage in api.stages.values()):
            raise DeploymentInUseError
        del _all(api)[deployment_id]
        return 204, {}, ""


def _named(response: Any) -> tuple[Any, str]:
    """The API and the deployment's id that a path names."""
    api_id, _, deployment_id = response.path.split("/")[-3:]
    return response.apigatewayv2_backend.get_api(api_id), deployment_id


def _all(api: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(api).setdefault("deployments", {})
    return kept


def _deployment(api: Any, deployment_id: str) -> dict[str, Any]:
    if deployment_id not in _all(api):
        raise DeploymentNotFoundError(deployment_id)
    return _all(api)[deployment_id]


def _deploy(api: Any, description: str, *, automatic: bool) -> dict[str, Any]:
    """Make a deployment of the API as it stands."""
    identity = uuid4().hex[:6]
    deployment = {
        "autoDeployed": automatic,
        "createdDate": iso_8601_datetime_without_milliseconds(utcnow()),
        "deploymentId": identity,
        "deploymentStatus": "DEPLOYED",
        "description": description,
    }
    _all(api)[identity] = deployment
    return deployment
