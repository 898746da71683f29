"""Somebody gets what others have: a group, another role, a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change
from orchestrator.review.rules._common import goes_on
from orchestrator.review.rules._iam import listed

_MEMBERS = (
    # type, whose the list is, the list, what a new element of it means
    ("aws_iam_user_group_membership", "user", "groups", "{owner} joins {new}"),
    ("aws_iam_group_membership", "group", "users", "{new} joins {owner}"),
    ("aws_cognito_user_in_group", "username", "group_name", "{owner} joins {new}"),
    ("aws_identitystore_group_membership", "member_id", "group_id", "{owner} joins {new}"),
)
_CREDENTIALS = {
    "aws_iam_access_key": "a key that never expires is made for",
    "aws_iam_user_login_profile": "a password for the console is made for",
    "aws_iam_service_specific_credential": "a password for one service is made for",
}


@rule(
    "IA010",
    "Somebody gets what others have",
    "medium",
    "iam",
    why="A group, another role or a key brings all that they may do, now and later; no policy of this plan says so.",
    fix="See what the group or role may do; give people roles to assume instead of users with keys.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def gets_what_others_have(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if not (change.creates or goes_on(change)):
        return
    yield from _joins(change, plan)
    if change.type == "aws_iam_instance_profile" and goes_on(change):
        before, after = change.before.get("role"), change.after.get("role")
        if before and after and before != after and not plan.ends(before):
            yield Hit(f"instances get the role {after} instead of {before}", "role", before, after)
    yield from _signed_in(change, plan)
    if change.type in _CREDENTIALS and change.creates:
        yield Hit(f"{_CREDENTIALS[change.type]} {change.after.get('user') or 'a user'}", "user")
    if change.type == "aws_ssoadmin_account_assignment" and change.creates:
        who = f"{str(change.after.get('principal_type') or 'principal').lower()} {change.after.get('principal_id')}"
        yield Hit(
            f"the {who} gets a permission set in account {change.after.get('target_id')}", "principal_id"
        )


def _signed_in(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """Another role for those who sign in at Cognito."""
    kind = {"aws_cognito_user_group": "role_arn", "aws_cognito_identity_pool_roles_attachment": "roles"}.get(
        change.type
    )
    if kind is None or not goes_on(change):
        return
    before, after = change.before.get(kind), change.after.get(kind)
    was, now = ((side if isinstance(side, dict) else {"": side}) for side in (before, after))
    for name, role in sorted(now.items()):
        old = was.get(name)
        if role and old and role != old and not plan.ends(old):
            yield Hit(f"who signs in gets the role {role} instead of {old}", kind, old, role)


def _joins(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    for kind, owner, name, text in _MEMBERS:
        if change.type != kind:
            continue
        new = sorted(
            _members(change.after.get(name))
            - _members(change.before.get(name))
            - _elsewhere(change, plan, owner, name)
        )
        if new:
            yield Hit(text.format(owner=change.after.get(owner), new=listed(new)), name, None, new)
        elif change.is_unknown(name):
            yield Hit(text.format(owner=change.after.get(owner), new="what is known after apply"), name)


def _members(value: object) -> set[str]:
    if isinstance(value, list):
        return {str(one) for one in value if one}
    return {str(value)} if value else set()


def _elsewhere(change: Change, plan: PlanInContext, owner: str, name: str) -> set[str]:
    """What the same one was in before, by another resource."""
    return {
        member
        for other in plan.by_type.get(change.type, ())
        if other is not change and other.before.get(owner) == change.after.get(owner)
        for member in _members(other.before.get(name))
    }
