"""Network load balancers: TLS listeners that can be changed, traffic that comes through PrivateLink.

AWS (Elastic Load Balancing API reference, ``SetSecurityGroups``, ``DescribeLoadBalancers``) keeps
``EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic`` on a network load balancer that has security groups: ``on``
until it is set; and changes (``ModifyListener``) listeners of every protocol, whatever of them the request names. moto
does not know the one, and changes listeners with HTTP, HTTPS and TCP only, and only when the request has their actions.

Needed by ``aws_lb`` of type network with ``enforce_security_group_inbound_rules_on_private_link_traffic`` and by
``aws_lb_listener`` with TLS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer
from moto.elbv2.responses import ELBV2Response

from orchestrator.emulator.patch import wrap

_HTTP = (None, "HTTP", "HTTPS")
_OTHER = ("TCP", "TLS", "UDP", "TCP_UDP")
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

    @wrap(ELBv2Backend, "modify_listener")
    def modify_listener(
        original: Callable[..., Any],
        backend: Any,
        arn: str,
        port: str | None = None,
        protocol: str | None = None,
        ssl_policy: str | None = None,
        certificates: list[dict[str, str]] | None = None,
        actions: list[dict[str, Any]] | None = None,
    ) -> Any:
        known = protocol if protocol in _HTTP else None
        listener = original(backend, arn, port, known, ssl_policy, certificates or [], actions or [])
        if protocol in _OTHER:
            listener.protocol = protocol
        if listener.protocol == "TLS" and certificates:
            listener.certificate = certificates[0]["CertificateArn"]
            listener.certificates = [each["CertificateArn"] for each in certificates]
        return listener
