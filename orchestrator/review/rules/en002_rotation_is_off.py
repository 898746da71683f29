"""A key is not rotated any more."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change
from orchestrator.review.rules._common import stops


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
    if change.type == "aws_kms_key" and stops(change, "enable_key_rotation", True):
        yield Hit("rotation is switched off", "enable_key_rotation", True, False)
    secret = change.before.get("secret_id")
    rotated = any(
        not other.ends and other.after.get("secret_id") == secret
        for other in plan.by_type.get("aws_secretsmanager_secret_rotation", ())
    )
    gone = change.type == "aws_secretsmanager_secret_rotation" and change.action == "delete"
    if gone and not (secret and rotated) and not plan.ends(secret):
        yield Hit("the secret is not rotated any more")
