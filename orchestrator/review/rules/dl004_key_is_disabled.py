"""A KMS key is switched off."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change


@rule(
    "DL004",
    "A KMS key is switched off",
    "critical",
    "data loss",
    why="Nothing that is encrypted with it can be read while it is off.",
    fix="Leave the key enabled; find out who uses it before it is disabled.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html",
)
def key_is_disabled(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type in ("aws_kms_key", "aws_kms_replica_key") and change.turned("is_enabled", True, False):
        yield Hit("the key is disabled", "is_enabled", True, False)
