"""Exposure: what more people can reach, see or call after the plan."""

from __future__ import annotations

from orchestrator.review.context import PlanInContext
from orchestrator.review.plan import Change, dotted

WORLD = frozenset({"0.0.0.0/0", "::/0"})


def is_set(change: Change, name: str) -> bool:
    """Whether an attribute has a value after apply."""
    return change.is_unknown(name) or bool(change.after.get(name))


def asked_for(change: Change, path: str, plan: PlanInContext) -> bool:
    """Whether the configuration itself says something of an attribute (dotted path), or of the block that it is in."""
    return bool(plan.sets(change, str(dotted(path)[0])))
