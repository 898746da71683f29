"""A key is not rotated any more."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change


@rule(
    "EN002",
    "A key is not rotated any more",
    "medium",
    "encryption",
    why="One key material for ever decrypts everything it ever encrypted.",
    fix="Leave rotation on; it changes nothing for those who use the key.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
)
def rotation_is_switched_off(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type == "aws_kms_key" and change.turned("enable_key_rotation", True, False):
        yield Hit("rotation is switched off", "enable_key_rotation", True, False)
    if change.type == "aws_secretsmanager_secret_rotation" and change.action == "delete":
        yield Hit("the secret is not rotated any more")
