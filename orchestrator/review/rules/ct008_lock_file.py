"""The providers' lock file has changed."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule_for_all


@rule_for_all(
    "CT008",
    "The providers' lock file has changed",
    "medium",
    "plan-time code",
    why="A provider is a program that runs with the credentials of every plan and apply.",
    fix="Read the release notes of a new version; where the version is the same, find out why its packages are not.",
    source="https://developer.hashicorp.com/terraform/language/files/dependency-lock",
)
def lock_file(plan: PlanInContext) -> Iterable[tuple[str, Hit]]:
    if plan.code is None or plan.code_before is None:
        return
    for name, now in sorted(plan.code.providers.items()):
        before = plan.code_before.providers.get(name)
        place = f'provider["{name}"]'
        if before is None:
            yield place, Hit(f"{name} {now.version} is new", "version", None, now.version)
        elif before.version != now.version:
            yield (
                place,
                Hit(f"{before.version} becomes {now.version}", "version", before.version, now.version),
            )
        elif before.hashes and now.hashes and not before.hashes & now.hashes:
            yield (
                place,
                Hit(f"version {now.version} comes as other packages than before", "hashes", severity="high"),
            )
