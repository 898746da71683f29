"""A port is opened to the internet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.conditions import is_world
from orchestrator.review.plan import Change, blocks
from orchestrator.review.rules._exposure import group_of, in_group_before

_OF_A_GROUP = ("aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule")
_WEB = frozenset({80, 443})


_ADMIN = {
    22: "SSH",
    23: "Telnet",
    135: "RPC",
    445: "SMB",
    1433: "SQL Server",
    1521: "Oracle",
    2375: "Docker",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
    5439: "Redshift",
    5601: "Kibana",
    5985: "WinRM",
    6379: "Redis",
    9200: "OpenSearch",
    11211: "Memcached",
    27017: "MongoDB",
}


@rule(
    "EX001",
    "A port is opened to the internet",
    "high",
    "exposure",
    why="Everything that listens there is found within minutes and attacked for as long as it is open.",
    fix="Name the ranges or security groups that need it; reach instances through Systems Manager, databases from inside the VPC.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
)
def port_is_opened(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    now = list(_openings(change.type, change.after))
    if not now:
        return
    before = (
        {opening[:3] for opening in _openings(change.type, change.before)} if not change.creates else set()
    )
    before |= _group_before(change, plan)
    for low, high, cidr, label in now:
        if (low, high, cidr) in before:
            continue
        if any(was_low <= low and high <= was_high and was == cidr for was_low, was_high, was in before):
            continue
        ports = (
            "every port"
            if (low, high) == (0, 65535)
            else f"port {low}"
            if low == high
            else f"ports {low}-{high}"
        )
        risky = sorted({name for port, name in _ADMIN.items() if low <= port <= high})
        severity: Severity = "high"
        if risky:
            severity = "critical"
        elif low == high and low in _WEB:
            severity = "medium"
        names = f" ({', '.join(risky[:4])}{' …' if len(risky) > 4 else ''})" if risky and low != 0 else ""
        yield Hit(f"{label} opens {ports}{names} to {cidr}", None, None, f"{low}-{high} {cidr}", severity)


def _openings(kind: str, value: Mapping[str, Any]) -> Iterator[tuple[int, int, str, str]]:
    """(from, to, range, what) of each way in from the internet."""
    if kind in ("aws_security_group", "aws_default_security_group"):
        for entry in blocks(value, "ingress"):
            yield from _ways(
                entry,
                [*(entry.get("cidr_blocks") or ()), *(entry.get("ipv6_cidr_blocks") or ())],
                "protocol",
                "an ingress rule",
            )
    elif kind == "aws_security_group_rule" and value.get("type") == "ingress":
        yield from _ways(
            value,
            [*(value.get("cidr_blocks") or ()), *(value.get("ipv6_cidr_blocks") or ())],
            "protocol",
            "the rule",
        )
    elif kind == "aws_vpc_security_group_ingress_rule":
        yield from _ways(value, [value.get("cidr_ipv4"), value.get("cidr_ipv6")], "ip_protocol", "the rule")
    elif kind == "aws_network_acl_rule" and not value.get("egress") and value.get("rule_action") == "allow":
        yield from _ways(
            value, [value.get("cidr_block"), value.get("ipv6_cidr_block")], "protocol", "the network ACL"
        )
    elif kind == "aws_ec2_managed_prefix_list":
        for entry in blocks(value, "entry"):
            yield from _ways(entry, [entry.get("cidr")], "", "the prefix list, for whoever uses it,")
    elif kind == "aws_ec2_managed_prefix_list_entry":
        yield from _ways(value, [value.get("cidr")], "", "the prefix list, for whoever uses it,")
    elif kind in ("aws_network_acl", "aws_default_network_acl"):
        for entry in blocks(value, "ingress"):
            if entry.get("action") == "allow":
                yield from _ways(
                    entry,
                    [entry.get("cidr_block"), entry.get("ipv6_cidr_block")],
                    "protocol",
                    "the network ACL",
                )


def _group_before(change: Change, plan: PlanInContext) -> set[tuple[int, int, str]]:
    """What was open already, by other resources of the same security group."""
    group = group_of(change.type, change.after) if change.type in _OF_A_GROUP else None
    return {
        opening[:3]
        for other in in_group_before(group, _OF_A_GROUP, plan)
        for opening in _openings(other.type, other.before)
    }


def _ways(
    entry: Mapping[str, Any], ranges: list[Any], protocol: str, label: str
) -> Iterator[tuple[int, int, str, str]]:
    low, high = entry.get("from_port"), entry.get("to_port")
    if str(entry.get(protocol)) in ("-1", "all") or low is None or low == -1:
        low, high = 0, 65535
    if str(entry.get(protocol)).lower() in ("icmp", "icmpv6", "1", "58"):
        return
    for cidr in ranges:
        if is_world(cidr):
            yield int(low), int(high if high is not None else low), cidr, label
