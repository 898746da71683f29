"""Nothing may be left running."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted

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
    "AV002",
    "Nothing may be left running",
    "medium",
    "availability",
    why="At a minimum of zero, the next request finds nobody, or waits for a start.",
    fix="Keep a minimum of one where people wait for an answer, of two where a zone may be lost.",
    source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-capacity-limits.html",
)
def minimum_goes_to_zero(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if not change.stays:
        return
    for path in _MINIMA:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if isinstance(before, int) and before > 0 and after == 0 and not change.is_unknown(*keys):
            yield Hit(f"{path.replace('.0', '')} goes from {before} to 0", path, before, after)
