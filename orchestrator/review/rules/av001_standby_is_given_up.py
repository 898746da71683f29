"""A standby or a second zone is given up."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted


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
