"""Plans layers ahead: those that wait for no other, while the review is made and read.

Starting Terraform and its provider is most of a small layer's time, and nobody waits for it then. Such a plan is as good as one
made when the layer's turn comes, if it is made from the same root, upon the same state, and moments ago; it is compared
with the reviewed one like any other.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.apply.journal import hold_here, state_identity
from orchestrator.errors import OrchestratorError
from orchestrator.plan.model import ChangeSet
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
    """Plans the layers of one change set, one after the other, in the background."""

    def __init__(self, session: Session, scratch: Path) -> None:
        self._session = session
        self._scratch = scratch
        self._plans: dict[str, PlannedAhead] = {}
        self._enough = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, changes: ChangeSet) -> None:
        """Plan what could be applied at once; a failure is not reported: the layer meets it again when its turn comes."""
        graph = self._session.graph
        urgency = graph.depth_below()
        changed = [name for name in graph.order() if changes.layers.get(name)]
        ready = [name for name in changed if not graph.upstream[name] & set(changed)]
        ready.sort(key=lambda name: -urgency[name])

        def work() -> None:
            with contextlib.suppress(OrchestratorError, OSError), hold_here(self._session):
                for name in ready:
                    if self._enough.is_set() or self._session.interrupts.requested:
                        return
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
