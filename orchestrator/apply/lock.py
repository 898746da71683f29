"""One run at a time on an environment whose states are shared: a lock beside the states, with a heartbeat.

The object is created only if there is none (S3's conditional write), says who holds it, and is renewed every half minute. One
that has not been renewed for five minutes belongs to a run that is dead; nobody removes it unasked, since what that run had
in hand may be missing from a state.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError
from orchestrator.files import process_alive
from orchestrator.state.store import StateStore

HEARTBEAT = 30.0
DEAD_AFTER = 300.0
"""Seconds."""


@dataclass(frozen=True)
class Holder:
    """Who holds an environment. Times are ISO 8601 in UTC; ``machine`` tells processes of the same numbers apart."""

    run: str
    command: str
    by: str
    host: str
    pid: int
    since: str
    renewed: str
    machine: str | None = None

    def silent_for(self, now: datetime) -> float:
        """Seconds since it was renewed."""
        return (now - datetime.fromisoformat(self.renewed)).total_seconds()

    def dead(self, now: datetime | None = None) -> bool:
        """Whether its run can't be alive."""
        if self.machine is not None and self.machine == this_machine() and not process_alive(self.pid):
            return True
        return self.silent_for(now or datetime.now(UTC)) > DEAD_AFTER

    def __str__(self) -> str:
        return (
            f"`{self.command}` {self.run} by {self.by} (process {self.pid} on {self.host}) since {self.since}"
        )

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "dead": self.dead()}


def holder(store: StateStore) -> Holder | None:
    """Who holds the environment; None when nobody does.

    Raises:
        OrchestratorError: the lock can't be read.
    """
    raw = store.read_lock()
    if raw is None:
        return None
    try:
        found = Holder(**raw)
        found.dead()
    except (TypeError, ValueError) as error:
        raise OrchestratorError(
            f"the environment's lock is damaged ({error})",
            remedy="`orchestrator unlock --env … --force` removes it",
        ) from error
    return found


def check_free(store: StateStore) -> None:
    """Check that nobody holds the environment, before anything is planned for it.

    Raises:
        OrchestratorError: somebody does.
    """
    there = holder(store) if store.is_shared else None
    if there is not None:
        raise _held(there)


class HeldError(OrchestratorError):
    """Another run holds the environment."""


@contextmanager
def hold_everywhere(
    store: StateStore, command: str, run: str, lost: Callable[[], None], taken_over: str | None = None
) -> Iterator[None]:
    """Hold a shared environment for one run; nothing to do for states that are files here.

    ``lost`` is called when somebody removed the lock while the run goes on; ``taken_over`` is the run that may be gone on with:
    its lock gives way if it is dead.

    Raises:
        OrchestratorError: another run holds it.
    """
    if not store.is_shared:
        yield
        return
    now = datetime.now(UTC).isoformat(timespec="seconds")
    ours = Holder(run, command, whoami(), platform.node(), os.getpid(), now, now, this_machine())
    if not store.create_lock(asdict(ours)):
        there = holder(store)
        if there is None or there.run != taken_over or not there.dead():
            raise _held(there)
        store.remove_lock()
        if not store.create_lock(asdict(ours)):
            raise _held(holder(store))
    ended = threading.Event()
    beat = threading.Thread(target=_renew, args=(store, ours, ended, lost), name="lock", daemon=True)
    beat.start()
    try:
        yield
    finally:
        ended.set()
        beat.join()
        with suppress(OrchestratorError):  # the run itself is over; the lock is dead in five minutes
            there = holder(store)
            if there is not None and there.run == run and there.pid == ours.pid:
                store.remove_lock()


def _renew(store: StateStore, ours: Holder, ended: threading.Event, lost: Callable[[], None]) -> None:
    while not ended.wait(HEARTBEAT):
        with suppress(OrchestratorError):  # S3 may be away for a while; the next beat tries again
            there = holder(store)
            if there is None or (there.run, there.pid) != (ours.run, ours.pid):
                lost()
                return
            store.write_lock(asdict(replace(ours, renewed=datetime.now(UTC).isoformat(timespec="seconds"))))


@cache
def this_machine() -> str | None:
    """What tells this machine's (and container's) processes from all others; None where the system does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return None


def _held(by: Holder | None) -> OrchestratorError:
    if by is None:
        return HeldError("another run has just held this environment", remedy="try again")
    if by.dead():
        return OrchestratorError(
            f"a run that is dead holds this environment: {by}; it was last heard of at {by.renewed}",
            remedy="look at what it had in hand, then `orchestrator unlock`, and go on with `apply --resume`",
        )
    return HeldError(f"another run holds this environment: {by}", remedy="wait until it has ended")
