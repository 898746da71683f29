"""Starting, stopping, looking at and resetting the emulator's process."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest

from orchestrator import emulator
from orchestrator.emulator import EmulatorStatus, process
from orchestrator.emulator.status import EmulatorFiles, ServerRecord
from orchestrator.errors import OrchestratorError
from tests.emulator.conftest import KEY, REGION, eventually


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder for an emulator of the test's own, which is stopped afterwards."""
    folder = tmp_path / ".orchestrator" / "emulator"
    yield folder
    emulator.stop(folder)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with the emulator."""
    child = subprocess.Popen(["sleep", "600"])
    yield child
    child.kill()
    child.wait()


def port_of(status: EmulatorStatus) -> int:
    assert status.endpoint is not None
    return int(status.endpoint.rsplit(":", 1)[1])


def s3(status: EmulatorStatus) -> Any:
    make: Any = boto3.client
    return make(
        "s3",
        region_name=REGION,
        endpoint_url=status.endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
    )


def is_gone(pid: int) -> bool:
    return process.identity(pid) is None


def executable(path: Path, script: str) -> str:
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return str(path)


def test_a_started_emulator_answers_and_says_who_it_is(root: Path) -> None:
    started = emulator.start(root)

    assert started.running
    assert started.endpoint is not None
    assert started.endpoint.startswith("http://127.0.0.1:")
    assert started.pid is not None
    assert process.identity(started.pid) is not None
    assert started.instance_id
    assert started.version
    assert emulator.status(root) == started
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert s3(started).list_buckets()["Buckets"] == []


def test_starting_twice_starts_one(root: Path) -> None:
    assert emulator.start(root) == emulator.start(root)


def test_starting_at_the_same_time_starts_one(root: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: emulator.start(root), range(4)))

    assert len({status.pid for status in started}) == 1


def test_a_port_that_is_asked_for_is_used(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]

    assert port_of(emulator.start(root, port=free)) == free


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing(root: Path, taken_port: int) -> None:
    with pytest.raises(OrchestratorError, match=f"port {taken_port}.* is taken") as raised:
        emulator.start(root, port=taken_port)

    assert raised.value.remedy
    assert not emulator.status(root).running


def test_another_port_than_the_running_one_is_an_error(root: Path, taken_port: int) -> None:
    emulator.start(root)

    with pytest.raises(OrchestratorError, match="already runs at"):
        emulator.start(root, port=taken_port)


def test_the_port_stays_the_same_over_a_restart(root: Path) -> None:
    before = emulator.start(root)
    emulator.stop(root)

    assert port_of(emulator.start(root)) == port_of(before)


def test_the_port_changes_when_somebody_took_it(root: Path) -> None:
    before = port_of(emulator.start(root))
    emulator.stop(root)

    with socket.create_server(("127.0.0.1", before)):
        assert port_of(emulator.start(root)) != before


def test_stopping_ends_the_process_and_can_be_repeated(root: Path) -> None:
    started = emulator.start(root)

    assert not emulator.stop(root).running
    assert started.pid is not None
    assert is_gone(started.pid)
    assert not emulator.stop(root).running
    assert not emulator.status(root).running


def test_stopping_what_never_ran_creates_nothing(root: Path) -> None:
    assert emulator.stop(root) == EmulatorStatus(running=False)
    assert not root.exists()


def test_a_killed_emulator_is_seen_and_can_be_started_again(root: Path) -> None:
    killed = emulator.start(root)
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)
    eventually(lambda: killed.pid and is_gone(killed.pid))

    assert not emulator.status(root).running
    started = emulator.start(root)
    assert started.running
    assert started.instance_id != killed.instance_id


def test_sigterm_ends_it_without_a_word(root: Path) -> None:
    started = emulator.start(root)
    assert started.pid is not None
    assert started.log is not None

    os.kill(started.pid, signal.SIGTERM)

    eventually(lambda: started.pid and is_gone(started.pid), seconds=5)
    assert started.log.read_text() == ""


def test_a_hung_emulator_is_not_running_and_is_not_started_twice(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = emulator.start(root)
    assert started.pid is not None
    os.kill(started.pid, signal.SIGSTOP)
    monkeypatch.setattr("orchestrator.emulator.health.TIMEOUT_SECONDS", 0.2)
    try:
        found = emulator.status(root)
        assert (found.running, found.pid) == (False, started.pid)
        with pytest.raises(OrchestratorError, match="does not answer"):
            emulator.start(root)
    finally:
        os.kill(started.pid, signal.SIGCONT)


def test_a_process_that_only_has_the_pid_is_left_alone(root: Path, sleeper: subprocess.Popen[bytes]) -> None:
    files = EmulatorFiles(root)
    files.create()
    files.write_record(ServerRecord(sleeper.pid, 1, "an instance", "a time", "the process that was"))

    assert not emulator.status(root).running
    emulator.stop(root)

    assert sleeper.poll() is None
    assert files.read_record() is None


def test_a_record_that_cannot_be_read_is_no_record(root: Path) -> None:
    root.mkdir(parents=True)
    (root / "emulator.json").write_text("{")

    assert not emulator.status(root).running
    assert emulator.start(root).running


def test_a_reset_forgets_resources_and_is_another_instance(root: Path, name: str) -> None:
    started = emulator.start(root)
    s3(started).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})

    after = emulator.reset(root)

    assert s3(after).list_buckets()["Buckets"] == []
    assert (after.pid, after.endpoint) == (started.pid, started.endpoint)
    assert after.instance_id != started.instance_id
    assert emulator.status(root) == after


def test_a_reset_the_moto_way_is_another_instance_too(root: Path) -> None:
    started = emulator.start(root)

    urllib.request.urlopen(f"{started.endpoint}/moto-api/reset", data=b"", timeout=10).close()  # noqa: S310

    assert emulator.status(root).instance_id not in (None, started.instance_id)


def test_a_reset_of_nothing_is_an_error(root: Path) -> None:
    with pytest.raises(OrchestratorError, match="does not run") as raised:
        emulator.reset(root)

    assert raised.value.remedy == "start it: `orchestrator emulator start`"


def test_it_ends_with_the_process_it_was_told_to_end_with(
    root: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    started = emulator.start(root, stop_with_pid=sleeper.pid)
    sleeper.kill()
    sleeper.wait()

    eventually(lambda: started.pid and is_gone(started.pid), seconds=5)
    assert not emulator.status(root).running


def test_a_server_that_dies_shows_its_last_words(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable(tmp_path / "python", "echo the reason >&2; exit 3"))

    with pytest.raises(OrchestratorError, match="ended while it was starting") as raised:
        emulator.start(root)

    assert raised.value.details == ("the reason",)
    assert str(root / "emulator.log") in str(raised.value.remedy)


@pytest.mark.parametrize(
    "script",
    [
        "exec sleep 600",
        'for last; do :; done; sleep 600 & eval "echo {\\\\\\"pid\\\\\\": $!} >&$last"; echo $! > child',
    ],
    ids=["before it detached", "after it detached"],
)
def test_a_server_that_hangs_is_ended(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable(tmp_path / "python", script))

    with pytest.raises(OrchestratorError, match="not ready in time"):
        emulator.start(root, timeout_seconds=0.5)

    if (child := root / "child").exists():
        assert is_gone(int(child.read_text()))


def test_the_status_as_json_has_every_key(tmp_path: Path) -> None:
    shown = json.loads(json.dumps(EmulatorStatus(running=True, log=tmp_path / "emulator.log").as_json()))

    assert shown.keys() == {"running", "endpoint", "pid", "instance_id", "started_at", "version", "log"}
    assert shown["log"] == str(tmp_path / "emulator.log")


def test_importing_it_imports_none_of_the_heavy_packages() -> None:
    heavy = "moto boto3 botocore werkzeug flask requests ssl"
    check = (
        f"import sys, orchestrator.emulator; sys.exit(' '.join(set('{heavy}'.split()) & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == ""
