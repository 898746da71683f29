"""Route 53 zones that are private because they are made with a VPC.

AWS (Route 53 API reference, ``CreateHostedZone``) makes a private zone when the request names a VPC, whatever
``PrivateZone`` says. moto looks at ``PrivateZone`` alone.

Needed by ``aws_route53_zone`` with a ``vpc`` block: the provider sends the VPC only, so that the zone would be public and
would want its VPC in every plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.route53.responses import Route53

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's Route 53 responses."""

    @wrap(Route53, "create_hosted_zone")
    def create_hosted_zone(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        if response._get_param("VPC.VPCId"):
            response.params.setdefault("HostedZoneConfig", {})["PrivateZone"] = True
        return original(response)
