"""Addresses as expressions see them: where a module stands, and which instance something is."""

from __future__ import annotations

import json
import re

_STEP = re.compile(r'module\.([\w-]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?\.')
_INSTANCE = re.compile(r'((?:data\.)?[\w-]+\.[\w-]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?\Z')

Key = str | int | None
"""Of an instance: of ``for_each``, of ``count``, or of neither."""


def calls(place: str) -> tuple[str, ...]:
    """``module.a.module.b["k"].`` → ``a`` and ``b``."""
    return tuple(name for name, _ in _STEP.findall(place))


def split(address: str) -> tuple[str, str, Key]:
    """``module.a["k"].aws_x.y[0]`` → ``module.a["k"].``, ``aws_x.y`` and ``0``."""
    end = 0
    while (step := _STEP.match(address, end)) is not None:
        end = step.end()
    found = _INSTANCE.match(address, end)
    if found is None:
        return address[:end], address[end:], None
    return address[:end], found[1], json.loads(found[2]) if found[2] else None


def outside(place: str) -> tuple[str, str, Key]:
    """``module.a.module.b["k"].`` → ``module.a.``, ``b`` and ``k``."""
    *_, last = _STEP.finditer(place)
    return place[: last.start()], last[1], json.loads(last[2]) if last[2] else None
