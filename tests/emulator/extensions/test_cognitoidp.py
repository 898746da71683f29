"""Cognito user pools: risk configurations and resource servers."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

LEAKED = {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}


@pytest.fixture
def users(aws: Aws) -> Any:
    return aws("cognito-idp")


@pytest.fixture
def pool(users: Any, name: str) -> str:
    return str(users.create_user_pool(PoolName=name)["UserPool"]["Id"])


def test_a_risk_configuration_is_replaced_as_a_whole(users: Any, pool: str) -> None:
    users.set_risk_configuration(
        UserPoolId=pool,
        CompromisedCredentialsRiskConfiguration=LEAKED,
        RiskExceptionConfiguration={"BlockedIPRangeList": ["192.0.2.0/24"]},
    )
    users.set_risk_configuration(UserPoolId=pool, CompromisedCredentialsRiskConfiguration=LEAKED)
    kept = users.describe_risk_configuration(UserPoolId=pool)["RiskConfiguration"]
    assert kept["CompromisedCredentialsRiskConfiguration"] == LEAKED
    assert "RiskExceptionConfiguration" not in kept


def test_a_client_has_its_own_and_must_exist(users: Any, pool: str) -> None:
    client = users.create_user_pool_client(UserPoolId=pool, ClientName="web")["UserPoolClient"]["ClientId"]
    users.set_risk_configuration(
        UserPoolId=pool, ClientId=client, CompromisedCredentialsRiskConfiguration=LEAKED
    )
    own = users.describe_risk_configuration(UserPoolId=pool, ClientId=client)["RiskConfiguration"]
    assert own["ClientId"] == client
    shared = users.describe_risk_configuration(UserPoolId=pool)["RiskConfiguration"]
    assert "CompromisedCredentialsRiskConfiguration" not in shared
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        users.set_risk_configuration(UserPoolId=pool, ClientId="nobody")


def test_a_resource_server_is_changed_and_removed(users: Any, pool: str) -> None:
    scope = {"ScopeName": "read", "ScopeDescription": "Read"}
    users.create_resource_server(UserPoolId=pool, Identifier="orders", Name="orders", Scopes=[scope])
    users.update_resource_server(UserPoolId=pool, Identifier="orders", Name="Orders", Scopes=[])
    server = users.describe_resource_server(UserPoolId=pool, Identifier="orders")["ResourceServer"]
    assert (server["Name"], server.get("Scopes", [])) == ("Orders", [])
    users.delete_resource_server(UserPoolId=pool, Identifier="orders")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        users.describe_resource_server(UserPoolId=pool, Identifier="orders")
