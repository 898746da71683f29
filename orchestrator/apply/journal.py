"""One run at a time on an environment, and a trace of a run that was killed.

``run.lock`` is held by flock, which the kernel releases when its holder dies; ``run.json`` says who
holds it and which layers are in hand. A run that ends, however badly, removes ``run.json``: one
that is found without a holder belongs to a run that was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.files import make_private_folder, to_json, write_atomic

LOCK = "run.lock"
JOURNAL = "run.json"


class Journal:
    """The layers that a run has in hand, written down before each step."""

    def __init__(self, path: Path, run: dict[str, Any]) -> None:
        self._path = path
        self._run = run
        self._lock = threading.Lock()
        self._write()

    def _write(self) -> None:
        write_atomic(self._path, to_json(self._run))

    def begin(self, layer: str) -> None:
        """Terraform is about to change this layer."""
        with self._lock:
            self._run["in_hand"] = sorted({*self._run["in_hand"], layer})
            self._write()

    def end(self, layer: str) -> None:
        """Its state is saved."""
        with self._lock:
            self._run["in_hand"] = [name for name in self._run["in_hand"] if name != layer]
            self._write()


def read_journal(work: Path) -> dict[str, Any] | None:
    """The journal of a run that holds the environment, or was killed; None when there is none."""
    try:
        run = json.loads((work / JOURNAL).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {"id": "?", "command": "?", "pid": 0, "host": "?", "started_at": "?", "in_hand": []}
    return run if isinstance(run, dict) else None


@contextmanager
def hold_environment(work: Path, command: str, run_id: str, *, recover: bool) -> Iterator[Journal]:
    """Hold the environment for one run.

    Raises:
        OrchestratorError: another run holds it; an earlier one was killed and ``recover`` is False.
    """
    make_private_folder(work)
    with (work / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = read_journal(work) or {}
            raise OrchestratorError(
                f"another run holds this environment: {_describe(holder)}", remedy="wait until it has ended"
            ) from error
        killed = read_journal(work)
        if killed is not None and not recover:
            raise interrupted_run(work, killed)
        run = {
            "id": run_id,
            "command": command,
            "pid": os.getpid(),
            "host": platform.node(),
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "in_hand": [],
        }
        try:
            yield Journal(work / JOURNAL, run)
        finally:
            with contextlib.suppress(FileNotFoundError):
                (work / JOURNAL).unlink()


def interrupted_run(work: Path, run: dict[str, Any]) -> OrchestratorError:
    """The error about a run that was killed."""
    layers = ", ".join(run.get("in_hand", ()))
    return OrchestratorError(
        f"an earlier run was killed: {_describe(run)}"
        + (
            f", while it changed {layers}; what it did last there may be missing from the state"
            if layers
            else ""
        ),
        remedy=f"look at `orchestrator plan --env {work.name}`, then carry on with --recover",
    )


def _describe(run: dict[str, Any]) -> str:
    return (
        f"`{run.get('command', '?')}` {run.get('id', '?')}, process {run.get('pid', '?')} "
        f"on {run.get('host', '?')}, since {run.get('started_at', '?')}"
    )
