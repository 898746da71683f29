"""API Gateway HTTP APIs: domain names, stages, deployments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws, eventually


@pytest.fixture
def gateway(aws: Aws) -> Any:
    return aws("apigatewayv2")


@pytest.fixture
def api(gateway: Any, name: str) -> Iterator[str]:
    """An HTTP API with a route."""
    identity = gateway.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    gateway.create_route(ApiId=identity, RouteKey="GET /orders")
    yield identity
    gateway.delete_api(ApiId=identity)


@pytest.fixture
def domain(aws: Aws, gateway: Any, name: str) -> str:
    """A custom domain name."""
    full = f"{name}.example.com"
    certificate = aws("acm").request_certificate(DomainName=full, ValidationMethod="DNS")["CertificateArn"]
    gateway.create_domain_name(
        DomainName=full,
        DomainNameConfigurations=[
            {"CertificateArn": certificate, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
        ],
    )
    return full


def configuration(gateway: Any, domain: str) -> dict[str, Any]:
    (found,) = gateway.get_domain_name(DomainName=domain)["DomainNameConfigurations"]
    return dict(found)


def test_a_domain_name_becomes_available(gateway: Any, domain: str) -> None:
    eventually(lambda: configuration(gateway, domain)["DomainNameStatus"] == "AVAILABLE")

    found = configuration(gateway, domain)
    assert found["ApiGatewayDomainName"].endswith(".amazonaws.com")
    assert found["HostedZoneId"].startswith("Z")
    assert "MutualTlsAuthentication" not in gateway.get_domain_name(DomainName=domain)


def test_a_domain_name_is_changed(aws: Aws, gateway: Any, domain: str) -> None:
    certificate = aws("acm").request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
    changed = {"CertificateArn": certificate, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}

    gateway.update_domain_name(DomainName=domain, DomainNameConfigurations=[changed])

    assert configuration(gateway, domain)["CertificateArn"] == certificate


def test_a_mapping_is_changed_and_goes_with_its_domain_name(gateway: Any, domain: str, api: str) -> None:
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    made = gateway.create_api_mapping(ApiId=api, DomainName=domain, Stage="$default", ApiMappingKey="v1")
    named = {"ApiMappingId": made["ApiMappingId"], "DomainName": domain}

    gateway.update_api_mapping(**named, ApiId=api, ApiMappingKey="v2")
    assert gateway.get_api_mapping(**named)["ApiMappingKey"] == "v2"
    assert gateway.get_api_mapping(**named)["Stage"] == "$default"

    gateway.delete_domain_name(DomainName=domain)
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_domain_name(DomainName=domain)


def test_a_stage_is_changed(gateway: Any, api: str) -> None:
    gateway.create_stage(ApiId=api, StageName="live", AutoDeploy=True, Description="first")
    limits = {"GET /orders": {"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 10}}

    gateway.update_stage(ApiId=api, StageName="live", RouteSettings=limits)

    found = gateway.get_stage(ApiId=api, StageName="live")
    assert found["RouteSettings"]["GET /orders"]["ThrottlingBurstLimit"] == 10
    assert found["Description"] == "first"


def test_settings_of_a_stage_are_removed(gateway: Any, api: str, account: str) -> None:
    gateway.create_stage(
        ApiId=api,
        StageName="$default",
        AutoDeploy=True,
        AccessLogSettings={
            "DestinationArn": f"arn:aws:logs:{REGION}:{account}:log-group:{api}",
            "Format": "$context.requestId",
        },
        RouteSettings={"GET /orders": {"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 10}},
    )

    gateway.delete_route_settings(ApiId=api, StageName="$default", RouteKey="GET /orders")
    gateway.delete_access_log_settings(ApiId=api, StageName="$default")

    found = gateway.get_stage(ApiId=api, StageName="$default")
    assert not found["RouteSettings"]
    assert "AccessLogSettings" not in found


def test_a_stage_that_deploys_itself_has_a_deployment(gateway: Any, api: str) -> None:
    gateway.create_stage(ApiId=api, StageName="live", AutoDeploy=True)

    def deployed() -> Any:
        return gateway.get_stage(ApiId=api, StageName="live").get("DeploymentId")

    made = gateway.get_deployment(ApiId=api, DeploymentId=eventually(deployed))
    assert made["AutoDeployed"]


def test_deployments_are_made_kept_and_removed(gateway: Any, api: str) -> None:
    first = gateway.create_deployment(ApiId=api, Description="first")["DeploymentId"]
    gateway.create_stage(ApiId=api, StageName="live", DeploymentId=first)
    second = gateway.create_deployment(ApiId=api, StageName="live")["DeploymentId"]
    assert gateway.get_stage(ApiId=api, StageName="live")["DeploymentId"] == second
    assert gateway.get_deployment(ApiId=api, DeploymentId=first)["Description"] == "first"

    with pytest.raises(ClientError, match="BadRequestException"):
        gateway.delete_deployment(ApiId=api, DeploymentId=second)
    gateway.delete_deployment(ApiId=api, DeploymentId=first)

    found = {each["DeploymentId"] for each in gateway.get_deployments(ApiId=api)["Items"]}
    assert found == {second}
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_deployment(ApiId=api, DeploymentId=first)
