"""Cognito user pools: risk configurations, resource servers, domains, deletion protection.

AWS (Cognito user pools API reference)

- ``SetRiskConfiguration`` replaces the risk configuration of a user pool or of one of its clients,
  ``DescribeRiskConfiguration`` gives it back, empty where there is none; moto knows neither.
- ``UpdateResourceServer`` and ``DeleteResourceServer`` complete what moto has of resource servers.
- ``DescribeUserPoolDomain`` names the account and the certificate of a domain of one's own; moto invents another account
  at every call and forgets the certificate, so that the domain is replaced in every plan.
- ``CreateUserPool`` and ``UpdateUserPool`` without a feature plan (``UserPoolTier``) mean ``ESSENTIALS``; moto shows none.
- ``DeleteUserPool`` refuses a pool whose ``DeletionProtection`` is ``ACTIVE``, and one that has a domain.

Needed by ``aws_cognito_risk_configuration``, ``aws_cognito_resource_server``, ``aws_cognito_user_pool_domain`` and
``aws_cognito_user_pool``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException, ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUserPool
from moto.cognitoidp.responses import CognitoIdpResponse

from orchestrator.emulator.patch import add, memory, wrap

_PARTS = (
    "CompromisedCredentialsRiskConfiguration",
    "AccountTakeoverRiskConfiguration",
    "RiskExceptionConfiguration",
)


def register() -> None:
    """Extend moto's Cognito user pools."""
    _describe_domains()
    _protect_pools()

    @wrap(CognitoIdpUserPool, "update_extended_config")
    def update_extended_config(
        original: Callable[[Any, dict[str, Any]], None], pool: Any, given: dict[str, Any]
    ) -> None:
        original(pool, given)
        pool.extended_config.setdefault("UserPoolTier", "ESSENTIALS")

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


def _describe_domains() -> None:
    @wrap(CognitoIdpResponse, "describe_user_pool_domain")
    def describe_user_pool_domain(original: Callable[[Any], Any], response: Any) -> Any:
        answer = original(response)
        if described := answer.result["DomainDescription"]:
            domain = response.backend.user_pool_domains[described["Domain"]]
            described["AWSAccountId"] = response.backend.account_id
            if domain.custom_domain_config:
                described["CustomDomainConfig"] = domain.custom_domain_config
        return answer


def _protect_pools() -> None:
    @wrap(CognitoIdpBackend, "delete_user_pool")
    def delete_user_pool(original: Callable[[Any, str], None], backend: Any, user_pool_id: str) -> None:
        pool = backend.describe_user_pool(user_pool_id)
        if pool.extended_config.get("DeletionProtection") == "ACTIVE":
            raise InvalidParameterException(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first."
            )
        if pool.domain:
            raise InvalidParameterException(
                "User pool cannot be deleted. It has a domain configured that should be deleted first."
            )
        original(backend, user_pool_id)


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
