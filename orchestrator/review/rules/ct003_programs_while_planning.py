"""A data source runs a program, or asks a server, while planning."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule_for_all
from orchestrator.review.rules._plan_time_code import FIX, WHY, resources_of


@rule_for_all(
    "CT003",
    "A data source runs a program, or asks a server, while planning",
    "high",
    "plan-time code",
    why=WHY,
    fix=FIX,
    source="https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external",
)
def programs_while_planning(plan: PlanInContext) -> Iterator[tuple[str, Hit]]:
    for address, resource in resources_of(plan):
        if resource.get("mode") == "data" and resource.get("type") == "external":
            yield address, Hit("a program is run while planning")
        if resource.get("mode") == "data" and resource.get("type") == "http":
            yield address, Hit("a server is asked while planning", severity="medium")
        if resource.get("mode") == "data" and resource.get("type") == "aws_lambda_invocation":
            yield address, Hit("a function is called while planning", severity="medium")
