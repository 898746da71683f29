"""EventBridge Schemas: registries, versions of schemas, discoverers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

CONTENT = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}


@pytest.fixture
def schemas(aws: Aws) -> Any:
    return aws("schemas")


@pytest.fixture
def registry(schemas: Any, name: str) -> Iterator[dict[str, Any]]:
    made = schemas.create_registry(RegistryName=name, Description="orders", Tags={"team": "shop"})
    yield made
    for schema in schemas.list_schemas(RegistryName=name)["Schemas"]:
        schemas.delete_schema(RegistryName=name, SchemaName=schema["SchemaName"])
    schemas.delete_registry(RegistryName=name)


def test_a_registry_is_found_changed_and_tagged(schemas: Any, registry: dict[str, Any], name: str) -> None:
    assert schemas.describe_registry(RegistryName=name)["Tags"] == {"team": "shop"}

    schemas.update_registry(RegistryName=name, Description="payments")
    schemas.tag_resource(ResourceArn=registry["RegistryArn"], Tags={"stage": "test"})

    assert schemas.describe_registry(RegistryName=name)["Description"] == "payments"
    tags = schemas.list_tags_for_resource(ResourceArn=registry["RegistryArn"])["Tags"]
    assert tags == {"team": "shop", "stage": "test"}
    with pytest.raises(schemas.exceptions.ConflictException):
        schemas.create_registry(RegistryName=name)


def test_another_content_is_another_version(schemas: Any, registry: dict[str, Any], name: str) -> None:
    schema = {"RegistryName": registry["RegistryName"], "SchemaName": "shop.orders@OrderCreated"}
    schemas.create_schema(**schema, Type="JSONSchemaDraft4", Content=json.dumps(CONTENT))
    schemas.update_schema(**schema, Description="when an order was made")
    assert schemas.describe_schema(**schema)["SchemaVersion"] == "1"

    schemas.update_schema(**schema, Type="JSONSchemaDraft4", Content=json.dumps(CONTENT | {"title": "Order"}))

    assert schemas.describe_schema(**schema)["SchemaVersion"] == "2"
    assert json.loads(schemas.describe_schema(**schema, SchemaVersion="1")["Content"]) == CONTENT
    versions = schemas.list_schema_versions(**schema)["SchemaVersions"]
    assert {version["SchemaVersion"] for version in versions} == {"1", "2"}


def test_a_registry_that_holds_schemas_stays(schemas: Any, registry: dict[str, Any], name: str) -> None:
    schemas.create_schema(
        RegistryName=name, SchemaName="one", Type="JSONSchemaDraft4", Content=json.dumps(CONTENT)
    )
    with pytest.raises(schemas.exceptions.BadRequestException):
        schemas.delete_registry(RegistryName=name)


def test_what_is_not_there(schemas: Any, name: str) -> None:
    with pytest.raises(schemas.exceptions.NotFoundException):
        schemas.describe_registry(RegistryName=name)
    with pytest.raises(schemas.exceptions.NotFoundException):
        schemas.describe_discoverer(DiscovererId=name)


def test_a_bus_has_one_discoverer(aws: Aws, schemas: Any, name: str) -> None:
    events = aws("events")
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    made = schemas.create_discoverer(SourceArn=bus, Description="found")
    try:
        found = schemas.describe_discoverer(DiscovererId=made["DiscovererId"])
        assert (found["SourceArn"], found["State"]) == (bus, "STARTED")
        with pytest.raises(ClientError, match="ConflictException"):
            schemas.create_discoverer(SourceArn=bus)

        schemas.stop_discoverer(DiscovererId=made["DiscovererId"])
        assert schemas.describe_discoverer(DiscovererId=made["DiscovererId"])["State"] == "STOPPED"
    finally:
        schemas.delete_discoverer(DiscovererId=made["DiscovererId"])
        events.delete_event_bus(Name=name)


def test_a_registry_has_a_policy(schemas: Any, registry: dict[str, Any], name: str) -> None:
    policy = {"Version": "2012-10-17", "Statement": []}
    schemas.put_resource_policy(RegistryName=name, Policy=json.dumps(policy))
    assert json.loads(schemas.get_resource_policy(RegistryName=name)["Policy"]) == policy

    schemas.delete_resource_policy(RegistryName=name)
    with pytest.raises(schemas.exceptions.NotFoundException):
        schemas.get_resource_policy(RegistryName=name)
