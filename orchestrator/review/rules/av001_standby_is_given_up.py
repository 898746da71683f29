"""A standby or a second zone is given up."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._common import goes_on, number, same, shown, stops

_STANDBYS = (
    "multi_az",
    "multi_az_enabled",
    "automatic_failover_enabled",
    "zone_awareness_enabled",
    "cluster_config.0.zone_awareness_enabled",
    "multi_az_with_standby_enabled",
)
_NODES = ("num_cache_clusters", "number_cache_clusters", "cluster_config.0.instance_count", "number_of_nodes")


@rule(
    "AV001",
    "A standby or a second zone is given up",
    "high",
    "availability",
    why="The loss of one zone, or a patch, stops it.",
    fix="Keep it in environments that people rely on.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/use-fault-isolation-to-protect-your-workload.html",
)
def standby_is_given_up(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    for path in _STANDBYS:
        if stops(change, path, True):
            yield Hit(f"{shown(path)} is switched off", path, True, at(change.after, *dotted(path)))
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
    for path in _NODES:
        before, after = at(change.before, *dotted(path)), at(change.after, *dotted(path))
        if (
            goes_on(change)
            and number(before)
            and before > 1
            and same(after, 1)
            and not change.is_unknown(*dotted(path))
        ):
            yield Hit(f"{shown(path)} goes from {before} to 1", path, before, after, "medium")
