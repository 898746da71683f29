"""Availability: what stands on fewer legs."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, ReviewedPlan, at, dotted

_MINIMA = (
    "min_capacity",
    "reserved_concurrent_executions",
    "min_size",
    "desired_count",
    "scaling_config.0.min_size",
    "min_instance_count",
    "num_cache_clusters",
    "replicas_per_node_group",
)


@rule(
    "AV001",
    "A standby or a second zone is given up",
    "high",
    "availability",
    why="The loss of one zone, or a patch, stops it.",
    fix="Keep it in environments that people rely on.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/use-fault-isolation-to-protect-your-workload.html",
)
def standby_is_given_up(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    for path in (
        "multi_az",
        "multi_az_enabled",
        "automatic_failover_enabled",
        "zone_awareness_enabled",
        "cluster_config.0.zone_awareness_enabled",
        "multi_az_with_standby_enabled",
    ):
        if change.turned(path, True, False):
            yield Hit(f"{path.replace('.0', '')} is switched off", path, True, False)
    if change.type == "aws_rds_cluster_instance" and change.action == "delete":
        yield Hit("an instance of the cluster is taken away", severity="medium")
    for path in ("subnets", "subnet_ids", "availability_zones", "vpc_zone_identifier"):
        before, after = at(change.before, *dotted(path)), at(change.after, *dotted(path))
        if (
            change.action == "update"
            and isinstance(before, list)
            and isinstance(after, list)
            and not change.is_unknown(path)
        ) and len(before) > len(after) == 1:
            yield Hit(f"{path} goes from {len(before)} to one", path, before, after)


@rule(
    "AV002",
    "Nothing may be left running",
    "medium",
    "availability",
    why="At a minimum of zero, the next request finds nobody, or waits for a start.",
    fix="Keep a minimum of one where people wait for an answer, of two where a zone may be lost.",
    source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-capacity-limits.html",
)
def minimum_goes_to_zero(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if not change.stays:
        return
    for path in _MINIMA:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if isinstance(before, int) and before > 0 and after == 0 and not change.is_unknown(*keys):
            yield Hit(f"{path.replace('.0', '')} goes from {before} to 0", path, before, after)


@rule(
    "AV003",
    "The network's ways out become one",
    "medium",
    "availability",
    why="With a single NAT gateway, the loss of its zone cuts off all others.",
    fix="Keep a NAT gateway in each zone in environments that people rely on.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
)
def single_way_out(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type != "aws_nat_gateway" or change.action != "delete":
        return
    gateways = plan.by_type.get("aws_nat_gateway", [])
    mine = [other for other in gateways if other.layer == change.layer]
    left = [other for other in mine if other.action != "delete"]
    gone = sorted(other.address for other in mine if other.action == "delete")
    if len(left) == 1 and gone and gone[0] == change.address:
        yield Hit(f"{len(left) + len(gone)} NAT gateways become one")
