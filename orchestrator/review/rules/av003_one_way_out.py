"""The network's ways out become one."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change


@rule(
    "AV003",
    "The network's ways out become one",
    "medium",
    "availability",
    why="With a single NAT gateway, the loss of its zone cuts off all others.",
    fix="Keep a NAT gateway in each zone in environments that people rely on.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
)
def single_way_out(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type != "aws_nat_gateway" or change.action != "delete":
        return
    gateways = plan.by_type.get("aws_nat_gateway", [])
    mine = [other for other in gateways if other.layer == change.layer]
    left = [other for other in mine if other.action != "delete"]
    gone = sorted(other.address for other in mine if other.action == "delete")
    if len(left) == 1 and gone and gone[0] == change.address:
        yield Hit(f"{len(left) + len(gone)} NAT gateways become one")
    elif not left and gone[0] == change.address:
        ends = any(other.ends and other.layer == change.layer for other in plan.by_type.get("aws_vpc", ()))
        if not ends:
            yield Hit("no NAT gateway is left: private subnets reach nothing outside", severity="high")
