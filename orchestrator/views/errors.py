"""How an error is shown, on a terminal or as JSON, and the log of one that nobody foresaw."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

import click

from orchestrator import __version__
from orchestrator.errors import EXIT_DEFECT, OrchestratorError
from orchestrator.files import disk_error, is_of_the_disk

_SECRET = re.compile(r".*(TOKEN|SECRET|PASSWORD|PASSPHRASE|_KEY$)(?!.*_FILE$)", re.IGNORECASE)


def show_error(error: Exception, words: list[str], *, debug: bool, as_json: bool) -> int:
    """Print the error and return the exit code."""
    if debug:
        sys.stderr.write(without_secrets("".join(traceback.format_exception(error))))
    if isinstance(error, OSError) and is_of_the_disk(error):
        error = disk_error(error)
    if isinstance(error, OrchestratorError):
        if as_json:
            click.echo(json.dumps({"error": error.as_json()}, indent=2, ensure_ascii=False))
        else:
            click.echo(format_error(error), err=True)
        return error.exit_code
    log = _write_log(error, words)
    message = without_secrets(f"this is a defect in orchestrator: {type(error).__name__}: {error}")
    if as_json:
        defect = {"type": "Defect", "message": message, "log": str(log)}
        click.echo(json.dumps({"error": defect}, indent=2, ensure_ascii=False))
    else:
        click.echo(f"Error: {message}\nPlease report it with {log}", err=True)
    return EXIT_DEFECT


def without_secrets(text: str) -> str:
    """A text nobody has foreseen, without the values of variables of the process that are called like secrets.

    What another library raises may have them: an HTTP client says which header it can't send.
    """
    values = {value.strip() for name, value in os.environ.items() if _SECRET.match(name)}
    for value in sorted((one for one in values if len(one) >= 8), key=len, reverse=True):
        text = text.replace(value, "***").replace(repr(value)[1:-1], "***")
    return text


def format_error(error: OrchestratorError) -> str:
    """``Error: place: what; remedy``, further lines indented."""
    lines = [f"{click.style('Error:', fg='red', bold=True)} {error}"]
    lines += [f"  {line}" for line in error.details]
    return "\n".join(lines)


def _write_log(error: Exception, words: list[str]) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix="orchestrator-defect-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"{datetime.now(UTC).isoformat()} orchestrator {__version__}\n")
        file.write(f"Python {platform.python_version()} on {platform.platform()}\n")
        file.write(f"command: {words}\n\n")
        file.write(without_secrets("".join(traceback.format_exception(error))))
    return Path(file.name)
