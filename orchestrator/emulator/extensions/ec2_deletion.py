"""What goes with a VPC that is deleted, with a NAT gateway, and with an instance.

AWS (EC2 API reference): ``DeleteVpc`` deletes a VPC's default network ACL, as its default security group and main route table;
``DeleteNatGateway`` deletes the gateway's network interface; so does ``TerminateInstances`` with an instance's primary one, unless
it was told not to.

moto leaves them behind, without the VPC and the subnet that they were in.

Needed by ``aws_vpc``, ``aws_nat_gateway`` and ``aws_autoscaling_group``, after whose destruction an account is as it was before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.instances import Instance
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.vpcs import VPCBackend

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's EC2 backends."""

    @wrap(VPCBackend, "delete_vpc")
    def delete_vpc(original: Callable[..., Any], backend: Any, vpc_id: str) -> Any:
        deleted = original(backend, vpc_id)
        for acl in [acl for acl in backend.network_acls.values() if acl.vpc_id == vpc_id]:
            del backend.network_acls[acl.id]
        return deleted

    @wrap(NatGatewayBackend, "delete_nat_gateway")
    def delete_nat_gateway(original: Callable[..., Any], backend: Any, nat_gateway_id: str) -> Any:
        deleted = original(backend, nat_gateway_id)
        backend.enis.pop(deleted._eni.id, None)
        return deleted

    @wrap(Instance, "prep_nics")
    def prep_nics(
        original: Callable[..., None],
        instance: Any,
        nic_spec: list[dict[str, Any]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        kept = any(
            "NetworkInterfaceId" in nic or nic.get("DeleteOnTermination") is False
            for nic in nic_spec
            if int(nic["DeviceIndex"]) == 0
        )
        original(instance, nic_spec, *args, **kwargs)
        if 0 in instance.nics and not kept:
            instance.nics[0].delete_on_termination = True
