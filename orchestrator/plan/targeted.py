"""A plan of some resources only, made whole for those who judge it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_the_rest(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A (raw) JSON plan that was made with ``-target``, with all that it leaves alone among the planned values, as the state has it.

    Checks that look at several resources (whether a bucket has a policy, a network its flow log) would fail without that.
    """
    touched = {raw["address"] for raw in plan.get("resource_changes") or ()}
    planned = plan.get("planned_values") or {}
    before = (plan.get("prior_state") or {}).get("values") or {}
    root = _joined(planned.get("root_module") or {}, before.get("root_module") or {}, touched)
    return {**plan, "planned_values": {**planned, "root_module": root}}


def _joined(planned: Mapping[str, Any], before: Mapping[str, Any], touched: set[str]) -> dict[str, Any]:
    there = {raw["address"] for raw in planned.get("resources") or ()}
    rest = [
        raw
        for raw in before.get("resources") or ()
        if raw["mode"] == "managed" and raw["address"] not in there | touched
    ]
    inner = {child["address"]: child for child in planned.get("child_modules") or ()}
    outer = {child["address"]: child for child in before.get("child_modules") or ()}
    children = [
        _joined(inner.get(address) or {"address": address}, outer.get(address) or {}, touched)
        for address in sorted({*inner, *outer})
    ]
    joined = {**planned, "resources": [*(planned.get("resources") or ()), *rest], "child_modules": children}
    return {key: value for key, value in joined.items() if value or key == "address"}
