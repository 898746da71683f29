"""A KMS key is switched off."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at
from orchestrator.review.rules._common import stops

_SWITCHES = {
    "aws_kms_key": "is_enabled",
    "aws_kms_replica_key": "enabled",
    "aws_kms_external_key": "enabled",
    "aws_kms_replica_external_key": "enabled",
}


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
    path = _SWITCHES.get(change.type)
    if path and stops(change, path, True) and at(change.after, path) is False:
        yield Hit("the key is disabled", path, True, False)
