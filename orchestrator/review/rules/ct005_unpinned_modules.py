"""A module from outside can change without a change here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule_for_all

_REGISTRY = re.compile(r"(?:[\w.-]+\.[\w.-]+(?::\d+)?/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?")


@rule_for_all(
    "CT005",
    "A module from outside can change without a change here",
    "medium",
    "plan-time code",
    why="What its source serves tomorrow is applied with your credentials, unseen.",
    fix="Pin it: an exact version from a registry, a commit (`?ref=SHA`) from git.",
    source="https://developer.hashicorp.com/terraform/language/modules/sources",
)
def unpinned_modules(plan: PlanInContext) -> Iterator[tuple[str, Hit]]:
    for address, call in _calls(plan.configuration.get("root_module") or {}, ""):
        source = str(call.get("source") or "")
        if source.startswith(("./", "../")) or not source:
            continue
        if plan.prior_providers and _is_new(address, plan):
            yield (
                address,
                Hit(f"{source.partition('?')[0]} is new here", "source", after=source, severity="info"),
            )
        if _REGISTRY.fullmatch(source):
            version = str(call.get("version_constraint") or "")
            if not re.fullmatch(r"=?\s*v?\d+\.\d+\.\d+\S*", version):
                yield (
                    address,
                    Hit(f"{source} is taken at {version or 'any version'}", "version", after=version),
                )
        elif not re.search(r"[?&]ref=[0-9a-f]{40}\b", source) and not re.search(r"[?&]checksum=", source):
            tag = re.search(r"[?&]ref=([^&]+)", source)
            what = f"at {tag[1]}, which can be moved" if tag else "at whatever is newest"
            yield address, Hit(f"{source.partition('?')[0]} is taken {what}", "source", after=source)


def _is_new(address: str, plan: PlanInContext) -> bool:
    """Whether all that a module makes is new."""
    mine = [change for change in plan.changes if f"{change.general}.".startswith(f"{address}.")]
    return bool(mine) and all(change.action == "create" for change in mine)


def _calls(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, call in (module.get("module_calls") or {}).items():
        yield f"{prefix}module.{name}", call
        yield from _calls(call.get("module") or {}, f"{prefix}module.{name}.")
