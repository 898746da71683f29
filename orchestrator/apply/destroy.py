"""Destroys layers, dependents first, with the inputs that were recorded when they were applied."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.apply.freeze import check_open
from orchestrator.apply.journal import Journal, hold, state_identity
from orchestrator.apply.report import LayerResult, Progress, RunReport
from orchestrator.apply.run import complete_results
from orchestrator.apply.schedule import run_in_order
from orchestrator.audit import audited
from orchestrator.config.destination import Destination, as_applied, destination_from_json
from orchestrator.config.environment import Environment
from orchestrator.errors import InterruptedRunError, OrchestratorError, Where
from orchestrator.files import make_private_folder
from orchestrator.graph.graph import LayerGraph
from orchestrator.plan.model import action_of
from orchestrator.plan.run import Selection, new_plan_id
from orchestrator.render.workspace import (
    Inputs,
    Workspace,
    layer_workspace,
    state_only_workspace,
)
from orchestrator.session import Session
from orchestrator.state.check import check_states
from orchestrator.state.errored import errored, push_errored
from orchestrator.state.state import State


@dataclass(frozen=True)
class DestroyPlan:
    """What will be destroyed: resource addresses by layer, dependents first."""

    graph: LayerGraph
    order: list[str]
    states: dict[str, State]

    @property
    def addresses(self) -> dict[str, list[str]]:
        """The managed resources of each layer that has any."""
        return {name: self.states[name].addresses() for name in self.order if name in self.states}

    @property
    def total(self) -> int:
        """How many resources there are."""
        return sum(len(addresses) for addresses in self.addresses.values())

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"layers": self.addresses, "total": self.total}


def plan_destroy(session: Session, selection: Selection) -> DestroyPlan:
    """What a destroy of this slice removes, read from the states.

    Raises:
        OrchestratorError: the environment is protected; a layer outside the slice that is still
            there depends on one inside; no such layer; credentials of another account than a layer's.
    """
    environment = session.environment
    if environment.settings.protected:
        node = environment.tree.child("protected")
        raise OrchestratorError(
            f"the environment {environment.name} is protected",
            where=node.origin.where("protected") if node else None,
            remedy="set `protected: false` in a change that is reviewed, then destroy",
        )
    session.check_emulator_memory()
    graph = _with_orphans(session, selection)
    everything = sorted(set(session.orphans()) | set(session.graph.upstream))
    present = session.store.read_all(everything)
    check_states(
        session.store,
        environment.name,
        sorted(graph.upstream),
        present,
        terraform=session.terraform.terraform,
    )
    states = {name: state for name, state in present.items() if not state.is_empty}
    left = {
        name: sorted(session.graph.upstream[name] & set(graph.upstream))
        for name in session.graph.upstream
        if name not in graph.upstream
        and name in states
        and session.graph.upstream[name] & set(graph.upstream)
    }
    for name, needed in sorted(left.items()):
        raise OrchestratorError(
            f"the layer {name} is still there and takes values from {', '.join(needed)}",
            where=Where(layer=needed[0]),
            remedy="destroy it as well (--with-dependents), or first",
        )
    order = list(reversed(graph.order()))
    doomed = {name: states[name] for name in order if name in states}
    records = session.store.records(list(doomed))
    session.accounts.check(
        {name: destination_of_record(environment, name, records.get(name, {})) for name in doomed}
    )
    return DestroyPlan(graph, order, doomed)


def _with_orphans(session: Session, selection: Selection) -> LayerGraph:
    """The slice; layers that left the environment are part of the whole, and may be named."""
    orphans = set(session.orphans())
    named = [name for name in selection.layers if name in orphans]
    rest = tuple(name for name in selection.layers if name not in orphans)
    if selection.layers and not rest:
        return LayerGraph({name: frozenset() for name in named})
    graph = Selection(rest, selection.with_dependencies, selection.with_dependents).of(session.graph)
    added = orphans if not selection.layers else set(named)
    return LayerGraph({**graph.upstream, **{name: frozenset() for name in added}})


def destination_of_record(environment: Environment, name: str, record: Mapping[str, Any]) -> Destination:
    """Where a layer lies that was applied with this record, whatever the environment file says of it by now."""
    layer = environment.layers.get(name)
    own = layer.destination if layer else None
    return as_applied(destination_from_json(record.get("destination")), own, environment.destination)


class Destroyer:
    """Carries out one destroy."""

    def __init__(
        self, session: Session, plan: DestroyPlan, progress: Progress, journal: Journal, folder: Path
    ) -> None:
        self.session = session
        self.plan = plan
        self.progress = progress
        self.journal = journal
        self.folder = folder
        self.results: dict[str, LayerResult] = {}
        self._init_lock = threading.Lock()

    def layer(self, name: str) -> bool:
        """Destroy one layer; whether what it depended on may follow."""
        started = time.monotonic()
        try:
            result = self._destroy(name, started)
        except InterruptedRunError:
            result = self._broken(name, started, None)
        except OrchestratorError as error:
            result = self._broken(name, started, error)
        self.results[name] = result
        self.progress.finished(result)
        return result.status in ("destroyed", "unchanged")

    def _destroy(self, name: str, started: float) -> LayerResult:
        session = self.session
        if name not in self.plan.states:
            session.store.forget(name)
            return LayerResult(name, "unchanged")
        addresses = set(self.plan.states[name].addresses())
        self.progress.phase(name, "planning", len(addresses))
        workspace = self._workspace(name)
        with self._init_lock:
            session.initialise(workspace, name)
        push_errored(session, name)
        extra = workspace.process_variables()
        with session.scratch() as scratch:
            out = scratch / f"{name}.tfplan"
            session.client.plan(
                workspace.path,
                out,
                layer=name,
                destroy=True,
                extra=extra,
                log=self.folder / f"{name}.plan.jsonl",
            )
            self._only_deletes(name, session.client.show(workspace.path, out, extra=extra), addresses)
            self.progress.phase(name, "destroying", len(addresses))
            self.journal.begin(name)
            session.client.apply(
                workspace.path,
                out,
                layer=name,
                extra=extra,
                on_event=lambda event: self.progress.event(name, event),
                log=self.folder / f"{name}.apply.jsonl",
            )
            self.journal.end(name, "done", state_identity(session.store, name))
        session.store.forget(name)
        return LayerResult(name, "destroyed", time.monotonic() - started, {"delete": len(addresses)})

    def _only_deletes(self, name: str, plan: dict[str, Any], addresses: set[str]) -> None:
        for raw in plan.get("resource_changes", ()):
            action = action_of(list(raw["change"]["actions"]))
            if raw.get("mode") != "managed" or action in ("no-op", "read"):
                continue
            if action not in ("delete", "forget") or raw["address"] not in addresses:
                raise OrchestratorError(
                    f"the destroy plan would {action} {raw['address']}, which was not shown",
                    where=Where(layer=name, address=raw["address"]),
                    remedy="nothing of this layer was touched; run destroy again",
                )

    def _workspace(self, name: str) -> Workspace:
        """The layer's root with its recorded inputs, or with current ones; bare when neither is to be had."""
        session = self.session
        path = session.workspace(name)
        layer = session.environment.layers.get(name)
        record = session.store.record(name) or {}
        place = destination_of_record(session.environment, name, record)
        if layer is None:
            return state_only_workspace(session.environment, name, path, place)
        recorded = record.get("inputs")
        current = session.inputs_of(layer) if recorded is None else None
        if current is not None and current.pending:
            return state_only_workspace(session.environment, name, path, place)
        inputs = current or self._recorded_inputs(name, recorded or {})
        missing = [
            v.name for v in layer.module.variables.values() if v.required and v.name not in inputs.values
        ]
        if missing:
            return state_only_workspace(session.environment, name, path, place)
        return layer_workspace(session.environment, layer, inputs, path, place)

    def _recorded_inputs(self, name: str, recorded: dict[str, Any]) -> Inputs:
        layer = self.session.environment.layers[name]
        variables = layer.module.variables
        values = {key: value for key, value in recorded.items() if key in variables}
        now = {key: node.plain() for key, node in layer.variables.items() if variables[key].ephemeral}
        record = self.session.store.record(name) or {}
        sensitive = {
            key for key in {*values, *now} if variables[key].sensitive or key in record.get("sensitive", ())
        }
        for key in sensitive:
            self.session.redactor.learn(values.get(key))
        return Inputs({**values, **now}, frozenset(sensitive), frozenset(now), {})

    def _broken(self, name: str, started: float, error: OrchestratorError | None) -> LayerResult:
        try:
            state = self.session.store.read(name)
        except OrchestratorError:
            state = None
        if name in self.journal.run.layers and name not in errored(self.session):
            self.journal.end(name, "failed", state_identity(self.session.store, name))
        return LayerResult(
            name,
            "failed" if error else "interrupted",
            time.monotonic() - started,
            error=error,
            existing=tuple(state.addresses()) if state else (),
        )


def destroy(
    session: Session,
    plan: DestroyPlan,
    progress: Progress,
    *,
    parallelism: int,
    recover: bool = False,
    outside_window: str | None = None,
    run_id: str | None = None,
) -> RunReport:
    """Destroy what ``plan`` lists. ``run_id``: under which Terraform's logs are kept (default: a new one).

    Raises:
        OrchestratorError: another run holds the environment. A layer's failure is part of the report.
    """
    started = time.monotonic()
    run_id = run_id or new_plan_id()
    folder = make_private_folder(session.work / "runs" / run_id)
    session.terraform  # noqa: B018  (a Terraform that is missing or too old is named first)
    session.redactor  # noqa: B018  (made once, before threads share it)
    about = {
        "command": "destroy",
        "environment": session.environment.name,
        "run": run_id,
        "resources": plan.total,
    }
    with (
        hold(session, "destroy", run_id, recover=recover) as journal,
        audited(session.store, about) as record,
    ):
        if outside_window:
            record["outside_window"] = outside_window
        check_open(session, outside_windows=outside_window is not None)
        destroyer = Destroyer(session, plan, progress, journal, folder / "logs")
        run_in_order(
            plan.graph.sorter(reverse=True),
            destroyer.layer,
            parallelism=parallelism,
            stopped=lambda: session.interrupts.requested > 0,
        )
        results = complete_results(session, destroyer.results, plan.order, plan.graph.downstream)
        report = RunReport(
            run_id,
            "destroy",
            session.environment.name,
            results,
            time.monotonic() - started,
            str(session.project.shown(folder)),
        )
        record.update(report.outcome())
    return report
