"""Cognito user pools: risk configurations, resource servers, domains, deletion protection."""

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


def test_a_pool_without_a_feature_plan_is_of_essentials(users: Any, pool: str, name: str) -> None:
    plus = users.create_user_pool(PoolName=name, UserPoolTier="PLUS")["UserPool"]["Id"]
    plans = [users.describe_user_pool(UserPoolId=which)["UserPool"]["UserPoolTier"] for which in (pool, plus)]
    assert plans == ["ESSENTIALS", "PLUS"]


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


def test_a_domain_is_the_accounts_and_keeps_its_certificate(
    users: Any, pool: str, name: str, account: str
) -> None:
    certificate = f"arn:aws:acm:us-east-1:{account}:certificate/00000000-0000-0000-0000-000000000000"
    users.create_user_pool_domain(
        UserPoolId=pool, Domain=f"{name}.example.com", CustomDomainConfig={"CertificateArn": certificate}
    )
    described = users.describe_user_pool_domain(Domain=f"{name}.example.com")["DomainDescription"]
    assert described["AWSAccountId"] == account
    assert described["CustomDomainConfig"] == {"CertificateArn": certificate}
    assert users.describe_user_pool_domain(Domain="no-such-domain")["DomainDescription"] == {}


def test_a_pool_that_is_protected_or_has_a_domain_is_not_deleted(users: Any, pool: str, name: str) -> None:
    users.create_user_pool_domain(UserPoolId=pool, Domain=name)
    with pytest.raises(ClientError, match="domain configured"):
        users.delete_user_pool(UserPoolId=pool)
    users.delete_user_pool_domain(UserPoolId=pool, Domain=name)

    users.update_user_pool(UserPoolId=pool, DeletionProtection="ACTIVE")
    with pytest.raises(ClientError, match="deletion protection is activated"):
        users.delete_user_pool(UserPoolId=pool)

    users.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    users.delete_user_pool(UserPoolId=pool)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        users.describe_user_pool(UserPoolId=pool)
