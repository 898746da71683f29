"""Runs as people read them on a terminal: a list, and one with its timeline."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text

from orchestrator.runs.history import outcome_of
from orchestrator.runs.timeline import LayerRun, Run, Span
from orchestrator.views.console import seconds_text

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
"""Columns where there is no terminal to ask."""
LEAST_BAR = 20
SHOWN = 10
_STYLES = {
    "succeeded": "green",
    "no_changes": "green",
    "failed": "bold red",
    "killed": "bold red",
    "interrupted": "yellow",
    "refused": "yellow",
    "running": "cyan",
    "applied": "green",
    "destroyed": "green",
    "skipped": "yellow",
}
_SIGNS = {"init": "·", "plan": "▒", "show": "░", "apply": "█"}
_OTHER = "─"
_STEP = "▬"


def outcome_text(outcome: str) -> str:
    """``no_changes`` → ``no changes``."""
    return outcome.replace("_", " ")


def list_runs(console: Console, reports: Iterable[Mapping[str, Any]]) -> None:
    """One line a run."""
    for report in reports:
        outcome = str(report["outcome"])
        line = Text(
            f"{report['id']}  {report['command']:<8} {_local(report['started_at'])}  "
            f"{seconds_text(report['seconds']):>8}  "
        )
        line.append(f"{outcome_text(outcome):<12}", style=_STYLES.get(outcome, ""))
        line.append(f" {_counts(report['counts']):<28} {report['by']}")
        console.print(line)


def show_run(console: Console, run: Run, shown_folder: str) -> None:
    """What it was, its timeline, how layers ended, what was slow, what went wrong, where the logs are."""
    outcome = outcome_of(run)
    now = time.time() if outcome == "running" else run.last
    title = Text(f"{run.about['command']} {run.about['environment']}  {run.id}  ", style="bold")
    title.append(outcome_text(outcome), style=_STYLES.get(outcome, ""))
    console.print(title)
    console.print(
        f"by {run.about['by']}, {_local(_iso(run.started))}, {seconds_text(now - run.started)}"
        + (f"; {_counts(run.counts)}" if run.counts else "")
        + (f"; plan {run.bundle}" if run.bundle and run.bundle != run.id else "")
    )
    if run.schedule and run.layers:
        console.print(f"{run.schedule['parallelism']} layers at a time (limit: {run.schedule['limit']})")
    _timeline(console, run, now)
    slow = [item for item in run.slowest(SHOWN) if item.seconds >= 0.5]
    if slow:
        console.print(Text("\nSlowest resources", style="bold"))
    for item in slow:
        mark = "" if item.ok else "  failed"
        console.print(f"  {item.seconds:7.1f}s  {item.action:<8} {item.address}{mark}")
    _problems(console, run)
    console.print("")
    for logs in (run.ended or {}).get("logs", ()):
        console.print(f"Logs: {logs}")
    console.print(f"Events: {shown_folder}/events.jsonl")
    if run.about.get("trace"):
        console.print(f"Trace: {run.about['trace']}")


def _problems(console: Console, run: Run) -> None:
    failed = [layer for layer in run.layers.values() if layer.status in ("failed", "interrupted")]
    for layer in failed:
        console.print(Text(f"\n{layer.layer}: {layer.status}", style="bold red"))
        error = layer.result.get("error") or {}
        if error:
            remedy = f"; {error['remedy']}" if error.get("remedy") else ""
            console.print(Text(f"  {error['message']}{remedy}", style="red"))
            for line in error.get("details", ()):
                console.print(f"    {line}")
        existing, missing = (len(layer.result.get(key, ())) for key in ("existing", "missing"))
        console.print(f"  {existing} resources exist, {missing} do not")
    error = (run.ended or {}).get("error")
    if error:
        console.print(Text(f"\n{error['message']}", style="red"))
        for line in error.get("details", ()):
            console.print(f"  {line}")


def _timeline(console: Console, run: Run, now: float) -> None:
    total = now - run.started
    steps = [step for step in run.steps if step.seconds(now) >= total / 200]
    names = [*(step.name for step in steps), *run.layers]
    if not names or total <= 0:
        return
    label = max(map(len, names))
    width = (console.width if console.is_terminal else WIDTH) - label - 34
    bar = _Bar(run.started, total, max(LEAST_BAR, width))
    console.print("")
    console.print(Text(f"{'':<{label}}  {bar.scale()}", style="dim"))
    for step in steps:
        took = seconds_text(step.seconds(now))
        console.print(f"{step.name:<{label}}  {bar.draw([(step, _STEP)], now)}  {took:>7}")
    for layer in run.layers.values():
        console.print(_layer_line(layer, label, bar, now))
    if any(layer.phases for layer in run.layers.values()):
        legend = "  ".join(f"{sign} {phase}" for phase, sign in _SIGNS.items())
        console.print(Text(f"{'':<{label}}  {legend}  {_OTHER} waiting", style="dim"))


def _layer_line(layer: LayerRun, label: int, bar: _Bar, now: float) -> Text:
    whole = Span("", layer.started, layer.finished) if layer.started is not None else None
    parts = [(whole, _OTHER)] if whole else []
    parts += [(phase, _SIGNS.get(phase.name, _OTHER)) for phase in layer.phases]
    took = seconds_text(whole.seconds(now)) if whole else ""
    line = Text(f"{layer.layer:<{label}}  {bar.draw(parts, now)}  {took:>7}  ")
    line.append(f"{layer.status:<11}", style=_STYLES.get(layer.status, "dim"))
    because = layer.result.get("because_of")
    line.append(_counts(layer.result.get("counts") or {}) or (f"because of {because}" if because else ""))
    line.rstrip()
    return line


class _Bar:
    """Draws spans of a run of ``total`` seconds into ``width`` characters."""

    def __init__(self, began: float, total: float, width: int) -> None:
        self.began, self.total, self.width = began, total, width

    def scale(self) -> str:
        """Marks for the time, about every sixth of the bar."""
        cells = [" "] * (self.width + 8)
        steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
        step = next((item for item in steps if item >= self.total / 6), 7200)
        for second in range(0, int(self.total) + 1, step):
            place = int(second / self.total * self.width)
            text = seconds_text(second)
            if place + len(text) <= len(cells):
                cells[place : place + len(text)] = text
        return "".join(cells).rstrip()

    def draw(self, spans: Sequence[tuple[Span, str]], now: float) -> str:
        """Later spans cover earlier ones; each is at least one character."""
        cells = [" "] * self.width
        for span, sign in spans:
            first = min(self.width - 1, int((span.started - self.began) / self.total * self.width))
            last = int((span.started + span.seconds(now) - self.began) / self.total * self.width)
            for cell in range(max(0, first), min(self.width, max(last, first + 1))):
                cells[cell] = sign
        return "".join(cells)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {action}" for action, number in counts.items() if number)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat()


def _local(time_text: str) -> str:
    return f"{datetime.fromisoformat(time_text).astimezone():%Y-%m-%d %H:%M:%S}"
