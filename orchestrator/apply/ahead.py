"""Plans layers ahead: those that wait for no other, while the environment is planned and the review is made and read.

Starting Terraform and its provider is most of a small layer's time, and nobody waits for it then. Layers that have nothing
yet are planned beside the environment, whose plan keeps one core busy; others once it says that they change. Such a plan
is as good as one made when the layer's turn comes, if it is made from the same root, upon the same state, and moments
ago; it is compared with the reviewed one like any other.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.apply.capacity import available_cores, available_memory, slots
from orchestrator.apply.journal import hold_here, state_identity
from orchestrator.errors import OrchestratorError
from orchestrator.plan.model import ChangeSet
from orchestrator.plan.run import Prepared
from orchestrator.render.workspace import Workspace
from orchestrator.session import Session
from orchestrator.state.errored import errored

FRESH_SECONDS = 60
"""How old such a plan may be: what is really there may have changed since."""


@dataclass(frozen=True)
class PlannedAhead:
    """One layer's plan: the file, what ``show`` says of it (with secrets), Terraform's log, and what it was made from."""

    plan: Path
    raw: dict[str, Any]
    log: Path
    workspace: Workspace
    state: Mapping[str, Any] | None
    at: float


class Ahead:
    """Plans the first layers of one plan, one after the other, in the background."""

    def __init__(self, session: Session, scratch: Path) -> None:
        self._session = session
        self._scratch = scratch
        self._plans: dict[str, PlannedAhead] = {}
        self._enough = threading.Event()
        self._thread: threading.Thread | None = None

    def begin_new(self, prepared: Prepared) -> None:
        """Plan what has nothing yet and could be applied at once, if the machine has room for it beside the environment's plan."""
        cores = available_cores()
        if cores < 2 or slots(available_memory(), cores).layers < 2:
            return
        order, states = set(prepared.order), prepared.states
        self._begin(
            [
                name
                for name in prepared.order
                if not prepared.graph.upstream[name] & order and (name not in states or states[name].is_empty)
            ]
        )

    def begin(self, changes: ChangeSet) -> None:
        """Plan what could be applied at once."""
        graph = self._session.graph
        changed = [name for name in graph.order() if changes.layers.get(name)]
        self._begin([name for name in changed if not graph.upstream[name] & set(changed)])

    def _begin(self, names: list[str]) -> None:
        """A failure is not reported: the layer meets it again when its turn comes."""
        urgency, before = self._session.graph.depth_below(), self._thread

        def work() -> None:
            if before is not None:
                before.join()
            with contextlib.suppress(OrchestratorError, OSError), hold_here(self._session):
                for name in sorted(names, key=lambda name: -urgency[name]):
                    if self._enough.is_set() or self._session.interrupts.requested:
                        return
                    if name not in self._plans:
                        self._plan(name)

        self._thread = threading.Thread(target=work, name="ahead", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Begin no further layer, and wait for the one in hand: it is about to be needed."""
        self._enough.set()
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """End the one in hand: it will not be needed."""
        self._enough.set()
        if self._thread is not None and self._thread.is_alive():
            self._session.interrupts.stop()
            self._thread.join()

    def _plan(self, name: str) -> None:
        session = self._session
        layer = session.environment.layers[name]
        if name in errored(session):
            return
        state = state_identity(session.store, name)
        inputs = session.inputs_of(layer)
        if inputs.pending:
            return
        workspace = session.root_of(layer, inputs)
        session.initialise(workspace, name)
        extra = workspace.process_variables()
        plan, log = self._scratch / f"{name}.tfplan", self._scratch / f"{name}.jsonl"
        begun = time.monotonic()
        session.client.plan(workspace.path, plan, layer=name, lock=False, extra=extra, log=log)
        raw = session.client.show(workspace.path, plan, extra=extra)
        self._plans[name] = PlannedAhead(plan, raw, log, workspace, state, begun)

    def take(self, name: str, workspace: Workspace) -> PlannedAhead | None:
        """The plan of a layer, once, if it is what a plan made now would be made from."""
        found = self._plans.pop(name, None)
        if found is None or time.monotonic() - found.at > FRESH_SECONDS or found.workspace != workspace:
            return None
        return found if found.state == state_identity(self._session.store, name) else None


@contextlib.contextmanager
def planning_ahead(session: Session) -> Iterator[Ahead]:
    """Nothing of it is left afterwards."""
    with session.scratch() as scratch:
        ahead = Ahead(session, scratch)
        try:
            yield ahead
        finally:
            ahead.stop()
