"""Terraform's functions, those that policies are made with. https://developer.hashicorp.com/terraform/language/functions"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from itertools import product

from orchestrator.review.evaluate.texts import TEXTS
from orchestrator.review.evaluate.values import (
    OPAQUE,
    Encoded,
    Failed,
    Hopeless,
    Set,
    Unknown,
    Value,
    decoded,
    encoded,
    is_known,
    joined,
    text_of,
)

_MOST = 10_000
"""Elements of a list that is made from little."""
LAZY = ("try", "can")
"""Functions whose arguments may be in error; the evaluation calls them itself."""


def call(name: str, arguments: list[Value]) -> Value:
    """The value of a function; opaque for those that are not here, or when they would have to look into the unknown.

    Raises:
        Failed: as Terraform would.
    """
    function = _FUNCTIONS.get(name)
    if function is None:
        return OPAQUE
    try:
        return function(*arguments)
    except Failed:
        raise
    except Exception:  # noqa: BLE001  (Terraform converts more than we do: what we stumble over may be no error to it)
        return OPAQUE


def _failed() -> Value:
    raise Failed


def listed(value: Value) -> list[Value]:
    """The elements of a list or set.

    Raises:
        Hopeless: it is not known which there are.
        Failed: it is no list.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, Unknown | Encoded):
        raise Hopeless
    raise Failed


def mapped(value: Value) -> Mapping[str, Value]:
    """The same of a map or object."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Unknown | Encoded):
        raise Hopeless
    raise Failed


def placed(value: Value) -> list[Value]:
    """The elements of a list, which have their places.

    Raises:
        Hopeless: it is a set, or not known.
        Failed: it is no list.
    """
    if isinstance(value, Set):
        raise Hopeless
    return listed(value)


def sorted_set(values: list[Value]) -> Set:
    """A set, in the order in which Terraform shows one; whether two unknown ones are the same is open, and does not matter."""
    texts = sorted({value for value in values if isinstance(value, str)})
    others: list[Value] = []
    for value in values:
        if not isinstance(value, str) and value not in others:
            others.append(value)
    return Set([*texts, *others])


def _concat(*lists: Value) -> Value:
    return [element for one in lists for element in placed(one)]


def _merge(*maps: Value) -> Value:
    found: dict[str, Value] = {}
    for one in maps:
        if one is not None:
            found.update(mapped(one))
    return found


def _flatten(value: Value) -> Value:
    found: list[Value] = []
    for element in listed(value):
        if isinstance(element, Unknown) and not element.scalar:
            raise Hopeless
        found += _flatten(element) if isinstance(element, list) else [element]
    return found


def _distinct(value: Value) -> Value:
    found: list[Value] = []
    for element in listed(value):
        if element not in found:
            found.append(element)
    return found


def _compact(value: Value) -> Value:
    elements = listed(value)
    if any(isinstance(element, Unknown) and not element.plain for element in elements):
        raise Hopeless
    return [element for element in elements if element not in (None, "")]


def _length(value: Value) -> Value:
    if isinstance(value, Unknown | Encoded):
        raise Hopeless
    return len(value)


def _coalesce(*values: Value) -> Value:
    if len({type(value) for value in values if value is not None and not isinstance(value, Unknown)}) > 1:
        raise Hopeless  # they are made one type first
    for value in values:
        if isinstance(value, Unknown) and not value.plain:
            return OPAQUE if len(values) > 1 else value
        if value not in (None, ""):
            return value
    raise Failed


def _coalescelist(*values: Value) -> Value:
    return next((one for one in values if listed(one)), None) or _failed()


def _contains(value: Value, wanted: Value) -> Value:
    elements = listed(value)
    if isinstance(wanted, Unknown | Encoded):
        raise Hopeless
    if wanted in elements:
        return True
    if not is_known(elements):
        raise Hopeless
    return False


def _lookup(value: Value, key: Value, *default: Value) -> Value:
    if isinstance(key, Unknown):
        raise Hopeless
    found = mapped(value)
    if key in found:
        if default and isinstance(found[key], list | Mapping) != isinstance(default[0], list | Mapping):
            raise Hopeless  # an error, or a conversion
        return found[key]
    return default[0] if default else _failed()


def _format(pattern: Value, *values: Value) -> Value:
    if isinstance(pattern, Unknown):
        raise Hopeless
    parts: list[Value] = []
    rest = list(values)
    for piece in re.split(r"(%%|%[sdv])", pattern):
        if piece == "%%":
            parts.append("%")
        elif re.fullmatch(r"%[sdv]", piece):
            value = rest.pop(0)
            if value is None or isinstance(value, list | Mapping):
                raise Hopeless
            parts.append(value)
        elif "%" in piece:
            raise Hopeless
        else:
            parts.append(piece)
    return joined(parts)


def _formatlist(pattern: Value, *values: Value) -> Value:
    lengths = {len(value) for value in values if isinstance(value, list)}
    if any(isinstance(value, Unknown) and not value.plain for value in values) or len(lengths) != 1:
        raise Hopeless
    return [
        _format(pattern, *(value[position] if isinstance(value, list) else value for value in values))
        for position in range(lengths.pop())
    ]


def _join(separator: Value, *lists: Value) -> Value:
    parts: list[Value] = []
    for element in _concat(*lists):
        parts += [separator, element] if parts else [element]
    return joined(parts)


def _element(value: Value, index: Value) -> Value:
    elements = placed(value)
    return elements[int(index) % len(elements)] if elements else _failed()


def _slice(value: Value, start: Value, end: Value) -> Value:
    elements = placed(value)
    return elements[start:end] if 0 <= start <= end <= len(elements) else _failed()


def _one(value: Value) -> Value:
    elements = listed(value)
    if len(elements) > 1:
        raise Failed
    return elements[0] if elements else None


def _sort(value: Value) -> Value:
    elements = listed(value)
    return sorted(elements) if is_known(elements) else elements  # order is nothing that a policy goes by


def _zipmap(keys: Value, values: Value) -> Value:
    names = placed(keys)
    if not is_known(names):
        raise Hopeless
    return dict(zip(names, placed(values), strict=True))


def _setproduct(*sets: Value) -> Value:
    if math.prod(len(listed(value)) for value in sets) > _MOST:
        raise Hopeless
    return [list(one) for one in product(*(listed(value) for value in sets))]


def _range(*bounds: Value) -> Value:
    found = range(*map(_known, bounds))
    if len(found) > _MOST:
        raise Hopeless
    return list(found)


def _number(value: Value) -> Value:
    return value if isinstance(value, int | float) else json.loads(value)


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "jsonencode": encoded,
    "jsondecode": decoded,
    "concat": _concat,
    "merge": _merge,
    "flatten": _flatten,
    "distinct": _distinct,
    "compact": _compact,
    "toset": lambda value: sorted_set(listed(value)),
    "setunion": lambda *values: sorted_set([item for value in values for item in listed(value)]),
    "setsubtract": lambda one, other: sorted_set(
        [item for item in listed(one) if not _contains(other, item)]
    ),
    "setintersection": lambda one, *others: sorted_set(
        [item for item in listed(one) if all(_contains(other, item) for other in others)]
    ),
    "setproduct": _setproduct,
    "tolist": lambda value: list(listed(value)),
    "tomap": lambda value: dict(mapped(value)),
    "tostring": lambda value: None if value is None else text_of(_known(value)),
    "tonumber": lambda value: None if value is None else _number(_known(value)),
    "tobool": lambda value: {"true": True, "false": False}.get(_known(value), value),
    "nonsensitive": lambda value: value,
    "sensitive": lambda value: value,
    "keys": lambda value: sorted(mapped(value)),
    "values": lambda value: [mapped(value)[name] for name in sorted(mapped(value))],
    "lookup": _lookup,
    "length": _length,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "contains": _contains,
    "element": _element,
    "slice": _slice,
    "one": _one,
    "sort": _sort,
    "reverse": lambda value: placed(value)[::-1],
    "zipmap": _zipmap,
    "chunklist": lambda value, size: [
        listed(value)[start : start + size] for start in range(0, len(listed(value)), size)
    ],
    "anytrue": lambda value: any(_known(item) is True for item in listed(value)),
    "alltrue": lambda value: all(_known(item) is True for item in listed(value)),
    "range": _range,
    "max": lambda *values: max(map(_known, values)),
    "min": lambda *values: min(map(_known, values)),
    "format": _format,
    "formatlist": _formatlist,
    "join": _join,
    "ceil": lambda value: math.ceil(_known(value)),
    "floor": lambda value: math.floor(_known(value)),
    **TEXTS,
}


def _known(value: Value) -> Value:
    if isinstance(value, Unknown | Encoded):
        raise Hopeless
    return value
