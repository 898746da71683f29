"""Makes checkov see that a value is set although it is known only after apply.

A plan leaves such values out, and checkov takes what is left out for not configured: a table
encrypted with a key that the same plan creates would count as unencrypted. A placeholder stands for
each unknown value *that the configuration sets*, and says what it comes from; one that the provider merely computes stays out, so
that nothing counts as configured that is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.addresses import without_keys

PLACEHOLDER = "(known after apply)"


def scan_input(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What checkov reads of a JSON plan, its planned values with placeholders; shares the rest.

    Only what its parser looks at is passed on: it reads JSON with a YAML parser, which took most of a scan. Terraform writes
    modules in any order; here they are sorted, so that the same plan is the same input.
    """
    unknown = {
        raw["address"]: raw["change"].get("after_unknown")
        for raw in plan.get("resource_changes", ())
        if isinstance(raw["change"].get("after_unknown"), dict)
    }
    values = plan.get("planned_values") or {}
    configuration = (plan.get("configuration") or {}).get("root_module") or {}
    root = _module(values.get("root_module") or {}, configuration, unknown)
    return {
        "format_version": plan.get("format_version"),
        "terraform_version": plan.get("terraform_version"),
        "planned_values": {"root_module": root},
        "configuration": plan.get("configuration") or {},
        "resource_changes": sorted(map(_change, plan.get("resource_changes", ())), key=_address),
    }


def _address(raw: Mapping[str, Any]) -> str:
    return str(raw.get("address"))


def _change(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Before and after count only where checkov looks for what an update changes."""
    change = raw["change"]
    updated = change["actions"] == ["update"]
    return {
        **{key: raw[key] for key in ("address", "mode", "type", "name") if key in raw},
        "change": {
            "actions": change["actions"],
            "before": change.get("before") if updated else None,
            "after": change.get("after") if updated else None,
        },
    }


def _module(
    module: dict[str, Any], configuration: Mapping[str, Any], unknown: Mapping[str, Any]
) -> dict[str, Any]:
    expressions = {raw["address"]: raw.get("expressions") or {} for raw in configuration.get("resources", ())}
    prefix = f"{module['address']}." if module.get("address") else ""
    resources = []
    for raw in sorted(module.get("resources", ()), key=_address):
        local = without_keys(raw["address"].removeprefix(prefix))
        filled = _fill(raw.get("values") or {}, unknown.get(raw["address"], {}), expressions.get(local))
        resources.append({**raw, "values": filled})
    calls = configuration.get("module_calls") or {}
    children = []
    for child in sorted(module.get("child_modules", ()), key=_address):
        name = without_keys(child["address"].removeprefix(prefix)).removeprefix("module.")
        children.append(_module(child, (calls.get(name) or {}).get("module") or {}, unknown))
    return {**module, "resources": resources, "child_modules": children}


def _placeholder(expression: Any) -> str:
    """Two values are equal when they come from the same places, and differ when they do not."""
    references = expression.get("references") if isinstance(expression, dict) else None
    return f"{PLACEHOLDER} {' '.join(references)}" if references else PLACEHOLDER


def _fill(value: Any, unknown: Any, expressions: Any) -> Any:
    """``expressions`` is the configuration of this block; None where it is not known (dynamic blocks)."""
    if isinstance(unknown, dict):
        filled = dict(value) if isinstance(value, dict) else {}
        for key, flag in unknown.items():
            set_here = not isinstance(expressions, dict) or key in expressions
            if flag is True and set_here:
                filled[key] = _placeholder(expressions.get(key) if isinstance(expressions, dict) else None)
            elif flag is not True and key in filled:
                inner = expressions.get(key) if isinstance(expressions, dict) else None
                filled[key] = _fill(filled[key], flag, inner)
        return filled
    if isinstance(unknown, list) and isinstance(value, list):
        blocks = expressions if isinstance(expressions, list) else []
        return [
            _fill(
                item,
                unknown[index] if index < len(unknown) else False,
                blocks[index] if index < len(blocks) else None,
            )
            for index, item in enumerate(value)
        ]
    return value
