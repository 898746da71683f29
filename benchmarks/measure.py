"""Runs commands and measures them: wall-clock seconds and peak resident memory by program."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_SECONDS = 0.05
TOGETHER = "together"


@dataclass
class Measured:
    """``peaks``: program → largest resident set of one of its processes, in MiB; ``together``: of all at one time."""

    seconds: float
    code: int
    output: str
    peaks: dict[str, float] = field(default_factory=dict)
    together: float = 0.0


def run(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    accept: Sequence[int] = (0,),
    memory: bool = False,
) -> Measured:
    """Run a command to its end.

    Raises:
        RuntimeError: it ended with a code that is not in ``accept``.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        words, cwd=cwd, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    peaks: dict[str, float] = {}
    stop = threading.Event()
    sampler = threading.Thread(target=_sample, args=(process.pid, peaks, stop), daemon=True)
    if memory:
        sampler.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    stop.set()
    if process.returncode not in accept:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}:\n{output[-4000:]}")
    together = peaks.pop(TOGETHER, 0.0)
    return Measured(seconds, process.returncode, output, peaks, together)


def _sample(root: int, peaks: dict[str, float], stop: threading.Event) -> None:
    while not stop.is_set():
        together = 0.0
        for pid in _descendants(root):
            name, peak, now = memory_of(pid)
            if name:
                peaks[name] = max(peaks.get(name, 0.0), peak)
                together += now
        peaks[TOGETHER] = max(peaks.get(TOGETHER, 0.0), together)
        stop.wait(SAMPLE_SECONDS)


def _descendants(root: int) -> list[int]:
    found, queue = [root], [root]
    while queue:
        pid = queue.pop()
        try:
            children = [
                int(word)
                for task in Path(f"/proc/{pid}/task").iterdir()
                for word in (task / "children").read_text().split()
            ]
        except OSError:
            continue
        found += children
        queue += children
    return found


def memory_of(pid: int) -> tuple[str, float, float]:
    """A process: its program, its largest resident set so far and the present one, in MiB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "", 0.0, 0.0
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    if "VmHWM" not in fields:  # it has just ended
        return "", 0.0, 0.0
    name = Path(command[0].decode(errors="replace")).name if command[0] else fields.get("Name", "").strip()
    if name.startswith("python"):
        name = "orchestrator"
    elif name.startswith("terraform-provider"):
        name = "provider"
    return name, *(float(fields[key].split()[0]) / 1024 for key in ("VmHWM", "VmRSS"))  # type: ignore[return-value]


def best(function: Callable[[], Measured], runs: int) -> Measured:
    """The fastest of several runs: the one that the machine disturbed least."""
    results = [function() for _ in range(runs)]
    peaks: dict[str, float] = {}
    for result in results:
        for name, peak in result.peaks.items():
            peaks[name] = max(peaks.get(name, 0.0), peak)
    fastest = min(results, key=lambda result: result.seconds)
    together = max(result.together for result in results)
    return Measured(fastest.seconds, fastest.code, fastest.output, peaks, together)
