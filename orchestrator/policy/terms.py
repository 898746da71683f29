"""What waivers and the drift ignore list have in common: their fields, patterns over addresses, and how long an entry holds."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

LONGEST = timedelta(days=366)
"""No entry holds for longer."""

_INSTANCE_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]')


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]
Day = Annotated[date, BeforeValidator(_day)]


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern with ``*`` (any text) and ``?`` (one character) that covers whole texts; brackets are brackets."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))


def without_keys(address: str) -> str:
    """The address without instance keys, as the configuration has it."""
    return _INSTANCE_KEY.sub("", address)


def covers_address(pattern: re.Pattern[str], address: str) -> bool:
    """Whether a pattern is about an address, with or without its instance keys."""
    return bool(pattern.fullmatch(address) or pattern.fullmatch(without_keys(address)))


def layer_of(address: str) -> str | None:
    """The layer that an address, or a pattern over addresses, is about; None where that is open."""
    words = without_keys(address).split(".")
    return words[1] if words[0] == "module" and len(words) > 1 and not set(words[1]) & set("*?") else None
