"""Something becomes larger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._common import number, shown

_STEPS = ("nano", "micro", "small", "medium", "large", "xlarge")


_SIZES = (
    "instance_type",
    "instance_class",
    "node_type",
    "cluster_config.0.instance_type",
    "replication_instance_class",
    "instance_types.0",
)
_VOLUMES = ("size", "volume_size", "allocated_storage", "storage_capacity", "ebs_options.0.volume_size")
_COUNTS = (
    "allocated_capacity",
    "cluster_config.0.instance_count",
    "compute_resources.0.max_vcpus",
    "desired_capacity",
    "desired_count",
    "iops",
    "max_capacity",
    "max_size",
    "min_capacity",
    "min_size",
    "num_cache_clusters",
    "num_node_groups",
    "number_of_broker_nodes",
    "number_of_nodes",
    "number_of_workers",
    "provisioned_concurrent_executions",
    "read_capacity",
    "replicas_per_node_group",
    "scaling_config.0.desired_size",
    "scaling_config.0.max_size",
    "serverlessv2_scaling_configuration.0.max_capacity",
    "shard_count",
    "throughput_capacity",
    "write_capacity",
)
"""What is paid for by the piece, or may come to be: limits of what scales by itself too."""
_PAID_FROM_THE_START = (
    "cluster_config.0.instance_count",
    "desired_capacity",
    "desired_count",
    "min_capacity",
    "min_size",
    "number_of_nodes",
    "provisioned_concurrent_executions",
    "scaling_config.0.desired_size",
    "shard_count",
)
_CAPACITY_UNITS = ("read_capacity", "write_capacity")
_NOTICED, _MUCH, _TOO_MUCH = 4, 10, 50
_HUGE = 24  # times xlarge: the top of most families
_MANY, _MANY_UNITS = 100, 10_000
_ACCELERATED = re.compile(r"(?:^|\.)(?:p\d|trn|dl\d|inf|g\d|u-|u7)")


def size_of(name: str) -> float | None:
    """``m7g.2xlarge`` → 2 (xlarge is 1, large a half); None when it is no size."""
    match = re.search(r"\.(?:(\d+)?xlarge|(nano|micro|small|medium|large)|metal)(?:\.|$)", name)
    if not match:
        return None
    if match[2]:
        return 2.0 ** (_STEPS.index(match[2]) - _STEPS.index("xlarge"))
    return float(match[1] or 1) if "xlarge" in match[0] else 48.0


@rule(
    "CO002",
    "Something becomes larger",
    "low",
    "cost",
    why="Instances cost in proportion to their size.",
    fix="See that the size is wanted in this environment.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/cost-optimization-pillar/select-the-correct-resource-type-size-and-number.html",
)
def larger(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.creates:
        yield from _large_from_the_start(change, plan)
    if change.action not in ("update", "replace"):
        return
    for path in _VOLUMES:
        keys = dotted(path)
        was, now = at(change.before, *keys), at(change.after, *keys)
        if number(was) and number(now) and now >= 2 * was > 0:
            severity: Severity = "low" if now >= _NOTICED * was else "info"
            yield Hit(f"{shown(path)} grows {now / was:g} times", path, was, now, severity)
    yield from _more_of_them(change)
    for path in _SIZES:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if not isinstance(before, str) or not isinstance(after, str):
            continue
        small, large = size_of(before), size_of(after)
        if small and large and large > small:
            factor = large / small
            yield Hit(
                f"{shown(path).rpartition('.')[2]} grows {factor:g} times",
                path,
                before,
                after,
                "medium" if factor >= _NOTICED else "info",
            )


def _more_of_them(change: Change) -> Iterator[Hit]:
    """The count that grows most, where that is much; two or three more of something is what counts are for."""
    grown = [
        (now / was, path, was, now)
        for path in _COUNTS
        if number(was := at(change.before, *dotted(path)))
        and number(now := at(change.after, *dotted(path)))
        and not change.is_unknown(*dotted(path))
        and now >= _MUCH * was > 0
    ]
    if grown:
        factor, path, was, now = max(grown)
        severity: Severity = "medium" if factor >= _TOO_MUCH else "low"
        yield Hit(f"{shown(path)} grows {factor:.3g} times, from {was} to {now}", path, was, now, severity)


def _large_from_the_start(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """Said once for all instances of a resource."""
    found = [*_largest(change), *_many(change)]
    if not found:
        return
    alike = [
        other for other in plan.by_type[change.type] if other.creates and other.general == change.general
    ]
    if alike[0] is change:
        more = f" ({len(alike)} of them)" if len(alike) > 1 else ""
        yield from (replace(hit, message=f"{hit.message}{more}") for hit in found)


def _largest(change: Change) -> Iterator[Hit]:
    for path in _SIZES:
        name = at(change.after, *dotted(path))
        size = size_of(name) if isinstance(name, str) else None
        if size and (size >= _HUGE or (size >= _HUGE / 3 and _ACCELERATED.search(name))):
            yield Hit(f"{name} is of the largest and dearest there are", path, None, name, "low")


def _many(change: Change) -> Iterator[Hit]:
    for names, least in ((_PAID_FROM_THE_START, _MANY), (_CAPACITY_UNITS, _MANY_UNITS)):
        for path in names:
            count = at(change.after, *dotted(path))
            if number(count) and count >= least:
                yield Hit(f"{shown(path)} begins at {count}", path, None, count, "low")
                break
