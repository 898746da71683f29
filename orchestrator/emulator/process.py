"""Processes by pid: whether one lives, whether it is still the same one, and how to end it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

_PROC = Path("/proc")
_POLL_SECONDS = 0.05


def identity(pid: int) -> str | None:
    """What tells a process from a later one with the same pid; None when there is no such process.

    On Linux the boot's id and the process's start in clock ticks since (``proc_pid_stat(5)``, field 22),
    elsewhere the start time as ``ps`` shows it. A process that ended but was not waited for does not live.
    """
    if (_PROC / "self" / "stat").exists():
        return identity_from_proc(pid)
    return identity_from_ps(pid)


def identity_from_proc(pid: int) -> str | None:
    """The identity as Linux tells it."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field is the command in parentheses, which may hold spaces and parentheses itself.
    state, *fields = stat.rpartition(")")[2].split()
    if state in "ZX":
        return None
    boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    return f"{boot}:{fields[18]}"


def identity_from_ps(pid: int) -> str | None:
    """The identity where there is no ``/proc`` (macOS)."""
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split(maxsplit=1)
    if len(shown) < 2 or shown[0].startswith("Z"):
        return None
    return shown[1].strip()


def end(pid: int, process: str, *, grace_seconds: float = 5) -> None:
    """End the process with SIGTERM, then with SIGKILL, and wait until it is gone.

    ``process`` is its ``identity``: nothing is sent to another process that got the same pid.
    """
    for sign, wait_seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, grace_seconds)):
        if identity(pid) != process:
            return
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + wait_seconds
        while identity(pid) == process and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
