"""Transit gateways, IPv6 subnets, flow logs, DHCP options, prefix lists."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws, eventually

DISABLED = {"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}


@pytest.fixture
def ec2(aws: Aws) -> Any:
    return aws("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def subnet(ec2: Any, vpc: str) -> str:
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"])


class Gateway:
    """A transit gateway with one attached VPC."""

    def __init__(self, ec2: Any, vpc: str, subnet: str, options: dict[str, str]) -> None:
        self.ec2 = ec2
        self.made = ec2.create_transit_gateway(Options=options)["TransitGateway"]
        self.id = self.made["TransitGatewayId"]
        eventually(lambda: self.state() == "available")
        attached = ec2.create_transit_gateway_vpc_attachment(
            TransitGatewayId=self.id,
            VpcId=vpc,
            SubnetIds=[subnet],
            TagSpecifications=[
                {"ResourceType": "transit-gateway-attachment", "Tags": [{"Key": "team", "Value": "net"}]}
            ],
        )
        self.attachment = attached["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        eventually(lambda: self.describe()["State"] == "available")

    def state(self) -> str:
        found = self.ec2.describe_transit_gateways(TransitGatewayIds=[self.id])["TransitGateways"]
        return str(found[0]["State"])

    def describe(self) -> dict[str, Any]:
        answer = self.ec2.describe_transit_gateway_vpc_attachments(
            TransitGatewayAttachmentIds=[self.attachment]
        )
        found: dict[str, Any] = answer["TransitGatewayVpcAttachments"][0]
        return found

    def table(self) -> str:
        """A route table besides the default one."""
        made = self.ec2.create_transit_gateway_route_table(TransitGatewayId=self.id)[
            "TransitGatewayRouteTable"
        ]
        table = str(made["TransitGatewayRouteTableId"])

        def state() -> str:
            found = self.ec2.describe_transit_gateway_route_tables(TransitGatewayRouteTableIds=[table])
            return str(found["TransitGatewayRouteTables"][0]["State"])

        eventually(lambda: state() == "available")
        return table

    def associations(self, table: str) -> list[str]:
        answer = self.ec2.get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=table)
        return [found["TransitGatewayAttachmentId"] for found in answer["Associations"]]

    def propagations(self, table: str) -> list[str]:
        answer = self.ec2.get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=table)
        return [
            found["TransitGatewayAttachmentId"] for found in answer["TransitGatewayRouteTablePropagations"]
        ]


@pytest.fixture
def gateway(ec2: Any, vpc: str, subnet: str) -> Gateway:
    """A gateway that leaves its default route table alone."""
    return Gateway(ec2, vpc, subnet, DISABLED)


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_an_attachment_keeps_its_tags(gateway: Gateway) -> None:
    assert gateway.describe()["Tags"] == [{"Key": "team", "Value": "net"}]


def test_by_default_an_attachment_is_in_the_default_table(ec2: Any, vpc: str, subnet: str) -> None:
    gateway = Gateway(ec2, vpc, subnet, {})
    table = gateway.made["Options"]["AssociationDefaultRouteTableId"]

    eventually(lambda: gateway.associations(table) == [gateway.attachment])
    eventually(lambda: gateway.propagations(table) == [gateway.attachment])

    ec2.disassociate_transit_gateway_route_table(
        TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=gateway.attachment
    )
    eventually(lambda: gateway.associations(table) == [])


def test_without_default_it_is_in_none_until_it_is_put_there(ec2: Any, gateway: Gateway) -> None:
    table = gateway.table()
    assert gateway.associations(table) == []

    named = {"TransitGatewayRouteTableId": table, "TransitGatewayAttachmentId": gateway.attachment}
    ec2.associate_transit_gateway_route_table(**named)
    eventually(lambda: gateway.associations(table) == [gateway.attachment])

    with pytest.raises(ClientError) as taken:
        ec2.associate_transit_gateway_route_table(**{**named, "TransitGatewayRouteTableId": gateway.table()})
    assert code_of(taken) == "Resource.AlreadyAssociated"


def test_an_attachment_propagates_to_many_tables(ec2: Any, gateway: Gateway) -> None:
    tables = [gateway.table(), gateway.table()]
    named = [
        {"TransitGatewayRouteTableId": table, "TransitGatewayAttachmentId": gateway.attachment}
        for table in tables
    ]

    def propagations() -> list[list[str]]:
        return [gateway.propagations(table) for table in tables]

    for one in named:
        ec2.enable_transit_gateway_route_table_propagation(**one)
    eventually(lambda: propagations() == [[gateway.attachment], [gateway.attachment]])
    for one in named:
        ec2.disable_transit_gateway_route_table_propagation(**one)
    eventually(lambda: propagations() == [[], []])


def test_a_route_names_the_attachment_it_leads_to(ec2: Any, gateway: Gateway, vpc: str) -> None:
    table = gateway.table()
    ec2.create_transit_gateway_route(
        DestinationCidrBlock="10.9.0.0/16",
        TransitGatewayRouteTableId=table,
        TransitGatewayAttachmentId=gateway.attachment,
    )

    def routes() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ec2.search_transit_gateway_routes(
            TransitGatewayRouteTableId=table, Filters=[{"Name": "type", "Values": ["static"]}]
        )["Routes"]
        return found

    eventually(lambda: [route["State"] for route in routes()] == ["active"])
    attached = routes()[0]["TransitGatewayAttachments"][0]
    assert (attached["TransitGatewayAttachmentId"], attached["ResourceId"]) == (gateway.attachment, vpc)


def test_a_deleted_attachment_is_answered_as_deleted(
    ec2: Any, gateway: Gateway, vpc: str, subnet: str
) -> None:
    table = gateway.table()
    ec2.associate_transit_gateway_route_table(
        TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=gateway.attachment
    )

    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=gateway.attachment)

    eventually(lambda: gateway.describe()["State"] == "deleted")
    assert gateway.associations(table) == []
    again = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway.id, VpcId=vpc, SubnetIds=[subnet]
    )
    assert again["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"] != gateway.attachment


def test_an_attachment_that_never_was_is_not_found(ec2: Any) -> None:
    with pytest.raises(ClientError) as missing:
        ec2.describe_transit_gateway_vpc_attachments(
            TransitGatewayAttachmentIds=["tgw-attach-00000000000000000"]
        )

    assert code_of(missing) == "InvalidTransitGatewayAttachmentID.NotFound"


def test_an_ipv6_block_of_a_subnet_is_found_by_its_association(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]

    def vpc_block() -> str:
        found = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0].get("Ipv6CidrBlockAssociationSet", [])
        return str(found[0]["Ipv6CidrBlock"]) if found else ""

    block = eventually(vpc_block).replace("::/56", "::/64")
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", Ipv6CidrBlock=block)["Subnet"]
    association = made["Ipv6CidrBlockAssociationSet"][0]["AssociationId"]
    name = "ipv6-cidr-block-association.association-id"

    found = ec2.describe_subnets(Filters=[{"Name": name, "Values": [association]}])["Subnets"]

    assert [subnet["SubnetId"] for subnet in found] == [made["SubnetId"]]
    assert found[0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlockState"]["State"] == "associated"


def test_a_flow_log_keeps_its_format(aws: Aws, ec2: Any, vpc: str, name: str) -> None:
    aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": True}

    made = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{name}",
        DestinationOptions=options,
    )

    found = ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"]
    assert found[0]["DestinationOptions"] == options


def test_dhcp_options_keep_their_tags(ec2: Any) -> None:
    tags = [{"Key": "team", "Value": "net"}]
    made = ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name", "Values": ["corp.example"]}],
        TagSpecifications=[{"ResourceType": "dhcp-options", "Tags": tags}],
    )["DhcpOptions"]

    found = ec2.describe_dhcp_options(DhcpOptionsIds=[made["DhcpOptionsId"]])["DhcpOptions"]
    assert found[0]["Tags"] == tags


def test_a_prefix_list_keeps_its_name_when_it_gets_an_entry(ec2: Any, name: str) -> None:
    made = ec2.create_managed_prefix_list(PrefixListName=name, MaxEntries=5, AddressFamily="IPv4")[
        "PrefixList"
    ]

    def describe() -> dict[str, Any]:
        found: dict[str, Any] = ec2.describe_managed_prefix_lists(PrefixListIds=[made["PrefixListId"]])[
            "PrefixLists"
        ][0]
        return found

    eventually(lambda: describe()["State"].endswith("-complete"))
    ec2.modify_managed_prefix_list(
        PrefixListId=made["PrefixListId"],
        CurrentVersion=made["Version"],
        AddEntries=[{"Cidr": "10.8.0.0/16"}],
    )

    eventually(lambda: describe()["State"] == "modify-complete")
    assert describe()["PrefixListName"] == name
