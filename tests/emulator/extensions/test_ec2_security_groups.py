"""EC2: descriptions of security group rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Aws


@pytest.fixture
def groups(aws: Aws, name: str) -> list[str]:
    """Two security groups of one VPC."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_security_group(GroupName=f"{name}-{number}", Description="test", VpcId=vpc)
        for number in range(2)
    ]
    return [str(group["GroupId"]) for group in made]


def rules(ec2: Any, group: str) -> list[dict[str, Any]]:
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    return [rule for rule in found["SecurityGroupRules"] if not rule["IsEgress"]]


def test_a_rule_that_names_a_group_keeps_its_description(aws: Aws, groups: list[str]) -> None:
    ec2 = aws("ec2")
    pair = {"GroupId": groups[1], "Description": "The load balancer"}
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [pair]}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[permission])

    (rule,) = rules(ec2, groups[0])

    assert rule["Description"] == "The load balancer"
    assert rule["ReferencedGroupInfo"]["GroupId"] == groups[1]


def test_a_rule_that_names_a_range_keeps_its_description(aws: Aws, groups: list[str]) -> None:
    ec2 = aws("ec2")
    ranges = [{"CidrIp": "10.0.0.0/16", "Description": "The VPC"}]
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[permission])

    (rule,) = rules(ec2, groups[0])

    assert rule["Description"] == "The VPC"


def test_a_rule_that_names_a_prefix_list_keeps_its_description(aws: Aws, groups: list[str]) -> None:
    ec2 = aws("ec2")
    names = [{"Name": "prefix-list-name", "Values": ["com.amazonaws.eu-west-1.vpc-lattice"]}]
    lattice = ec2.describe_managed_prefix_lists(Filters=names)["PrefixLists"][0]["PrefixListId"]
    lists = [{"PrefixListId": lattice, "Description": "VPC Lattice"}]
    permission = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "PrefixListIds": lists}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[permission])

    (rule,) = rules(ec2, groups[0])

    assert rule["Description"] == "VPC Lattice"
    assert rule["PrefixListId"] == lattice
