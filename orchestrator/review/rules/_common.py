"""What rules of every category ask of a change."""

from __future__ import annotations

from typing import Any

from orchestrator.review.plan import Change, at, blocks, dotted


def goes_on(change: Change) -> bool:
    """Whether it is there before and after, be it as a replacement."""
    return change.action in ("update", "replace")


def stops(change: Change, path: str, on: Any) -> bool:
    """Whether an attribute (dotted path) that was ``on`` is not any more: another value, none, or its block gone."""
    keys = dotted(path)
    return (
        goes_on(change)
        and same(at(change.before, *keys), on)
        and not change.is_unknown(*keys)
        and not same(at(change.after, *keys), on)
    )


def loses(change: Change, name: str) -> bool:
    """Whether there was a block of a name, and is none any more."""
    return (
        bool(blocks(change.before, name)) and not blocks(change.after, name) and not change.is_unknown(name)
    )


def begins(change: Change, path: str, bad: Any) -> bool:
    """Whether an attribute has a value from now on: of what is new, replaced or changed."""
    keys = dotted(path)
    return (
        (change.creates or goes_on(change))
        and not change.is_unknown(*keys)
        and same(at(change.after, *keys), bad)
        and not same(at(change.before, *keys), bad)
    )


def same(value: Any, other: Any) -> bool:
    """Equal, and no number that happens to equal a boolean."""
    return type(value) is type(other) and bool(value == other)


def shown(path: str) -> str:
    """A dotted path without the places in lists."""
    return ".".join(word for word in path.split(".") if not word.isdigit())


def number(value: Any) -> bool:
    """Whether it is a number, and no boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)
