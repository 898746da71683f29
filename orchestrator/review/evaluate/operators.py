"""What operators do with values, how a value is taken out of another, and how texts are written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from orchestrator.review.evaluate.values import (
    COMPUTED,
    OPAQUE,
    Encoded,
    Failed,
    Hopeless,
    Members,
    Set,
    Unknown,
    Value,
    first_unknown,
    is_known,
    text_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPES = {"$${": "${", "%%{": "%{"}


def taken(value: Value, key: Value) -> Value:
    """An attribute or element of a value.

    Raises:
        Failed: there is none.
    """
    if isinstance(key, Unknown) or isinstance(value, Encoded):
        return OPAQUE
    if isinstance(value, Unknown):
        return OPAQUE if value.opaque else COMPUTED
    if isinstance(value, Members):
        return value.values[str(key)]
    if isinstance(value, Set) or isinstance(key, bool | float):
        return OPAQUE
    if isinstance(value, list):
        try:
            return value[int(key)] if int(key) >= 0 else OPAQUE
        except (ValueError, TypeError, IndexError):
            raise Failed from None
    if isinstance(value, Mapping):
        name = text_of(key)
        if name in value:
            return value[name]
    raise Failed


def pairs_of(value: Value) -> Iterator[tuple[Value, Value]]:
    """What ``for`` goes over: index or key, and element.

    Raises:
        Hopeless: it is not known what there is.
        Failed: nothing of which there are several.
    """
    if isinstance(value, Set):
        yield from ((element, element) for element in value)
    elif isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, Mapping):
        yield from ((key, value[key]) for key in sorted(value))
    elif isinstance(value, Unknown | Encoded | Members):
        raise Hopeless
    else:
        raise Failed


def whole(value: Value) -> Value:
    """A value, and no module or resource as a whole: what is in these is computed one by one."""
    return OPAQUE if isinstance(value, Members) else value


def both(sign: str, one: Value, two: Value) -> Value:
    """``&&`` and ``||`` of two values, of which the first decides nothing by itself."""
    short = sign == "||"
    if two is short:
        return short
    if isinstance(one, bool) and isinstance(two, bool):
        return one or two if short else one and two
    return OPAQUE


def same(one: Value, two: Value) -> Value:
    """Whether two values are the same; unknown where that is open."""
    for value, other in ((one, two), (two, one)):
        if other is None and value is not None and (not isinstance(value, Unknown) or value.plain):
            return False
    unknown = first_unknown(one, two)
    if unknown is not None:
        return OPAQUE if unknown.opaque else COMPUTED
    if not (is_known(one) and is_known(two)) or isinstance(one, Set) != isinstance(two, Set):
        return OPAQUE
    return (
        type(one) is type(two) and one == two
        if isinstance(one, bool) or isinstance(two, bool)
        else one == two
    )


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda one, two: one + two,
    "-": lambda one, two: one - two,
    "*": lambda one, two: one * two,
    "/": lambda one, two: one / two,
    "%": math.fmod,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
}


def children_of(node: Node) -> list[Node]:
    """The parts of a node, without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def said(node: Node) -> str:
    """Its text."""
    return (node.text or b"").decode("utf-8", "replace")


def literal(text: str) -> str:
    """What stands in a template, outside of quotes."""
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant)
    return text


_SIGNS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescaped(text: str) -> str:
    """What stands between quotes. https://developer.hashicorp.com/terraform/language/expressions/strings"""

    def sign(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if code[0] in "uU" else _SIGNS.get(code, code)

    return literal(re.sub(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", sign, text))
