"""Something becomes larger."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted

_STEPS = ("nano", "micro", "small", "medium", "large", "xlarge")


_SIZES = (
    "instance_type",
    "instance_class",
    "node_type",
    "cluster_config.0.instance_type",
    "replication_instance_class",
)


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
    if change.action not in ("update", "replace"):
        return
    for name in ("size", "volume_size", "allocated_storage"):
        was, now = change.before.get(name), change.after.get(name)
        if isinstance(was, int) and isinstance(now, int) and now >= 2 * was > 0:
            yield Hit(f"{name} grows {now / was:g} times", name, was, now)
    for path in _SIZES:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if not isinstance(before, str) or not isinstance(after, str):
            continue
        small, large = size_of(before), size_of(after)
        if small and large and large > small:
            factor = large / small
            yield Hit(
                f"{path.rpartition('.')[2]} grows {factor:g} times",
                path,
                before,
                after,
                "medium" if factor >= 4 else "low",
            )
