"""API Gateway REST APIs: OpenAPI documents, settings of methods, usage plans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.conftest import REGION, Aws

MOCK = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {"default": {"statusCode": "200"}},
}
BACKEND = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com/"}
OK = {"200": {"description": "ok"}}


def document(account: str) -> dict[str, Any]:
    pool = f"arn:aws:cognito-idp:{REGION}:{account}:userpool/{REGION}_abcdefghi"
    integration = "x-amazon-apigateway-integration"
    return {
        "openapi": "3.0.1",
        "info": {"title": "test", "version": "1"},
        "paths": {
            "/orders": {
                "get": {
                    "responses": OK,
                    "security": [{"pool": ["orders/read"], "key": []}],
                    "x-amazon-apigateway-request-validator": "all",
                    integration: BACKEND,
                },
                "options": {"responses": OK, integration: MOCK},
            },
            "/orders/{id}": {
                "x-amazon-apigateway-any-method": {
                    "responses": OK,
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "security": [{"sigv4": []}],
                    integration: BACKEND,
                },
            },
        },
        "components": {
            "securitySchemes": {
                "pool": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "cognito_user_pools",
                    "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [pool]},
                },
                "sigv4": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                },
                "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            }
        },
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": True, "validateRequestParameters": True}
        },
    }


@pytest.fixture
def gateway(aws: Aws) -> Any:
    return aws("apigateway")


@pytest.fixture
def api(gateway: Any, name: str, account: str) -> Iterator[str]:
    """A REST API that is described by the document."""
    identity = gateway.create_rest_api(name=name)["id"]
    gateway.put_rest_api(restApiId=identity, mode="overwrite", body=json.dumps(document(account)))
    yield identity
    gateway.delete_rest_api(restApiId=identity)


@pytest.fixture
def stage(gateway: Any, api: str) -> dict[str, str]:
    deployment = gateway.create_deployment(restApiId=api)["id"]
    gateway.create_stage(restApiId=api, stageName="live", deploymentId=deployment)
    return {"restApiId": api, "stageName": "live"}


def method(gateway: Any, api: str, path: str, verb: str) -> dict[str, Any]:
    (resource,) = (each for each in gateway.get_resources(restApiId=api)["items"] if each["path"] == path)
    return dict(gateway.get_method(restApiId=api, resourceId=resource["id"], httpMethod=verb))


def test_security_schemes_say_how_a_method_is_authorized(gateway: Any, api: str) -> None:
    (authorizer,) = gateway.get_authorizers(restApiId=api)["items"]
    (validator,) = gateway.get_request_validators(restApiId=api)["items"]

    read = method(gateway, api, "/orders", "GET")
    assert (read["authorizationType"], read["authorizerId"]) == ("COGNITO_USER_POOLS", authorizer["id"])
    assert read["authorizationScopes"] == ["orders/read"]
    assert read["apiKeyRequired"]
    assert read["requestValidatorId"] == validator["id"]
    assert method(gateway, api, "/orders/{id}", "ANY")["authorizationType"] == "AWS_IAM"
    assert method(gateway, api, "/orders", "OPTIONS")["authorizationType"] == "NONE"


def test_a_mock_needs_no_address(gateway: Any, api: str) -> None:
    assert method(gateway, api, "/orders", "OPTIONS")["methodIntegration"]["type"] == "MOCK"


def test_what_is_not_in_the_document_goes(gateway: Any, api: str, account: str) -> None:
    changed = document(account)
    del changed["paths"]["/orders"]["get"]
    del changed["components"]["securitySchemes"]["pool"]

    gateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(changed))

    assert not gateway.get_authorizers(restApiId=api)["items"]
    (orders,) = (each for each in gateway.get_resources(restApiId=api)["items"] if each["path"] == "/orders")
    assert set(orders["resourceMethods"]) == {"OPTIONS"}


def test_settings_of_a_single_method_are_kept_and_removed(gateway: Any, stage: dict[str, str]) -> None:
    rate = {"op": "replace", "path": "/orders/{id}/GET/throttling/rateLimit", "value": "5"}
    every = {"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"}
    gateway.update_stage(**stage, patchOperations=[rate, every])
    settings = gateway.get_stage(**stage)["methodSettings"]
    assert settings["orders/{id}/GET"]["throttlingRateLimit"] == 5.0
    assert settings["*/*"]["metricsEnabled"]

    gateway.update_stage(**stage, patchOperations=[{"op": "remove", "path": "/orders/{id}/GET"}])
    assert set(gateway.get_stage(**stage)["methodSettings"]) == {"*/*"}


def test_limits_of_a_usage_plan_are_numbers(gateway: Any, name: str) -> None:
    plan = gateway.create_usage_plan(
        name=name, quota={"limit": 10, "period": "DAY"}, throttle={"rateLimit": 1.0, "burstLimit": 1}
    )["id"]
    gateway.update_usage_plan(
        usagePlanId=plan,
        patchOperations=[
            {"op": "replace", "path": "/quota/limit", "value": "20"},
            {"op": "replace", "path": "/throttle/rateLimit", "value": "0.5"},
        ],
    )

    found = gateway.get_usage_plan(usagePlanId=plan)

    assert found["quota"]["limit"] == 20
    assert found["throttle"]["rateLimit"] == 0.5
    gateway.delete_usage_plan(usagePlanId=plan)
