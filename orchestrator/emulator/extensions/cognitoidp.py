"""Cognito user pools: risk configurations, and resource servers that can be changed and removed.

AWS (Cognito user pools API reference): ``SetRiskConfiguration`` replaces the risk configuration of a user pool or of one
of its clients, ``DescribeRiskConfiguration`` gives it back, empty where there is none; ``UpdateResourceServer`` and
``DeleteResourceServer`` complete what moto has of resource servers.

Needed by ``aws_cognito_risk_configuration`` and ``aws_cognito_resource_server``.
"""

from __future__ import annotations

import json
from typing import Any

from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.responses import CognitoIdpResponse

from orchestrator.emulator.patch import add, memory

_PARTS = (
    "CompromisedCredentialsRiskConfiguration",
    "AccountTakeoverRiskConfiguration",
    "RiskExceptionConfiguration",
)


def register() -> None:
    """Extend moto's Cognito user pools."""

    @add(CognitoIdpResponse)
    def set_risk_configuration(response: Any) -> str:
        configurations, key = _configurations(response)
        given = {part: response._get_param(part) for part in _PARTS}
        configurations[key] = {part: value for part, value in given.items() if value}
        return json.dumps({"RiskConfiguration": _shown(response, configurations[key])})

    @add(CognitoIdpResponse)
    def describe_risk_configuration(response: Any) -> str:
        configurations, key = _configurations(response)
        return json.dumps({"RiskConfiguration": _shown(response, configurations.get(key, {}))})

    @add(CognitoIdpResponse)
    def update_resource_server(response: Any) -> str:
        server = _resource_server(response)
        server.name = response._get_param("Name")
        server.scopes = response._get_param("Scopes") or []
        return json.dumps({"ResourceServer": server.to_json()})

    @add(CognitoIdpResponse)
    def delete_resource_server(response: Any) -> str:
        server = _resource_server(response)
        del _pool(response).resource_servers[server.identifier]
        return ""


def _pool(response: Any) -> Any:
    return response.backend.describe_user_pool(response._get_param("UserPoolId"))


def _configurations(response: Any) -> tuple[dict[str, Any], str]:
    """The risk configurations of the user pool by client ("" for all), and which one is meant."""
    pool, client = _pool(response), response._get_param("ClientId") or ""
    if client and client not in pool.clients:
        raise ResourceNotFoundError(f"Client {client} does not exist.")
    kept: dict[str, Any] = memory(pool).setdefault("risk", {})
    return kept, client


def _shown(response: Any, configuration: dict[str, Any]) -> dict[str, Any]:
    client = response._get_param("ClientId")
    about = {"UserPoolId": response._get_param("UserPoolId")} | ({"ClientId": client} if client else {})
    return about | configuration


def _resource_server(response: Any) -> Any:
    identifier = response._get_param("Identifier")
    server = _pool(response).resource_servers.get(identifier)
    if server is None:
        raise ResourceNotFoundError(f"Resource server {identifier} does not exist.")
    return server
