"""Exposure: what more people can reach, see or call after the plan."""

from __future__ import annotations

from orchestrator.review.plan import Change

WORLD = frozenset({"0.0.0.0/0", "::/0"})


def is_set(change: Change, name: str) -> bool:
    """Whether an attribute has a value after apply."""
    return change.is_unknown(name) or bool(change.after.get(name))
