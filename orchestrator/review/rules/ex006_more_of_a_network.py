"""More of what listens in a network is reached."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.conditions import is_world
from orchestrator.review.plan import Change, blocks
from orchestrator.review.rules._exposure import group_of, in_group_before

_GROUPS = ("aws_security_group", "aws_default_security_group")
_RULES = (
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
)
_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_EVERY_PORT = 65535
_MANY, _TIMES = 100, 10
"""A range that grows is worth a word from so many ports on, if it has so many times those it had."""
_FEW_ADDRESSES = 256


@dataclass(frozen=True)
class Way:
    """What one rule lets through, for one range of addresses or one group."""

    source: str
    protocol: str
    low: int
    high: int
    out: bool

    @property
    def broad(self) -> bool:
        """Whether it is every port, or every protocol."""
        return self.protocol == "-1" or self.ports >= _EVERY_PORT

    @property
    def ports(self) -> int:
        """How many."""
        return self.high - self.low + 1

    def covers(self, other: Way) -> bool:
        """Whether it lets through all that another does."""
        return (
            self.out == other.out
            and self.protocol in ("-1", other.protocol)
            and self.low <= other.low
            and other.high <= self.high
            and _within(other.source, self.source)
        )


@rule(
    "EX006",
    "More of what listens in a network is reached",
    "medium",
    "exposure",
    why="One machine of the range that is taken over reaches every port, also those that nobody meant to offer.",
    fix="Name the ports that are needed, and the security groups that need them instead of ranges.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
)
def more_is_reached(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action == "delete" or change.type not in (*_GROUPS, *_RULES):
        return
    group = group_of(change.type, change.after)
    if not group and not change.before:
        return  # a group of the same plan: nothing of it is there yet
    was = set(_ways(change.type, change.before))
    now = set(_ways(change.type, change.after)) - was
    new = sorted((way for way in now if way.broad or way.ports >= _MANY), key=str)
    if new:
        was |= _others(change, group, plan)
    for way in new:
        if any(old.covers(way) for old in was):
            continue
        if way.out:
            yield from _outwards(way, was)
        elif not is_world(way.source):
            yield from _inwards(way, was)


def _inwards(way: Way, was: set[Way]) -> Iterator[Hit]:
    what = "every protocol" if way.protocol == "-1" else f"ports {way.low}-{way.high} ({way.protocol})"
    if way.broad:
        if any(
            old.broad and not old.out and way.protocol in (old.protocol, "tcp")
            for old in was
            if _is_range(old)
        ):
            return  # it was as broad for other ranges: this rule is about ports
        yield Hit(f"{way.source} reaches {what}", None, None, what, _severity(way.source))
        return
    smaller = [
        old
        for old in was
        if not old.out and old.source == way.source and way.covers(old) and old.protocol == way.protocol
    ]
    if smaller and way.ports >= _MANY and way.ports >= _TIMES * sum(old.ports for old in smaller):
        old = max(smaller, key=lambda one: one.ports)
        yield Hit(f"{way.source} reaches {what}", None, f"{old.low}-{old.high}", what, "low")


def _outwards(way: Way, was: set[Way]) -> Iterator[Hit]:
    """All of the internet, where what may leave was limited."""
    limited = [old for old in was if old.out]
    if way.broad and is_world(way.source) and limited and not any(is_world(old.source) for old in limited):
        yield Hit(f"what leaves is limited no more: everything may go to {way.source}", severity="low")


def _severity(source: str) -> Severity:
    """A range says nothing of who is in it; a group does, and so do few addresses."""
    if (network := _network(source)) is None:
        return "info"
    return "low" if network.num_addresses <= _FEW_ADDRESSES and network.is_private else "medium"


def _others(change: Change, group: Any, plan: PlanInContext) -> set[Way]:
    """What other resources of the same group let through before."""
    return {
        way
        for other in in_group_before(group, (*_GROUPS, *_RULES), plan)
        if other is not change
        for way in _ways(other.type, other.before)
    }


def _ways(kind: str, side: Mapping[str, Any]) -> Iterator[Way]:
    if kind in _GROUPS:
        for name in ("ingress", "egress"):
            for entry in blocks(side, name):
                yield from _of(entry, "protocol", name == "egress")
    elif kind == "aws_security_group_rule":
        yield from _of(side, "protocol", side.get("type") == "egress")
    elif side:
        yield from _of(side, "ip_protocol", kind.endswith("egress_rule"))


def _of(entry: Mapping[str, Any], name: str, out: bool) -> Iterator[Way]:
    protocol = str(entry.get(name)).lower()
    protocol = _NUMBERS.get(protocol, protocol)
    low, high = entry.get("from_port"), entry.get("to_port")
    if protocol == "-1":
        low, high = 0, _EVERY_PORT
    if protocol not in ("-1", "tcp", "udp") or low is None or high is None:
        return  # no ports, or not known yet
    for source in _sources(entry):
        yield Way(source, protocol, int(low), int(high), out)


def _sources(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in ("cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids"):
        yield from (str(one) for one in entry.get(name) or ())
    for name in (
        "cidr_ipv4",
        "cidr_ipv6",
        "source_security_group_id",
        "referenced_security_group_id",
        "prefix_list_id",
    ):
        if entry.get(name):
            yield str(entry[name])
    if entry.get("self"):
        yield "the group itself"


def _within(source: str, outer: str) -> bool:
    if source == outer:
        return True
    one, other = _network(source), _network(outer)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return one.subnet_of(other)
    return False


def _is_range(way: Way) -> bool:
    return _network(way.source) is not None


@lru_cache(maxsize=4096)
def _network(source: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(source, strict=False)
    except ValueError:
        return None
