"""A provider is used that was not used before."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule_for_all


@rule_for_all(
    "CT004",
    "A provider is used that was not used before",
    "high",
    "plan-time code",
    why="A provider is a program that runs with the credentials of whoever plans or applies.",
    fix="Check that its publisher is who you expect, and commit the lock file with its checksums.",
    source="https://developer.hashicorp.com/terraform/language/files/dependency-lock",
)
def new_providers(plan: PlanInContext) -> Iterator[tuple[str, Hit]]:
    used = {entry.get("full_name"): name for name, entry in plan.providers.items()}
    for full_name, name in sorted(used.items(), key=str):
        builtin = str(full_name).startswith("terraform.io/builtin/")
        if plan.prior_providers and full_name and not builtin and full_name not in plan.prior_providers:
            severity: Severity = "medium" if full_name.split("/")[1:2] == ["hashicorp"] else "high"
            yield f"provider.{name}", Hit(f"{full_name} is new here", after=full_name, severity=severity)
