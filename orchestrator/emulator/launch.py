"""Starts the server's process, detached from ours, and waits until it listens.

The server is given the writing end of a pipe. It writes its pid as soon as it has one and its port once it
listens; a pipe that closes before is a server that died. So no port is ever guessed, and nothing is left behind
when the start fails.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import orchestrator
from orchestrator.emulator import process
from orchestrator.emulator.status import EmulatorFiles
from orchestrator.errors import OrchestratorError

PORT_TAKEN = "port taken"


@dataclass(frozen=True)
class Launched:
    """A server that listens: its pid and port."""

    pid: int
    port: int


def launch(
    files: EmulatorFiles,
    *,
    instance_id: str,
    port: int | None,
    stop_with_pid: int | None,
    deadline: float,
) -> Launched:
    """Start a server and wait until it listens, at most until ``deadline`` (of ``time.monotonic``).

    Raises OrchestratorError when the port is taken, the server dies or the time is over; no process is left then.
    """
    words = [sys.executable, "-P", "-m", "orchestrator.emulator.server", "--instance-id", instance_id]
    if port is not None:
        words += ["--port", str(port)]
    elif (preferred := files.preferred_port()) is not None:
        words += ["--preferred-port", str(preferred)]
    if stop_with_pid is not None:
        words += ["--stop-with-pid", str(stop_with_pid)]

    reading, writing = os.pipe()
    try:
        try:
            with files.log.open("wb") as log:
                subprocess.run(
                    [*words, "--detach", "--report-to", str(writing)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=files.root,
                    env=server_environment(),
                    pass_fds=(writing,),
                    start_new_session=True,
                    check=False,
                    timeout=max(deadline - time.monotonic(), 0.1),
                )
        except subprocess.TimeoutExpired:
            raise _timed_out(files) from None
        finally:
            os.close(writing)
        return _await_report(reading, files, port, deadline)
    finally:
        os.close(reading)


def server_environment() -> dict[str, str]:
    """The server's environment: ours, without what could lead it, or what it imports, elsewhere.

    No AWS variable is passed on: what moto calls with boto3 must never reach a real account.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTHON")) and name not in ("BOTO_CONFIG", "MOTO_PORT")
    }
    environment |= {
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }
    package_parent = Path(orchestrator.__file__).resolve().parent.parent
    if not {"site-packages", "dist-packages"} & set(package_parent.parts):
        environment["PYTHONPATH"] = str(package_parent)
    return environment


def _await_report(reading: int, files: EmulatorFiles, port: int | None, deadline: float) -> Launched:
    report: dict[str, object] = {}
    received = b""
    while "port" not in report and "error" not in report:
        ready, _, _ = select.select([reading], [], [], max(deadline - time.monotonic(), 0))
        chunk = os.read(reading, 4096) if ready else b""
        if not chunk:
            _end(report)
            raise _died(files) if ready else _timed_out(files)
        received += chunk
        *lines, received = received.split(b"\n")
        for line in lines:
            report |= json.loads(line)
    if report.get("error") == PORT_TAKEN:
        raise OrchestratorError(
            f"port {port} of 127.0.0.1 is taken by another program",
            remedy="choose another port, or leave it out to have a free one picked",
        )
    return Launched(pid=int(str(report["pid"])), port=int(str(report["port"])))


def _end(report: dict[str, object]) -> None:
    """End the server that did not get as far as listening, if it got as far as being a process."""
    pid = report.get("pid")
    if isinstance(pid, int) and (known := process.identity(pid)) is not None:
        process.end(pid, known)


def _died(files: EmulatorFiles) -> OrchestratorError:
    return OrchestratorError(
        "the emulator ended while it was starting",
        remedy=f"see its log: {files.log}",
        details=files.log_tail(),
    )


def _timed_out(files: EmulatorFiles) -> OrchestratorError:
    return OrchestratorError(
        "the emulator was not ready in time and was ended",
        remedy="allow more time, or see its log: " + str(files.log),
        details=files.log_tail(),
    )
