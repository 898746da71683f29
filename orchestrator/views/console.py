"""Where text goes: colours only on a terminal, JSON alone on standard output."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console


def print_json(value: Any) -> None:
    """The one JSON document of a command."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def make_console(*, stderr: bool = False) -> Console:
    """A rich console that never wraps, highlights or interprets markup by itself."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)


def is_terminal(stream: Any = None) -> bool:
    """Whether a person reads along."""
    target = stream or sys.stdout
    return bool(getattr(target, "isatty", lambda: False)())


def seconds_text(seconds: float) -> str:
    """``7s``, ``2m 05s``."""
    whole = int(seconds)
    return f"{whole}s" if whole < 60 else f"{whole // 60}m {whole % 60:02d}s"
