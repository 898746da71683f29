"""Applies a reviewed plan, layer by layer."""

from __future__ import annotations

import contextlib
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator.apply.freeze import check_open
from orchestrator.apply.journal import Journal, hold_environment
from orchestrator.apply.lock import hold_everywhere
from orchestrator.apply.report import LayerResult, Progress, RunReport
from orchestrator.apply.schedule import run_in_order
from orchestrator.audit import audited
from orchestrator.config.environment import Layer
from orchestrator.errors import InterruptedRunError, OrchestratorError, Where
from orchestrator.files import to_json, write_atomic
from orchestrator.plan.authorise import authorise
from orchestrator.plan.bundle import Bundle
from orchestrator.plan.model import LayerChanges, count, split_plan
from orchestrator.plan.refine import Difference, unreviewed
from orchestrator.plan.run import verify_bundle
from orchestrator.plan.seal import REPORT
from orchestrator.render.workspace import Inputs, Workspace, layer_workspace, resolve_inputs
from orchestrator.session import Session

ERRORED_STATE = "errored.tfstate"


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

    def __init__(self, session: Session, bundle: Bundle, progress: Progress, journal: Journal) -> None:
        self.session = session
        self.bundle = bundle
        self.progress = progress
        self.journal = journal
        self.results: dict[str, LayerResult] = {}
        self._init_lock = threading.Lock()
        self._started: set[str] = set()
        self.ended = threading.Event()

    def initialise_ahead(self, names: list[str]) -> threading.Thread:
        """Initialise the roots of layers whose turn has not come, in the background, while others are applied.

        A failure is not reported here: the layer meets it again when its turn comes.
        """

        def work() -> None:
            for name in names:
                if self.session.interrupts.requested or self.ended.is_set():
                    return
                with self._init_lock, contextlib.suppress(OrchestratorError, OSError):
                    if name not in self._started:
                        self._initialise(name)

        thread = threading.Thread(target=work, name="initialise", daemon=True)
        thread.start()
        return thread

    def _initialise(self, name: str) -> None:
        session = self.session
        layer = session.environment.layers[name]
        inputs = resolve_inputs(session.environment, layer, {})
        prepare_workspace(
            session, layer_workspace(session.environment, layer, inputs, session.workspace(name)), name
        )

    def layer(self, name: str) -> bool:
        """Apply one layer if the reviewed plan changes it; whether its dependents may follow."""
        reviewed = self.bundle.changes.layers[name]
        if not reviewed:
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

    def _finish(self, result: LayerResult) -> None:
        self.results[result.layer] = result
        self.progress.finished(result)

    def _apply(self, name: str, reviewed: LayerChanges, started: float) -> LayerResult:
        session = self.session
        layer = session.environment.layers[name]
        self.progress.phase(name, "planning", len(reviewed.changes))
        inputs = resolve_inputs(
            session.environment,
            layer,
            session.upstream_outputs(layer.upstream() & set(session.environment.layers)),
        )
        if inputs.pending:
            variable, ref = next(iter(inputs.pending.items()))
            raise OrchestratorError(
                f"its {variable} comes from {ref}, and that layer has not been applied",
                where=Where(layer=name),
            )
        workspace = layer_workspace(session.environment, layer, inputs, session.workspace(name))
        with self._init_lock:  # the provider cache is not safe for concurrent installs
            self._started.add(name)
            prepare_workspace(session, workspace, name)
        extra = workspace.process_variables()
        with session.scratch() as scratch:
            out = scratch / f"{name}.tfplan"
            session.client.plan(
                workspace.path, out, layer=name, extra=extra, log=self.bundle.logs / f"{name}.plan.jsonl"
            )
            fresh = self._read_plan(name, workspace, out, extra)
            differences = unreviewed(reviewed, fresh)
            if differences:
                raise UnreviewedChangeError(name, differences)
            if not fresh:
                return LayerResult(name, "unchanged", time.monotonic() - started)
            self.progress.phase(name, "applying", len(fresh.changes))
            self.journal.begin(name)
            checks = [(item.id, item.address) for item in self.bundle.scan.failed if item.layer == name]
            session.store.write_record(name, record_of(session, layer, inputs, checks))
            session.client.apply(
                workspace.path,
                out,
                layer=name,
                extra=extra,
                on_event=lambda event: self.progress.event(name, event),
                log=self.bundle.logs / f"{name}.apply.jsonl",
            )
            self.journal.end(name)
        return LayerResult(name, "applied", time.monotonic() - started, count(list(fresh.changes)))

    def _read_plan(self, name: str, workspace: Workspace, out: Path, extra: dict[str, str]) -> LayerChanges:
        session = self.session
        raw = session.client.show(workspace.path, out, extra=extra)
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
            missing=tuple(change.address for change in touched if change.address not in present),
        )
        left = self.session.workspace(name) / ERRORED_STATE
        if not left.is_file():
            self.journal.end(name)
        return result


def record_of(
    session: Session, layer: Layer, inputs: Inputs, checks: list[tuple[str, str]]
) -> dict[str, Any]:
    """What is kept of an apply: the inputs, so that the layer can be destroyed without its upstreams, and the failed checks."""
    return {
        "inputs": {name: value for name, value in inputs.values.items() if name not in inputs.ephemeral},
        "sensitive": sorted(inputs.sensitive),
        "module": str(layer.module.shown),
        "module_digest": session.module_digests[layer.name],
        "checks": checks,
        "applied_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def prepare_workspace(session: Session, workspace: Workspace, layer: str) -> None:
    """Write and initialise a layer's root; one at a time.

    Raises:
        OrchestratorError: Terraform left a state there that it could not save.
    """
    left = workspace.path / ERRORED_STATE
    if left.is_file():
        raise OrchestratorError(
            "an earlier run could not save this layer's state and left it beside the workspace",
            where=Where(file=session.project.shown(left), layer=layer),
            remedy=f"run `terraform -chdir={session.project.shown(workspace.path)} state push {ERRORED_STATE}`, "
            "check `orchestrator plan`, then remove the file",
        )
    workspace.write()
    session.client.init(
        workspace.path,
        fingerprint=session.module_fingerprint([layer] if layer in session.environment.layers else []),
        lock_file=session.lock_file,
        layer=layer,
        extra=workspace.process_variables(),
    )


def apply_bundle(
    session: Session,
    bundle: Bundle,
    progress: Progress,
    *,
    parallelism: int,
    recover: bool = False,
    confirmed: tuple[str, ...] = (),
    outside_window: str | None = None,
) -> RunReport:
    """Apply a bundle, after checking that nothing it was made from has changed. ``confirmed``: addresses, for the record.

    ``outside_window``: why it is done outside the maintenance windows.

    Raises:
        OrchestratorError: the bundle may not be applied, the world has moved on, or another run holds the
            environment. A layer's failure is part of the report instead.
    """
    started = time.monotonic()
    with (
        hold_environment(session.work, "apply", bundle.manifest.id, recover=recover) as journal,
        hold_everywhere(session.store, "apply", bundle.manifest.id, session.interrupts.request),
        audited(session.store, _record(bundle, confirmed)) as record,
    ):
        if outside_window:
            record["outside_window"] = outside_window
        check_open(session, outside_windows=outside_window is not None)
        approvals = authorise(session, bundle)
        record["approvals"] = [
            {"by": item.by, "at": item.at, "key": item.signature.key} for item in approvals
        ]
        prepared = verify_bundle(session, bundle)
        session.mark_emulator()
        applier = Applier(session, bundle, progress, journal)
        ahead = applier.initialise_ahead([name for name in prepared.order if bundle.changes.layers[name]])
        run_in_order(
            prepared.graph.sorter(),
            applier.layer,
            parallelism=parallelism,
            stopped=lambda: session.interrupts.requested > 0,
            urgency=prepared.graph.depth_below(),
        )
        applier.ended.set()
        ahead.join()
        results = complete_results(session, applier.results, prepared.order, prepared.graph.upstream)
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


def _record(bundle: Bundle, confirmed: tuple[str, ...]) -> dict[str, Any]:
    """What the audit log keeps of an apply, besides how it went."""
    manifest = bundle.manifest
    return {
        "command": "apply",
        "environment": manifest.environment,
        "bundle": manifest.id,
        "seal": bundle.seal.digest,
        "planned_by": manifest.planned_by,
        "git": manifest.git,
        "counts": manifest.counts,
        "confirmed": list(confirmed),
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
                    if complete[up].status in ("failed", "skipped", "interrupted")
                ),
                None,
            )
            root = complete[cause].because_of or cause if cause else None
            status = "interrupted" if stopped and not cause else "skipped"
            complete[name] = LayerResult(name, status, because_of=root)  # type: ignore[arg-type]
    return tuple(complete[name] for name in order)
