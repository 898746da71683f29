"""A service may call a function for anybody who asks it to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.conditions import Condition, holds_back
from orchestrator.review.plan import Change
from orchestrator.review.rules._common import goes_on

_LIMITS = ("source_account", "principal_org_id", "event_source_token")
_FOR_EVERYBODY = frozenset(
    {"apigateway", "cognito-idp", "config", "events", "iot", "logs", "s3", "ses", "sns"}
)
"""Services that call functions of another account when they are told to."""


@rule(
    "IA013",
    "A service may call on anybody's behalf",
    "medium",
    "iam",
    why="The service is trusted, and whoever uses it in another account has it call (a confused deputy).",
    fix="Name the caller by source_arn, or at least the account by source_account.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
)
def on_anybodys_behalf(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type != "aws_lambda_permission" or not (change.creates or goes_on(change)):
        return
    who = str(change.after.get("principal") or "")
    if not _is_service(who) or _is_limited(change.after, change):
        return
    before = [change.before] if change.before else _gone(change, plan)
    same = [side for side in before if side.get("principal") == who]
    if same and all(_is_limited(side) for side in same):
        was = same[0].get("source_arn") or same[0].get("source_account")
        text = f"what {who} may call the function for is not limited any more"
        yield Hit(text, "source_arn", was, change.after.get("source_arn"))
    elif not same and who.partition(".")[0] in _FOR_EVERYBODY:
        text = f"{who} may call the function for any account"
        yield Hit(text, "source_arn", None, change.after.get("source_arn"), "low")


def _gone(change: Change, plan: PlanInContext) -> list[Mapping[str, Any]]:
    """The permissions of the same function that go."""
    return [one.before for one in plan.gone.get((change.type, str(change.after.get("function_name"))), ())]


def _is_service(who: str) -> bool:
    return who.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"))


def _is_limited(side: Mapping[str, Any], change: Change | None = None) -> bool:
    """Whether something says for whom; what comes with apply does."""
    if change is not None and any(change.is_unknown(name) for name in ("source_arn", *_LIMITS)):
        return True
    arn = side.get("source_arn")
    named = bool(arn) and holds_back(Condition("ArnLike", "aws:SourceArn", (str(arn),)))
    return named or any(side.get(name) for name in _LIMITS)
