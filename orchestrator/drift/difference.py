"""Where two values of a resource differ in what they mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

AttributePath: TypeAlias = "tuple[str | int, ...]"


def differences(state: Any, real: Any, path: AttributePath = ()) -> Iterator[tuple[AttributePath, Any, Any]]:
    """The deepest paths at which two values differ, with both values; lists of other lengths differ as a whole."""
    if same(state, real):
        return
    if isinstance(state, dict | None) and isinstance(real, dict | None):
        old, new = state or {}, real or {}
        for key in sorted({*old, *new}):
            yield from differences(old.get(key), new.get(key), (*path, key))
    elif isinstance(state, list) and isinstance(real, list) and len(state) == len(real):
        for index, (one, other) in enumerate(zip(state, real, strict=True)):
            yield from differences(one, other, (*path, index))
    else:
        yield path, state, real


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same.

    A provider reads what was left out as its type's empty value, so null and empty are the same; so are JSON documents that
    differ in their spacing or the order of their keys.
    """
    if one == other:
        return True
    if one is None or other is None:
        return _is_empty(one) and _is_empty(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return all(same(one.get(key), other.get(key)) for key in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        document = _document(one)
        return document is not None and document == _document(other)
    return False


def _is_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_empty, value.values()))
    return not value


def _document(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def shown(path: AttributePath) -> str:
    """A path as people write it: ``ingress.0.cidr_blocks``."""
    return ".".join(map(str, path))
