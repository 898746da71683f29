"""Code that runs where Terraform runs: a plan of somebody else's change is somebody else's code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.finding import Finding, Hit, rule
from orchestrator.review.plan import Change, ReviewedPlan

_SOURCE = "https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax"
_RUNS = {
    "null_resource": "low",
    "terraform_data": "info",
    "local_file": "low",
    "local_sensitive_file": "low",
}
_WHY = "It runs with the credentials of whoever plans or applies."
_FIX = "Keep it out of roots that plan with credentials, or pin and read what it runs."


@rule(
    "CT001",
    "A resource runs code or writes files where Terraform runs",
    "low",
    "plan-time code",
    why=_WHY,
    fix=_FIX,
    source=_SOURCE,
)
def local_effects(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type in ("local_file", "local_sensitive_file") and change.action != "delete":
        yield Hit(f"it writes {change.after.get('filename') or 'a file'}", "filename")


def in_configuration(plan: ReviewedPlan) -> Iterator[Finding]:
    """Provisioners, data sources that run programs or ask servers, and modules from outside, in the whole configuration."""
    yield from _module(plan.configuration.get("root_module") or {}, "")


def _module(module: Mapping[str, Any], prefix: str) -> Iterator[Finding]:
    for resource in module.get("resources") or ():
        address = f"{prefix}{resource.get('address')}"
        for provisioner in resource.get("provisioners") or ():
            kind = provisioner.get("type")
            yield _finding("CT002", "high", address, f"a provisioner runs {kind}")
        if resource.get("mode") == "data" and resource.get("type") == "external":
            yield _finding("CT003", "high", address, "a program is run while planning")
        if resource.get("mode") == "data" and resource.get("type") == "http":
            yield _finding("CT003", "medium", address, "a server is asked while planning")
    for name, call in (module.get("module_calls") or {}).items():
        yield from _module(call.get("module") or {}, f"{prefix}module.{name}.")


def _finding(id: str, severity: Any, address: str, message: str) -> Finding:
    return Finding(
        id=id,
        severity=severity,
        category="plan-time code",
        address=address,
        layer=address.split(".")[1] if address.startswith("module.") else "",
        action="configuration",
        message=message,
        attribute=None,
        before=None,
        after=None,
        why=_WHY,
        fix=_FIX,
        source=_SOURCE,
    )
