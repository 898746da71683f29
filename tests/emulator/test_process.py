"""Processes by pid, and what the server's process is given."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

from orchestrator.emulator import process
from orchestrator.emulator.launch import server_environment

READERS = [
    pytest.param(process.identity, id="here"),
    pytest.param(
        process.identity_from_ps,
        id="with ps",
        marks=pytest.mark.skipif(shutil.which("ps") is None, reason="needs ps"),
    ),
]


@pytest.mark.parametrize("identity", READERS)
def test_a_process_is_told_from_others(identity: Callable[[int], str | None]) -> None:
    assert identity(os.getpid()) is not None
    assert identity(os.getpid()) == identity(os.getpid())


@pytest.mark.parametrize("identity", READERS)
def test_a_process_that_ended_is_none(identity: Callable[[int], str | None]) -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert identity(child.pid) is None  # although nobody has waited for it
    child.wait()
    assert identity(child.pid) is None


def test_ending_takes_sigkill_where_sigterm_is_not_enough() -> None:
    child = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    known = process.identity(child.pid)
    assert known is not None

    process.end(child.pid, known, grace_seconds=0.3)

    assert process.identity(child.pid) is None
    child.wait()
    child.stdout.close()


def test_another_process_with_the_same_pid_is_not_ended() -> None:
    child = subprocess.Popen(["sleep", "600"])

    process.end(child.pid, "the one before")

    assert child.poll() is None
    child.kill()
    child.wait()


def test_the_server_is_given_no_way_to_a_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "PYTHONHOME"):
        monkeypatch.setenv(name, "of the user")

    environment = server_environment()

    assert "of the user" not in environment.values()
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
