"""Code that runs where Terraform runs: a plan of somebody else's change is somebody else's code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext

SOURCE = "https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax"


WHY = "It runs with the credentials of whoever plans or applies."


FIX = "Keep it out of roots that plan with credentials, or pin and read what it runs."


def resources_of(plan: PlanInContext) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(address, configuration) of every resource and data source."""
    todo = [("", plan.configuration.get("root_module") or {})]
    while todo:
        prefix, module = todo.pop()
        for resource in module.get("resources") or ():
            yield f"{prefix}{resource.get('address')}", resource
        for name, call in (module.get("module_calls") or {}).items():
            todo.append((f"{prefix}module.{name}.", call.get("module") or {}))
