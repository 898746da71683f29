"""Start, stop, look at and reset the emulator of one project."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from orchestrator.emulator import health, process
from orchestrator.emulator.launch import launch
from orchestrator.emulator.status import EmulatorFiles, EmulatorStatus, ServerRecord
from orchestrator.errors import OrchestratorError

_LOCK_SECONDS = 60.0
_POLL_SECONDS = 0.05


def start(
    root: Path,
    *,
    port: int | None = None,
    timeout_seconds: float = 60,
    stop_with_pid: int | None = None,
) -> EmulatorStatus:
    """Start the emulator, or return the status of the one that runs.

    It listens on ``port`` of 127.0.0.1; without one on the port it had last, if that is free, else on any free
    one. With ``stop_with_pid`` it ends by itself within seconds after that process has gone.

    Raises OrchestratorError when the port is taken, when an emulator already runs on another port, when the
    server dies while starting or is not ready after ``timeout_seconds`` (it is ended then).
    """
    files = EmulatorFiles(root.absolute())
    files.create()
    deadline = time.monotonic() + timeout_seconds
    with _locked(files, deadline):
        current = _look(files)
        if current.running:
            _require_port(current, port)
            return current
        if current.pid is not None:
            raise OrchestratorError(
                f"the emulator runs as process {current.pid} and does not answer",
                remedy="stop it first: `orchestrator emulator stop`",
                details=files.log_tail(),
            )
        instance_id = _new_instance_id()
        launched = launch(
            files, instance_id=instance_id, port=port, stop_with_pid=stop_with_pid, deadline=deadline
        )
        identity = process.identity(launched.pid)
        answer = _await_health(launched.port, instance_id, deadline)
        if answer is None:
            if identity is not None:
                process.end(launched.pid, identity)
            raise OrchestratorError(
                "the emulator listens but did not answer in time and was ended",
                remedy=f"allow more time, or see its log: {files.log}",
                details=files.log_tail(),
            )
        record = ServerRecord(answer.pid, launched.port, answer.instance_id, answer.started_at, identity)
        files.write_record(record)
        return _running(files, record, answer)


def stop(root: Path) -> EmulatorStatus:
    """Stop the emulator if it runs: SIGTERM, SIGKILL as last means. Its resources are gone.

    Only a process that is surely ours is ended; a record of one that is gone is removed.
    """
    files = EmulatorFiles(root.absolute())
    if files.root.is_dir():
        with _locked(files, time.monotonic() + _LOCK_SECONDS):
            record = files.read_record()
            if record is not None and (identity := _surely_ours(record)) is not None:
                process.end(record.pid, identity)
            files.forget_record()
    return _stopped(files)


def status(root: Path) -> EmulatorStatus:
    """Whether the emulator runs, by asking it. The record of a server that is gone means that it does not."""
    return _look(EmulatorFiles(root.absolute()))


def reset(root: Path) -> EmulatorStatus:
    """Forget every resource, in every account and region; the status has a new ``instance_id``.

    Raises OrchestratorError when the emulator does not run.
    """
    files = EmulatorFiles(root.absolute())
    if not _look(files).running:
        raise OrchestratorError(
            "the emulator does not run, so there is nothing to reset",
            remedy="start it: `orchestrator emulator start`",
        )
    with _locked(files, time.monotonic() + _LOCK_SECONDS):
        record = files.read_record()
        before = health.ask(record.port) if record is not None else None
        answer = health.ask_reset(record.port, before.instance_id) if record and before else None
        if record is None or answer is None:
            raise OrchestratorError(
                "the emulator did not answer when it was asked to forget its resources",
                remedy="stop and start it: `orchestrator emulator stop`, `orchestrator emulator start`",
                details=files.log_tail(),
            )
        record = replace(record, instance_id=answer.instance_id)
        files.write_record(record)
        return _running(files, record, answer)


def _look(files: EmulatorFiles) -> EmulatorStatus:
    record = files.read_record()
    if record is None:
        return _stopped(files)
    answer = health.ask(record.port)
    if answer is not None and _is_recorded(answer, record):
        return _running(files, record, answer)
    if record.process is not None and process.identity(record.pid) == record.process:
        return replace(_stopped(files), pid=record.pid)
    return _stopped(files)


def _running(files: EmulatorFiles, record: ServerRecord, answer: health.Health) -> EmulatorStatus:
    return EmulatorStatus(
        running=True,
        endpoint=record.endpoint,
        pid=answer.pid,
        instance_id=answer.instance_id,
        started_at=answer.started_at,
        version=answer.version,
        log=files.log,
    )


def _stopped(files: EmulatorFiles) -> EmulatorStatus:
    return EmulatorStatus(running=False, log=files.log if files.log.exists() else None)


def _is_recorded(answer: health.Health, record: ServerRecord) -> bool:
    """Whether it is the recorded server that answered (a reset over HTTP may have changed the instance id)."""
    return (answer.pid, answer.started_at) == (record.pid, record.started_at)


def _surely_ours(record: ServerRecord) -> str | None:
    """The identity of the recorded process if it still lives and is the one that was started."""
    identity = process.identity(record.pid)
    if identity is None or identity == record.process:
        return identity
    answer = health.ask(record.port)
    return identity if answer is not None and _is_recorded(answer, record) else None


def _await_health(port: int, instance_id: str, deadline: float) -> health.Health | None:
    while True:
        answer = health.ask(port)
        if answer is not None and answer.instance_id == instance_id:
            return answer
        if time.monotonic() > deadline:
            return None
        time.sleep(_POLL_SECONDS)


def _require_port(current: EmulatorStatus, port: int | None) -> None:
    if port is not None and current.endpoint is not None and not current.endpoint.endswith(f":{port}"):
        raise OrchestratorError(
            f"the emulator already runs at {current.endpoint}, not on port {port}",
            remedy="stop it first, which loses its resources, or use it where it is",
        )


def _new_instance_id() -> str:
    import uuid  # 10 ms

    return uuid.uuid4().hex


@contextmanager
def _locked(files: EmulatorFiles, deadline: float) -> Iterator[None]:
    """Hold the emulator's lock; another process that starts or stops it is waited for until ``deadline``."""
    with files.lock.open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise OrchestratorError(
                        "another command is starting or stopping the emulator and does not finish",
                        remedy=f"end it, then try again (it holds {files.lock})",
                    ) from None
            time.sleep(_POLL_SECONDS)
        yield
