"""The audit log of an environment: one JSON line a run, appended only, each with the hash of the one before.

It lies beside the states. The last record's number and hash are kept apart, so that a log that was cut off at its end
is noticed. It tells of changes by accident and by those who can write one but not the other; against those who can
write everything, give the state bucket object lock and versions.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.state.store import StateStore

FORMAT = 1
_START = "0" * 64
_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID", "CODEBUILD_INITIATOR")


@dataclass(frozen=True)
class Verdict:
    """What a check of the log found: how many records hold, and what is wrong after these (``line`` counts from 1)."""

    records: int
    problem: str | None = None
    line: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the whole chain holds."""
        return self.problem is None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"ok": self.ok, "records": self.records, "problem": self.problem, "line": self.line}


def ci_actor() -> str | None:
    """Whom a CI runs this for; None where it is no CI's run."""
    return next((os.environ[name] for name in _ACTORS if os.environ.get(name)), None)


def whoami() -> str:
    """Who runs this, as far as the process can tell: a CI's actor, else the login name, at the host."""
    if actor := ci_actor():
        return actor
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    return f"{user}@{platform.node()}"


@contextmanager
def audited(store: StateStore, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A record of what happens within, appended at the end however it ends; the caller holds the environment.

    Yields what is to be added to ``record``. A run that raises is recorded with its error.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    result: dict[str, Any] = {}
    try:
        yield result
    except BaseException as error:
        said = str(error) if isinstance(error, OrchestratorError) else type(error).__name__
        with suppress(OrchestratorError):  # what went wrong first is what is told
            append(store, {**record, **result, "started_at": started, "ok": False, "error": said})
        raise
    append(store, {**record, "started_at": started, **result})


def append(store: StateStore, record: Mapping[str, Any]) -> dict[str, Any]:
    """Append a record.

    Raises:
        OrchestratorError: the log can't be written, or its last line is damaged.
    """
    last = _last(store)
    full = {
        "format": FORMAT,
        "number": last["number"] + 1 if last else 1,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": whoami(),
        **record,
        "previous": last["hash"] if last else _START,
    }
    full["hash"] = _hash(full)
    store.append_log(json.dumps(full, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    store.write_head({"number": full["number"], "hash": full["hash"]})
    return full


def read(store: StateStore) -> list[dict[str, Any]]:
    """All records, oldest first; lines that can't be read are left out (see :func:`verify`)."""
    records = [_parsed(line) for line in store.read_log().splitlines()]
    return [record for record in records if record is not None]


def verify(store: StateStore) -> Verdict:
    """Check every record's hash, the chain between them, and the end."""
    previous, number = _START, 0
    for index, line in enumerate(store.read_log().splitlines(), start=1):
        record = _parsed(line)
        if record is None:
            return Verdict(number, "the line is no record", index)
        if record.get("hash") != _hash(record):
            return Verdict(number, f"record {record.get('number')} has been changed", index)
        if record.get("previous") != previous or record.get("number") != number + 1:
            return Verdict(
                number, f"something before record {record.get('number')} has been removed or added", index
            )
        previous, number = str(record["hash"]), number + 1
    head = store.read_head()
    if head is None and number == 0:
        return Verdict(0)
    if head is None or (head.get("number"), head.get("hash")) != (number, previous):
        known = head.get("number") if head else "none"
        return Verdict(number, f"the log ends with record {number}, and the last one written was {known}")
    return Verdict(number)


def _last(store: StateStore) -> dict[str, Any] | None:
    lines = store.read_log().splitlines()
    if not lines:
        return None
    record = _parsed(lines[-1])
    if record is None or not isinstance(record.get("number"), int) or not isinstance(record.get("hash"), str):
        raise OrchestratorError(
            f"the last line of the audit log (line {len(lines)}) is damaged",
            remedy="`orchestrator audit verify` says what holds; set the log aside and keep it",
        )
    return record


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _hash(record: Mapping[str, Any]) -> str:
    content = {key: value for key, value in record.items() if key != "hash"}
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()
