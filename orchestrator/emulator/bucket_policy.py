"""Whether a bucket policy denies or allows a request, as far as the emulator knows the request.

The rules are those of the IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition
operators". A statement that depends on what the emulator cannot know (the caller's organization, the VPC endpoint
a request came through) is left out: it neither locks anybody out nor lets anybody in.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

Context = Mapping[str, str | None]
"""Condition keys in lower case with their values; None: the request does not carry the key."""


class Decision(Enum):
    """What a policy says about a request."""

    ALLOWED = "allowed"
    DENIED = "denied"
    SILENT = "silent"


def decide(policy: Mapping[str, Any], action: str, resource: str, context: Context) -> Decision:
    """The policy's decision on ``action`` (``s3:GetObject``) at ``resource`` (an ARN), for any caller."""
    decision = Decision.SILENT
    for statement in _as_list(policy.get("Statement", [])):
        if not _applies(statement, action, resource, context):
            continue
        if statement.get("Effect") == "Deny":
            return Decision.DENIED
        decision = Decision.ALLOWED
    return decision


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    return (
        _is_for_everybody(statement)
        and _names(statement, "Action", action.lower(), str.lower)
        and _names(statement, "Resource", resource, str)
        and _conditions_hold(statement.get("Condition", {}), context) is True
    )


def _is_for_everybody(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        principal = principal.get("AWS")
    return "*" in _as_list(principal)


def _names(statement: Mapping[str, Any], element: str, value: str, fold: Callable[[str], str]) -> bool:
    if f"Not{element}" in statement:
        return not _matches_any(value, [fold(pattern) for pattern in _as_list(statement[f"Not{element}"])])
    return _matches_any(value, [fold(pattern) for pattern in _as_list(statement.get(element, []))])


def _conditions_hold(conditions: Mapping[str, Any], context: Context) -> bool | None:
    """Whether all conditions hold; None when that depends on something unknown."""
    results = [
        _holds(operator, context[key.lower()], [_text(value) for value in _as_list(expected)])
        if key.lower() in context
        else None
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    ]
    if False in results:
        return False
    return None if None in results else True


def _holds(operator: str, actual: str | None, expected: list[str]) -> bool | None:
    """One operator on one key with a single value; None for an operator that is not known."""
    operator = operator.removeprefix("ForAllValues:").removeprefix("ForAnyValue:")
    if operator == "Null":
        return (actual is None) == (expected == ["true"])
    operator, if_exists, _ = operator.partition("IfExists")
    negated = "Not" in operator
    compare = _COMPARISONS.get(operator.replace("Not", ""))
    if compare is None:
        return None
    if actual is None:
        return bool(if_exists) or negated
    return any(compare(actual, value) for value in expected) != negated


def _matches(value: str, pattern: str) -> bool:
    # fnmatch knows [sequences] besides * and ?; policies do not.
    return re.match(fnmatch.translate(pattern.replace("[", "[[]")), value) is not None


def _matches_any(value: str, patterns: list[str]) -> bool:
    return any(_matches(value, pattern) for pattern in patterns)


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda actual, expected: actual == expected,
    "StringEqualsIgnoreCase": lambda actual, expected: actual.lower() == expected.lower(),
    "StringLike": _matches,
    "ArnEquals": _matches,
    "ArnLike": _matches,
    "Bool": lambda actual, expected: actual.lower() == expected.lower(),
    "NumericEquals": lambda actual, expected: float(actual) == float(expected),
    "NumericLessThan": lambda actual, expected: float(actual) < float(expected),
    "NumericLessThanEquals": lambda actual, expected: float(actual) <= float(expected),
    "NumericGreaterThan": lambda actual, expected: float(actual) > float(expected),
    "NumericGreaterThanEquals": lambda actual, expected: float(actual) >= float(expected),
}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
