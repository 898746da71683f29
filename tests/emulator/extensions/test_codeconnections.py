"""CodeConnections: connections and their tags."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws

TAGS = [{"Key": "team", "Value": "platform"}]
HOST = f"arn:aws:codeconnections:{REGION}:123456789012:host/forge-1a2b3c4d"


@pytest.fixture
def connections(aws: Aws) -> Any:
    return aws("codeconnections")


@pytest.fixture
def arn(connections: Any, name: str) -> str:
    """The ARN of a connection to GitHub."""
    made = connections.create_connection(ProviderType="GitHub", ConnectionName=name, Tags=TAGS)
    assert made["Tags"] == TAGS
    return str(made["ConnectionArn"])


def test_a_connection_waits_for_somebody_to_complete_it(
    connections: Any, arn: str, name: str, account: str
) -> None:
    assert arn.startswith(f"arn:aws:codeconnections:{REGION}:{account}:connection/")
    assert connections.get_connection(ConnectionArn=arn)["Connection"] == {
        "ConnectionName": name,
        "ConnectionArn": arn,
        "ProviderType": "GitHub",
        "OwnerAccountId": account,
        "ConnectionStatus": "PENDING",
    }


def test_connections_are_listed_by_provider_in_pages(connections: Any, arn: str, name: str) -> None:
    other = connections.create_connection(ProviderType="Bitbucket", ConnectionName=f"{name}-b")
    found: list[str] = []
    pages = connections.list_connections(ProviderTypeFilter="GitHub", MaxResults=1)
    found += [item["ConnectionArn"] for item in pages["Connections"]]
    while token := pages.get("NextToken"):
        pages = connections.list_connections(ProviderTypeFilter="GitHub", MaxResults=1, NextToken=token)
        found += [item["ConnectionArn"] for item in pages["Connections"]]

    assert arn in found
    assert other["ConnectionArn"] not in found


def test_tags_are_added_and_taken_away(connections: Any, arn: str) -> None:
    connections.tag_resource(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "prod"}])
    connections.untag_resource(ResourceArn=arn, TagKeys=["team"])

    assert connections.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "prod"}]


def test_a_deleted_connection_is_not_found(connections: Any, arn: str) -> None:
    connections.delete_connection(ConnectionArn=arn)

    for operation, parameter in (
        ("get_connection", "ConnectionArn"),
        ("delete_connection", "ConnectionArn"),
        ("list_tags_for_resource", "ResourceArn"),
    ):
        with pytest.raises(ClientError) as error:
            getattr(connections, operation)(**{parameter: arn})
        assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ProviderType": "Subversion"},
        {},
        {"ProviderType": "GitHub", "HostArn": HOST},
        {"HostArn": "arn:aws:s3:::bucket"},
    ],
)
def test_what_is_neither_a_provider_nor_a_host_is_refused(
    connections: Any, name: str, wrong: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as error:
        connections.create_connection(ConnectionName=name, **wrong)
    assert error.value.response["Error"]["Code"] in ("ValidationException", "InvalidInputException")


def test_a_connection_is_in_its_region(aws: Aws, name: str) -> None:
    elsewhere = aws("codeconnections", region="eu-central-1")
    elsewhere.create_connection(ProviderType="GitHub", ConnectionName=name)
    assert [found["ConnectionName"] for found in elsewhere.list_connections()["Connections"]] == [name]
    assert name not in [
        found["ConnectionName"] for found in aws("codeconnections").list_connections()["Connections"]
    ]
