"""The time as everything that is kept writes it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """ISO 8601 in UTC, to the second: ``2026-11-27T19:20:00+00:00``."""
    return datetime.now(UTC).isoformat(timespec="seconds")
