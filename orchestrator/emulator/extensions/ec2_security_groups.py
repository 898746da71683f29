"""Descriptions of security group rules that name another security group or a prefix list.

AWS (EC2 API reference, ``DescribeSecurityGroupRules``) answers a rule's description whatever the rule refers to. moto
looks for it beside an address range only.

Needed by ``aws_vpc_security_group_ingress_rule`` and ``aws_vpc_security_group_egress_rule`` with
``referenced_security_group_id`` or ``prefix_list_id``, whose description would change in every plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from orchestrator.emulator.patch import memory, wrap

_PREFIX_LIST = 7  # of the arguments of moto's SecurityGroupRule


def register() -> None:
    """Extend moto's security group rules."""

    @wrap(SecurityGroupRule, "__init__")
    def init(original: Callable[..., None], rule: Any, *args: Any, **kwargs: Any) -> None:
        original(rule, *args, **kwargs)
        prefix_list = args[_PREFIX_LIST] if len(args) > _PREFIX_LIST else kwargs.get("prefix_list_id")
        memory(rule)["prefix_list"] = prefix_list or {}

    @wrap(SecurityGroupRule, "description")
    def description(original: Callable[[Any], str | None], rule: Any) -> str | None:
        prefix_list = memory(rule)["prefix_list"]
        return original(rule) or rule.source_group.get("Description") or prefix_list.get("Description")
