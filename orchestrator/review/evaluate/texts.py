"""Functions of texts. https://developer.hashicorp.com/terraform/language/functions"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from orchestrator.review.evaluate.values import COMPUTED, OPAQUE, Failed, Hopeless, Value, first_unknown

_REPEATED_GROUP = re.compile(r"\)[*+{]")
_REPEATED = re.compile(r"[*+{]")
_MOST_REPEATED, _LONGEST = 3, 300
_OTHER_SYNTAX = re.compile(r"\[:|\\[pPQEzZACb]|\(\?(?!:|P<)")
"""What RE2, which Terraform has, reads in another way, or not at all: https://github.com/google/re2/wiki/Syntax"""


def _texts(function: Callable[..., Any]) -> Callable[..., Value]:
    """Of functions of texts, which know nothing of the unknown."""

    def called(*values: Value) -> Value:
        unknown = first_unknown(*values)
        if unknown is not None:
            return OPAQUE if unknown.opaque else COMPUTED
        if any(value is None or isinstance(value, bool | float) for value in values):
            raise Hopeless  # what Terraform converts, or refuses
        return function(*values)

    return called


def _regex(pattern: Value, value: Value) -> Value:
    found = re.search(_quick(pattern, value), value)
    return _captured(found) if found else _no_match()


def _regexall(pattern: Value, value: Value) -> Value:
    return [_captured(found) for found in re.finditer(_quick(pattern, value), value)]


def _quick(pattern: str, value: str) -> str:
    """A pattern that Python finds, or not, as quickly as Terraform does, whose time grows with the text only."""
    if (
        _REPEATED_GROUP.search(pattern)
        or len(_REPEATED.findall(pattern)) > _MOST_REPEATED
        or len(value) > _LONGEST
        or _OTHER_SYNTAX.search(pattern)
        or not (pattern + value).isascii()
        or "\n" in value
    ):
        raise Hopeless
    return pattern


def _captured(found: re.Match[str]) -> Value:
    return found.groupdict() or list(found.groups()) or found[0]


def _split(separator: Value, value: Value) -> Value:
    return value.split(separator) if value else [""]


def _replace(value: Value, old: Value, new: Value) -> Value:
    if len(old) > 1 and old[0] == old[-1] == "/":
        raise Hopeless
    return value.replace(old, new)


def _no_match() -> Value:
    raise Failed


TEXTS: dict[str, Callable[..., Value]] = {
    "split": _texts(_split),
    "replace": _texts(_replace),
    "regex": _texts(_regex),
    "regexall": _texts(_regexall),
    "lower": _texts(str.lower),
    "upper": _texts(str.upper),
    "trimspace": _texts(str.strip),
    "trimprefix": _texts(str.removeprefix),
    "trimsuffix": _texts(str.removesuffix),
    "trim": _texts(str.strip),
    "startswith": _texts(str.startswith),
    "endswith": _texts(str.endswith),
    "strcontains": _texts(lambda value, part: part in value),
    "substr": _texts(lambda value, start, size: value[start:] if size < 0 else value[start : start + size]),
    "chomp": _texts(lambda value: value.rstrip("\n\r")),
    "title": _texts(
        lambda value: re.sub(r"(^|[^\w])([a-z])", lambda found: found[0].upper(), value, flags=re.ASCII)
    ),
}
"""Those that are here, by name."""
