"""The one family of errors a user can meet, and the exit codes they end with.

Exit codes are part of the public contract (see ``docs/commands.md``):

===== =======================================================================
code  meaning
===== =======================================================================
0     success; with ``--detailed-exitcode``: nothing to change; ``drift``: none
1     an error that was foreseen, explained on one line with its remedy
2     ``plan --detailed-exitcode``: there are changes; ``drift``: there is some
3     ``review``: something in the plan blocks; ``apply``, ``approve``: and nobody confirmed or waived it
64    wrong usage (``EX_USAGE`` of sysexits.h), never to be read as "changes"
70    a defect in orchestrator itself (``EX_SOFTWARE``); a log for a report was written
130   interrupted (128 + SIGINT)
===== =======================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_CHANGES = 2
EXIT_BLOCKED = 3
EXIT_USAGE = 64
EXIT_DEFECT = 70
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Where:
    """The place an error is about: a file position and key, or a layer and address.

    ``line`` counts from 1. ``key`` is the dotted path in the file
    (``layers.network.variables.vpc_cidr``).
    """

    file: Path | None = None
    line: int | None = None
    key: str | None = None
    layer: str | None = None
    address: str | None = None

    def __str__(self) -> str:
        parts: list[str] = []
        if self.file is not None:
            parts.append(f"{self.file}:{self.line}" if self.line else str(self.file))
        if self.layer:
            parts.append(f"layer {self.layer}")
        if self.address:
            parts.append(self.address)
        if self.key:
            parts.append(self.key)
        return ": ".join(parts)

    def as_json(self) -> dict[str, str | int | None]:
        """The same as plain data; every key is always there."""
        return {
            "file": str(self.file) if self.file is not None else None,
            "line": self.line,
            "key": self.key,
            "layer": self.layer,
            "address": self.address,
        }


class OrchestratorError(Exception):
    """An error that was foreseen: what is wrong, where, and what to do next.

    ``message`` says what is wrong in one sentence without a full stop; ``where``
    the place; ``remedy`` what to do, as an instruction; ``details`` further
    lines that are shown indented below (a difference, a diagnostic's text).
    """

    exit_code = EXIT_ERROR

    def __init__(
        self,
        message: str,
        *,
        where: Where | None = None,
        remedy: str | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where or Where()
        self.remedy = remedy
        self.details = details

    def __str__(self) -> str:
        place = str(self.where)
        text = f"{place}: {self.message}" if place else self.message
        return f"{text}; {self.remedy}" if self.remedy else text

    def as_json(self) -> dict[str, object]:
        """The error as the value of ``error`` in a command's ``--json`` answer."""
        return {
            "type": type(self).__name__,
            "message": self.message,
            "where": self.where.as_json(),
            "remedy": self.remedy,
            "details": list(self.details),
        }


class UsageError(OrchestratorError):
    """The command line itself is wrong."""

    exit_code = EXIT_USAGE


class BlockedError(OrchestratorError):
    """The review has findings that somebody must confirm or waive first."""

    exit_code = EXIT_BLOCKED


class InterruptedRunError(OrchestratorError):
    """The user asked the run to stop (Ctrl-C, SIGTERM)."""

    exit_code = EXIT_INTERRUPTED
