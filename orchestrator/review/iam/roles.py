"""What a role may do, as far as the plan has the role and its policies: its own, those put into it, those attached."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from orchestrator.addresses import INSTANCE_KEY
from orchestrator.review.context import ATTACHMENTS, PlanInContext, attached
from orchestrator.review.iam.documents import is_foreign, policies_of
from orchestrator.review.iam.policy import Statement, parse
from orchestrator.review.plan import Change, blocks

Side: TypeAlias = Literal["before", "after"]

ROLE = "aws_iam_role"
PROFILE = "aws_iam_instance_profile"
_ARN = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):(role|instance-profile)/")
_ROLE_NAMES = ("role", "roles", "role_name")


@dataclass(frozen=True)
class Acting:
    """What something acts with: a role's name, and the role where the plan has it. ``value`` is what is written."""

    name: str
    value: str | None
    role: Change | None


@dataclass(frozen=True)
class Powers:
    """The statements of a role's policies, and the attached ones whose text the plan does not have."""

    statements: tuple[Statement, ...]
    managed: frozenset[str]


def acting(value: str, plan: PlanInContext, side: Side) -> Acting:
    """The role behind an ARN or a name, perhaps an instance profile's."""
    name, match = value.rpartition("/")[2], _ARN.match(value)
    if match and is_foreign(match[1], plan):
        return Acting(name, value, None)
    if match is None or match[2] == "instance-profile":
        profile = _named(plan, PROFILE, value, side)
        if profile is not None:
            inner = getattr(profile, side).get("role")
            if not inner:
                return Acting(name, value, _only(plan, ROLE, profile, ("role",)))
            return Acting(str(inner), value, _named(plan, ROLE, str(inner), side))
        return Acting(name, value, None)
    return Acting(name, value, _named(plan, ROLE, value, side))


def acting_later(change: Change, path: tuple[str | int, ...], plan: PlanInContext) -> Acting | None:
    """The role that a value will name that comes with apply; None where the code does not tell which."""
    role = _only(plan, ROLE, change, path)
    if role is None:
        profile = _only(plan, PROFILE, change, path)
        if profile is None:
            return None
        inner = profile.after.get("role")
        role = _named(plan, ROLE, str(inner), "after") if inner else _only(plan, ROLE, profile, ("role",))
    if role is None:
        return None
    return Acting(str(role.after.get("name") or role.address), None, role)


def powers(role: Change, plan: PlanInContext, side: Side) -> Powers:
    """What a role may do before or after."""
    statements = list(_own(role, plan, side))
    for change in plan.by_type.get("aws_iam_role_policy", ()):
        if _is_of(change, role, plan, side):
            statements += _policy(change, plan, side)
    managed: set[str] = set()
    for arn, policies in _attached(role, plan, side):
        statements += [one for policy in policies for one in _policy(policy, plan, side)]
        if not policies:
            managed.add(arn)
    return Powers(tuple(statements), frozenset(managed))


def _own(role: Change, plan: PlanInContext, side: Side) -> Iterator[Statement]:
    if side == "before":
        for entry in blocks(role.before, "inline_policy"):
            yield from parse(entry.get("policy")) or ()
        return
    for name, _, statements in policies_of(role, plan):
        if name == "inline_policy":
            yield from statements


def _policy(change: Change, plan: PlanInContext, side: Side) -> list[Statement]:
    if side == "before":
        return parse(change.before.get("policy")) or []
    return [
        one for name, _, statements in policies_of(change, plan) if name == "policy" for one in statements
    ]


def _attached(role: Change, plan: PlanInContext, side: Side) -> Iterator[tuple[str, list[Change]]]:
    """Each attached policy's ARN, and the policy where the plan has it."""
    known = plan.by_type.get("aws_iam_policy", ())
    mine = getattr(role, side).get("name")
    for kind in ATTACHMENTS:
        for change in plan.by_type.get(kind, ()):
            values: Mapping[str, Any] = getattr(change, side)
            for holder, arn in attached(kind, values):
                if (mine and holder == mine) or (not holder and _is_of(change, role, plan, side)):
                    yield arn, [one for one in known if getattr(one, side).get("arn") == arn]
            if side == "after" and change.is_unknown("policy_arn") and _is_of(change, role, plan, side):
                found = _same_instances(plan.made_from(change, ("policy_arn",), "aws_iam_policy"), change)
                if found:
                    yield "", found


def _is_of(change: Change, role: Change, plan: PlanInContext, side: Side) -> bool:
    """Whether a policy or attachment is a role's."""
    mine = getattr(role, side).get("name")
    for name in _ROLE_NAMES:
        value = getattr(change, side).get(name)
        if value:
            return mine in value if isinstance(value, list) else mine == value
        if side == "after" and change.is_unknown(name):
            return _only(plan, ROLE, change, (name,)) is role
    return False


def _named(plan: PlanInContext, kind: str, value: str, side: Side) -> Change | None:
    """A role or profile by its ARN or name."""
    for change in plan.by_type.get(kind, ()):
        values = getattr(change, side)
        if values.get("arn") and value.startswith("arn:"):
            if values["arn"] == value:
                return change
        elif values.get("name") == value.rpartition("/")[2]:
            return change
    return None


def _only(plan: PlanInContext, kind: str, change: Change, path: tuple[str | int, ...]) -> Change | None:
    """The one resource of a type that an attribute is made from."""
    found = _same_instances(plan.made_from(change, path, kind), change)
    return found[0] if len(found) == 1 else None


def _same_instances(changes: Iterable[Change], change: Change) -> list[Change]:
    keys = set(INSTANCE_KEY.findall(change.address))
    there = [one for one in changes if one.after]
    return [one for one in there if set(INSTANCE_KEY.findall(one.address)) & keys] or there
