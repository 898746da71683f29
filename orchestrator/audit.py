"""The audit log of an environment: one JSON line a run, appended only, each with the hash of the one before.

It lies beside the states. What runs change is appended by who holds the environment. Runs that hold nothing (a plan, a look
for drift) leave a note each, an object of its own, which the next one that appends takes into the chain. The last record's
number and hash are kept apart, so that a log that was cut off at its end is noticed. It tells of changes by accident and by
those who can write one but not the other; against those who can write everything, give the state bucket object lock and
versions.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from orchestrator import clock
from orchestrator.errors import OrchestratorError
from orchestrator.state.store import AUDIT_HEAD, AUDIT_LOG, StateStore

FORMAT = 1
SET_ASIDE = f"set {AUDIT_LOG} and {AUDIT_HEAD}, beside the states, aside and keep them: a new log begins"
"""The remedy for a log that does not hold."""
LOOKS_AGAIN, PAUSE = 2, 0.5
_START = "0" * 64
_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID", "CODEBUILD_INITIATOR")


@dataclass(frozen=True)
class Verdict:
    """What a check of the log found: how many records hold, and what is wrong after these (``line`` counts from 1)."""

    records: int
    problem: str | None = None
    line: int | None = None
    waiting: int = 0
    """How many notes are not in the chain yet."""

    @property
    def ok(self) -> bool:
        """Whether the whole chain holds."""
        return self.problem is None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "ok": self.ok,
            "records": self.records,
            "waiting": self.waiting,
            "problem": self.problem,
            "line": self.line,
        }


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
    """A record of what happens within, appended at the end however it ends.

    Yields what is to be added to ``record``. A run that raises is recorded with its error.

    Raises:
        OrchestratorError: as the block does; the log is damaged at its end, so that nothing could be appended, which is said before.
    """
    _last(store.read_log())
    with _told(record, lambda full: append(store, full)) as result:
        yield result


@contextmanager
def _told(record: Mapping[str, Any], keep: Callable[[dict[str, Any]], object]) -> Iterator[dict[str, Any]]:
    started = clock.now()
    result: dict[str, Any] = {}
    try:
        yield result
    except BaseException as error:
        said = str(error) if isinstance(error, OrchestratorError) else type(error).__name__
        with suppress(OrchestratorError):  # what went wrong first is what is told
            keep({**record, **result, "started_at": started, "ok": False, "error": said})
        raise
    keep({**record, "started_at": started, **result})


def append(store: StateStore, record: Mapping[str, Any]) -> dict[str, Any]:
    """Append a record after the notes that wait, and after whatever others append at the same time.

    Raises:
        OrchestratorError: the log can't be written, or its last line is damaged.
    """
    noted = _notes(store)
    written: list[list[dict[str, Any]]] = []

    def lines_after(log: bytes) -> bytes | None:
        if any(batch[-1]["hash"].encode() in log for batch in written):
            return None  # its answer was lost
        there = _runs(_records(log)) if noted else set()
        batch: list[dict[str, Any]] = []
        last = _last(log)
        for one in (*(note for _, note in noted if note and note["run"] not in there), _signed_off(record)):
            last = _numbered(one, last)
            batch.append(last)
        written.append(batch)
        return b"".join(
            json.dumps(full, sort_keys=True, ensure_ascii=False).encode() + b"\n" for full in batch
        )

    store.append_log(lines_after)
    full = written[-1][-1]
    store.write_head({"number": full["number"], "hash": full["hash"]})
    for name, note in noted:
        if note:
            store.delete_raw(name)
    if isinstance(record.get("run"), str):
        store.audited.add(record["run"])
    return full


def _numbered(record: Mapping[str, Any], last: Mapping[str, Any] | None) -> dict[str, Any]:
    full = {
        **record,
        "number": last["number"] + 1 if last else 1,
        "previous": last["hash"] if last else _START,
    }
    return {**full, "hash": _hash(full)}


def leave_note(store: StateStore, run: str, record: Mapping[str, Any]) -> str | None:
    """Leave a record of a run that holds nothing, in one request; why not, where that can't be done.

    Who may only read the states (a CI's role for plans) can't leave one, and is none the worse for it.
    """
    if run in store.audited:
        return None
    note = _signed_off({**record, "run": run})
    note["hash"] = _hash(note)
    try:
        store.write_note(run, json.dumps(note, sort_keys=True, ensure_ascii=False).encode())
    except (OrchestratorError, OSError) as error:
        return f"this run is not in the audit log, where these credentials can't write ({error})"
    return None


@contextmanager
def noted(
    store: StateStore, run: str, record: Mapping[str, Any], say: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """A note of what is done within, left at the end however it ends; yields what is to be added to ``record``."""

    def leave(full: dict[str, Any]) -> None:
        note = {"ok": True, **full}
        if (problem := leave_note(store, run, note)) and note["ok"]:
            say(f"Note: {problem}.")

    with _told(record, leave) as result:
        yield result


def _signed_off(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"format": FORMAT, "at": clock.now(), "by": whoami(), **record}


def _notes(store: StateStore) -> list[tuple[str, dict[str, Any] | None]]:
    """The notes by name; None for one that is not as it was left."""
    found: list[tuple[str, dict[str, Any] | None]] = []
    for name in store.notes():
        content = store.read_raw(name)
        if content is None:
            continue  # taken in meanwhile
        note = _parsed(content)
        as_left = (
            note is not None and isinstance(note.get("run"), str) and note.pop("hash", None) == _hash(note)
        )
        found.append((name, note if as_left else None))
    return found


def _runs(records: Iterable[Mapping[str, Any]]) -> set[str]:
    """The runs that are in the chain: a note of one of them was taken in by who died before removing it."""
    return {str(record.get("run")) for record in records}


def _records(log: bytes) -> list[dict[str, Any]]:
    return [record for line in log.splitlines() if (record := _parsed(line)) is not None]


def read(store: StateStore) -> list[dict[str, Any]]:
    """All records, oldest first, then the notes that wait; lines that can't be read are left out (see :func:`verify`)."""
    records = _records(store.read_log())
    there = _runs(records)
    return [*records, *(note for _, note in _notes(store) if note and note["run"] not in there)]


def verify(store: StateStore) -> Verdict:
    """Check every record's hash, the chain between them, and the end; and that notes are as they were left.

    A record is written, and then its number, also while we look: what seems to be wrong with the end is looked at again.
    """
    verdict = _verified(store)
    for _ in range(LOOKS_AGAIN):
        if verdict.ok or verdict.line is not None:
            break
        time.sleep(PAUSE)
        verdict = _verified(store)
    notes = _notes(store)
    bad = next((name for name, note in notes if note is None), None)
    problem = verdict.problem or (f"{bad} has been changed" if bad else None)
    return Verdict(verdict.records, problem, verdict.line, len(notes))


def _verified(store: StateStore) -> Verdict:
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


def _last(log: bytes) -> dict[str, Any] | None:
    lines = log.splitlines()
    if not lines:
        return None
    record = _parsed(lines[-1])
    if record is None or not isinstance(record.get("number"), int) or not isinstance(record.get("hash"), str):
        raise OrchestratorError(
            f"the last line of the audit log (line {len(lines)}) is damaged",
            remedy=f"`orchestrator audit verify` says what holds; {SET_ASIDE}",
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
