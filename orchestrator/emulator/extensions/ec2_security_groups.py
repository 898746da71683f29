"""Descriptions of security group rules that name another security group.

AWS (EC2 API reference, ``DescribeSecurityGroupRules``) answers a rule's description whatever the rule refers to. moto
looks for it beside an address range only.

Needed by ``aws_vpc_security_group_ingress_rule`` and ``aws_vpc_security_group_egress_rule`` with
``referenced_security_group_id``, whose description would change in every plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's security group rules."""

    @wrap(SecurityGroupRule, "description")
    def description(original: Callable[[Any], str | None], rule: Any) -> str | None:
        return original(rule) or rule.source_group.get("Description")
