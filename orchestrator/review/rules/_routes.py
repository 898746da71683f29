"""Which route tables, and so which subnets, the internet reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit
from orchestrator.review.iam.conditions import is_world
from orchestrator.review.plan import Change, blocks

_TABLES = ("aws_route_table", "aws_default_route_table")
_ROUTES = ("aws_route", *_TABLES)
_GATEWAY = "aws_internet_gateway"
_RANGES = ("destination_cidr_block", "destination_ipv6_cidr_block", "cidr_block", "ipv6_cidr_block")
_ASSOCIATION = "aws_route_table_association"


def ways_to_the_internet(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """A table that is there gets a way to an internet gateway, or a subnet that is there gets such a table."""
    if change.type == _ASSOCIATION and change.action != "delete":
        yield from _associated(change, plan)
    if change.type not in _ROUTES or change.action == "delete":
        return
    # A table of the same plan has no id yet: how every public subnet is made.
    table = _table(change.type, change.after)
    if not table and (change.type == "aws_route" or not change.before):
        return
    was = {cidr for cidr, _ in _entries(change.type, change.before)} | _before(str(table), plan)
    now = set(_ways_out(change, plan))
    for cidr, gateway in sorted(now):
        if cidr not in was:
            yield Hit(
                f"{cidr} is routed to {gateway}: its subnets are public",
                "destination_cidr_block" if change.type == "aws_route" else "route",
                None,
                cidr,
                "medium",
            )


def _associated(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    subnet, name = change.after.get("subnet_id"), "route_table_id"
    old = {
        str(other.before.get(name))
        for other in plan.by_type.get(_ASSOCIATION, ())
        if subnet and other.before.get("subnet_id") == subnet and other.before.get(name)
    }
    tables = _managed(plan)
    closed = {table for table in old if table in tables and not _before(table, plan)}
    if not closed or change.before.get(name) == change.after.get(name, "") or old - closed:
        return
    if table := change.after.get(name):
        ways = _after(str(table), plan)
    else:
        made_from = plan.trace.attribute(change.general, (name,)).resources
        ways = {cidr for general in made_from for cidr in _of_new(general, plan)}
    for cidr in sorted(ways):
        yield Hit(
            f"{cidr} is routed to an internet gateway: the subnet is public", name, None, table, "medium"
        )


def _managed(plan: PlanInContext) -> set[str]:
    """The tables whose routes the plan has all before it."""
    return {
        str(_table(kind, change.before))
        for kind in _TABLES
        for change in plan.by_type.get(kind, ())
        if change.before
    }


def _before(table: str, plan: PlanInContext) -> set[str]:
    return {
        cidr
        for kind in _ROUTES
        for change in plan.by_type.get(kind, ())
        if change.before and _table(kind, change.before) == table
        for cidr, gateway in _entries(kind, change.before)
        if str(gateway or "").startswith("igw-")
    }


def _after(table: str, plan: PlanInContext) -> set[str]:
    return {
        cidr
        for kind in _ROUTES
        for change in plan.by_type.get(kind, ())
        if change.action != "delete" and _table(kind, change.after) == table
        for cidr, _ in _ways_out(change, plan)
    }


def _of_new(general: str, plan: PlanInContext) -> set[str]:
    """The ways out of a table that the plan makes (its address without instance keys)."""
    own = (change for kind in _TABLES for change in plan.by_type.get(kind, ()) if change.general == general)
    routes = (
        change
        for change in plan.by_type.get("aws_route", ())
        if general in plan.trace.attribute(change.general, ("route_table_id",)).resources
    )
    return {cidr for change in (*own, *routes) for cidr, _ in _ways_out(change, plan)}


def _table(kind: str, side: Mapping[str, Any]) -> Any:
    if kind == "aws_route":
        return side.get("route_table_id")
    return side.get("id") or side.get("default_route_table_id")


def _ways_out(change: Change, plan: PlanInContext) -> Iterator[tuple[str, str]]:
    """(range, gateway) of each route of a change to an internet gateway, be it one that is not there yet."""
    inline = change.type != "aws_route"
    for position, (cidr, gateway) in enumerate(_entries(change.type, change.after, every=True)):
        if not cidr:
            continue
        if str(gateway or "").startswith("igw-"):
            yield cidr, str(gateway)
        path = ("route", position, "gateway_id") if inline else ("gateway_id",)
        if gateway is None and change.is_unknown(*path):
            made_from = plan.trace.attribute(change.general, ("route",) if inline else path).resources
            if any(_GATEWAY in name.split(".") for name in made_from):
                yield cidr, "an internet gateway"


def _entries(kind: str, side: Mapping[str, Any], *, every: bool = False) -> Iterator[tuple[str, Any]]:
    """(range, gateway) of routes from or to everywhere; of the others, if asked for, with an empty range."""
    for entry in [side] if kind == "aws_route" else blocks(side, "route"):
        worlds = [str(cidr) for name in _RANGES if is_world(cidr := entry.get(name))]
        if worlds or every:
            yield (worlds[0] if worlds else ""), entry.get("gateway_id")
