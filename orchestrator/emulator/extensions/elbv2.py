"""Network load balancers with security groups: whether these look at traffic that comes through PrivateLink.

AWS (Elastic Load Balancing API reference, ``SetSecurityGroups``, ``DescribeLoadBalancers``) keeps
``EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic`` on a network load balancer that has security groups: ``on``
until it is set. moto does not know it.

Needed by ``aws_lb`` of type network with ``enforce_security_group_inbound_rules_on_private_link_traffic``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import FakeLoadBalancer
from moto.elbv2.responses import ELBV2Response

from orchestrator.emulator.patch import wrap

_ATTRIBUTE = "enforce_security_group_inbound_rules_on_private_link_traffic"
_SETTING = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"


def register() -> None:
    """Extend moto's load balancers and their responses."""

    @wrap(FakeLoadBalancer, "__init__")
    def initialise(original: Callable[..., None], balancer: Any, *args: Any, **given: Any) -> None:
        original(balancer, *args, **given)
        has_groups = balancer.type == "network" and balancer.security_groups
        setattr(balancer, _ATTRIBUTE, "on" if has_groups else None)

    @wrap(ELBV2Response, "set_security_groups")
    def set_security_groups(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer = original(response)
        if value := response._get_param(_SETTING):
            balancer = response.elbv2_backend.load_balancers[response._get_param("LoadBalancerArn")]
            setattr(balancer, _ATTRIBUTE, value)
            result: Any = answer.result
            result[_SETTING] = value
        return answer
