"""Nothing may be left running."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._common import begins, goes_on, number, same, shown

_MINIMA = (
    "min_capacity",
    "min_size",
    "desired_count",
    "desired_capacity",
    "scaling_config.0.min_size",
    "min_instance_count",
    "num_cache_clusters",
    "replicas_per_node_group",
)
_CAPACITIES = (
    *_MINIMA,
    "max_capacity",
    "max_size",
    "number_of_nodes",
    "provisioned_concurrent_executions",
    "read_capacity",
    "reserved_concurrent_executions",
    "scaling_config.0.max_size",
    "shard_count",
    "write_capacity",
)
_A_LOT_LESS = 10


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
    if not goes_on(change):
        return
    for path in _MINIMA:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if number(before) and before > 0 and same(after, 0) and not change.is_unknown(*keys):
            yield Hit(f"{shown(path)} goes from {before} to 0", path, before, after)
    for path in _CAPACITIES:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if (
            number(before)
            and number(after)
            and 0 < after <= before / _A_LOT_LESS
            and not change.is_unknown(*keys)
        ):
            yield Hit(f"{shown(path)} goes from {before} to {after}", path, before, after, "low")
            break
    path = "reserved_concurrent_executions"  # -1, and none, are no limit
    if begins(change, path, 0) and change.type == "aws_lambda_function":
        yield Hit("the function can't be run any more", path, change.before.get(path), 0)
