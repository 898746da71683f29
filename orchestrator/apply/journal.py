"""One run at a time on an environment, and what the last one did, layer by layer.

``run.lock`` (here) is held by flock, which the kernel releases when its holder dies; states that are shared have a lock of their
own (``apply.lock``). The journal lies beside the states: which run it was, and how far it came with each layer. One whose
end is not in it belongs to a run that was killed; ``apply --resume`` goes on from it.

Runs that apply different layers of one bundle share the journal as they share the lock: each writes what became of its own
layers into what is there by then.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any, Literal, get_args

from orchestrator import clock
from orchestrator.apply.lock import HeldError, Part, hold_everywhere
from orchestrator.apply.lock import check_free as check_free_everywhere
from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError
from orchestrator.files import explained, make_private_folder
from orchestrator.session import Session
from orchestrator.state.check import identity
from orchestrator.state.store import StateStore

LOCK = "run.lock"

Step = Literal["in hand", "done", "failed"]


@dataclass(frozen=True)
class LayerStep:
    """How far a run came with a layer; ``state`` is its state's lineage and serial after that, None when it has none."""

    step: Step
    state: dict[str, Any] | None = None


@dataclass(frozen=True)
class PartRecord:
    """A run of some layers of the bundle; the rest is as in :class:`RunRecord`."""

    layers: tuple[str, ...]
    by: str
    host: str
    pid: int
    started_at: str
    ended_at: str | None = None
    run: str | None = None


@dataclass(frozen=True)
class RunRecord:
    """The last run on an environment: ``id`` is its bundle's, ``run`` its own (see ``runs``).

    Times are ISO 8601 in UTC; ``ended_at`` is None while it runs, or when it was killed. ``parts``: the runs that applied layers
    of the bundle side by side, the last one for each layer; it has ended when all of them have.
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
    parts: tuple[PartRecord, ...] = ()

    def with_part(self, part: PartRecord) -> RunRecord:
        """With another part at work, which takes its layers from those that had them before."""
        others = (replace(one, layers=_less(one.layers, part.layers)) for one in self.parts)
        return replace(self, parts=(*(one for one in others if one.layers), part), ended_at=None)

    def without(self, part: PartRecord, now: str) -> RunRecord:
        """With that part ended, and with it the whole if it was the last one at work."""
        parts = tuple(replace(one, ended_at=now) if one == part else one for one in self.parts)
        return replace(self, parts=parts, ended_at=now if all(one.ended_at for one in parts) else None)

    @property
    def in_hand(self) -> list[str]:
        """The layers that Terraform was changing when last heard of."""
        return sorted(name for name, layer in self.layers.items() if layer.step == "in hand")

    def __str__(self) -> str:
        return f"`{self.command}` {self.id} by {self.by} (process {self.pid} on {self.host}) since {self.started_at}"


def _less(names: tuple[str, ...], taken: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in taken)


class Journal:
    """The journal of the run in progress, written before and after each layer. ``run`` is all that was in it last.

    ``part``: our own run, of some layers, where others apply other layers of the bundle.
    """

    def __init__(self, store: StateStore, run: RunRecord, part: PartRecord | None = None) -> None:
        self._store = store
        self._part = part
        self.run = run
        self._lock = threading.Lock()
        if part is None:
            store.change_journal(lambda _: asdict(run))
        else:
            store.change_journal(lambda there: asdict(self._joined(there, run, part)))

    def _joined(self, raw: dict[str, Any] | None, run: RunRecord, part: PartRecord) -> RunRecord:
        there = None
        with contextlib.suppress(OrchestratorError):  # a damaged one was said to be begun anew
            there = _parsed(self._store, raw)
        if there is None or (there.id, there.command) != (run.id, run.command):
            there = run
        confirmed = dict.fromkeys((*there.confirmed, *run.confirmed))
        self.run = replace(there, confirmed=tuple(confirmed)).with_part(part)
        return self.run

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

    def refresh(self) -> bool:
        """Read what others have written by now; whether that changes anything."""
        with self._lock:
            before, there = self.run.layers, read_journal(self._store)
            if there is not None and there.id == self.run.id:
                self.run = there
            return self.run.layers != before

    def _set(self, layer: str, step: LayerStep) -> None:
        self._change(lambda run: replace(run, layers={**run.layers, layer: step}))

    def close(self) -> None:
        """The run has ended, well or badly, in an orderly way."""
        now, part = clock.now(), self._part
        with contextlib.suppress(OrchestratorError):
            self._change(lambda run: replace(run, ended_at=now) if part is None else run.without(part, now))

    def _change(self, make: Callable[[RunRecord], RunRecord]) -> None:
        """Change what is there by now; for a run that is alone that is what it wrote itself."""

        def changed(raw: dict[str, Any] | None) -> dict[str, Any]:
            there = self.run if self._part is None else _parsed(self._store, raw)
            if there is None or there.id != self.run.id:
                raise OrchestratorError(
                    f"the journal of the plan {self.run.id} is gone: another run has begun one",
                    remedy="somebody removed this run's lock; look at what both did",
                )
            self.run = make(there)
            return asdict(self.run)

        with self._lock:
            self._store.change_journal(changed)


def read_journal(store: StateStore) -> RunRecord | None:
    """The last run on the environment; None before the first.

    Raises:
        OrchestratorError: the journal is damaged.
    """
    return _parsed(store, store.read_journal())


def _parsed(store: StateStore, raw: dict[str, Any] | None) -> RunRecord | None:
    if raw is None:
        return None
    try:
        layers = {name: LayerStep(**layer) for name, layer in raw["layers"].items()}
        parts = tuple(
            PartRecord(**{**part, "layers": tuple(part["layers"])}) for part in raw.get("parts", ())
        )
        run = RunRecord(**{**raw, "confirmed": tuple(raw["confirmed"]), "layers": layers, "parts": parts})
        _check_types(run)
        return run
    except (KeyError, TypeError, AttributeError) as error:
        raise OrchestratorError(
            f"the journal of the last run is damaged, or was written by a newer orchestrator ({store.place_of_journal})",
            remedy="look at `orchestrator plan`, then carry on with --recover, which begins a new one",
        ) from error


def _check_types(run: RunRecord) -> None:
    """Raise TypeError for what could not have been written by a run."""
    times = [(run.started_at, run.ended_at), *((part.started_at, part.ended_at) for part in run.parts)]
    words = [run.id, run.command, run.by, run.host, *run.confirmed, *(started for started, _ in times)]
    words += [name for part in run.parts for name in part.layers]
    if not all(isinstance(word, str) for word in words):
        raise TypeError
    if not all(ended is None or isinstance(ended, str) for _, ended in times):
        raise TypeError
    for layer in run.layers.values():
        if layer.step not in get_args(Step) or not isinstance(layer.state, dict | None):
            raise TypeError


def check_free(session: Session, *, recover: bool = False, part: Part | None = None) -> None:
    """Check, before anything is planned to be applied, that nobody holds the environment, and that no earlier run was killed.

    ``part``: what is to be applied of a bundle; others may be at work on other layers of it.

    Raises:
        OrchestratorError: somebody does; one was, and ``recover`` is False.
    """
    if (session.work / LOCK).is_file():
        with _opened(session) as lock:
            _lock(lock, session.store, shared=part is not None)
    check_free_everywhere(session.store, part)
    last = None if recover else read_journal(session.store)
    if last is not None and not (part and last.command == "apply" and last.id == part.bundle):
        _check_ended(session.environment.name, last)


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
    layers: frozenset[str] | None = None,
) -> Iterator[Journal]:
    """Hold the environment for one run, here and wherever its states are shared.

    ``resume``: the run that is gone on with; its lock, if it is dead, is taken over. ``layers``: those that are applied of the
    bundle ``run_id``, beside others that apply other layers of it.

    Raises:
        OrchestratorError: another run holds it; an earlier one was killed, and neither ``recover`` nor ``resume`` was said.
    """
    store = session.store
    with _opened(session) as lock:
        _lock(lock, store, shared=layers is not None)
        taken_over = resume.id if resume else None
        with hold_everywhere(store, command, run_id, session.interrupts.request, taken_over, layers):
            now = RunRecord(run_id, command, whoami(), platform.node(), os.getpid(), clock.now(), run=run)
            last = None if recover else read_journal(store)
            joins = layers is not None and last is not None and (last.id, last.command) == (run_id, command)
            if resume is None and not joins:
                _check_ended(session.environment.name, last)
            if resume is not None:
                now = replace(now, layers=resume.layers, confirmed=resume.confirmed)
            now = replace(now, confirmed=confirmed or now.confirmed)
            journal = Journal(store, now, _part_of(now, layers))
            try:
                yield journal
            finally:
                journal.close()


def _part_of(run: RunRecord, layers: frozenset[str] | None) -> PartRecord | None:
    if layers is None:
        return None
    return PartRecord(tuple(sorted(layers)), run.by, run.host, run.pid, run.started_at, None, run.run)


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
    with _opened(session) as lock:
        _lock(lock, store or session.store)
        yield


def _opened(session: Session) -> IO[str]:
    path = make_private_folder(session.work) / LOCK
    with explained(path):
        return path.open("a")


def check_ended(session: Session, store: StateStore) -> None:
    """Check that no earlier run was killed: what it had in hand would be lost from sight.

    Raises:
        OrchestratorError: one was.
    """
    _check_ended(session.environment.name, read_journal(store))


def _lock(file: IO[str], store: StateStore, *, shared: bool = False) -> None:
    """``shared``: runs of parts are here together; what else they must agree on is in the lock beside the states."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
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
        return identity(store.read(layer))
    return None
