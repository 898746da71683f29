"""The values of expressions: JSON's, and those that are not known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

GAP = "\ue000"
"""Stands in a text for a part that is known after apply (a character of Unicode's private use area)."""


LONGEST = 1_000_000
"""Characters of a text that is put together; policies have ten thousand at most."""


@dataclass(frozen=True)
class Unknown:
    """A value that is not known. ``opaque``: because we can't compute it; else because the plan does not know it.

    ``scalar``: whatever it is, it is no list and no map. ``plain``: it is a name, an id or an ARN, so never null and
    without quotes. ``text``: what is known of it, with ``GAP`` for the rest.
    """

    opaque: bool = False
    scalar: bool = False
    plain: bool = False
    text: str | None = None


OPAQUE = Unknown(opaque=True)
COMPUTED = Unknown()
SCALAR = Unknown(scalar=True)
PLAIN = Unknown(scalar=True, plain=True, text=GAP)


@dataclass(frozen=True)
class Encoded:
    """A text that is the JSON of a value with something unknown in it."""

    value: Any


@dataclass(frozen=True)
class Members:
    """Something whose attributes are computed one by one: a resource, a module, all of these of a name."""

    values: Mapping[str, Any]


class Set(list[Any]):
    """A set: its elements have no places, and are their own keys."""


Value: TypeAlias = Any
"""None, bool, int, float, str, list, mapping with names as keys, :class:`Unknown` or :class:`Encoded`."""


class Computed(Mapping[str, Value]):
    """Attributes that are computed when they are asked for."""

    def __init__(self, compute: Callable[[str], Value]) -> None:
        self._compute = compute

    def __getitem__(self, name: str) -> Value:
        return self._compute(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Tabled(Computed):
    """The same of those in a table."""

    def __init__(self, table: Mapping[str, Callable[[], Value]]) -> None:
        super().__init__(lambda name: table[name]() if name in table else OPAQUE)


class Failed(Exception):  # noqa: N818  (it is what Terraform would call an error, and `try` catches)
    """An expression that is in error: an attribute that is not there, a text from null."""


class Hopeless(Exception):  # noqa: N818
    """Something that is not understood; nothing may be built on it."""


def is_known(value: Value) -> bool:
    """Whether nothing in it is unknown."""
    if isinstance(value, Unknown | Encoded | Members):
        return False
    if isinstance(value, Mapping):
        return all(is_known(child) for child in value.values())
    if isinstance(value, list):
        return all(is_known(child) for child in value)
    return True


def first_unknown(*values: Value) -> Unknown | None:
    """An unknown one of these; an opaque one, where there is one."""
    found = [value for value in values if isinstance(value, Unknown)]
    return next((value for value in found if value.opaque), found[0] if found else None)


def text_of(value: Value) -> str:
    """A primitive as Terraform writes it into a text.

    Raises:
        Failed: it is null, or no primitive.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    raise Failed


def joined(parts: list[Value]) -> Value:
    """Texts one after another; what is known of it, where not all is."""
    if sum(len(part) for part in parts if isinstance(part, str)) > LONGEST:
        raise Hopeless
    if all(not isinstance(part, Unknown | Encoded) for part in parts):
        return "".join(text_of(part) for part in parts)
    unknown = first_unknown(*parts)
    if any(isinstance(part, Encoded) for part in parts) or (unknown is not None and unknown.opaque):
        return OPAQUE
    if all(part.plain or part.text is not None for part in parts if isinstance(part, Unknown)):
        text = "".join((part.text or GAP) if isinstance(part, Unknown) else text_of(part) for part in parts)
        return Unknown(scalar=True, plain='"' not in text and "\n" not in text, text=text)
    return SCALAR


def decoded(value: Value) -> Value:
    """What a JSON text encodes.

    Raises:
        Failed: it is no JSON.
    """
    if isinstance(value, Encoded):
        return value.value
    text = value.text if isinstance(value, Unknown) else value
    if isinstance(value, Unknown) and (text is None or text == GAP):
        return value
    if not isinstance(text, str):
        raise Failed
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        if isinstance(value, Unknown):
            return OPAQUE
        raise Failed from None
    return _with_gaps(found)


def _with_gaps(value: Any) -> Value:
    if isinstance(value, dict):
        if any(GAP in name for name in value):
            return OPAQUE
        return {name: _with_gaps(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_with_gaps(child) for child in value]
    if isinstance(value, str) and GAP in value:
        return Unknown(scalar=True, plain=True, text=value)
    return value


def encoded(value: Value) -> Value:
    """``jsonencode``."""
    if isinstance(value, Unknown):
        return Encoded(value)
    if not is_known(value):
        return Encoded(value)
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
