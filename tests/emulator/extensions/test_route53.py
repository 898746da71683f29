"""Route 53: private zones."""

from __future__ import annotations

from tests.emulator.conftest import REGION, Aws


def test_a_zone_with_a_vpc_is_private(aws: Aws, name: str) -> None:
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    route53 = aws("route53")
    zone = route53.create_hosted_zone(
        Name=f"{name}.internal", CallerReference=name, VPC={"VPCId": vpc, "VPCRegion": REGION}
    )["HostedZone"]["Id"]

    found = route53.get_hosted_zone(Id=zone)

    assert found["HostedZone"]["Config"]["PrivateZone"]
    assert found["VPCs"] == [{"VPCId": vpc, "VPCRegion": REGION}]
    assert "DelegationSet" not in found
    route53.delete_hosted_zone(Id=zone)


def test_a_zone_without_a_vpc_is_public(aws: Aws, name: str) -> None:
    route53 = aws("route53")
    zone = route53.create_hosted_zone(Name=f"{name}.example.com", CallerReference=name)["HostedZone"]["Id"]

    found = route53.get_hosted_zone(Id=zone)

    assert not found["HostedZone"]["Config"]["PrivateZone"]
    assert found["DelegationSet"]["NameServers"]
    route53.delete_hosted_zone(Id=zone)
