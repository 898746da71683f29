"""Route 53 Resolver: query log configurations, names of rules."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws, eventually

TAGS = [{"Key": "team", "Value": "net"}]


@pytest.fixture
def resolver(aws: Aws) -> Any:
    return aws("route53resolver")


@pytest.fixture
def query_log(aws: Aws, resolver: Any, name: str, account: str) -> dict[str, Any]:
    """A query log configuration."""
    aws("logs").create_log_group(logGroupName=name)
    found: dict[str, Any] = resolver.create_resolver_query_log_config(
        Name=name,
        DestinationArn=f"arn:aws:logs:{REGION}:{account}:log-group:{name}",
        CreatorRequestId=name,
        Tags=TAGS,
    )["ResolverQueryLogConfig"]
    return found


def test_a_query_log_keeps_its_tags(resolver: Any, query_log: dict[str, Any]) -> None:
    assert resolver.list_tags_for_resource(ResourceArn=query_log["Arn"])["Tags"] == TAGS


def test_a_query_log_is_separated_from_its_vpc_and_removed(
    aws: Aws, resolver: Any, query_log: dict[str, Any]
) -> None:
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    named = {"ResolverQueryLogConfigId": query_log["Id"], "ResourceId": vpc}
    made = resolver.associate_resolver_query_log_config(**named)["ResolverQueryLogConfigAssociation"]

    def is_gone(get: Any, **identity: str) -> bool:
        try:
            get(**identity)
        except ClientError as error:
            return bool(error.response["Error"]["Code"] == "ResourceNotFoundException")
        return False

    resolver.disassociate_resolver_query_log_config(**named)
    get = resolver.get_resolver_query_log_config_association
    eventually(lambda: is_gone(get, ResolverQueryLogConfigAssociationId=made["Id"]))

    resolver.delete_resolver_query_log_config(ResolverQueryLogConfigId=query_log["Id"])
    get = resolver.get_resolver_query_log_config
    eventually(lambda: is_gone(get, ResolverQueryLogConfigId=query_log["Id"]))


def test_a_final_dot_is_not_doubled(resolver: Any, name: str) -> None:
    for number, domain in enumerate(("corp.example", "corp.example.")):
        made = resolver.create_resolver_rule(
            CreatorRequestId=f"{name}-{number}", RuleType="SYSTEM", Name=f"{name}-{number}", DomainName=domain
        )

        assert made["ResolverRule"]["DomainName"] == "corp.example."
