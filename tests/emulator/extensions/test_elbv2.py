"""Elastic Load Balancing: listeners with TLS, traffic through PrivateLink."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.conftest import Aws

SETTING = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"


@pytest.fixture
def network(aws: Aws, name: str) -> dict[str, str]:
    """A subnet and a security group."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=name, Description="test", VpcId=vpc)["GroupId"]
    return {"subnet": subnet, "group": group}


@pytest.fixture
def balancer(aws: Aws, name: str, network: dict[str, str]) -> Iterator[str]:
    """A network load balancer with a security group."""
    elb = aws("elbv2")
    made = elb.create_load_balancer(
        Name=name,
        Type="network",
        Scheme="internal",
        Subnets=[network["subnet"]],
        SecurityGroups=[network["group"]],
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    yield arn
    elb.delete_load_balancer(LoadBalancerArn=arn)


def described(elb: Any, arn: str) -> dict[str, Any]:
    (found,) = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    return dict(found)


def test_rules_are_enforced_until_they_are_not(aws: Aws, network: dict[str, str], balancer: str) -> None:
    elb = aws("elbv2")
    assert described(elb, balancer)[SETTING] == "on"

    answer = elb.set_security_groups(
        LoadBalancerArn=balancer, SecurityGroups=[network["group"]], **{SETTING: "off"}
    )

    assert answer[SETTING] == "off"
    assert described(elb, balancer)[SETTING] == "off"


def test_a_network_load_balancer_without_security_groups_has_no_such_setting(
    aws: Aws, name: str, network: dict[str, str]
) -> None:
    elb = aws("elbv2")
    made = elb.create_load_balancer(Name=name, Type="network", Scheme="internal", Subnets=[network["subnet"]])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]

    assert SETTING not in described(elb, arn)
    elb.delete_load_balancer(LoadBalancerArn=arn)


def test_a_listener_with_tls_is_changed(aws: Aws, name: str, network: dict[str, str], balancer: str) -> None:
    elb = aws("elbv2")
    (vpc,) = {
        each["VpcId"] for each in elb.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"]
    }
    certificates = [
        aws("acm").request_certificate(DomainName=f"{label}.{name}.example.com", ValidationMethod="DNS")
        for label in ("one", "two")
    ]
    first, second = ([{"CertificateArn": each["CertificateArn"]}] for each in certificates)
    group = elb.create_target_group(Name=name, Protocol="TCP", Port=1883, VpcId=vpc, TargetType="ip")
    action = {"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}
    listener = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="TLS", Port=8883, Certificates=first, DefaultActions=[action]
    )["Listeners"][0]["ListenerArn"]

    elb.modify_listener(ListenerArn=listener, Protocol="TLS", Port=8884, Certificates=second)

    (found,) = elb.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert (found["Port"], found["Protocol"], found["Certificates"]) == (8884, "TLS", second)
    assert found["DefaultActions"][0]["TargetGroupArn"] == action["TargetGroupArn"]
    elb.delete_listener(ListenerArn=listener)
    elb.delete_target_group(TargetGroupArn=action["TargetGroupArn"])
