"""GitHub's expressions, as far as our workflows use them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>&&|\|\||==|!=|[!()\[\].,]))"
)
STATUS = ("always", "cancelled", "success", "failure")


class Expression:
    """One expression over a context of plain data. ``status``: what `success()` and the like say."""

    def __init__(self, text: str, context: Mapping[str, Any], status: Mapping[str, bool]) -> None:
        self._tokens = list(self._split(text))
        self._at = 0
        self._context = context
        self._status = status

    @staticmethod
    def _split(text: str) -> Any:
        at = 0
        text = text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            assert match is not None, f"no expression: {text[at:]!r}"
            at = match.end()
            yield match.lastgroup, match[str(match.lastgroup)]

    def value(self) -> Any:
        found = self._or()
        assert self._at == len(self._tokens), self._tokens[self._at :]
        return found

    def _take(self, *signs: str) -> str | None:
        if (
            self._at < len(self._tokens)
            and self._tokens[self._at][1] in signs
            and self._tokens[self._at][0] == "sign"
        ):
            self._at += 1
            return str(self._tokens[self._at - 1][1])
        return None

    def _or(self) -> Any:
        left = self._and()
        while self._take("||"):
            right = self._and()
            left = left if left else right
        return left

    def _and(self) -> Any:
        left = self._equality()
        while self._take("&&"):
            right = self._equality()
            left = right if left else left
        return left

    def _equality(self) -> Any:
        left = self._unary()
        while sign := self._take("==", "!="):
            right = self._unary()
            same = (
                str(left).lower() == str(right).lower()
                if isinstance(left, str) and isinstance(right, str)
                else left == right
            )
            left = same if sign == "==" else not same
        return left

    def _unary(self) -> Any:
        if self._take("!"):
            return not self._unary()
        return self._primary()

    def _primary(self) -> Any:
        if self._take("("):
            found = self._or()
            assert self._take(")")
            return found
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        assert kind == "name", text
        if self._take("("):
            found = self._call(text)
        else:
            assert text in self._context, f"the runner has no context {text}"
            found = self._context[text]
        while sign := self._take(".", "["):
            if sign == ".":
                key: Any = self._tokens[self._at][1]
                self._at += 1
            else:
                key = self._or()
                assert self._take("]")
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _call(self, name: str) -> Any:
        arguments: list[Any] = []
        while not self._take(")"):
            arguments.append(self._or())
            self._take(",")
        if name in STATUS:
            return self._status[name]
        if name == "fromJSON":
            return json.loads(arguments[0])
        if name == "contains":
            return arguments[1] in arguments[0]
        raise AssertionError(f"the runner has no function {name}")


def condition(text: Any, context: Mapping[str, Any], status: Mapping[str, bool]) -> bool:
    """Whether a job or step with this ``if`` runs; without a status function, only after success."""
    if text is None:
        return status["success"]
    words = str(text).strip()
    if words.startswith("${{") and words.endswith("}}"):
        words = words[3:-2]
    if not any(f"{name}(" in words for name in STATUS) and not status["success"]:
        return False
    return bool(Expression(words, context, status).value())


def fill(text: Any, context: Mapping[str, Any], status: Mapping[str, bool]) -> str:
    """A string with its ``${{ … }}`` replaced, as GitHub does before a step sees it."""

    def one(match: re.Match[str]) -> str:
        value = Expression(match[1], context, status).value()
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    if isinstance(text, bool):
        return str(text).lower()
    return re.sub(r"\$\{\{(.*?)\}\}", one, str(text))
