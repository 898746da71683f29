"""Writes down what a run does while it does it.

``.orchestrator/<env>/runs/<id>/events.jsonl`` has one event a line, as ``events.schema.json`` says; ``report.json`` is
written when the run has ended. What goes wrong here never stops a run: it is said once, and the run goes on.
"""

from __future__ import annotations

import json
import os
import platform
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from orchestrator import __version__, clock
from orchestrator.apply.report import LayerResult, Progress, RunReport
from orchestrator.audit import leave_note, whoami
from orchestrator.errors import InterruptedRunError, OrchestratorError
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.plan.run import ROOT, new_plan_id
from orchestrator.runs.history import EVENTS, REPORT, prune, runs_folder
from orchestrator.runs.stream import open_private
from orchestrator.runs.timeline import FORMAT, Run, iso
from orchestrator.terraform.client import Process
from orchestrator.terraform.events import Event

if TYPE_CHECKING:
    from orchestrator.apply.capacity import Slots
    from orchestrator.plan.bundle import Bundle
    from orchestrator.session import Session

_LAYER_OF = re.compile(r"module\.([^.\[]+)\.")
_ENDS = {"apply_complete": True, "apply_errored": False, "refresh_complete": True}
_OWN_DOING = "Deprecated flag: -state"
"""Terraform's warning about how it is called here; nobody else can do anything about it."""
_QUOTING = ("layer_finished", "resource_started", "resource_finished", "diagnostic", "run_finished")
"""Events with texts that come from outside."""

_BEFORE = ("run_started", "step_started", "step_finished", "run_finished")
"""Events of a run that has done nothing yet."""

Say = Callable[[str], None]


class Sink(Protocol):
    """Who else is told of events, in their order, by one thread at a time."""

    def take(self, event: Mapping[str, Any], nanoseconds: int) -> None:
        """An event, and when it was, since 1970."""

    def variables(self, layer: str | None, phase: str) -> Mapping[str, str]:
        """What the Terraform process of a phase that has begun gets in its environment."""

    def close(self) -> str | None:
        """The run has ended; what there is to say about it."""


class Recorder:
    """Records one run. Called from several threads."""

    def __init__(self, session: Session, command: str, run_id: str, stream: IO[str] | None, say: Say) -> None:
        self.id = run_id
        self.run = Run()
        self.folder = runs_folder(session.work) / run_id
        self._session = session
        self._say = say
        self._lock = threading.Lock()
        self._outputs: dict[str, IO[str]] = {} if stream is None else {"--events": stream}
        self._held: list[str] | None = []
        self._sinks: list[Sink] = []
        self._step: str | None = None
        self._started: set[str] = set()
        self._finished: set[str] = set()
        self._outcome: str | None = None
        self.bundle: dict[str, Any] = {}
        self._about = {"command": command, "environment": session.environment.name, "by": whoami()}

    def begin(self, sinks: list[Sink], trace: str | None) -> None:
        """The first event."""
        self._sinks = sinks
        about = {"host": platform.node(), "pid": os.getpid(), "version": __version__, "trace": trace}
        self.emit("run_started", format=FORMAT, **self._about, **about)

    def emit(self, kind: str, **fields: Any) -> None:
        """Write an event; fields that are None are left out."""
        given = {key: value for key, value in fields.items() if value is not None}
        with self._lock:
            now = time.time_ns()
            event = {
                "time": iso(now / 1e9),
                "run": self.id,
                "type": kind,
                **(self._scrub(given) if kind in _QUOTING else given),
            }
            line = json.dumps(event, ensure_ascii=False) + "\n"
            self._keep(kind, line)
            for name, output in list(self._outputs.items()):
                try:
                    output.write(line)
                except (OSError, ValueError) as error:
                    del self._outputs[name]
                    self._say(f"Note: {name} is incomplete from here on ({error}); the run goes on.")
            self.run.add(event)
            for sink in self._sinks:
                sink.take(event, now)

    def _keep(self, kind: str, line: str) -> None:
        """Open the record when something is really done: what was refused before that leaves nothing behind."""
        if self._held is None:
            return
        if kind in _BEFORE:
            self._held.append(line)
            return
        held, self._held = self._held, None
        try:
            make_private_folder(self.folder)
            output = open_private(self.folder / EVENTS)
            output.writelines(held)
            self._outputs["the record of this run"] = output
        except (OrchestratorError, OSError, ValueError) as error:
            self._say(f"Note: this run can't be recorded ({error}); it goes on.")

    def _scrub(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Without secrets."""
        try:
            scrubbed = self._session.redactor.value(fields)
        except (OrchestratorError, OSError):  # the key lies beside the states, which can't be reached
            unsure = {"message": "(withheld: the states' key can't be read)"} if "message" in fields else {}
            scrubbed = {**{key: value for key, value in fields.items() if key != "error"}, **unsure}
        assert isinstance(scrubbed, dict)
        return scrubbed

    # What the stages say.

    def steps(self, forward: Callable[[str], None]) -> Callable[[str], None]:
        """For ``on_phase``: each step ends where the next one begins."""

        def step(name: str) -> None:
            self.step(name)
            forward(name)

        return step

    def step(self, name: str) -> None:
        """A step that is no layer's begins; it ends with the next one, or with the first layer."""
        self._end_step()
        self._step = name
        self.emit("step_started", step=name)

    def _end_step(self) -> None:
        step, self._step = self._step, None
        if step is not None:
            self.emit("step_finished", step=step)

    def planned(self, bundle: Bundle) -> None:
        """There is a bundle."""
        self._end_step()
        self.bundle = {
            "bundle": bundle.manifest.id,
            "seal": bundle.seal.digest,
            "git": bundle.manifest.git,
            "counts": bundle.manifest.counts,
            "findings": bundle.review.counts(),
        }
        self.emit("plan_ready", bundle=bundle.manifest.id, counts=dict(bundle.manifest.counts))

    def scheduled(self, slots: Slots) -> None:
        """How many layers will run side by side."""
        self.emit("scheduled", **slots.as_json())

    def progress(self, view: Progress) -> Progress:
        """A progress that is recorded and shown."""
        return _Recorded(self, view)

    def layer_started(self, layer: str) -> None:
        """A layer's turn has come (said once)."""
        if layer not in self._started:
            self._end_step()
            self._started.add(layer)
            self.emit("layer_started", layer=layer)

    def layer_finished(self, result: LayerResult) -> None:
        """A layer has ended."""
        with self._lock:
            self._finished.add(result.layer)
        said = {key: value for key, value in result.as_json().items() if value not in (None, [], {})}
        self.emit("layer_finished", **said)

    def ended(self, outcome: str) -> None:
        """How the run ended: ``succeeded``, ``no_changes``, ``failed``, ``interrupted`` or ``refused``."""
        self._outcome = outcome

    def reported(self, report: RunReport) -> None:
        """How it ended, by its report; layers whose turn never came are told of here."""
        for result in report.results:
            if result.layer not in self._finished:
                self.layer_finished(result)
        self.ended("interrupted" if report.interrupted else "succeeded" if report.ok else "failed")

    # What Terraform's processes say.

    def process(self, folder: Path, action: str) -> Process:
        """A Terraform process is about to be started in a workspace."""
        return _Observed(self, None if folder.name == ROOT else folder.name, action)

    def variables(self, layer: str | None, phase: str) -> dict[str, str]:
        """What the process of a phase gets in its environment."""
        with self._lock:
            return {
                name: value for sink in self._sinks for name, value in sink.variables(layer, phase).items()
            }

    # The end.

    def close(self, error: BaseException | None) -> None:
        """Write the last event and the report."""
        if self._held is not None and not self._outputs and not self._sinks:
            return  # refused before anything was done, and nobody listens
        self._end_step()
        if isinstance(error, (InterruptedRunError, KeyboardInterrupt)) or type(error).__name__ == "Abort":
            self._outcome = "interrupted"
        elif error is not None:
            self._outcome = "refused" if getattr(error, "exit_code", 0) == 3 else "failed"
        self.emit(
            "run_finished",
            outcome=self._outcome or "succeeded",
            seconds=round(self.run.seconds, 3),
            error=None if error is None else _error(error),
            logs=self._logs(),
        )
        for output in self._outputs.values():
            with suppress(OSError):
                output.close()
        try:
            if self.folder.is_dir():
                write_atomic(self.folder / REPORT, to_json(self.run.as_json()))
                prune(self._session.work)
        except (OrchestratorError, OSError) as failure:
            self._say(f"Note: the report of this run is not complete ({failure}).")
        for sink in self._sinks:
            note = sink.close()
            if note:
                self._say(f"Note: {note}")

    def note(self, started_at: str, error: BaseException | None) -> str | None:
        """Leave a note for the audit log where nothing of this run is in it; why not, where that can't be done."""
        if self._held is not None:  # nothing was done
            return None
        ok = error is None and self._outcome in (None, "succeeded", "no_changes")
        said = {} if error is None else {"error": self._scrub(_error(error)).get("message", "")}
        about = {"command": self._about["command"], "environment": self._about["environment"]}
        record = {**about, **self.bundle, "started_at": started_at, "ok": ok, **said}
        return leave_note(self._session.store, self.id, record)

    def _logs(self) -> list[str]:
        """The folders of Terraform's own output, relative to the project."""
        work = self._session.work
        found = [work / "plans" / (self.run.bundle or self.id) / "logs", self.folder / "logs"]
        found.append(work / "failed" / self.id)
        return [str(self._session.project.shown(path)) for path in found if path.is_dir()]


class _Recorded:
    """A progress view whose words are recorded, too."""

    def __init__(self, recorder: Recorder, view: Progress) -> None:
        self._recorder, self._view = recorder, view

    def phase(self, layer: str, phase: str, total: int | None = None) -> None:
        self._recorder.layer_started(layer)
        self._view.phase(layer, phase, total)

    def event(self, layer: str, event: Event) -> None:
        self._view.event(layer, event)

    def finished(self, result: LayerResult) -> None:
        self._recorder.layer_finished(result)
        self._view.finished(result)


@dataclass
class _Observed:
    """One Terraform process of a recorded run; read by one thread."""

    recorder: Recorder
    layer: str | None
    phase: str

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._since: dict[tuple[str, str], float] = {}
        self.recorder.emit("phase_started", layer=self.layer, phase=self.phase)
        self.variables: Mapping[str, str] = self.recorder.variables(self.layer, self.phase)

    def event(self, event: Event) -> None:
        """A line of its output."""
        hook = event.raw.get("hook")
        if event.address and isinstance(hook, dict):
            self._resource(event, hook)
        elif event.kind == "diagnostic":
            said = event.raw.get("diagnostic") or {}
            if said.get("summary") == _OWN_DOING:
                return
            self.recorder.emit(
                "diagnostic",
                layer=self._layer(str(said.get("address") or "")),
                phase=self.phase,
                severity=said.get("severity") or "error",
                message=": ".join(str(said[key]) for key in ("summary", "detail") if said.get(key)),
                address=said.get("address") or None,
            )

    def _layer(self, address: str) -> str | None:
        """The layer of an address in the environment's root; in a layer's own root that layer."""
        named = _LAYER_OF.match(address)
        return self.layer or (named[1] if named else None)

    def _resource(self, event: Event, hook: Mapping[str, Any]) -> None:
        action = "refresh" if event.kind.startswith("refresh_") else str(hook.get("action", "?"))
        key, now = (event.address, action), time.monotonic()
        about = {
            "layer": self._layer(event.address),
            "phase": self.phase,
            "address": event.address,
            "resource_type": str(hook["resource"].get("resource_type", "")),
            "action": action,
        }
        if event.kind in ("apply_start", "refresh_start"):
            self._since[key] = now
            if action not in ("refresh", "read"):  # there are thousands of those; their ends are enough
                self.recorder.emit("resource_started", **about)
        elif event.kind in _ENDS:
            seconds = round(now - self._since.pop(key, now), 3)
            self.recorder.emit("resource_finished", **about, seconds=seconds, ok=_ENDS[event.kind])

    def ended(self, exit_code: int) -> None:
        """It has ended; below zero: by that signal."""
        self.recorder.emit(
            "phase_finished",
            layer=self.layer,
            phase=self.phase,
            exit_code=exit_code,
            seconds=round(time.monotonic() - self._began, 3),
        )


@contextmanager
def recorded(session: Session, command: str, stream: IO[str] | None, say: Say) -> Iterator[Recorder]:
    """Record what is done within. ``stream`` gets the same lines as they come; ``say`` what the user should know."""
    from orchestrator.runs import telemetry

    recorder = Recorder(session, command, new_plan_id(), stream, say)
    started_at = clock.now()

    def close(error: BaseException | None) -> None:
        recorder.close(error)
        if problem := recorder.note(started_at, error):
            say(f"Note: {problem}.")

    traces, note = telemetry.start(session, command, recorder.id)
    if note:
        say(f"Note: {note}")
    recorder.begin([traces] if traces else [], traces.trace_id if traces else None)
    session.observe = recorder.process
    try:
        yield recorder
    except BaseException as error:
        close(error)
        raise
    close(None)


def _error(error: BaseException) -> dict[str, Any]:
    if isinstance(error, OrchestratorError):
        said = error.as_json()
        return {"type": said["type"], "message": str(error), "details": list(error.details)}
    return {"type": type(error).__name__, "message": str(error)}
