"""One run at a time on an environment whose states are shared: a lock beside the states, with a heartbeat.

It says who holds the environment, is changed by conditional writes only, and is renewed every half minute. A holder that has not
been heard of for five minutes belongs to a run that is dead; nobody removes it unasked, since what that run had
in hand may be missing from a state.

Runs that apply different layers of one bundle, as the jobs of a pipeline do, hold the environment together, each with an
entry of its own; a run of any other bundle is refused until the last of them has ended.
"""

from __future__ import annotations

import os
import platform
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from orchestrator import clock
from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError
from orchestrator.files import process_alive
from orchestrator.state.store import RUN_LOCK, StateStore

HEARTBEAT = 30.0
DEAD_AFTER = 300.0
"""Seconds."""


@dataclass(frozen=True)
class Holder:
    """Who holds an environment. Times are ISO 8601 in UTC; ``machine`` tells processes of the same numbers apart.

    ``run`` is its plan's id. ``layers``: those of the plan that it applies, beside others that apply others; None: it is alone.
    ``nonce`` is random: containers may have the same process numbers.
    """

    run: str
    command: str
    by: str
    host: str
    pid: int
    since: str
    renewed: str
    machine: str | None = None
    layers: tuple[str, ...] | None = None
    nonce: str = ""

    def is_same(self, other: Holder) -> bool:
        """Whether both are one entry, renewed or not."""
        return replace(self, renewed="") == replace(other, renewed="")

    def leaves_room_for(self, other: Holder) -> bool:
        """Whether the other may hold the environment, too: both apply layers of one bundle, and not the same ones."""
        if (
            self.layers is None
            or other.layers is None
            or (self.run, self.command) != (other.run, other.command)
        ):
            return False
        return not set(self.layers) & set(other.layers)

    def silent_for(self, now: datetime) -> float:
        """Seconds since it was renewed."""
        return (now - datetime.fromisoformat(self.renewed)).total_seconds()

    def dead(self, now: datetime | None = None) -> bool:
        """Whether its run can't be alive."""
        if self.machine is not None and self.machine == this_machine() and not process_alive(self.pid):
            return True
        return self.silent_for(now or datetime.now(UTC)) > DEAD_AFTER

    def __str__(self) -> str:
        part = f" ({', '.join(self.layers)})" if self.layers else ""
        return f"`{self.command}` {self.run}{part} by {self.by} (process {self.pid} on {self.host}) since {self.since}"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "dead": self.dead()}


def holders(store: StateStore) -> tuple[Holder, ...]:
    """Who holds the environment: nobody, one run, or several that apply parts of one bundle.

    Where states are files here nobody dead does: the kernel has released what it held, and the journal says what it had in hand.

    Raises:
        OrchestratorError: the lock can't be read.
    """
    return tuple(one for one in _read(store.read_lock()) if store.is_shared or not one.dead())


def _read(raw: Mapping[str, Any] | None) -> tuple[Holder, ...]:
    if raw is None:
        return ()
    try:
        entries = raw.get("holders", [raw])  # one holder alone, as it was written before parts were known
        found = tuple(Holder(**{**one, "layers": _names(one.get("layers"))}) for one in entries)
        for one in found:
            words = (one.run, one.command, one.by, one.host, one.since, one.nonce, *(one.layers or ()))
            if not all(isinstance(word, str) for word in words) or not isinstance(one.pid, int):
                raise TypeError
            one.dead()
    except (TypeError, ValueError, AttributeError) as error:
        raise DamagedLockError(
            f"the environment's lock is damaged, or was written by a newer orchestrator ({RUN_LOCK}, beside the states)",
            remedy="see that no run is at work on it anywhere, then `orchestrator unlock --force`, which removes it",
        ) from error
    return found


def _names(raw: Any) -> tuple[str, ...] | None:
    return None if raw is None else tuple(map(str, raw))


def holder(store: StateStore) -> Holder | None:
    """Who holds the environment, one that lives if there is one; None when nobody does.

    Raises:
        OrchestratorError: the lock can't be read.
    """
    return min(holders(store), key=lambda one: one.dead(), default=None)


@dataclass(frozen=True)
class Part:
    """Some layers of a bundle, which are applied beside others of it."""

    bundle: str
    layers: frozenset[str]


def check_free(store: StateStore, part: Part | None = None) -> None:
    """Check that nobody holds the environment, before anything is planned for it. ``part``: who may be there with us.

    Raises:
        OrchestratorError: somebody does.
    """
    if store.is_shared or part is not None:
        run, layers = (part.bundle, part.layers) if part else ("", None)
        _beside(holders(store), _ours("apply", run, layers), run, store)


class DamagedLockError(OrchestratorError):
    """The lock is there, and does not say who holds the environment."""


class HeldError(OrchestratorError):
    """Another run holds the environment."""


@contextmanager
def hold_everywhere(
    store: StateStore,
    command: str,
    run: str,
    lost: Callable[[], None],
    taken_over: str | None = None,
    layers: frozenset[str] | None = None,
) -> Iterator[None]:
    """Hold an environment for one run. For states that are files here the process's own lock is enough, but for parts.

    ``lost`` is called when somebody removed the lock while the run goes on; ``taken_over`` is the run that may be gone on with:
    its lock gives way if it is dead. ``layers``: those that are applied of the bundle ``run``, beside others.

    Raises:
        OrchestratorError: another run holds it.
    """
    if not store.is_shared and layers is None:
        yield
        return
    ours = _ours(command, run, layers)
    _take(store, ours, run if layers is not None else taken_over)
    ended = threading.Event()
    beat = threading.Thread(target=_renew, args=(store, ours, ended, lost), name="lock", daemon=True)
    beat.start()
    try:
        yield
    finally:
        ended.set()
        beat.join()
        with suppress(OrchestratorError):  # the run itself is over; the lock is dead in five minutes
            release(store, [ours])


def _ours(command: str, run: str, layers: frozenset[str] | None) -> Holder:
    now, named = clock.now(), None if layers is None else tuple(sorted(layers))
    return Holder(
        run,
        command,
        whoami(),
        platform.node(),
        os.getpid(),
        now,
        now,
        this_machine(),
        named,
        secrets.token_hex(4),
    )


def _take(store: StateStore, ours: Holder, taken_over: str | None) -> None:
    def with_ours(there: Sequence[Holder]) -> list[Holder]:
        others = [one for one in there if not one.is_same(ours)]  # an answer that was lost
        return [*_beside(others, ours, taken_over, store), ours]

    _change(store, with_ours)


def _beside(there: Sequence[Holder], ours: Holder, taken_over: str | None, store: StateStore) -> list[Holder]:
    """Those of ``there`` that stay beside us; the others are dead and give way.

    Raises:
        OrchestratorError: one of them neither leaves room nor gives way.
    """
    stay = []
    for one in sorted(there, key=lambda one: one.dead()):
        if one.leaves_room_for(ours):
            stay.append(one)
        elif not one.dead() or (store.is_shared and one.run != taken_over):
            raise _held(one)
    return stay


def _change(store: StateStore, make: Callable[[Sequence[Holder]], list[Holder] | None]) -> None:
    def document(raw: dict[str, Any] | None) -> dict[str, Any] | None:
        made = make(_read(raw))
        return None if made is None else {"holders": [asdict(one) for one in made]}

    store.change_lock(document)


def release(store: StateStore, those: Sequence[Holder]) -> None:
    """Take holders out of the lock.

    Raises:
        OrchestratorError: it can't be read or written.
    """
    _change(store, lambda there: [one for one in there if not any(one.is_same(gone) for gone in those)])


def _renew(store: StateStore, ours: Holder, ended: threading.Event, lost: Callable[[], None]) -> None:
    gone = False

    def renewed(there: Sequence[Holder]) -> list[Holder] | None:
        nonlocal gone
        gone = not any(one.is_same(ours) for one in there)
        return (
            None
            if gone
            else [replace(one, renewed=clock.now()) if one.is_same(ours) else one for one in there]
        )

    while not ended.wait(HEARTBEAT):
        with suppress(OrchestratorError):  # S3 may be away for a while; the next beat tries again
            _change(store, renewed)
        if gone:
            lost()
            return


@cache
def this_machine() -> str | None:
    """What tells this machine's (and container's) processes from all others; None where the system does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return None


def _held(by: Holder) -> OrchestratorError:
    if by.dead():
        return OrchestratorError(
            f"a run that is dead holds this environment: {by}; it was last heard of at {by.renewed}",
            remedy="look at what it had in hand, then `orchestrator unlock`"
            + (", and go on with `apply --resume`" if by.command == "apply" else ""),
        )
    return HeldError(f"another run holds this environment: {by}", remedy="wait until it has ended")
