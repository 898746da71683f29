"""API Gateway REST APIs that are described by an OpenAPI document; limits of methods and plans.

AWS (API Gateway API reference, ``PutRestApi``, ``ImportRestApi``; developer guide, "OpenAPI extensions for API
Gateway") reads the document whole: ``x-amazon-apigateway-any-method`` is the method ``ANY``, security schemes become
authorizers and say how a method is authorized and whether it needs an API key, request validators and gateway
responses are made, mock integrations have no URI. With mode ``overwrite`` what is not in the document goes.

moto makes resources, methods and integrations, takes the name of the ANY method literally, leaves every method without
authorization, and fails on a mock integration.

A stage's settings (``UpdateStage``) are for all methods or for one, whose path may have several parts, and can be
removed. moto looks for paths of one part, and removes none. Limits of usage plans (``UpdateUsagePlan``) are numbers; moto
keeps a changed quota as text, and takes no fraction of a request a second.

Needed by ``aws_api_gateway_rest_api`` with ``body``, ``aws_api_gateway_method_settings`` and ``aws_api_gateway_usage_plan``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from moto.apigateway.models import APIGatewayBackend, Stage, UsagePlan

from orchestrator.emulator.patch import wrap

_ANY = "x-amazon-apigateway-any-method"
_SETTING = re.compile(r"/(?P<method>.+)/(?P<setting>(?:metrics|logging|throttling|caching)/\w+)\Z")
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "any"})


def register() -> None:
    """Extend moto's API Gateway backend."""

    @wrap(APIGatewayBackend, "put_integration")
    def put_integration(original: Callable[..., Any], backend: Any, *args: Any, **given: Any) -> Any:
        if len(args) < 5:
            given.setdefault("uri", None)
        if len(args) < 6:
            given.setdefault("integration_method", None)
        return original(backend, *args, **given)

    @wrap(APIGatewayBackend, "put_rest_api")
    def put_rest_api(
        original: Callable[..., Any],
        backend: Any,
        function_id: str,
        api_doc: dict[str, Any],
        fail_on_warnings: bool,
        mode: str = "merge",
    ) -> Any:
        document = _as_moto_reads_it(api_doc)
        answer = original(backend, function_id, document, fail_on_warnings=fail_on_warnings, mode=mode)
        api = backend.get_rest_api(function_id)
        if mode == "overwrite":
            for kept in (api.authorizers, api.request_validators, api.gateway_responses):
                kept.clear()
        _complete(backend, api, document)
        return answer

    @wrap(Stage, "apply_operations")
    def apply_operations(
        original: Callable[..., Any], stage: Any, patch_operations: list[dict[str, Any]]
    ) -> Any:
        others = []
        for operation in patch_operations:
            path = operation["path"]
            if found := _SETTING.match(path):
                method = found["method"].replace("~1", "/").removeprefix("/")
                if operation["op"] == "remove":
                    stage.method_settings.pop(method, None)
                else:
                    stage._patch_method_setting(method, found["setting"], operation["value"])
            elif (
                operation["op"] == "remove"
                and (method := path[1:].replace("~1", "/")) in stage.method_settings
            ):
                del stage.method_settings[method]
            else:
                others.append(operation)
        return original(stage, others)

    @wrap(UsagePlan, "apply_patch_operations")
    def change_plan(original: Callable[..., None], plan: Any, patch_operations: list[dict[str, Any]]) -> None:
        rates = [each for each in patch_operations if each["path"] == "/throttle/rateLimit"]
        original(plan, [each for each in patch_operations if each not in rates])
        for each in rates:
            plan.throttle["rateLimit"] = float(each["value"])
        for name in ("limit", "offset"):
            if name in plan.quota:
                plan.quota[name] = int(plan.quota[name])


def _as_moto_reads_it(api_doc: dict[str, Any]) -> dict[str, Any]:
    """The document with methods and types of integrations as the API's other operations spell them."""
    document = copy.deepcopy(api_doc)
    for path, methods in document.get("paths", {}).items():
        operations = {("any" if name == _ANY else name): operation for name, operation in methods.items()}
        operations = {name: operation for name, operation in operations.items() if name.lower() in _METHODS}
        for operation in operations.values():
            if integration := operation.get("x-amazon-apigateway-integration"):
                integration["type"] = str(integration.get("type", "")).upper()
        document["paths"][path] = operations
    return document


def _complete(backend: Any, api: Any, document: dict[str, Any]) -> None:
    """What the document says beside resources and integrations."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    authorizers = {
        name: backend.create_authorizer(
            api.id,
            name,
            scheme["x-amazon-apigateway-authorizer"]["type"].upper(),
            provider_arns=scheme["x-amazon-apigateway-authorizer"].get("providerARNs"),
            auth_type=scheme.get("x-amazon-apigateway-authtype"),
            authorizer_uri=scheme["x-amazon-apigateway-authorizer"].get("authorizerUri"),
            identity_source=f"method.request.header.{scheme.get('name', 'Authorization')}",
        )
        for name, scheme in schemes.items()
        if "x-amazon-apigateway-authorizer" in scheme
    }
    validators = {
        name: backend.create_request_validator(
            api.id, name, rules.get("validateRequestBody"), rules.get("validateRequestParameters")
        )
        for name, rules in document.get("x-amazon-apigateway-request-validators", {}).items()
    }
    for path, operations in document.get("paths", {}).items():
        for name, operation in operations.items():
            method = api.get_resource_for_path(path).get_method(name.upper())
            method.authorization_type = "NONE"
            method.operation_name = operation.get("operationId")
            if validator := validators.get(operation.get("x-amazon-apigateway-request-validator")):
                method.request_validator_id = validator.id
            for scheme_name, scopes in (operation.get("security") or [{}])[0].items():
                _secure(method, schemes[scheme_name], authorizers.get(scheme_name), scopes)
    for kind, rules in document.get("x-amazon-apigateway-gateway-responses", {}).items():
        api.put_gateway_response(
            kind, rules.get("statusCode"), rules.get("responseParameters"), rules.get("responseTemplates")
        )


def _secure(method: Any, scheme: dict[str, Any], authorizer: Any, scopes: list[str]) -> None:
    """Let the method ask for what a security scheme says."""
    if authorizer is not None:
        method.authorization_type = authorizer.type
        method.authorizer_id = authorizer.id
        method.authorization_scopes = scopes or None
    elif scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
        method.authorization_type = "AWS_IAM"
    elif scheme.get("name") == "x-api-key":
        method.api_key_required = True
