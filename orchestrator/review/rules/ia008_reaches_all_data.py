"""A new policy reaches all data of a kind."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.review.context import PlanInContext, attached
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import (
    policies_of,
)
from orchestrator.review.iam.policy import Statement, actions_of
from orchestrator.review.plan import Change
from orchestrator.review.rules._iam import (
    ADMIN,
    does_all,
    everywhere,
    grants,
    held_back,
    listed,
)

_DATA = {
    "objects in S3": ("s3:getobject",),
    "secrets": ("secretsmanager:getsecretvalue",),
    "what is encrypted with KMS": ("kms:decrypt",),
    "items in DynamoDB": ("dynamodb:scan",),
    "parameters": ("ssm:getparameter",),
    "trails, which it can stop": ("cloudtrail:stoplogging",),
    "detectors of GuardDuty, which it can switch off": ("guardduty:deletedetector",),
    "of the account: it can leave the organization": ("organizations:leaveorganization",),
}
_HANDS_ON = {
    "secrets": ("secretsmanager:putresourcepolicy", "secretsmanager:deletesecret"),
    "what is encrypted with KMS": ("kms:putkeypolicy", "kms:schedulekeydeletion"),
}
"""What leads to all else, and what lets somebody hand it on to others and destroy it."""
_BROAD = re.compile(
    r"arn:aws[\w-]*:iam::aws:policy/(?:\S*/)?"
    r"(\w*(?:FullAccess|ReadWrite)(?:_v\d)?|SystemAdministrator|DatabaseAdministrator|NetworkAdministrator)$"
)


@rule(
    "IA008",
    "A new policy reaches everything of a kind",
    "medium",
    "iam",
    why="One leaked credential, or one mistake, is one for all of it, and for what is added later.",
    fix="Name the buckets, tables, keys and secrets that are needed.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def reaches_all_data(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if name == "assume_role_policy" or not grants(change, plan):
            continue
        if any(does_all(statement) for statement in after):
            continue  # by IA001
        new = _reached(after) - _reached(before or ())
        if before is None and new:
            owned = sorted(what for what in new if what in _HANDS_ON and _owns(after, what))
            if owned:
                yield Hit(f"it can read, give away and destroy all {listed(owned)}", name, severity="high")
            if new - set(owned):
                yield Hit(f"it reaches all {listed(sorted(new - set(owned)))}", name)
    if change.action == "delete":
        return
    was = {arn for _, arn in attached(change.type, change.before)}
    for holder, arn in sorted(set(attached(change.type, change.after))):
        match = _BROAD.match(arn)
        if match and match[1] not in ADMIN and arn not in was and (holder, arn) not in plan.attached_before:
            yield Hit(f"{match[1]} is attached: everything of its kind", "policy_arn", None, arn)


def _owns(statements: Iterable[Statement], what: str) -> bool:
    """Whether one statement reaches all of a kind, and lets it be given away and destroyed."""
    return any(
        what in _reached([statement]) and actions_of(statement).includes(_HANDS_ON[what])
        for statement in statements
    )


def _reached(statements: Iterable[Statement]) -> set[str]:
    return {
        what
        for statement in statements
        if statement.allow and everywhere(statement) and not held_back(statement)
        for what, actions in _DATA.items()
        if actions_of(statement).includes(actions)
    }
