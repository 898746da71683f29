"""Something acts with another role, although no policy changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.actions import NONE
from orchestrator.review.iam.compare import compare
from orchestrator.review.iam.escalation import gained
from orchestrator.review.iam.harmless import with_looks, with_neighbours
from orchestrator.review.iam.policy import actions_of
from orchestrator.review.iam.roles import Acting, Powers, acting, acting_later, powers
from orchestrator.review.plan import Change
from orchestrator.review.rules._common import goes_on, shown
from orchestrator.review.rules._iam import ADMIN, does_all, everywhere, held_back, listed

_NAMED = re.compile(r"(?:^|_)roles?(?:_|$)|instance_profile")
_IS_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:(?:role/(?!aws-service-role/)|instance-profile/)")
_ACCOUNT = re.compile(r"arn:[^:]*:iam::(\d{12}):")
_BY_NAME = (
    "iam_instance_profile",
    "custom_iam_instance_profile",
    "instance_profile_name",
    "instance_profile",
)
"""Attributes that may hold a name instead of an ARN."""

_NOT_WALKED = frozenset({"tags", "tags_all", "variables", "parameters", "triggers", "environment"})
_ELSEWHERE = re.compile(r"aws_iam_|aws_cognito_(?:user_group|identity_pool_roles_attachment)$")
"""Whose roles are for other rules: policies' holders, and IA010."""

_ADMIN_NAME = re.compile(
    r"admin(?!istrationrole)|(?:^|[-_.])root(?:$|[-_.])|power-?_?user|full-?_?access|break-?_?glass",
    re.IGNORECASE,
)
_ALL = "it may do everything"

Roles = dict[str, list[tuple[str, str]]]
"""(path, value) of each role that a side names, by the path without places in lists."""


@rule(
    "IA012",
    "Something acts with another role",
    "medium",
    "iam",
    why="Code that was reviewed with one role's permissions runs with another's; no policy of this plan says so.",
    fix="See what the new role may do; give each function, task and instance a role of its own.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def acts_with_another_role(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if _ELSEWHERE.match(change.type) or not (change.creates or goes_on(change)):
        return
    before, after = _roles(change.before), _roles(change.after)
    for place in sorted({*before, *after}):
        was = [value for _, value in before.get(place, ())]
        now = [value for _, value in after.get(place, ())]
        left = [value for value in was if value not in now]
        there = dict(before.get(place, ())) if len(was) == len(now) else {}
        for number, (path, value) in enumerate(one for one in after.get(place, ()) if one[1] not in was):
            named = there.get(path) or (left[min(number, len(left) - 1)] if left else None)
            old = acting(named, plan, "before") if named else None
            yield from _judged(change, path, old, acting(value, plan, "after"), plan)
        for path, value in before.get(place, ()):
            words = tuple(int(word) if word.isdigit() else word for word in path.split("."))
            if change.is_unknown(*words) and (later := acting_later(change, words, plan)) is not None:
                yield from _judged(change, path, acting(value, plan, "before"), later, plan)


def _roles(side: Mapping[str, Any]) -> Roles:
    found: Roles = {}
    for path, value in _walked(side, ""):
        found.setdefault(shown(path), []).append((path, value))
    return found


def _walked(value: Any, path: str) -> Iterator[tuple[str, str]]:
    words = path.split(".")
    name = next((word for word in reversed(words) if not word.isdigit()), "")
    if isinstance(value, str):
        in_profile = name in ("name", "arn") and "iam_instance_profile" in words[:-1]
        if value and (in_profile or name in _BY_NAME or (_NAMED.search(name) and _IS_ROLE.match(value))):
            yield path, value
    elif isinstance(value, Mapping):
        for key, child in value.items():
            if key not in _NOT_WALKED:
                yield from _walked(child, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _walked(child, f"{path}.{number}")


def _judged(change: Change, path: str, old: Acting | None, new: Acting, plan: PlanInContext) -> Iterator[Hit]:
    if old is not None and _are_same(old, new):
        return  # what the role itself is given is for the other rules
    if new.role is None:
        why, severity = _of_unknown(change, old, new)
    else:
        able = powers(new.role, plan, "after")
        known = old is None or old.role is not None
        had = (
            powers(old.role, plan, "before")
            if old is not None and old.role is not None
            else Powers((), frozenset())
        )
        why, severity = _of_known(had, able, known)
        if old is None and (severity != "high" or new.role.creates):
            return  # what it is given has been seen where the role was made
        if change.creates:
            severity = "medium"
    if severity is not None:
        instead = f" instead of {old.name}" if old is not None else ""
        text = f"it acts with the role {new.name}{instead}: {why}"
        yield Hit(text, path, old and old.value, new.value, severity)


def _are_same(old: Acting, new: Acting) -> bool:
    """Whether both are one role, perhaps by another path or before it is made anew; another account's never is."""
    if old.role is not None and old.role is new.role:
        return True
    accounts = {match[1] for one in (old, new) if one.value and (match := _ACCOUNT.match(one.value))}
    return old.name == new.name and len(accounts) < 2


def _of_unknown(change: Change, old: Acting | None, new: Acting) -> tuple[str, Severity | None]:
    """A role of which the plan has nothing but the name."""
    admin = bool(_ADMIN_NAME.search(new.name))
    why = "its name is an administrator's" if admin else "what it may do is not in this plan"
    if change.creates:
        return why, "low" if admin else None
    if admin:
        return why, "medium"
    if old is None:
        return why, "info"
    return why, "medium" if old.role is not None else "low"


def _of_known(had: Powers, able: Powers, known: bool) -> tuple[str, Severity | None]:
    """A role whose policies the plan has; ``known``: so it has those of the one before."""
    if _is_admin(able) and not _is_admin(had):
        return _ALL, "high"
    more = sorted(set(_leads_to(able)) - set(_leads_to(had)))
    if known and more:
        return f"it leads to {listed(more)}", "high"
    if not known:
        able_to = f"it leads to {listed(more)}; " if more else ""
        return f"{able_to}what the one before may do is not in this plan", "high" if more else "low"
    wider = compare(had.statements, able.statements)
    new = able.managed - had.managed
    if not wider and not new:
        return "", None
    attached = sorted(arn.rpartition("/")[2] for arn in new)
    loud = any(":aws:policy/service-role/" not in arn for arn in new) or compare(
        with_neighbours(with_looks(had.statements)), able.statements
    )
    what = [*wider.actions, *wider.resources, *wider.conditions, *wider.denies, *attached]
    return f"it may do more: {listed(what)}", "medium" if loud else "low"


def _is_admin(able: Powers) -> bool:
    return any(arn.rpartition("/")[2] in ADMIN for arn in able.managed) or any(
        does_all(statement) and not held_back(statement) for statement in able.statements
    )


def _leads_to(able: Powers) -> list[str]:
    found = NONE
    for statement in able.statements:
        if statement.allow and everywhere(statement) and not held_back(statement):
            found |= actions_of(statement)
    return gained(found)
