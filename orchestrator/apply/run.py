"""Applies a reviewed plan, layer by layer."""

from __future__ import annotations

import contextlib
import random
import shutil
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator import clock
from orchestrator.addresses import layer_of
from orchestrator.apply.adopt import Adoption, look_for, read_log, there_already
from orchestrator.apply.ahead import Ahead
from orchestrator.apply.cores import Cores
from orchestrator.apply.freeze import check_open
from orchestrator.apply.journal import Journal, RunRecord, hold, state_identity
from orchestrator.apply.report import LayerResult, Progress, RunReport
from orchestrator.apply.schedule import run_in_order
from orchestrator.audit import audited
from orchestrator.config.environment import Layer
from orchestrator.errors import InterruptedRunError, OrchestratorError, Where
from orchestrator.files import to_json, write_atomic
from orchestrator.imports.account import Account
from orchestrator.imports.managed import Managed
from orchestrator.plan.authorise import authorise
from orchestrator.plan.bundle import Bundle
from orchestrator.plan.model import Change, LayerChanges, count, split_plan
from orchestrator.plan.refine import Difference, unreviewed
from orchestrator.plan.run import OvertakenError, Prepared, selection_of, verify_bundle
from orchestrator.plan.seal import REPORT
from orchestrator.render.workspace import (
    Inputs,
    Workspace,
    remove_imports,
    resolve_inputs,
    write_imports,
)
from orchestrator.session import Session
from orchestrator.state.check import APPLIED, accept, identity
from orchestrator.state.errored import errored, push_errored
from orchestrator.terraform.events import TerraformError
from orchestrator.terraform.lock_file import read_lock_file
from orchestrator.terraform.transient import reason_to_retry, wait_before

RETRIES = 3
"""How often a layer is tried again after a failure that may pass."""


class UnreviewedChangeError(OrchestratorError):
    """A layer's fresh plan would do what nobody reviewed."""

    def __init__(self, layer: str, differences: list[Difference]) -> None:
        super().__init__(
            f"its plan now differs from the reviewed one: {differences[0]}",
            where=Where(layer=layer),
            remedy="nothing of this layer was touched; plan and review again",
            details=tuple(map(str, differences[1:])),
        )
        self.differences = differences

    def as_json(self) -> dict[str, object]:
        """With every difference: what is there, what was reviewed, what would be done now."""
        return {**super().as_json(), "differences": [difference.as_json() for difference in self.differences]}


class Applier:
    """Carries out one bundle."""

    def __init__(
        self,
        session: Session,
        bundle: Bundle,
        progress: Progress,
        journal: Journal,
        retries: int = RETRIES,
        ahead: Ahead | None = None,
    ) -> None:
        self.session = session
        self.bundle = bundle
        self.progress = progress
        self.journal = journal
        self.retries = retries
        self._ahead = ahead
        self._targets = selection_of(bundle.manifest).addresses
        self._begun = set(journal.run.layers)
        self._there: dict[str, dict[str, TerraformError]] = {}
        self._jitter = random.SystemRandom()
        self.results: dict[str, LayerResult] = {}
        self._init_locks = {name: threading.Lock() for name in bundle.changes.layers}
        self._started: set[str] = set()
        self._cores = Cores()
        self.ended = threading.Event()

    def check_part(self, names: list[str], before: Mapping[str, Collection[str]]) -> None:
        """Check that a run of some layers only finds what they wait for as the plan says it will be.

        Raises:
            OrchestratorError: the plan changes a layer that one of them waits for, and that was not done yet.
        """
        for name in names:
            for upstream in sorted(before[name]):
                if upstream not in names and self._waits(upstream):
                    raise OrchestratorError(
                        f"the plan {self.bundle.manifest.id} changes {upstream} first, and that was not applied yet",
                        where=Where(layer=name),
                        remedy=f"apply that layer first, or both: `--layer {upstream} --layer {name}`",
                    )

    def _waits(self, name: str) -> bool:
        return bool(self.bundle.changes.layers.get(name)) and not self._is_done(name)

    def initialise_ahead(self, names: list[str]) -> threading.Thread:
        """Initialise the roots of layers whose turn has not come, in the background, while others wait for AWS.

        While one is being planned the cores are its own. A failure is not reported here: the layer meets it again when its
        turn comes.
        """

        def over() -> bool:
            return self.ended.is_set() or self.session.interrupts.requested > 0

        def work() -> None:
            for name in names:
                self._cores.wait(over)
                if over():
                    return
                with self._init_locks[name], contextlib.suppress(OrchestratorError, OSError):
                    if name not in self._started:
                        self._initialise(name)

        thread = threading.Thread(target=work, name="initialise", daemon=True)
        thread.start()
        return thread

    def _initialise(self, name: str) -> None:
        session = self.session
        layer = session.environment.layers[name]
        session.initialise(session.root_of(layer, resolve_inputs(session.environment, layer, {})), name)

    def layer(self, name: str) -> bool:
        """Apply one layer if the reviewed plan changes it; whether its dependents may follow."""
        reviewed = self.bundle.changes.layers[name]
        if not reviewed or self._is_done(name):
            self._finish(LayerResult(name, "unchanged"))
            return True
        started = time.monotonic()
        try:
            result = self._apply(name, reviewed, started)
        except InterruptedRunError:
            result = self._broken(name, reviewed, started, None)
        except OrchestratorError as error:
            result = self._broken(name, reviewed, started, error)
        self._finish(result)
        return result.status in ("applied", "unchanged")

    def _is_done(self, name: str) -> bool:
        """Whether the run that is gone on with has done this layer, and its state is still what it was then."""
        before = self.journal.run.layers.get(name)
        if before is None or before.step != "done" or before.state is None:
            return False
        return before.state == state_identity(self.session.store, name)

    def _finish(self, result: LayerResult) -> None:
        self.results[result.layer] = result
        self.progress.finished(result)

    def _apply(self, name: str, reviewed: LayerChanges, started: float) -> LayerResult:
        """Attempt it until it works, fails for good, or has been tried often enough; whatever was begun is gone on with."""
        reasons: list[str] = []
        while True:
            try:
                result = self._attempt(name, reviewed, started)
                return replace(result, retried=tuple(reasons))
            except TerraformError as error:
                reason = reason_to_retry(error)
                if reason is None or len(reasons) == self.retries or self.session.interrupts.requested:
                    raise
                there = there_already(error, [change.address for change in reviewed.changes])
                if there and there <= self._there.get(name, {}).keys():
                    raise  # it was looked for, and is not ours
                self._there.setdefault(name, {}).update(dict.fromkeys(there, error))
                reasons.append(reason)
            seconds = 0.0 if there else wait_before(len(reasons), self._jitter)
            self.progress.phase(name, f"{reason}: try {len(reasons)} of {self.retries} in {seconds:.0f} s")
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and not self.session.interrupts.requested:
                time.sleep(0.1)
            self.session.interrupts.check()

    def _attempt(self, name: str, reviewed: LayerChanges, started: float) -> LayerResult:
        with contextlib.ExitStack() as preparing:
            preparing.enter_context(self._cores.taken())
            return self._prepare_and_apply(name, reviewed, started, prepared=preparing.close)

    def _prepare_and_apply(
        self, name: str, reviewed: LayerChanges, started: float, *, prepared: Callable[[], None]
    ) -> LayerResult:
        """``prepared`` is called when only AWS is waited for from then on."""
        session = self.session
        layer = session.environment.layers[name]
        self.progress.phase(name, "planning", len(reviewed.changes))
        inputs = session.inputs_of(layer)
        if inputs.pending:
            variable, ref = next(iter(inputs.pending.items()))
            raise OrchestratorError(
                f"its {variable} comes from {ref}, and that layer has not been applied",
                where=Where(layer=name),
            )
        workspace = session.root_of(layer, inputs)
        with self._init_locks[name]:
            self._started.add(name)
            session.initialise(workspace, name)
        push_errored(session, name)
        extra = workspace.process_variables()
        with session.scratch() as scratch:
            out = scratch / f"{name}.tfplan"
            fresh, adoption = self._plan(name, reviewed, workspace, out, extra)
            adopted = adoption.addresses if adoption else frozenset()
            for address, error in self._there.get(name, {}).items():
                if adoption and address in adoption.not_found:
                    raise error
            differences = unreviewed(reviewed, fresh, begun=name in self._begun, adopted=adopted)
            if differences:
                raise UnreviewedChangeError(name, differences)
            if not fresh:
                state = self._note_state(name) if name in self._begun else state_identity(session.store, name)
                self.journal.end(name, "done", state)
                return LayerResult(name, "unchanged", time.monotonic() - started)
            self.progress.phase(name, "applying", len(fresh.changes))
            checks = [(item.id, item.address) for item in self.bundle.scan.failed if item.layer == name]
            self.journal.begin(name)
            self._begun.add(name)
            if not self._targets:  # else the layer as a whole is still what it was applied with before
                record = {
                    **record_of(session, layer, inputs, checks),
                    APPLIED: identity(session.store.read(name)),
                }
                session.store.write_record(name, record)
            prepared()
            session.client.apply(
                workspace.path,
                out,
                layer=name,
                extra=extra,
                on_event=lambda event: self.progress.event(name, event),
                log=self._apply_log(name),
            )
            self.journal.end(name, "done", self._note_state(name))
        return LayerResult(
            name,
            "applied",
            time.monotonic() - started,
            count(list(fresh.changes)),
            adopted=tuple(sorted(adopted)),
        )

    def _note_state(self, name: str) -> dict[str, Any] | None:
        """Keep which state the layer was left with, so that its loss is noticed; the run itself does not hang on that."""
        with contextlib.suppress(OrchestratorError):
            return accept(self.session.store, name)
        return None

    def _plan_log(self, name: str) -> Path:
        return self.bundle.logs / f"{name}.plan.jsonl"

    def _apply_log(self, name: str) -> Path:
        return self.bundle.logs / f"{name}.apply.jsonl"

    def _plan(
        self, name: str, reviewed: LayerChanges, workspace: Workspace, out: Path, extra: dict[str, str]
    ) -> tuple[LayerChanges, Adoption | None]:
        """The layer's fresh plan; with import blocks for what was reviewed to be imported and for what an earlier attempt
        made, as far as its state does not know it.
        """
        session = self.session
        adoption = self._adoption(name, reviewed) if name in self._begun else None
        imports = self._imports(name, reviewed)
        if self._ahead and not (adoption or imports):
            ahead = self._ahead.take(name, workspace)
            if ahead is not None:
                shutil.copyfile(ahead.log, self._plan_log(name))
                ahead.plan.rename(out)
                return self._read_plan(name, workspace, ahead.raw), None
        try:
            while True:
                if adoption and adoption.addresses:
                    self.progress.phase(name, "looking for what was begun", len(adoption.addresses))
                write_imports(workspace.path, {**(adoption.ids() if adoption else {}), **imports})
                try:
                    session.client.plan(
                        workspace.path,
                        out,
                        layer=name,
                        targets=[address for address in self._targets if layer_of(address) == name],
                        extra=extra,
                        log=self._plan_log(name),
                    )
                except TerraformError as error:
                    if adoption and adoption.addresses and adoption.refused(error):
                        continue
                    raise
                raw = session.client.show(workspace.path, out, extra=extra)
                if not (adoption and adoption.foreign(raw)):
                    return self._read_plan(name, workspace, raw), adoption
        finally:
            remove_imports(workspace.path)

    def _imports(self, name: str, reviewed: LayerChanges) -> dict[str, str]:
        """What was reviewed to be imported and is not in the layer's state yet: address → id."""
        ids = self.bundle.manifest.imports
        wanted = [change.address for change in reviewed.changes if change.importing is not None]
        if not wanted:
            return {}
        state = self.session.store.read(name)
        present = set(state.addresses()) if state else set()
        return {address: ids[address] for address in wanted if address not in present}

    def _adoption(self, name: str, reviewed: LayerChanges) -> Adoption | None:
        begun = read_log(self._apply_log(name))
        begun |= {address: begun.get(address) for address in self._there.get(name, ())}
        if not begun:
            return None
        state = self.session.store.read(name)
        return Adoption(
            reviewed, begun, state.addresses() if state else (), lambda found: self._look(name, found)
        )

    def _look(self, name: str, changes: list[Change]) -> dict[str, str | None]:
        """See :func:`look_for`; whatever a state of the environment has is not looked for."""
        if not changes:
            return {}
        layers = self.session.environment.layers
        managed = Managed(self.session.store.read_all(list(layers)))
        return look_for(changes, Account(self.session, layers[name]), managed)

    def _read_plan(self, name: str, workspace: Workspace, raw: dict[str, Any]) -> LayerChanges:
        session = self.session
        redacted = session.redactor.plan(raw, workspace.secrets)
        outputs = {output: (name, output) for output in session.environment.layers[name].module.outputs}
        return split_plan(redacted, [name], outputs).layers[name]

    def _broken(
        self, name: str, reviewed: LayerChanges, started: float, error: OrchestratorError | None
    ) -> LayerResult:
        """A layer that failed (or, without an error, was interrupted), and what of it exists now."""
        try:
            state = self.session.store.read(name)
        except OrchestratorError:
            state = None
        present = set(state.addresses()) if state else set()
        touched = [change for change in reviewed.changes if change.action != "delete"]
        result = LayerResult(
            name,
            "failed" if error else "interrupted",
            time.monotonic() - started,
            error=error,
            existing=tuple(change.address for change in touched if change.address in present),
            missing=tuple(
                change.address
                for change in touched
                if change.address not in present
                and change.importing is None  # it is there, if not in the state
            ),
        )
        if name in self._begun and name not in errored(self.session):
            self.journal.end(name, "failed", self._note_state(name) if state is not None else None)
        return result


def record_of(
    session: Session, layer: Layer, inputs: Inputs, checks: list[tuple[str, str]]
) -> dict[str, Any]:
    """What is kept of an apply: inputs and destination, so that it can be destroyed when what it came from is gone; checks."""
    return {
        "inputs": {name: value for name, value in inputs.values.items() if name not in inputs.ephemeral},
        "sensitive": sorted(inputs.sensitive),
        "destination": layer.destination.as_json(),
        "module": str(layer.module.shown),
        "module_digest": session.module_digests[layer.name],
        "origin": layer.origin,
        "providers": {name: item.as_json() for name, item in read_lock_file(session.lock_file).items()},
        "checks": checks,
        "applied_at": clock.now(),
    }


def apply_bundle(
    session: Session,
    bundle: Bundle,
    progress: Progress,
    *,
    parallelism: int,
    recover: bool = False,
    resume: RunRecord | None = None,
    retries: int = RETRIES,
    confirmed: tuple[str, ...] = (),
    outside_window: str | None = None,
    run_id: str | None = None,
    command: str = "apply",
    only: frozenset[str] | None = None,
    reviewed_as: str | None = None,
    ahead: Ahead | None = None,
) -> RunReport:
    """Apply a bundle, after checking that nothing it was made from has changed. ``confirmed``: addresses, for the record.

    ``outside_window``: why it is done outside the maintenance windows. ``resume``: the run of this bundle that is gone on
    with; what it did is what may have changed. ``retries``: how often a layer is tried again after a failure that may pass.
    ``run_id`` and ``command``: for the record, too. ``only``: these layers of the bundle; the others are left to another run.
    ``reviewed_as``: the plan that people reviewed, when this one stands for it. ``ahead``: plans of its first layers, just made.

    Raises:
        OrchestratorError: the bundle may not be applied, the world has moved on, or another run holds the
            environment. A layer's failure is part of the report instead.
    """
    started = time.monotonic()
    with (
        hold(
            session,
            "apply",
            bundle.manifest.id,
            recover=recover,
            resume=resume,
            confirmed=confirmed,
            run=run_id,
            layers=only,
        ) as journal,
        audited(session.store, _record(bundle, command, confirmed)) as record,
    ):
        if outside_window:
            record["outside_window"] = outside_window
        if run_id:
            record["run"] = run_id
        if only is not None:
            record["part"] = sorted(only)
        if reviewed_as:
            record["reviewed_as"] = reviewed_as
        check_open(session, outside_windows=outside_window is not None)
        approvals = authorise(session, bundle)
        record["approvals"] = [
            {"by": item.by, "at": item.at, "key": item.signature.key} for item in approvals
        ]
        if resume is not None:
            record["resumed"] = True
            for name in errored(session):
                if only is None or name in only:
                    push_errored(session, name)
        prepared = _verified(session, bundle, journal)
        order = [name for name in prepared.order if only is None or name in only]
        applier = Applier(session, bundle, progress, journal, retries, ahead)
        if only is not None:
            applier.check_part(order, prepared.graph.upstream)
        session.mark_emulator()
        initialising = applier.initialise_ahead([name for name in order if bundle.changes.layers[name]])
        run_in_order(
            prepared.graph.sorter(),
            lambda name: applier.layer(name) if name in order else True,
            parallelism=parallelism,
            stopped=lambda: session.interrupts.requested > 0,
            urgency=prepared.graph.depth_below(),
        )
        applier.ended.set()
        initialising.join()
        results = complete_results(session, applier.results, order, prepared.graph.upstream)
        report = RunReport(
            bundle.manifest.id,
            "apply",
            session.environment.name,
            results,
            time.monotonic() - started,
            str(session.project.shown(bundle.path)),
        )
        record.update(report.outcome())
    write_atomic(bundle.path / REPORT, to_json(report.as_json()))
    return report


def _verified(session: Session, bundle: Bundle, journal: Journal) -> Prepared:
    """Check the bundle against the world, in which other runs of it may be at work: what these have begun since is known after
    another look into the journal.
    """
    while True:
        begun = {name: step.state for name, step in journal.run.layers.items()}
        try:
            return verify_bundle(session, bundle, begun=begun)
        except OvertakenError:
            if not journal.refresh():
                raise


def _record(bundle: Bundle, command: str, confirmed: tuple[str, ...]) -> dict[str, Any]:
    """What the audit log keeps of an apply, besides how it went."""
    manifest = bundle.manifest
    targets = selection_of(manifest).addresses
    return {
        "command": command,
        "environment": manifest.environment,
        "bundle": manifest.id,
        "seal": bundle.seal.digest,
        "planned_by": manifest.planned_by,
        "git": manifest.git,
        "counts": manifest.counts,
        **({"addresses": list(targets)} if targets else {}),
        "confirmed": list(confirmed),
        **({"imported": manifest.imports} if manifest.imports else {}),
        "waived": [
            {"id": item.id, "address": item.address, "owner": item.waiver.owner, "ticket": item.waiver.ticket}
            for item in bundle.review.waived
            if item.waiver
        ],
    }


def complete_results(
    session: Session, results: dict[str, LayerResult], order: list[str], before: Any
) -> tuple[LayerResult, ...]:
    """A result for every layer, in order; those never started say because of which other one."""
    stopped = session.interrupts.requested > 0
    complete = dict(results)
    for name in order:
        if name not in complete:
            cause = next(
                (
                    up
                    for up in sorted(before[name])
                    if up in complete and complete[up].status in ("failed", "skipped", "interrupted")
                ),
                None,
            )
            root = complete[cause].because_of or cause if cause else None
            status = "interrupted" if stopped and not cause else "skipped"
            complete[name] = LayerResult(name, status, because_of=root)  # type: ignore[arg-type]
    return tuple(complete[name] for name in order)
