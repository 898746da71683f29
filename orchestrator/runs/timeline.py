"""A run, made from its events: what took how long, how each layer ended, which resources were slow.

Pure: the same for a run that has ended, one that goes on, and one that was killed.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FORMAT = 1
SLOWEST = 20
"""How many resources the report names."""


@dataclass
class Span:
    """A part of a run. Times are seconds since 1970; ``finished`` is None while it goes on."""

    name: str
    started: float
    finished: float | None = None
    ok: bool | None = None

    def seconds(self, now: float) -> float:
        """How long it took, or has taken so far."""
        return max(0.0, (now if self.finished is None else self.finished) - self.started)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        took = None if self.finished is None else round(self.seconds(0), 3)
        return {
            "name": self.name,
            "started_at": iso(self.started),
            "finished_at": None if self.finished is None else iso(self.finished),
            "seconds": took,
            "ok": self.ok,
        }


@dataclass
class LayerRun:
    """One layer in a run; ``started`` is None when its turn never came. ``phases``: Terraform's commands."""

    layer: str
    started: float | None = None
    finished: float | None = None
    result: dict[str, Any] = field(default_factory=dict)
    phases: list[Span] = field(default_factory=list)

    @property
    def status(self) -> str:
        """How it ended, or ``running``."""
        return str(self.result.get("status", "running" if self.started else "waiting"))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "layer": self.layer,
            "status": self.status,
            "started_at": None if self.started is None else iso(self.started),
            "finished_at": None if self.finished is None else iso(self.finished),
            "phases": [phase.as_json() for phase in self.phases],
            **{key: value for key, value in self.result.items() if key not in ("layer", "status")},
        }


@dataclass(frozen=True)
class Operation:
    """What Terraform did to one resource, and how many seconds that took."""

    layer: str | None
    address: str
    action: str
    seconds: float
    ok: bool


@dataclass
class Run:
    """A run. ``outcome`` is None until it has ended; ``steps`` are those outside any layer."""

    id: str = "?"
    about: dict[str, Any] = field(default_factory=dict)
    started: float = 0.0
    last: float = 0.0
    ended: dict[str, Any] | None = None
    bundle: str | None = None
    planned: dict[str, int] = field(default_factory=dict)
    schedule: dict[str, Any] | None = None
    steps: list[Span] = field(default_factory=list)
    root_phases: list[Span] = field(default_factory=list)
    layers: dict[str, LayerRun] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    refreshed: int = 0
    diagnostics: list[dict[str, Any]] = field(default_factory=list)

    @property
    def outcome(self) -> str | None:
        """How it ended."""
        return None if self.ended is None else str(self.ended["outcome"])

    @property
    def counts(self) -> dict[str, int]:
        """Resources by what was done to them; of a plan, by what would be."""
        done: dict[str, int] = {}
        for layer in self.layers.values():
            for action, number in (layer.result.get("counts") or {}).items():
                done[action] = done.get(action, 0) + number
        return self.planned if self.about.get("command") == "plan" else done

    @property
    def seconds(self) -> float:
        """From its start to its end, or to the last that was heard of it."""
        return self.last - self.started

    def slowest(self, number: int = SLOWEST) -> list[Operation]:
        """The operations that took longest."""
        return sorted(self.operations, key=lambda item: (-item.seconds, item.address))[:number]

    def as_json(self) -> dict[str, Any]:
        """The report, ``report.json``."""
        ended = self.ended or {}
        return {
            "format": FORMAT,
            "id": self.id,
            **{key: self.about.get(key) for key in ("command", "environment", "by", "host", "version")},
            "trace": self.about.get("trace"),
            "started_at": iso(self.started),
            "finished_at": iso(self.last) if self.ended else None,
            "seconds": round(self.seconds, 3),
            "outcome": self.outcome,
            "error": ended.get("error"),
            "bundle": self.bundle,
            "counts": self.counts,
            "schedule": self.schedule,
            "refreshed": self.refreshed,
            "steps": [step.as_json() for step in self.steps],
            "phases": [phase.as_json() for phase in self.root_phases],
            "layers": [layer.as_json() for layer in self.layers.values()],
            "slowest": [
                {
                    "layer": item.layer,
                    "address": item.address,
                    "action": item.action,
                    "seconds": item.seconds,
                    "ok": item.ok,
                }
                for item in self.slowest()
            ],
            "diagnostics": self.diagnostics,
            "logs": ended.get("logs", []),
        }

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in the next event. What a later version may have added is passed over."""
        self.last = max(self.last, at(event))
        with contextlib.suppress(AttributeError):
            getattr(self, f"_{event['type']}")(event)

    def _run_started(self, event: Mapping[str, Any]) -> None:
        self.id, self.started = str(event["run"]), at(event)
        self.about = {key: value for key, value in event.items() if key not in ("time", "run", "type")}

    def _scheduled(self, event: Mapping[str, Any]) -> None:
        self.schedule = {key: value for key, value in event.items() if key not in ("time", "run", "type")}

    def _plan_ready(self, event: Mapping[str, Any]) -> None:
        self.bundle, self.planned = event["bundle"], dict(event["counts"])

    def _step_started(self, event: Mapping[str, Any]) -> None:
        self.steps.append(Span(event["step"], at(event)))

    def _step_finished(self, event: Mapping[str, Any]) -> None:
        _close(self.steps, event["step"], at(event), None)

    def _layer(self, event: Mapping[str, Any]) -> LayerRun:
        return self.layers.setdefault(event["layer"], LayerRun(event["layer"]))

    def _layer_started(self, event: Mapping[str, Any]) -> None:
        self._layer(event).started = at(event)

    def _layer_finished(self, event: Mapping[str, Any]) -> None:
        layer = self._layer(event)
        layer.result = {key: value for key, value in event.items() if key not in ("time", "run", "type")}
        if layer.started is not None:
            layer.finished = at(event)

    def _phases(self, event: Mapping[str, Any]) -> list[Span]:
        return self._layer(event).phases if "layer" in event else self.root_phases

    def _phase_started(self, event: Mapping[str, Any]) -> None:
        self._phases(event).append(Span(event["phase"], at(event)))

    def _phase_finished(self, event: Mapping[str, Any]) -> None:
        _close(self._phases(event), event["phase"], at(event), event["exit_code"] == 0)

    def _resource_finished(self, event: Mapping[str, Any]) -> None:
        self.operations.append(
            Operation(event.get("layer"), event["address"], event["action"], event["seconds"], event["ok"])
        )
        self.refreshed += event["action"] == "refresh"

    def _diagnostic(self, event: Mapping[str, Any]) -> None:
        self.diagnostics.append(
            {key: value for key, value in event.items() if key not in ("time", "run", "type")}
        )

    def _run_finished(self, event: Mapping[str, Any]) -> None:
        self.ended = dict(event)


def run_of(lines: Iterable[str | bytes]) -> Run:
    """The run that wrote these lines. A last line that was cut off is left out."""
    run = Run()
    for line in lines:
        try:
            event = json.loads(line)
            if isinstance(event, dict):
                run.add(event)
        except (ValueError, KeyError, TypeError):
            continue
    return run


def at(event: Mapping[str, Any]) -> float:
    """When an event was, in seconds since 1970."""
    return datetime.fromisoformat(event["time"]).timestamp()


def iso(seconds: float) -> str:
    """A time as in events: UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _close(spans: list[Span], name: str, finished: float, ok: bool | None) -> None:
    for span in reversed(spans):
        if span.name == name and span.finished is None:
            span.finished, span.ok = finished, ok
            return
