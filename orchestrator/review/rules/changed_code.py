"""Code that runs at plan or apply and is not what ran at the last apply: providers and modules."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule_for_all
from orchestrator.review.plan import ReviewedPlan


@rule_for_all(
    "CT008",
    "The providers' lock file has changed",
    "medium",
    "plan-time code",
    why="A provider is a program that runs with the credentials of every plan and apply.",
    fix="Read the release notes of a new version; where the version is the same, find out why its packages are not.",
    source="https://developer.hashicorp.com/terraform/language/files/dependency-lock",
)
def lock_file(plan: ReviewedPlan) -> Iterable[tuple[str, Hit]]:
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


@rule_for_all(
    "CT009",
    "A layer's module comes from elsewhere",
    "medium",
    "plan-time code",
    why="All that the layer is made of may differ from what was reviewed when it was applied last.",
    fix="Review the module's change itself; pin it to a version or commit.",
    source="https://developer.hashicorp.com/terraform/language/modules/sources",
)
def module_source(plan: ReviewedPlan) -> Iterable[tuple[str, Hit]]:
    if plan.code is None or plan.code_before is None:
        return
    for layer, now in sorted(plan.code.sources.items()):
        before = plan.code_before.sources.get(layer)
        if before is not None and before != now:
            yield f"module.{layer}", Hit(f"{before} becomes {now}", "source", before, now)
