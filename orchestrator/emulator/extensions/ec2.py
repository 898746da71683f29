"""VPC networking: transit gateway attachments, IPv6 subnets, flow logs' formats, names of managed prefix lists.

AWS (EC2 API reference)

- ``CreateTransitGatewayVpcAttachment`` associates an attachment with the gateway's default route table, and lets it
  propagate there, only where the gateway's ``DefaultRouteTableAssociation`` and ``DefaultRouteTablePropagation`` say
  so. An attachment has one association and any number of propagations. ``DeleteTransitGatewayVpcAttachment`` ends
  both; ``DescribeTransitGatewayVpcAttachments`` answers the attachment as ``deleted`` for a while.
  A route in the gateway's tables names the attachments it leads to.
- ``DescribeSubnets`` answers the state of an IPv6 block and filters by ``ipv6-cidr-block-association.*``.
- ``CreateFlowLogs`` takes ``DestinationOptions``, ``DescribeFlowLogs`` answers them.
- ``CreateDhcpOptions`` takes tags.
- ``ModifyManagedPrefixList`` changes the name only if it is given.

moto always associates with the default table, without knowing so when asked to undo it; fails when a second
propagation is disabled; loses an attachment's tags, and the attachment itself at once when it is deleted; answers a
route without its attachments and an IPv6 block's state as something that is no state; has no IPv6 filters for
subnets; ignores flow logs' options and DHCP options' tags; and takes the name from a prefix list that gets an entry.

Needed by ``aws_ec2_transit_gateway_vpc_attachment`` (creating fails without default association, destroying waits for
``deleted``), ``aws_ec2_transit_gateway_route_table_association``, ``_propagation``, ``aws_ec2_transit_gateway_route``,
``aws_subnet`` with ``ipv6_cidr_block``, ``aws_flow_log`` with ``destination_options``, ``aws_vpc_dhcp_options``,
``aws_ec2_managed_prefix_list`` beside ``aws_ec2_managed_prefix_list_entry``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.transit_gateway_attachments import (
    TransitGatewayAttachment,
    TransitGatewayAttachmentBackend,
)
from moto.ec2.models.transit_gateway_route_tables import (
    TransitGatewayRelations,
    TransitGatewayRouteTableBackend,
)
from moto.ec2.responses.dhcp_options import DHCPOptions as DHCPOptionsResponse
from moto.ec2.responses.flow_logs import FlowLogs as FlowLogsResponse
from moto.ec2.responses.transit_gateway_attachments import (
    TransitGatewayAttachment as TransitGatewayAttachmentResponse,
)

from orchestrator.emulator.patch import memory, replace, wrap

_IPV6_FILTERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "ipv6-cidr-block-association.association-id": lambda association: association["associationId"],
    "ipv6-cidr-block-association.ipv6-cidr-block": lambda association: association["ipv6CidrBlock"],
    "ipv6-cidr-block-association.state": lambda association: association["ipv6CidrBlockState"]["State"],
}


def register() -> None:
    """Extend moto's EC2 backends and responses."""
    _attach_vpcs()
    _delete_attachments()
    _associate_attachments()
    _propagate_attachments()
    _route_to_attachments()
    _describe_ipv6_subnets()
    _keep_flow_log_formats()
    _tag_dhcp_options()
    _keep_prefix_list_names()


def _attach_vpcs() -> None:
    @wrap(TransitGatewayAttachmentBackend, "create_transit_gateway_vpc_attachment")
    def create(original: Callable[..., Any], backend: Any, *args: Any, **kwargs: Any) -> Any:
        attachment = original(backend, *args, **kwargs)
        gateway = backend.transit_gateways[attachment.transit_gateway_id]
        table_id = gateway.default_route_table.id
        backend.unset_route_table_association(table_id, attachment.id)
        if gateway.options["DefaultRouteTableAssociation"] == "enable":
            backend.associate_transit_gateway_route_table(attachment.id, table_id)
        if gateway.options["DefaultRouteTablePropagation"] == "enable":
            backend.enable_transit_gateway_route_table_propagation(attachment.id, table_id)
        return attachment

    @wrap(TransitGatewayAttachmentResponse, "create_transit_gateway_vpc_attachment")
    def answer_create(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response)
        attachment = answer.result["TransitGatewayVpcAttachment"]
        attachment.add_tags(response._parse_tag_specification().get("transit-gateway-attachment", {}))
        return ActionResult(answer.result)


def _delete_attachments() -> None:
    @replace(TransitGatewayAttachmentBackend, "delete_transit_gateway_vpc_attachment")
    def delete(backend: Any, transit_gateway_attachment_id: str) -> Any:
        attachment = backend.transit_gateway_attachments.pop(transit_gateway_attachment_id, None)
        if attachment is None:
            raise _no_attachment(transit_gateway_attachment_id)
        backend.transit_gateway_associations.pop(attachment.id, None)
        for table in backend.transit_gateways_route_tables.values():
            table.route_table_associations.pop(attachment.id, None)
            backend.disable_route_table_propagation(attachment.id, table.id)
            for route in table.routes.values():
                attached = route.get("transitGatewayAttachments") or []
                if attachment.id in [other["transitGatewayAttachmentId"] for other in attached]:
                    route["state"] = "blackhole"
        attachment.state = "deleted"
        memory(backend).setdefault("deleted attachments", {})[attachment.id] = attachment
        return attachment

    @wrap(TransitGatewayAttachmentBackend, "describe_transit_gateway_vpc_attachments")
    def describe(
        original: Callable[..., list[Any]],
        backend: Any,
        transit_gateways_attachment_ids: list[str] | None = None,
        filters: Any = None,
    ) -> list[Any]:
        deleted = memory(backend).get("deleted attachments", {})
        for attachment_id in transit_gateways_attachment_ids or []:
            if attachment_id not in backend.transit_gateway_attachments and attachment_id not in deleted:
                raise _no_attachment(attachment_id)
        found = original(backend, transit_gateways_attachment_ids, filters)
        return found + [deleted[name] for name in transit_gateways_attachment_ids or [] if name in deleted]


def _associate_attachments() -> None:
    @wrap(TransitGatewayRouteTableBackend, "associate_transit_gateway_route_table")
    def associate(original: Callable[..., Any], backend: Any, *args: str, **kwargs: str) -> Any:
        attachment_id = kwargs.get("transit_gateway_attachment_id") or args[0]
        if attachment_id in backend.transit_gateway_associations:
            message = f"Transit Gateway Attachment {attachment_id} is already associated to a route table."
            raise EC2ClientError("Resource.AlreadyAssociated", message)
        return original(backend, *args, **kwargs)

    @wrap(TransitGatewayRouteTableBackend, "disassociate_transit_gateway_route_table")
    def disassociate(original: Callable[..., Any], backend: Any, tgw_attach_id: str, tgw_rt_id: str) -> Any:
        association = backend.transit_gateway_associations.get(tgw_attach_id)
        if association is None or association.transit_gateway_route_table_id != tgw_rt_id:
            message = f"The association of {tgw_attach_id} with {tgw_rt_id} does not exist."
            raise EC2ClientError("InvalidAssociation.NotFound", message)
        return original(backend, tgw_attach_id, tgw_rt_id)

    @replace(TransitGatewayAttachment, "association")
    def association(attachment: Any) -> dict[str, str] | None:
        if not attachment._association_data:
            return None
        table_id = attachment._association_data["transitGatewayRouteTableId"]
        return {"State": "associated", "TransitGatewayRouteTableId": table_id}


def _propagate_attachments() -> None:
    @replace(TransitGatewayRouteTableBackend, "disable_transit_gateway_route_table_propagation")
    def disable(
        backend: Any,
        transit_gateway_attachment_id: str,
        transit_gateway_route_table_id: str,
    ) -> TransitGatewayRelations:
        names = transit_gateway_attachment_id, transit_gateway_route_table_id
        backend.disable_route_table_propagation(*names)
        return TransitGatewayRelations(backend, *names, state="disabled")


def _route_to_attachments() -> None:
    @wrap(TransitGatewayRouteTableBackend, "create_transit_gateway_route")
    def create(
        original: Callable[..., dict[str, Any]], backend: Any, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        route = original(backend, *args, **kwargs)
        if attached := route.get("transitGatewayAttachments"):
            route["transitGatewayAttachments"] = [attached]
        return route


def _no_attachment(attachment_id: str) -> EC2ClientError:
    message = f"Transit Gateway Attachment {attachment_id} was deleted or does not exist."
    return EC2ClientError("InvalidTransitGatewayAttachmentID.NotFound", message)


def _describe_ipv6_subnets() -> None:
    @replace(Subnet, "ipv6_cidr_block_association_set")
    def association_set(subnet: Any) -> list[dict[str, Any]]:
        associations = subnet.ipv6_cidr_block_associations.values()
        return [other for other in associations if other["ipv6CidrBlockState"]["State"] == "associated"]

    @wrap(Subnet, "get_filter_value")
    def get_filter_value(
        original: Callable[..., Any], subnet: Any, filter_name: str, method_name: str | None = None
    ) -> Any:
        if read := _IPV6_FILTERS.get(filter_name):
            return [read(association) for association in subnet.ipv6_cidr_block_associations.values()]
        return original(subnet, filter_name, method_name)


def _keep_flow_log_formats() -> None:
    @wrap(FlowLogsResponse, "create_flow_logs")
    def create_flow_logs(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response)
        for flow_log_id in answer.result["FlowLogIds"]:
            flow_log = response.ec2_backend.flow_logs[flow_log_id]
            flow_log.destination_options = response._get_param("DestinationOptions")
        return ActionResult(answer.result)


def _tag_dhcp_options() -> None:
    @wrap(DHCPOptionsResponse, "create_dhcp_options")
    def create_dhcp_options(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response)
        answer.result["DhcpOptions"].add_tags(response._parse_tag_specification().get("dhcp-options", {}))
        return ActionResult(answer.result)


def _keep_prefix_list_names() -> None:
    @wrap(ManagedPrefixListBackend, "modify_managed_prefix_list")
    def modify(original: Callable[..., Any], backend: Any, *args: Any, **kwargs: Any) -> Any:
        present = backend.managed_prefix_lists.get(kwargs.get("prefix_list_id"))
        if present is not None and not kwargs.get("prefix_list_name"):
            kwargs["prefix_list_name"] = present.prefix_list_name
        return original(backend, *args, **kwargs)
