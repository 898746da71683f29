"""What waivers and the drift ignore list have in common: their fields, patterns over addresses, and how long an entry holds."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

from orchestrator.addresses import without_keys

LONGEST = timedelta(days=366)
"""No entry holds for longer."""


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]
Day = Annotated[date, BeforeValidator(_day)]


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern with ``*`` (any text) and ``?`` (one character) that covers whole texts; brackets are brackets."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))


def covers_address(pattern: re.Pattern[str], address: str) -> bool:
    """Whether a pattern is about an address, with or without its instance keys."""
    return bool(pattern.fullmatch(address) or pattern.fullmatch(without_keys(address)))
