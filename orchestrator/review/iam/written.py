"""Policies as the code has them, for those whose JSON is only known after apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.review.evaluate import Encoded, Unknown, decoded
from orchestrator.review.iam.globs import UNKNOWN

_STATEMENTS = ("Statement", "Effect", "Action", "NotAction")
"""What has to be known of a policy, to the letter; the rest may come with apply."""


class _UnreadableError(Exception):
    pass


def readable(value: Any) -> Any:
    """The policy that a value is the JSON of, with what comes with apply as ``UNKNOWN``; None when too little is known.

    Resources, principals and conditions may be unknown to the plan; not to us. What is done, and whether that is
    allowed, may not.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, Encoded | Unknown):
        return None
    policy = decoded(value)
    if not isinstance(policy, Mapping):
        return None
    statements = policy.get("Statement")
    listed = [statements] if isinstance(statements, Mapping) else statements
    if not isinstance(listed, list):
        return None
    try:
        return {"Statement": [_statement(statement) for statement in listed]}
    except _UnreadableError:
        return None


def _statement(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise _UnreadableError
    found: dict[str, Any] = {}
    for name, value in raw.items():
        if name in _STATEMENTS:
            found[name] = _exactly(value)
        elif name in ("Principal", "NotPrincipal", "Condition"):
            if isinstance(value, Unknown):  # which kind of principal, or which condition, is no detail
                raise _UnreadableError
            found[name] = _loosely(value)
        else:
            found[name] = _loosely(value)
    return found


def _exactly(value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in values):
        raise _UnreadableError
    return value


def _loosely(value: Any) -> Any:
    if isinstance(value, Unknown):
        if value.opaque:
            raise _UnreadableError
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _loosely(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_loosely(child) for child in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise _UnreadableError
