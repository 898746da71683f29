"""The app's process: nothing on its standard input, an end to its time, all it started ended with it."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

from orchestrator.cdk.command import Command
from orchestrator.errors import OrchestratorError, Where

_SHOWN_LINES = 30
_MISSING = {
    b"No module named 'aws_cdk'": "install what it needs, as with `pip install 'orchestrator[cdk]'` "
    "(in a clone: `pip install -e '.[cdk]'`)",
    b"node: not found": "install Node.js, which apps of every language run on",
    b"No such file or directory: 'node'": "install Node.js, which apps of every language run on",
}
"""What a machine that is new to CDK says, and the remedy."""


def run(command: Command, timeout_seconds: float) -> None:
    """Run the app to its end.

    Raises:
        OrchestratorError: it can't be started, fails, or does not end in time; with the end of what it said.
    """
    where = Where(file=command.folder)
    try:
        # Words, never a shell; a session of its own, so that what it started can be ended with it.
        process = subprocess.Popen(
            command.words,
            cwd=command.folder,
            env=command.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise OrchestratorError(
            f"the CDK app can't be started ({error.strerror}: {command.words[0]})",
            where=where,
            remedy="mend its command",
        ) from error
    try:
        said, _ = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired as error:
        _end(process)
        raise OrchestratorError(
            f"the CDK app did not end within {timeout_seconds:g} seconds and was stopped",
            where=where,
            remedy="set `timeout_seconds`, or see what it waits for",
            details=_last_lines(error.output),
        ) from error
    except BaseException:
        _end(process)
        raise
    if process.returncode != 0:
        raise OrchestratorError(
            f"the CDK app failed ({_how_it_ended(process.returncode)}): {' '.join(command.words)}",
            where=where,
            remedy=_mend(said),
            details=_last_lines(said),
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _mend(said: bytes) -> str:
    for missing, install in _MISSING.items():
        if missing in said:
            return install
    return "mend the app; what it said last is below"


def _how_it_ended(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _last_lines(said: bytes | None) -> tuple[str, ...]:
    return tuple((said or b"").decode(errors="replace").splitlines()[-_SHOWN_LINES:])
