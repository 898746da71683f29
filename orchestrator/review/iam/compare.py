"""What a newer policy allows that an older one does not.

A policy allows what one of its ``Allow`` statements allows and none of its ``Deny`` statements denies; other policies of
the same principal or resource may allow more. So the newer one allows more when it has an ``Allow`` that goes beyond the
older ones (and is not denied), or when something is not denied any more. A statement is a set of (action, resource,
principal, context); it is covered when for each of its actions, resources and principals there is ONE older statement that
has them all and whose conditions follow from its own. Actions are looked at apart, and so are resources, principals, and
alternative values of a condition: what was split, merged, sorted or renamed is no change.

It never overlooks a widening among what the plan knows; it may see one where several older statements cover a single
resource pattern, principal or value only together (``NotResource x`` and ``Resource x``; a condition and its contrary).
What is known only after apply is taken for the same as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from orchestrator.review.iam.actions import Actions, pattern, speaks_of
from orchestrator.review.iam.conditions import not_implied
from orchestrator.review.iam.globs import UNKNOWN, covered, meet
from orchestrator.review.iam.policy import Statement, actions_of

_MOST_ALTERNATIVES = 4096


@dataclass(frozen=True)
class Widening:
    """What the newer policy allows and the older one does not."""

    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.actions or self.resources or self.principals or self.conditions or self.denies)


@dataclass
class _Gaps:
    actions: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    principals: set[str] = field(default_factory=set)
    conditions: set[str] = field(default_factory=set)


def compare(before: Sequence[Statement], after: Sequence[Statement]) -> Widening:
    """What is newly allowed: by action, resource, principal, or for want of a condition or denial."""
    return _compare(tuple(before), tuple(after))


@lru_cache(maxsize=1024)
def _compare(before: tuple[Statement, ...], after: tuple[Statement, ...]) -> Widening:
    old = [statement for statement in before if statement.allow]
    known = {_meaning(statement) for statement in before}
    denied = [statement for statement in after if not statement.allow]
    gaps = _Gaps()
    for statement in after:
        if statement.allow and _meaning(statement) not in known:
            _look(statement, old, denied, gaps)
    return Widening(
        tuple(sorted(gaps.actions)),
        tuple(sorted(gaps.resources)),
        tuple(sorted(gaps.principals)),
        tuple(sorted(gaps.conditions)),
        denials_lost(before, after),
    )


def denials_lost(before: Sequence[Statement], after: Sequence[Statement]) -> tuple[str, ...]:
    """The denials (by their Sid or actions) of which something is not denied any more."""
    left = [statement for statement in after if not statement.allow]
    known = {_meaning(statement) for statement in left}
    lost = set()
    for statement in before:
        if statement.allow or _meaning(statement) in known:
            continue
        if any(not _is_covered(box, holders, True) for _, holders, box in _boxes(statement, left)):
            lost.add(statement.sid or ", ".join(sorted(statement.actions or statement.not_actions)))
    return tuple(sorted(lost))


@dataclass(frozen=True)
class _Box:
    """A part of a statement: one resource and one principal (None: all but those that the statement leaves out)."""

    statement: Statement
    resource: str | None
    principal: str | None


def _meaning(statement: Statement) -> tuple[object, ...]:
    return (
        statement.allow,
        statement.actions,
        statement.not_actions,
        statement.resources,
        statement.not_resources,
        statement.principals,
        statement.not_principals,
        statement.conditions,
    )


def _look(statement: Statement, old: list[Statement], denied: list[Statement], gaps: _Gaps) -> None:
    for part, holders, box in _boxes(statement, [*old, *denied]):
        if _is_covered(box, [other for other in holders if other.allow], True):
            continue
        if _is_covered(box, holders, False):
            continue
        relatives = [other for other in holders if other.allow]
        if not relatives:
            gaps.actions |= _short(statement, part)
            continue
        there = [other for other in relatives if _has_resource(other, box, True)]
        if not there:
            gaps.resources.add(_resource_gap(box, part, old))
            continue
        let_in = [other for other in there if _has_principal(other, box)]
        if not let_in:
            who = box.principal or f"all but {', '.join(sorted(statement.not_principals))}"
            gaps.principals.add(who)
            continue
        nearest = min((not_implied(other.conditions, statement.conditions) for other in let_in), key=len)
        gaps.conditions |= {str(condition) for condition in nearest}


def _boxes(
    statement: Statement, others: Sequence[Statement]
) -> Iterator[tuple[Actions, list[Statement], _Box]]:
    """The statement in parts, each with those of the others that speak of all its actions."""
    resources: list[str | None] = [*sorted(statement.resources)]
    if not resources:
        resources = [None if statement.not_resources else "*"]
    principals: list[str | None] = [*sorted(statement.principals)] or [None]
    for part, holders in _classes(statement, others):
        for resource, principal in product(resources, principals):
            yield part, holders, _Box(statement, resource, principal)


def _classes(statement: Statement, others: Sequence[Statement]) -> Iterator[tuple[Actions, list[Statement]]]:
    """The statement's actions, by which of the others speak of them."""
    mine = actions_of(statement)
    classes: list[tuple[int, list[Statement]]] = [(mine.known, [])] if mine.known else []
    for other in others:
        theirs = actions_of(other).known
        split = []
        for known, holders in classes:
            if known & theirs:
                split.append((known & theirs, [*holders, other]))
            if known & ~theirs:
                split.append((known & ~theirs, holders))
        classes = split
    for known, holders in classes:
        yield Actions(known), holders
    for name in sorted((mine.others | _unheard_of(statement, others)) - {UNKNOWN}):
        yield (
            Actions(others=frozenset({name})),
            [other for other in others if speaks_of(other.actions, other.not_actions, name)],
        )


_ANYTHING = "\ue000"
"""Stands in an action for what nobody has named."""


def _unheard_of(statement: Statement, others: Sequence[Statement]) -> set[str]:
    """Actions that IAM does not know and that a statement allows by wildcard or ``NotAction``: those that are named, and any other."""
    named = {
        text.replace("*", _ANYTHING).replace("?", _ANYTHING)
        for one in (statement, *others)
        for text in one.actions | one.not_actions
        if pattern(text).others
    }
    every = {*named, f"{_ANYTHING}:{_ANYTHING}"}
    return {name for name in every if speaks_of(statement.actions, statement.not_actions, name)}


def _is_covered(box: _Box, others: Sequence[Statement], lenient: bool) -> bool:
    there = [other for other in others if _has_resource(other, box, lenient) and _has_principal(other, box)]
    mine = box.statement.conditions
    if any(not not_implied(other.conditions, mine) for other in there):
        return True
    if len(there) < 2:
        return False
    choices = [condition.alternatives() for condition in sorted(mine)]
    count = 1
    for choice in choices:
        count *= len(choice)
    if not 1 < count <= _MOST_ALTERNATIVES:
        return False
    return all(
        any(not not_implied(other.conditions, chosen) for other in there) for chosen in product(*choices)
    )


def _has_resource(other: Statement, box: _Box, lenient: bool) -> bool:
    """Whether a statement speaks of a box's resources; ``lenient``: what is unknown is taken for the same."""
    if not other.resources and not other.not_resources:
        return True
    if box.resource is None:
        left_out = box.statement.not_resources
        if other.resources:
            return covered("*", other.resources)
        return all(
            covered(name, left_out) or (lenient and UNKNOWN in left_out) for name in other.not_resources
        )
    if box.resource == UNKNOWN:
        return lenient
    if other.resources:
        return covered(box.resource, other.resources) or (lenient and UNKNOWN in other.resources)
    if UNKNOWN in other.not_resources and not lenient:
        return False
    return not any(meet(name, box.resource) for name in other.not_resources)


def _has_principal(other: Statement, box: _Box) -> bool:
    if {"AWS:*", "*:*"} & other.principals:
        return True
    if box.principal is None:
        left_out = box.statement.not_principals
        if not left_out:  # an identity's policy: it speaks of who has it
            return not other.principals and not other.not_principals
        return bool(other.not_principals) and other.not_principals <= left_out
    if UNKNOWN in box.principal:
        return bool(other.principals or other.not_principals)
    if other.not_principals:
        return "*" not in box.principal and not any(
            _may_be(name, box.principal) for name in other.not_principals
        )
    return covered(box.principal, other.principals)


def _may_be(name: str, principal: str) -> bool:
    """Whether a principal that is left out may be (of) another: an account, a role of it, a session of the role."""
    accounts = [part for part in name.split(":") if part.isdigit() and len(part) == 12]
    return name == principal or UNKNOWN in name or "*" in name or any(one in principal for one in accounts)


def _resource_gap(box: _Box, part: Actions, old: list[Statement]) -> str:
    if box.resource is None:
        return f"all but {', '.join(sorted(box.statement.not_resources))}"
    if any(_has_resource(other, box, False) for other in old):  # by other actions it was reached before
        return f"{box.resource} (by {', '.join(sorted(_short(box.statement, part)))})"
    return box.resource


def _short(statement: Statement, new: Actions) -> set[str]:
    """New actions by the patterns that allow them, where a pattern is new as a whole."""
    found: set[str] = set()
    for text in statement.actions:
        whole = pattern(text)
        fresh = Actions(whole.known & new.known, whole.others & new.others)
        if fresh:
            found |= {text} if fresh == whole or len(fresh) > 5 else set(fresh.names())
    if statement.not_actions:
        return {"all but " + ", ".join(sorted(statement.not_actions))}
    return found or set(statement.actions)
