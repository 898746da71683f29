"""Cognito identity pools: roles and role mappings."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

ROLE = "arn:aws:iam::123456789012:role/signed-in"
PROVIDER = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aaaaaaaaa:client"


@pytest.fixture
def identities(aws: Aws) -> Any:
    return aws("cognito-identity")


@pytest.fixture
def pool(identities: Any, name: str) -> str:
    made = identities.create_identity_pool(IdentityPoolName=name, AllowUnauthenticatedIdentities=False)
    return str(made["IdentityPoolId"])


def test_roles_and_mappings_are_given_back(identities: Any, pool: str) -> None:
    mapping = {PROVIDER: {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}}
    identities.set_identity_pool_roles(
        IdentityPoolId=pool, Roles={"authenticated": ROLE}, RoleMappings=mapping
    )
    kept = identities.get_identity_pool_roles(IdentityPoolId=pool)
    assert (kept["Roles"], kept["RoleMappings"]) == ({"authenticated": ROLE}, mapping)
    identities.set_identity_pool_roles(IdentityPoolId=pool, Roles={})
    assert identities.get_identity_pool_roles(IdentityPoolId=pool)["Roles"] == {}


def test_what_makes_no_sense_is_refused(identities: Any, pool: str) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        identities.set_identity_pool_roles(IdentityPoolId=pool, Roles={"somebody": ROLE})
    with pytest.raises(ClientError, match="AmbiguousRoleResolution"):
        identities.set_identity_pool_roles(
            IdentityPoolId=pool, Roles={}, RoleMappings={PROVIDER: {"Type": "Token"}}
        )
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        identities.get_identity_pool_roles(IdentityPoolId="eu-west-1:00000000-0000-0000-0000-000000000000")
