"""Roles of Cognito identity pools, and their role mappings.

AWS (Cognito Federated Identities API reference, ``SetIdentityPoolRoles``, ``GetIdentityPoolRoles``) keeps the roles of
authenticated and unauthenticated identities and, by identity provider, how a token or rules choose another one. A
mapping of the type ``Token`` or ``Rules`` says what happens when none fits. moto knows neither operation.

Needed by ``aws_cognito_identity_pool_roles_attachment``.
"""

from __future__ import annotations

import json
from typing import Any

from moto.cognitoidentity.models import CognitoIdentityPool
from moto.cognitoidentity.responses import CognitoIdentityResponse
from moto.core.exceptions import JsonRESTError

from orchestrator.emulator.patch import add, memory

_KINDS = ("authenticated", "unauthenticated")


def register() -> None:
    """Extend moto's Cognito Federated Identities."""

    @add(CognitoIdentityResponse)
    def set_identity_pool_roles(response: Any) -> str:
        pool = _pool(response)
        roles = response._get_param("Roles")
        mappings = response._get_param("RoleMappings") or {}
        unknown = sorted(set(roles or {}) - set(_KINDS))
        if roles is None or unknown:
            raise _invalid(f"Invalid roles: {', '.join(unknown) or 'none given'}")
        for provider, mapping in mappings.items():
            if mapping.get("Type") == "Rules" and not mapping.get("RulesConfiguration", {}).get("Rules"):
                raise _invalid(f"Rules are required for the provider {provider}")
            if not mapping.get("AmbiguousRoleResolution"):
                raise _invalid(f"AmbiguousRoleResolution is required for the provider {provider}")
        memory(pool)["roles"] = {"Roles": roles, "RoleMappings": mappings}
        return ""

    @add(CognitoIdentityResponse)
    def get_identity_pool_roles(response: Any) -> str:
        pool = _pool(response)
        kept = memory(pool).get("roles", {})
        return json.dumps({"IdentityPoolId": pool.identity_pool_id, **kept})


def _pool(response: Any) -> CognitoIdentityPool:
    wanted = response._get_param("IdentityPoolId")
    pool: CognitoIdentityPool | None = response.backend.identity_pools.get(wanted)
    if pool is None:
        raise JsonRESTError("ResourceNotFoundException", f"IdentityPool '{wanted}' not found.")
    return pool


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidParameterException", message)
