"""Roles can be passed on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.compare import compare
from orchestrator.review.iam.conditions import holds_back
from orchestrator.review.iam.documents import (
    policies_of,
)
from orchestrator.review.iam.policy import Statement, actions_of
from orchestrator.review.plan import Change
from orchestrator.review.rules._iam import (
    does_all,
    grants,
    listed,
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
def passes_roles(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if not grants(change, plan):
            continue
        for statement in after:
            if not statement.allow or "iam:passrole" not in actions_of(statement) or does_all(statement):
                continue
            if before and _passed(statement, before):
                continue
            held = any(
                condition.key.lower() == "iam:passedtoservice" and holds_back(condition)
                for condition in statement.conditions
            )
            wide = bool(statement.not_resources) or any("*" in resource for resource in statement.resources)
            if wide or not held:
                severity: Severity = "high" if wide and not held else "medium" if wide else "low"
                resources = sorted(statement.resources) or [
                    f"all but {listed(sorted(statement.not_resources))}"
                ]
                yield Hit(
                    f"iam:PassRole on {listed(resources)}" + ("" if held else ", to any service"),
                    name,
                    severity=severity,
                )


_PASS = frozenset({"iam:passrole"})


def _passed(statement: Statement, before: list[Statement]) -> bool:
    """Whether the same roles could be passed on as freely before."""
    mine = replace(statement, actions=_PASS, not_actions=frozenset())
    wider = compare(before, [mine])
    return not (wider.actions or wider.resources or wider.conditions)
