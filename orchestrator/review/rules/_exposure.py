"""Exposure: what more people can reach, see or call after the plan."""

from __future__ import annotations

from orchestrator.review.plan import Change

_WORLD = frozenset({"0.0.0.0/0", "::/0"})


def _is_set(change: Change, name: str) -> bool:
    return change.is_unknown(name) or bool(change.after.get(name))
