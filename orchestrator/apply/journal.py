"""One run at a time on an environment, and what the last one did, layer by layer.

``run.lock`` (here) is held by flock, which the kernel releases when its holder dies; states that are shared have a lock of their
own (``apply.lock``). The journal lies beside the states: which run it was, and how far it came with each layer. One whose
end is not in it belongs to a run that was killed; ``apply --resume`` goes on from it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import IO, Any, Literal

from orchestrator.apply.lock import HeldError, hold_everywhere
from orchestrator.apply.lock import check_free as check_free_everywhere
from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError
from orchestrator.files import make_private_folder
from orchestrator.session import Session
from orchestrator.state.store import StateStore

LOCK = "run.lock"

Step = Literal["in hand", "done", "failed"]


@dataclass(frozen=True)
class LayerStep:
    """How far a run came with a layer; ``state`` is its state's lineage and serial after that, None when it has none."""

    step: Step
    state: dict[str, Any] | None = None


@dataclass(frozen=True)
class RunRecord:
    """The last run on an environment: ``id`` is its bundle's, ``run`` its own (see ``runs``).

    Times are ISO 8601 in UTC; ``ended_at`` is None while it runs, or when it was killed.
    """

    id: str
    command: str
    by: str
    host: str
    pid: int
    started_at: str
    ended_at: str | None = None
    run: str | None = None
    confirmed: tuple[str, ...] = ()
    layers: Mapping[str, LayerStep] = field(default_factory=dict)

    @property
    def in_hand(self) -> list[str]:
        """The layers that Terraform was changing when last heard of."""
        return sorted(name for name, layer in self.layers.items() if layer.step == "in hand")

    def __str__(self) -> str:
        return f"`{self.command}` {self.id} by {self.by} (process {self.pid} on {self.host}) since {self.started_at}"


class Journal:
    """The journal of the run in progress, written before and after each layer."""

    def __init__(self, store: StateStore, run: RunRecord) -> None:
        self._store = store
        self.run = run
        self._lock = threading.Lock()
        self._store.write_journal(asdict(run))

    def begin(self, layer: str) -> None:
        """Terraform is about to change this layer.

        Raises:
            OrchestratorError: that can't be written down.
        """
        self._set(layer, LayerStep("in hand"))

    def end(self, layer: str, step: Step, state: Mapping[str, Any] | None) -> None:
        """Terraform has ended with this layer, whose state is saved.

        A journal that can't be written does not matter here: a run that goes on plans what was in hand again.
        """
        with contextlib.suppress(OrchestratorError):
            self._set(layer, LayerStep(step, dict(state) if state else None))

    def _set(self, layer: str, step: LayerStep) -> None:
        with self._lock:
            self.run = replace(self.run, layers={**self.run.layers, layer: step})
            self._store.write_journal(asdict(self.run))

    def close(self) -> None:
        """The run has ended, well or badly, in an orderly way."""
        with self._lock, contextlib.suppress(OrchestratorError):
            self.run = replace(self.run, ended_at=_now())
            self._store.write_journal(asdict(self.run))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_journal(store: StateStore) -> RunRecord | None:
    """The last run on the environment; None before the first.

    Raises:
        OrchestratorError: the journal is damaged.
    """
    raw = store.read_journal()
    if raw is None:
        return None
    try:
        layers = {name: LayerStep(**layer) for name, layer in raw["layers"].items()}
        return RunRecord(**{**raw, "confirmed": tuple(raw["confirmed"]), "layers": layers})
    except (KeyError, TypeError, AttributeError) as error:
        raise OrchestratorError(
            f"the journal of the last run is damaged ({store.place_of_journal})",
            remedy="look at `orchestrator plan`, then carry on with --recover, which begins a new one",
        ) from error


def check_free(session: Session, *, recover: bool = False) -> None:
    """Check, before anything is planned to be applied, that nobody holds the environment, and that no earlier run was killed.

    Raises:
        OrchestratorError: somebody does; one was, and ``recover`` is False.
    """
    if (session.work / LOCK).is_file():
        with (session.work / LOCK).open("a") as lock:
            _lock(lock, session.store)
    check_free_everywhere(session.store)
    if not recover:
        _check_ended(session.environment.name, read_journal(session.store))


@contextmanager
def hold(
    session: Session,
    command: str,
    run_id: str,
    *,
    recover: bool = False,
    resume: RunRecord | None = None,
    confirmed: tuple[str, ...] = (),
    run: str | None = None,
) -> Iterator[Journal]:
    """Hold the environment for one run, here and wherever its states are shared.

    ``resume``: the run that is gone on with; its lock, if it is dead, is taken over.

    Raises:
        OrchestratorError: another run holds it; an earlier one was killed, and neither ``recover`` nor ``resume`` was said.
    """
    store = session.store
    make_private_folder(session.work)
    with (session.work / LOCK).open("a") as lock:
        _lock(lock, store)
        taken_over = resume.id if resume else None
        with hold_everywhere(store, command, run_id, session.interrupts.request, taken_over):
            if resume is None and not recover:
                _check_ended(session.environment.name, read_journal(store))
            now = RunRecord(run_id, command, whoami(), platform.node(), os.getpid(), _now(), run=run)
            if resume is not None:
                now = replace(now, layers=resume.layers, confirmed=resume.confirmed)
            journal = Journal(store, replace(now, confirmed=confirmed or now.confirmed))
            try:
                yield journal
            finally:
                journal.close()


@contextmanager
def hold_states(session: Session, command: str, run_id: str) -> Iterator[None]:
    """Hold the environment for a command that applies nothing: the journal of the last run stays, to be gone on with.

    Raises:
        OrchestratorError: another run holds it.
    """
    with hold_places(session, command, run_id, session.store):
        yield


@contextmanager
def hold_places(session: Session, command: str, run_id: str, *stores: StateStore) -> Iterator[None]:
    """The same for states that are on their way from one place to another.

    Raises:
        OrchestratorError: another run holds one of them.
    """
    with hold_here(session, stores[0]), contextlib.ExitStack() as held:
        for store in stores:
            held.enter_context(hold_everywhere(store, command, run_id, session.interrupts.request))
        yield


@contextmanager
def hold_here(session: Session, store: StateStore | None = None) -> Iterator[None]:
    """Hold the environment against other runs on this machine only, without a journal."""
    make_private_folder(session.work)
    with (session.work / LOCK).open("a") as lock:
        _lock(lock, store or session.store)
        yield


def check_ended(session: Session, store: StateStore) -> None:
    """Check that no earlier run was killed: what it had in hand would be lost from sight.

    Raises:
        OrchestratorError: one was.
    """
    _check_ended(session.environment.name, read_journal(store))


def _lock(file: IO[str], store: StateStore) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder: object = "see its output"
        with contextlib.suppress(OrchestratorError):
            holder = read_journal(store) or holder
        raise HeldError(
            f"another run holds this environment: {holder}", remedy="wait until it has ended"
        ) from error


def _check_ended(environment: str, last: RunRecord | None) -> None:
    if last is None or last.ended_at is not None:
        return
    layers = ", ".join(last.in_hand)
    again = (
        f"`orchestrator apply --env {environment} --resume {last.id}`, or " if last.command == "apply" else ""
    )
    raise OrchestratorError(
        f"an earlier run was killed: {last}"
        + (
            f", while it changed {layers}; what it did last there may be missing from the state"
            if layers
            else ""
        ),
        remedy=f"go on with {again}look at `orchestrator plan --env {environment}` and carry on with --recover",
    )


def state_identity(store: StateStore, layer: str) -> dict[str, Any] | None:
    """The lineage and serial of a layer's state; None when there is none, or it can't be read."""
    with contextlib.suppress(OrchestratorError):
        state = store.read(layer)
        if state is not None:
            return {"lineage": state.lineage, "serial": state.serial}
    return None
