"""Paths into the values of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=4096)
def dotted(path: str) -> tuple[str | int, ...]:
    """``vpc_config.0.endpoint_public_access`` as keys."""
    return tuple(int(word) if word.isdigit() else word for word in path.split("."))


def at(value: Any, *path: str | int) -> Any:
    """What lies at a path of a plan's value; None where there is nothing."""
    for key in path:
        if value is True:  # a mask: all below is marked
            return True
        if isinstance(value, list) and isinstance(key, int):
            value = value[key] if key < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(key)
        else:
            return None
    return value


def blocks(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The nested blocks of a name, however many."""
    found = value.get(name)
    if isinstance(found, Mapping):
        return [found]
    return [block for block in found or () if isinstance(block, Mapping)] if isinstance(found, list) else []
