"""How a run looks while it goes: one live line a layer on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestrator.apply.report import LayerResult, Progress
from orchestrator.terraform.events import Event
from orchestrator.views.console import seconds_text

_COLOURS = {
    "applied": "green",
    "destroyed": "green",
    "unchanged": "dim",
    "failed": "bold red",
    "skipped": "yellow",
    "interrupted": "yellow",
}
_MARKS = {
    "applied": "✓",
    "destroyed": "✓",
    "unchanged": "·",
    "failed": "✗",
    "skipped": "–",
    "interrupted": "!",
}
_BUSY = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
HEARTBEAT_SECONDS = 10
"""A piped run is never silent for longer while a resource is being worked on."""


@dataclass
class _Line:
    phase: str = "waiting"
    total: int = 0
    done: int = 0
    started: float | None = None
    current: dict[str, float] = field(default_factory=dict)
    result: LayerResult | None = None


class PlainProgress:
    """One line an event, each with its layer: for pipes and CI logs."""

    def __init__(self, console: Console, layers: list[str]) -> None:
        self._console = console
        self._width = max((len(name) for name in layers), default=0)
        self._lock = threading.Lock()
        self._totals: dict[str, list[int]] = {}

    def _say(self, layer: str, text: str) -> None:
        with self._lock:
            self._console.print(f"{layer:<{self._width}}  {text}")

    def phase(self, layer: str, phase: str, total: int | None = None) -> None:
        """A layer enters a phase."""
        self._totals[layer] = [0, total or 0]
        self._say(layer, phase + (f" ({total} resources)" if total else ""))

    def event(self, layer: str, event: Event) -> None:
        """Terraform finished, continued or failed with a resource."""
        if event.raw.get("hook", {}).get("action") == "read":
            return
        if event.kind == "apply_complete":
            counts = self._totals.setdefault(layer, [0, 0])
            counts[0] += 1
            self._say(layer, f"{min(counts[0], counts[1])}/{counts[1]}  {_strip(event.message)}")
        elif event.kind == "apply_errored" or (
            event.kind == "apply_progress"
            and event.raw.get("hook", {}).get("elapsed_seconds", 0) % HEARTBEAT_SECONDS == 0
        ):
            self._say(layer, _strip(event.message))

    def finished(self, result: LayerResult) -> None:
        """A layer has ended."""
        self._say(result.layer, result_text(result))


class LiveProgress:
    """A table that is drawn anew a few times a second."""

    def __init__(self, console: Console, layers: list[str]) -> None:
        self._lines = {name: _Line() for name in layers}
        self._lock = threading.Lock()
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=8)

    def __enter__(self) -> LiveProgress:
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.__exit__(None, None, None)

    def phase(self, layer: str, phase: str, total: int | None = None) -> None:
        """A layer enters a phase."""
        with self._lock:
            line = self._lines[layer]
            line.phase, line.total, line.done = phase, total or 0, 0
            line.started = line.started or time.monotonic()

    def event(self, layer: str, event: Event) -> None:
        """Terraform started or finished a resource."""
        with self._lock:
            line = self._lines[layer]
            if event.kind == "apply_start":
                line.current[event.address] = time.monotonic()
            elif event.kind in ("apply_complete", "apply_errored"):
                known = line.current.pop(event.address, None) is not None
                line.done += known and event.kind == "apply_complete"

    def finished(self, result: LayerResult) -> None:
        """A layer has ended."""
        with self._lock:
            line = self._lines[result.layer]
            line.result = result
            line.current.clear()

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        with self._lock:
            for name, line in self._lines.items():
                table.add_row(*self._row(name, line))
        return table

    def _row(self, name: str, line: _Line) -> tuple[Text, Text, Text, Text]:
        if line.result is not None:
            colour = _COLOURS[line.result.status]
            return (
                Text(f"{_MARKS[line.result.status]} {name}", style=colour),
                Text(line.result.status, style=colour),
                Text(seconds_text(line.result.seconds) if line.result.seconds else ""),
                Text(_done_text(dict(line.result.counts)) if line.result.counts else "", style="dim"),
            )
        if line.started is None:
            return Text(f"  {name}", style="dim"), Text("waiting", style="dim"), Text(""), Text("")
        elapsed = time.monotonic() - line.started
        spinner = _BUSY[int(elapsed * 8) % len(_BUSY)]
        done = f" {line.done}/{line.total}" if line.total and line.phase != "planning" else ""
        oldest = min(line.current, key=lambda address: line.current[address], default="")
        more = f" (+{len(line.current) - 1})" if len(line.current) > 1 else ""
        return (
            Text(f"{spinner} {name}", style="cyan"),
            Text(f"{line.phase}{done}"),
            Text(seconds_text(elapsed)),
            Text(oldest + more, style="dim"),
        )


@contextmanager
def show_progress(console: Console, layers: list[str]) -> Iterator[Progress]:
    """The progress view that fits the console."""
    if console.is_terminal:
        with LiveProgress(console, layers) as live:
            yield live
    else:
        yield PlainProgress(console, layers)


def result_text(result: LayerResult) -> str:
    """How a layer ended, in one line."""
    if result.status in ("applied", "destroyed"):
        return f"{result.status} in {seconds_text(result.seconds)} ({_done_text(dict(result.counts))})"
    if result.status == "failed" and result.error is not None:
        return f"failed: {result.error.message}"
    if result.status == "skipped":
        return (
            f"not started, because {result.because_of} did not succeed"
            if result.because_of
            else "not started"
        )
    return "no changes" if result.status == "unchanged" else result.status


def _done_text(counts: dict[str, int]) -> str:
    words = {"create": "created", "update": "changed", "replace": "replaced", "delete": "destroyed"}
    words["import"] = "imported"
    parts = [f"{number} {words.get(action, action)}" for action, number in counts.items() if number]
    return ", ".join(parts) or "outputs only"


def _strip(message: str) -> str:
    return message.rstrip(".")


class PhaseLine:
    """The single step that is under way: a spinner on a terminal, a line each when piped."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._phase = ""
        self._started = time.monotonic()
        self._read = 0
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=8, transient=True)

    def __enter__(self) -> PhaseLine:
        if self._console.is_terminal:
            self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._console.is_terminal:
            self._live.__exit__(None, None, None)

    def phase(self, phase: str) -> None:
        """A new step."""
        self._phase = phase
        if not self._console.is_terminal:
            self._console.print(f"{self._title}  {phase}")

    def event(self, event: Event) -> None:
        """Counts the resources that have been read."""
        if event.kind == "refresh_complete":
            self._read += 1

    def _render(self) -> Text:
        elapsed = time.monotonic() - self._started
        read = f", {self._read} resources read" if self._read else ""
        return Text(
            f"{_BUSY[int(elapsed * 8) % len(_BUSY)]} {self._title}  {self._phase}{read}  {seconds_text(elapsed)}",
            style="cyan",
        )
