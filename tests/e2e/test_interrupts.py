"""Runs that are stopped, killed or locked out lose nothing and say what to do."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from orchestrator import emulator
from tests.conftest import Cli
from tests.e2e.conftest import Aws, Platform
from tests.project import ProjectFolder

SLOW = """\
variable "prefix" { type = string }
resource "aws_ssm_parameter" "quick" {
  name           = "/${var.prefix}/quick"
  type           = "String"
  insecure_value = "x"
}
resource "aws_sqs_queue" "slow" {
  name = "${var.prefix}-slow"
}
resource "aws_ssm_parameter" "after" {
  name           = "/${var.prefix}/after"
  type           = "String"
  insecure_value = aws_sqs_queue.slow.arn
}
output "arn" { value = aws_sqs_queue.slow.arn }
"""
NEXT = """\
variable "prefix" { type = string }
variable "arn" { type = string }
resource "aws_ssm_parameter" "next" {
  name           = "/${var.prefix}/next"
  type           = "String"
  insecure_value = var.arn
}
"""


@pytest.fixture
def slow(platform: Platform) -> Platform:
    """Two layers; the first has a queue, for which the provider waits 25 seconds."""
    wiring = "inputs:\n  prefix: environment.name_prefix\n"
    platform.folder.module("slow", SLOW, wiring)
    platform.folder.module("next", NEXT, wiring + "  arn: slow.arn\n")
    platform.folder.write(
        "terraform/envs/local/environment.yaml",
        f'project: {platform.name}\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\n'
        "layers:\n  slow: {}\n  next: {}\n",
    )
    return platform


def wait_for_line(process: subprocess.Popen[str], text: str) -> list[str]:
    """Read output until a line has the text."""
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError(f"{text!r} never came: {''.join(lines)}")


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ended after the test whatever happens."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_ctrl_c_lets_terraform_save_its_state_ends_with_130_and_the_next_apply_carries_on(
    slow: Platform, cli: Cli, aws: Aws, processes: list[subprocess.Popen[str]]
) -> None:
    process = slow.start("apply", "--env", "local", "--yes")
    processes.append(process)
    wait_for_line(process, "module.slow.aws_ssm_parameter.quick: Creation complete")

    locked_out = cli("apply", "--env", "local", "--yes")
    assert locked_out.code == 1
    assert "another run holds this environment: `apply`" in locked_out.err
    assert f"process {process.pid}" in locked_out.err

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=90)
    assert process.returncode == 130, output
    assert "Stopping: Terraform finishes the resource in hand" in output
    assert "Traceback" not in output
    assert "next: not started" in output
    stopped = cli("runs", "show", "--env", "local", output.split("runs show ")[1].split()[0], "--json").json()
    assert stopped["outcome"] == "interrupted"
    assert slow.serial("slow") is not None
    assert aws.parameter(f"/{slow.prefix}/next") is None

    again = cli("apply", "--env", "local", "--resume", "latest", "--json")
    assert again.code == 0, again.out + again.err
    assert {layer["layer"]: layer["status"] for layer in again.json()["layers"]}["next"] == "applied"
    assert aws.parameter(f"/{slow.prefix}/next") is not None
    assert "No changes." in cli("apply", "--env", "local", "--yes").out


def test_a_run_that_was_killed_is_named_and_carried_on_only_when_asked_to(
    slow: Platform, cli: Cli, aws: Aws, processes: list[subprocess.Popen[str]]
) -> None:
    process = slow.start("apply", "--env", "local", "--yes")
    processes.append(process)
    wait_for_line(process, "module.slow.aws_ssm_parameter.quick: Creation complete")
    process.kill()
    process.wait()
    _wait_for_terraform_of(slow)

    killed = cli("runs", "show", "--env", "local", "--json").json()
    assert (killed["outcome"], killed["layers"][0]["status"]) == ("killed", "running")
    refused = cli("apply", "--env", "local", "--yes")
    assert refused.code == 1
    assert "an earlier run was killed: `apply`" in refused.err
    assert "while it changed slow" in refused.err
    run = json.loads((slow.work / "state" / ".run.json").read_text())["id"]
    assert f"--resume {run}" in refused.err
    assert "--recover" in refused.err
    assert cli("plan", "--env", "local").code == 0
    wrong = cli("apply", "--env", "local", "--resume", "20260101T000000Z-abcd")
    assert wrong.code == 1
    assert f"is not the last one on local: that is `apply` {run}" in wrong.err

    carried_on = cli("apply", "--env", "local", "--resume", run)
    assert carried_on.code == 0, carried_on.out + carried_on.err
    assert aws.parameter(f"/{slow.prefix}/next") is not None
    assert cli("plan", "--env", "local", "--detailed-exitcode").code == 0
    leftover = [path for path in (slow.work / "tmp").iterdir() if path.name.split("-")[0] != str(os.getpid())]
    assert leftover == []


def test_a_plan_that_was_killed_leaves_nothing_behind_for_the_next_one(
    slow: Platform, cli: Cli, processes: list[subprocess.Popen[str]]
) -> None:
    process = slow.start("plan", "--env", "local")
    processes.append(process)
    wait_for_line(process, "planning")
    process.kill()
    process.wait()
    _wait_for_terraform_of(slow)
    plan = cli("plan", "--env", "local", "--json")
    assert plan.code == 0, plan.err
    assert [path.name for path in (slow.work / "plans").iterdir()] == [plan.json()["id"]]
    assert list((slow.work / "tmp").iterdir()) == []


def _wait_for_terraform_of(platform: Platform) -> None:
    """Terraform goes on when its parent is killed; the state is saved when it ends."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = subprocess.run(
            ["pgrep", "-f", f"terraform apply .*{platform.folder.root}"], capture_output=True, check=False
        )
        if found.returncode != 0:
            return
        time.sleep(0.5)
    raise AssertionError("terraform did not end")


def test_after_a_restart_of_the_emulator_its_states_are_refused_until_they_are_set_aside(
    folder: ProjectFolder, cli: Cli, emulator_root: object
) -> None:
    own = folder.root / ".orchestrator" / "emulator"
    wiring = "inputs:\n  prefix: environment.name_prefix\n"
    folder.module(
        "base",
        'variable "prefix" { type = string }\nresource "aws_ssm_parameter" "x" {\n  name = "/${var.prefix}/x"\n'
        '  type = "String"\n  insecure_value = "1"\n}\n',
        wiring,
    )
    folder.write("policy/checkov.yaml", "enforcement: {default: warn}\n")
    folder.write(
        "terraform/envs/local/environment.yaml",
        'project: shop\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\nlayers: {base: {}}\n',
    )
    try:
        assert cli("emulator", "status").code == 1
        assert cli("emulator", "start", "--json").json()["running"] is True
        assert cli("apply", "--env", "local", "--yes").code == 0
        assert cli("emulator", "stop").code == 0
        assert cli("emulator", "start").code == 0

        refused = cli("plan", "--env", "local")
        assert refused.code == 1
        assert "the emulator was restarted since local was applied" in refused.err
        assert "`orchestrator emulator reset --env local`" in refused.err
        assert (folder.root / ".orchestrator/local/state/base.tfstate").is_file()

        reset = cli("emulator", "reset", "--env", "local", "--json").json()
        assert (folder.root / reset["states_set_aside"] / "base.tfstate").is_file()
        assert cli("apply", "--env", "local", "--yes").code == 0
    finally:
        emulator.stop(own)


def test_ctrl_c_at_the_question_ends_the_command_and_changes_nothing(
    platform: Platform, processes: list[subprocess.Popen[str]]
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestrator", "apply", "--env", "local"],
        cwd=platform.folder.root,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    processes.append(process)
    try:
        wait_for_line(process, "Only `yes` is taken.")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=90)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 130
    assert "Interrupted" in output
    assert platform.serial("base") is None
    assert not list((platform.work / "tmp").iterdir())  # what was planned ahead is gone, too


def test_a_shared_environment_is_held_by_one_run_and_a_dead_runs_lock_is_removed_only_when_asked_to(
    slow: Platform, cli: Cli, aws: Aws, processes: list[subprocess.Popen[str]]
) -> None:
    s3, bucket = aws.client("s3"), f"{slow.name}-locked"
    path = slow.folder.root / "terraform/envs/local/environment.yaml"
    path.write_text(path.read_text() + f"backend: {{type: s3, bucket: {bucket}, region: eu-west-1}}\n")
    assert cli("bootstrap", "--env", "local").code == 0
    assert cli("unlock", "--env", "local").out == "Nobody holds local.\n"

    process = slow.start("apply", "--env", "local", "--yes")
    processes.append(process)
    wait_for_line(process, "module.slow.aws_ssm_parameter.quick: Creation complete")
    key = "orchestrator/local/.run-lock.json"
    (lock,) = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["holders"]
    assert lock["pid"] == process.pid
    (slow.work / "run.lock").unlink()  # as on another machine, where only the shared lock is seen
    refused = cli("apply", "--env", "local", "--yes")
    assert refused.code == 1
    assert f"another run holds this environment: `apply` {lock['run']}" in refused.err
    alive = cli("unlock", "--env", "local", "--yes")
    assert alive.code == 1
    assert "its run seems to be alive" in alive.err

    process.kill()
    process.wait()
    silent = {"holders": [{**lock, "renewed": "2026-01-01T00:00:00+00:00"}]}
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(silent))
    dead = cli("apply", "--env", "local", "--yes")
    assert dead.code == 1
    assert "a run that is dead holds this environment" in dead.err
    looks = {
        look["name"]: look["remedy"] for look in cli("doctor", "--env", "local", "--json").json()["looks"]
    }
    assert looks["earlier run"] == "`orchestrator unlock --env local`"
    _wait_for_terraform_of(slow)
    s3.put_object(
        Bucket=bucket,
        Key="orchestrator/local/next.tfstate.tflock",
        Body=json.dumps(
            {"ID": "1", "Operation": "OperationTypeApply", "Who": "me@there", "Created": "2026-01-01"}
        ),
    )
    removed = cli("unlock", "--env", "local", "--yes", "--json").json()
    assert [one["run"] for one in removed["removed"]] == [lock["run"]]
    assert [(item["layer"], item["who"]) for item in removed["terraform"]] == [("next", "me@there")]
    assert cli("unlock", "--env", "local").out == "Nobody holds local.\n"
    resumed = cli("apply", "--env", "local", "--resume", lock["run"])
    assert resumed.code == 0, resumed.out + resumed.err
    assert cli("plan", "--env", "local", "--detailed-exitcode").code == 0
