"""Roles can be passed on."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.documents import policies_of
from orchestrator.review.iam.policy import actions_of
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.rules._iam import (
    _is_boundary,
    _list,
    _stars,
)


@rule(
    "IA005",
    "Roles can be passed on",
    "medium",
    "iam",
    why="Whoever passes a role to a service acts with it.",
    fix="Name the roles, and the service by iam:PassedToService.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def passes_roles(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if _is_boundary(change):
            continue
        for statement in after:
            if not statement.allow or "iam:passrole" not in actions_of(statement) or _stars(statement):
                continue
            if before and any(
                old.allow and "iam:passrole" in actions_of(old) and statement.resources <= old.resources
                for old in before
            ):
                continue
            held = any("iam:passedtoservice" in item.lower() for item in statement.conditions)
            wide = any("*" in resource for resource in statement.resources)
            if wide or not held:
                severity: Severity = "high" if wide and not held else "medium" if wide else "low"
                yield Hit(
                    f"iam:PassRole on {_list(tuple(sorted(statement.resources)))}"
                    + ("" if held else ", to any service"),
                    name,
                    severity=severity,
                )
