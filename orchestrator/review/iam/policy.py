"""Reads IAM policy documents.

Documents come as JSON text, or as the statements of an ``aws_iam_policy_document`` whose JSON is only known after apply.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.review.iam.actions import Actions, expanded
from orchestrator.review.iam.conditions import Condition
from orchestrator.review.iam.globs import UNKNOWN

_EVERY_ACCOUNT = re.compile(r"AWS:arn:[^:]*:[^:]*:[^:]*:[*?]+:")


@dataclass(frozen=True)
class Statement:
    """One statement. ``principals`` are ``kind:value``; sets are as written."""

    allow: bool
    actions: frozenset[str]
    not_actions: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    not_resources: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    not_principals: frozenset[str] = frozenset()
    conditions: frozenset[Condition] = frozenset()
    sid: str = ""

    @property
    def anybody(self) -> bool:
        """Whether it speaks to everybody, or to every account, as far as no condition holds it back."""
        return any(
            who in ("AWS:*", "*:*", "Federated:*") or _EVERY_ACCOUNT.match(who) for who in self.principals
        ) or bool(self.not_principals and self.allow)


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
    if not isinstance(entries, list | Mapping):
        return None
    listed = [entries] if isinstance(entries, Mapping) else entries
    if not all(isinstance(entry, Mapping) for entry in listed):
        return None
    return [_statement(entry) for entry in listed]


def _statement(raw: Mapping[str, Any]) -> Statement:
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
    """Statements of an ``aws_iam_policy_document``, with what is unknown as such, and those of the documents it is made from."""
    found = [
        statement
        for name in ("source_policy_documents", "override_policy_documents")
        for text in after.get(name) or ()
        for statement in parse(text) or ()
    ]
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
                    f"{entry.get('type')}:{_principal(value or UNKNOWN)}"
                    for entry in raw.get("principals") or ()
                    for value in entry.get("identifiers") or (UNKNOWN,)
                ),
                not_principals=frozenset(
                    f"{entry.get('type')}:{_principal(value or UNKNOWN)}"
                    for entry in raw.get("not_principals") or ()
                    for value in entry.get("identifiers") or (UNKNOWN,)
                ),
                conditions=frozenset(_condition_of(entry) for entry in raw.get("condition") or ()),
                sid=str(raw.get("sid") or ""),
            )
        )
    return found


def _condition_of(entry: Mapping[str, Any]) -> Condition:
    values = sorted({str(value or UNKNOWN) for value in entry.get("values") or (UNKNOWN,)})
    return Condition(str(entry.get("test")), str(entry.get("variable") or UNKNOWN), tuple(values))


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
    return frozenset(str(item) for item in (value if isinstance(value, list | tuple | set) else [value]))


def _lower(value: Any) -> frozenset[str]:
    return frozenset(word.lower() for word in _words(value))


def _principals(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, str):
        return frozenset({"AWS:*" if value == "*" else f"AWS:{value}"})
    if not isinstance(value, Mapping):
        return frozenset()
    return frozenset(f"{kind}:{_principal(item)}" for kind, items in value.items() for item in _words(items))


def _principal(value: str) -> str:
    """An account's number and its root are the same principal."""
    return f"arn:aws:iam::{value}:root" if value.isdigit() and len(value) == 12 else value


def _conditions(value: Any) -> frozenset[Condition]:
    if not isinstance(value, Mapping):
        return frozenset()
    return frozenset(
        Condition(
            str(operator),
            str(key),
            tuple(sorted({str(values)} if isinstance(values, bool | int | float) else _words(values))),
        )
        for operator, pairs in value.items()
        if isinstance(pairs, Mapping)
        for key, values in pairs.items()
    )


def actions_of(statement: Statement) -> Actions:
    """All actions that a statement speaks of."""
    return expanded(statement.actions, statement.not_actions)
