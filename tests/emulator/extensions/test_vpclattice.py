"""VPC Lattice: rules, targets, and removal in order."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws, eventually


@pytest.fixture
def lattice(aws: Aws) -> Any:
    return aws("vpc-lattice")


@pytest.fixture
def vpc(aws: Aws) -> str:
    return str(aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def group(lattice: Any, name: str, vpc: str) -> str:
    config = {"port": 8080, "protocol": "HTTP", "vpcIdentifier": vpc}
    made: str = lattice.create_target_group(name=name, type="IP", config=config)["id"]
    eventually(lambda: lattice.get_target_group(targetGroupIdentifier=made)["status"] == "ACTIVE")
    return made


@pytest.fixture
def listener(lattice: Any, name: str, group: str) -> dict[str, str]:
    """A service's listener that forwards to the target group."""
    service = lattice.create_service(name=name, authType="AWS_IAM")["id"]
    made = lattice.create_listener(
        serviceIdentifier=service, name="https", protocol="HTTPS", defaultAction=forward(group)
    )
    return {"serviceIdentifier": service, "listenerIdentifier": made["id"]}


def forward(group: str) -> dict[str, Any]:
    return {"forward": {"targetGroups": [{"targetGroupIdentifier": group, "weight": 100}]}}


def path(prefix: str) -> dict[str, Any]:
    return {"httpMatch": {"pathMatch": {"match": {"prefix": prefix}}}}


def gone(get: Any, **named: str) -> bool:
    try:
        get(**named)
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == "ResourceNotFoundException")
    return False


def test_a_rule_is_read_changed_and_removed(lattice: Any, listener: dict[str, str], group: str) -> None:
    rule = lattice.create_rule(
        **listener, name="beta", priority=10, match=path("/beta"), action=forward(group), tags={"team": "a"}
    )
    named = {**listener, "ruleIdentifier": rule["id"]}
    found = lattice.get_rule(**named)
    assert (found["name"], found["priority"], found["match"]) == ("beta", 10, path("/beta"))
    assert found["arn"].endswith(f"{listener['listenerIdentifier']}/rule/{rule['id']}")
    assert lattice.list_tags_for_resource(resourceArn=found["arn"])["tags"] == {"team": "a"}

    lattice.update_rule(**named, priority=20, action={"fixedResponse": {"statusCode": 404}})
    assert lattice.get_rule(**named)["action"] == {"fixedResponse": {"statusCode": 404}}
    assert [
        each["priority"] for each in lattice.list_rules(**listener)["items"] if not each["isDefault"]
    ] == [20]

    lattice.delete_rule(**named)
    assert gone(lattice.get_rule, **named)


def test_two_rules_have_two_priorities(lattice: Any, listener: dict[str, str], group: str) -> None:
    lattice.create_rule(**listener, name="one", priority=10, match=path("/one"), action=forward(group))

    with pytest.raises(ClientError, match="ConflictException"):
        lattice.create_rule(**listener, name="two", priority=10, match=path("/two"), action=forward(group))


def test_a_listener_is_changed_and_removed(lattice: Any, listener: dict[str, str]) -> None:
    lattice.update_listener(**listener, defaultAction={"fixedResponse": {"statusCode": 404}})
    assert lattice.get_listener(**listener)["defaultAction"] == {"fixedResponse": {"statusCode": 404}}

    lattice.delete_listener(**listener)
    assert gone(lattice.get_listener, **listener)


def test_targets_are_registered_and_deregistered(lattice: Any, group: str) -> None:
    target = {"id": "10.0.0.10", "port": 8080}
    answer = lattice.register_targets(targetGroupIdentifier=group, targets=[{"id": "10.0.0.10"}])
    assert (answer["successful"], answer["unsuccessful"]) == ([target], [])
    (found,) = lattice.list_targets(targetGroupIdentifier=group)["items"]
    assert target.items() <= found.items()

    lattice.deregister_targets(targetGroupIdentifier=group, targets=[target])
    eventually(lambda: not lattice.list_targets(targetGroupIdentifier=group)["items"])


def test_a_target_group_that_is_used_stays(lattice: Any, listener: dict[str, str], group: str) -> None:
    with pytest.raises(ClientError, match="ConflictException"):
        lattice.delete_target_group(targetGroupIdentifier=group)

    lattice.delete_listener(**listener)
    eventually(lambda: gone(lattice.get_listener, **listener))
    lattice.delete_target_group(targetGroupIdentifier=group)
    eventually(lambda: gone(lattice.get_target_group, targetGroupIdentifier=group))


def test_a_target_groups_health_check_is_changed(lattice: Any, group: str) -> None:
    lattice.update_target_group(
        targetGroupIdentifier=group, healthCheck={"enabled": True, "path": "/healthz"}
    )

    config = lattice.get_target_group(targetGroupIdentifier=group)["config"]
    assert config["healthCheck"]["path"] == "/healthz"
    assert config["port"] == 8080


def test_a_service_network_goes_when_nothing_is_associated(
    aws: Aws, lattice: Any, name: str, vpc: str, listener: dict[str, str]
) -> None:
    security_group = aws("ec2").create_security_group(GroupName=name, Description="test", VpcId=vpc)[
        "GroupId"
    ]
    network = lattice.create_service_network(name=name, authType="NONE")["id"]
    service = listener["serviceIdentifier"]
    vpc_association = lattice.create_service_network_vpc_association(
        serviceNetworkIdentifier=network, vpcIdentifier=vpc
    )["id"]
    service_association = lattice.create_service_network_service_association(
        serviceNetworkIdentifier=network, serviceIdentifier=service
    )["id"]
    of_vpc = {"serviceNetworkVpcAssociationIdentifier": vpc_association}
    of_service = {"serviceNetworkServiceAssociationIdentifier": service_association}
    get = lattice.get_service_network_vpc_association
    eventually(lambda: get(**of_vpc)["status"] == "ACTIVE")

    lattice.update_service_network_vpc_association(**of_vpc, securityGroupIds=[security_group])
    assert get(**of_vpc)["securityGroupIds"] == [security_group]
    lattice.update_service_network(serviceNetworkIdentifier=network, authType="AWS_IAM")
    assert lattice.get_service_network(serviceNetworkIdentifier=network)["authType"] == "AWS_IAM"
    with pytest.raises(ClientError, match="ConflictException"):
        lattice.delete_service_network(serviceNetworkIdentifier=network)
    with pytest.raises(ClientError, match="ConflictException"):
        lattice.delete_service(serviceIdentifier=service)

    lattice.delete_service_network_vpc_association(**of_vpc)
    lattice.delete_service_network_service_association(**of_service)
    eventually(lambda: gone(get, **of_vpc))
    eventually(lambda: gone(lattice.get_service_network_service_association, **of_service))
    lattice.delete_service(serviceIdentifier=service)
    lattice.delete_service_network(serviceNetworkIdentifier=network)
    eventually(lambda: gone(lattice.get_service, serviceIdentifier=service))
    assert gone(lattice.get_service_network, serviceNetworkIdentifier=network)


def test_an_arn_names_a_service(lattice: Any, listener: dict[str, str]) -> None:
    service = lattice.get_service(serviceIdentifier=listener["serviceIdentifier"])

    assert lattice.get_service(serviceIdentifier=service["arn"])["id"] == service["id"]
    lattice.update_service(serviceIdentifier=service["arn"], authType="NONE")
    assert lattice.get_service(serviceIdentifier=service["id"])["authType"] == "NONE"
