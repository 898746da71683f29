"""App Mesh: what was given is read back, and goes in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

LISTENER = {"portMapping": {"port": 8080, "protocol": "http"}}
NODE = {
    "listeners": [{**LISTENER, "timeout": {"http": {"perRequest": {"unit": "s", "value": 15}}}}],
    "serviceDiscovery": {"awsCloudMap": {"namespaceName": "test", "serviceName": "catalog"}},
    "backends": [{"virtualService": {"virtualServiceName": "orders.test"}}],
    "logging": {"accessLog": {"file": {"path": "/dev/stdout"}}},
}
ROUTE = {
    "httpRoute": {
        "match": {"prefix": "/"},
        "action": {"weightedTargets": [{"virtualNode": "catalog", "weight": 100}]},
        "retryPolicy": {
            "httpRetryEvents": ["gateway-error"],
            "maxRetries": 2,
            "perRetryTimeout": {"unit": "s", "value": 5},
        },
    }
}


@pytest.fixture
def appmesh(aws: Aws) -> Any:
    return aws("appmesh")


@pytest.fixture
def mesh(appmesh: Any, name: str) -> str:
    spec = {"egressFilter": {"type": "DROP_ALL"}}
    appmesh.create_mesh(meshName=name, spec=spec, tags=[{"key": "team", "value": "a"}])
    return name


def test_a_mesh_is_read_back(appmesh: Any, mesh: str, account: str) -> None:
    found = appmesh.describe_mesh(meshName=mesh)["mesh"]

    assert found["spec"] == {"egressFilter": {"type": "DROP_ALL"}}
    assert found["status"] == {"status": "ACTIVE"}
    assert found["metadata"]["meshOwner"] == account
    assert isinstance(found["metadata"]["createdAt"], datetime)
    assert mesh in {each["meshName"] for each in appmesh.list_meshes()["meshes"]}


def test_a_mesh_is_changed(appmesh: Any, mesh: str) -> None:
    appmesh.update_mesh(meshName=mesh, spec={"egressFilter": {"type": "ALLOW_ALL"}})

    found = appmesh.describe_mesh(meshName=mesh)["mesh"]

    assert found["spec"]["egressFilter"]["type"] == "ALLOW_ALL"
    assert found["metadata"]["version"] == 2


def test_tags_are_added_and_removed(appmesh: Any, mesh: str) -> None:
    arn = appmesh.describe_mesh(meshName=mesh)["mesh"]["metadata"]["arn"]

    appmesh.tag_resource(resourceArn=arn, tags=[{"key": "stage", "value": "test"}])
    appmesh.untag_resource(resourceArn=arn, tagKeys=["team"])

    assert appmesh.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "stage", "value": "test"}]


def test_a_mesh_of_everything_goes_in_order(appmesh: Any, mesh: str) -> None:
    in_mesh = {"meshName": mesh}
    in_router = {**in_mesh, "virtualRouterName": "catalog"}
    in_gateway = {**in_mesh, "virtualGatewayName": "gateway"}
    provider = {"provider": {"virtualRouter": {"virtualRouterName": "catalog"}}}
    service = {"virtualService": {"virtualServiceName": "catalog.test"}}
    entrance = {"httpRoute": {"match": {"prefix": "/"}, "action": {"target": service}}}
    appmesh.create_virtual_node(**in_mesh, virtualNodeName="catalog", spec=NODE)
    appmesh.create_virtual_router(**in_router, spec={"listeners": [LISTENER]})
    appmesh.create_route(**in_router, routeName="all", spec=ROUTE)
    appmesh.create_virtual_service(**in_mesh, virtualServiceName="catalog.test", spec=provider)
    appmesh.create_virtual_gateway(**in_gateway, spec={"listeners": [LISTENER]})
    appmesh.create_gateway_route(**in_gateway, gatewayRouteName="all", spec=entrance)

    node = appmesh.describe_virtual_node(**in_mesh, virtualNodeName="catalog")["virtualNode"]
    route = appmesh.describe_route(**in_router, routeName="all")["route"]
    found = appmesh.describe_virtual_service(**in_mesh, virtualServiceName="catalog.test")["virtualService"]
    assert (node["spec"], route["spec"], found["spec"]) == (NODE, ROUTE, provider)
    assert [each["routeName"] for each in appmesh.list_routes(**in_router)["routes"]] == ["all"]
    listed = appmesh.list_virtual_services(**in_mesh)["virtualServices"]
    assert [each["virtualServiceName"] for each in listed] == ["catalog.test"]

    in_use = [
        (appmesh.delete_virtual_node, {**in_mesh, "virtualNodeName": "catalog"}),
        (appmesh.delete_virtual_router, in_router),
        (appmesh.delete_virtual_service, {**in_mesh, "virtualServiceName": "catalog.test"}),
        (appmesh.delete_virtual_gateway, in_gateway),
        (appmesh.delete_mesh, in_mesh),
    ]
    for delete, named in in_use:
        with pytest.raises(ClientError, match="ResourceInUseException"):
            delete(**named)

    appmesh.delete_gateway_route(**in_gateway, gatewayRouteName="all")
    appmesh.delete_virtual_gateway(**in_gateway)
    appmesh.delete_virtual_service(**in_mesh, virtualServiceName="catalog.test")
    appmesh.delete_route(**in_router, routeName="all")
    appmesh.delete_virtual_router(**in_router)
    appmesh.delete_virtual_node(**in_mesh, virtualNodeName="catalog")
    assert appmesh.delete_mesh(**in_mesh)["mesh"]["status"]["status"] == "DELETED"
    with pytest.raises(ClientError, match="NotFoundException"):
        appmesh.describe_mesh(**in_mesh)


def test_a_name_is_used_once(appmesh: Any, mesh: str) -> None:
    with pytest.raises(ClientError, match="ConflictException"):
        appmesh.create_mesh(meshName=mesh)


def test_a_node_needs_its_mesh(appmesh: Any, name: str) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        appmesh.create_virtual_node(meshName=name, virtualNodeName="catalog", spec=NODE)
