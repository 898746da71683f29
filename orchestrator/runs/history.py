"""The runs of an environment that are kept: listed, read, and the oldest removed."""

from __future__ import annotations

import json
import platform
import re
import shutil
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import process_alive
from orchestrator.modules.types import suggest
from orchestrator.runs.timeline import Run, run_of

EVENTS = "events.jsonl"
REPORT = "report.json"
KEPT = 200
"""Runs an environment keeps; the oldest beyond them are removed when one ends."""
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}\Z")


def runs_folder(work: Path) -> Path:
    """Where an environment's runs are."""
    return work / "runs"


def run_ids(work: Path) -> list[str]:
    """The ids of the runs that are kept, oldest first."""
    folder = runs_folder(work)
    if not folder.is_dir():
        return []
    return sorted(
        path.name for path in folder.iterdir() if _ID.match(path.name) and (path / EVENTS).is_file()
    )


def load_run(work: Path, run_id: str) -> Run:
    """A run, made from its events; ``latest`` is the newest.

    Raises:
        OrchestratorError: there is none of that id, or it can't be read.
    """
    known = run_ids(work)
    if run_id == "latest" and known:
        run_id = known[-1]
    if run_id not in known:
        raise OrchestratorError(
            f"there is no run {run_id!r} in {runs_folder(work)}",
            remedy=suggest(run_id, known) if known else "plan or apply something first",
        )
    path = runs_folder(work) / run_id / EVENTS
    try:
        with path.open("rb") as lines:
            run = run_of(lines)
    except OSError as error:
        raise OrchestratorError(
            f"the file can't be read ({error.strerror})", where=Where(file=path)
        ) from error
    if run.id == "?":
        raise OrchestratorError("the record of this run is damaged", where=Where(file=path))
    return run


def report_of(work: Path, run_id: str) -> dict[str, Any]:
    """A run's report: as it was written at its end, or made now; its ``outcome`` is always set."""
    written = runs_folder(work) / run_id / REPORT
    try:
        report = json.loads(written.read_bytes())
        if isinstance(report, dict) and report.get("outcome"):
            return report
    except (OSError, ValueError):
        pass
    run = load_run(work, run_id)
    return {**run.as_json(), "outcome": outcome_of(run)}


def outcome_of(run: Run) -> str:
    """How a run ended; of one that has not said so, whether it is ``running`` or was ``killed`` (elsewhere: ``unknown``)."""
    if run.outcome is not None:
        return run.outcome
    if run.about.get("host") != platform.node():
        return "unknown"
    return "running" if process_alive(int(run.about["pid"])) else "killed"


def prune(work: Path, kept: int = KEPT) -> None:
    """Remove the oldest runs beyond ``kept``."""
    for run_id in run_ids(work)[:-kept]:
        shutil.rmtree(runs_folder(work) / run_id, ignore_errors=True)
