"""Deleting a VPC or a NAT gateway takes along what came with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Aws


@pytest.fixture
def ec2(aws: Aws) -> Any:
    return aws("ec2")


def of_vpc(vpc_id: str) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [vpc_id]}]


def test_a_vpc_takes_its_default_network_acl_along(ec2: Any) -> None:
    vpc_id = ec2.create_vpc(CidrBlock="10.250.0.0/16")["Vpc"]["VpcId"]
    assert [acl["IsDefault"] for acl in ec2.describe_network_acls(Filters=of_vpc(vpc_id))["NetworkAcls"]] == [
        True
    ]
    ec2.delete_vpc(VpcId=vpc_id)
    assert ec2.describe_network_acls(Filters=of_vpc(vpc_id))["NetworkAcls"] == []


def test_a_nat_gateway_takes_its_network_interface_along(ec2: Any) -> None:
    vpc_id = ec2.create_vpc(CidrBlock="10.251.0.0/16")["Vpc"]["VpcId"]
    subnet_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.251.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet_id, ConnectivityType="private")["NatGateway"]
    assert len(ec2.describe_network_interfaces(Filters=of_vpc(vpc_id))["NetworkInterfaces"]) == 1
    ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])
    assert ec2.describe_network_interfaces(Filters=of_vpc(vpc_id))["NetworkInterfaces"] == []
    ec2.delete_subnet(SubnetId=subnet_id)
    ec2.delete_vpc(VpcId=vpc_id)


@pytest.mark.parametrize(("given", "left"), [({}, 0), ({"DeleteOnTermination": False}, 1)])
def test_an_instance_takes_its_network_interface_along_unless_told_not_to(
    ec2: Any, given: dict[str, bool], left: int
) -> None:
    vpc_id = ec2.create_vpc(CidrBlock="10.252.0.0/16")["Vpc"]["VpcId"]
    subnet_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.252.0.0/24")["Subnet"]["SubnetId"]
    instance = ec2.run_instances(
        ImageId=ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
        InstanceType="t4g.small",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet_id, **given}],
    )["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[instance])
    interfaces = ec2.describe_network_interfaces(Filters=of_vpc(vpc_id))["NetworkInterfaces"]
    assert len(interfaces) == left
