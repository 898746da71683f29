"""Patterns with ``*`` and ``?``, as IAM has them in actions, resources and values: what one says of another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

UNKNOWN = "(known after apply)"
"""Stands for a resource, principal or value that the plan does not know yet."""

_RUN = re.compile(r"[*?]{2,}")


@lru_cache(maxsize=65536)
def covers(outer: str, inner: str) -> bool:
    """Whether everything that ``inner`` matches is matched by ``outer``; where that is hard to say, no."""
    outer, inner = _sorted_runs(outer), _sorted_runs(inner)
    if outer in (inner, "*"):
        return True
    if "*" not in outer and "?" not in outer:
        return False
    places = _after_stars({0}, outer)
    for symbol in inner:
        places = _after_stars({next_ for place in places for next_ in _step(outer, place, symbol)}, outer)
        if not places:
            return False
    return len(outer) in places


def covered(value: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns covers a value or pattern."""
    return any(covers(pattern, value) for pattern in patterns)


@lru_cache(maxsize=65536)
def meet(one: str, other: str) -> bool:
    """Whether there is something that both match."""
    todo, seen = [(0, 0)], {(0, 0)}
    while todo:
        i, j = todo.pop()
        if i == len(one) and j == len(other):
            return True
        a, b = one[i : i + 1], other[j : j + 1]
        following = []
        if a == "*":
            following += [(i + 1, j)] + ([(i, j + 1)] if b else [])
        if b == "*":
            following += [(i, j + 1)] + ([(i + 1, j)] if a else [])
        if a and b and "*" not in (a, b) and (a == b or "?" in (a, b)):
            following.append((i + 1, j + 1))
        fresh = [place for place in following if place not in seen]
        seen.update(fresh)
        todo += fresh
    return False


def _step(outer: str, place: int, symbol: str) -> tuple[int, ...]:
    if place == len(outer):
        return ()
    here = outer[place]
    if here == "*":
        return (place,)
    if symbol != "*" and here in ("?", symbol):
        return (place + 1,)
    return ()


def _after_stars(places: set[int], outer: str) -> set[int]:
    """A star may stand for nothing."""
    found = set(places)
    for place in places:
        while place < len(outer) and outer[place] == "*":
            place += 1
            found.add(place)
    return found


def _sorted_runs(pattern: str) -> str:
    """``*?*`` says what ``?*`` says."""
    return _RUN.sub(lambda run: "?" * run[0].count("?") + ("*" if "*" in run[0] else ""), pattern)
