"""Who was refused, and why, is in the audit log: also where a run was refused before it did anything."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from orchestrator.apply.journal import RunRecord
from tests.conftest import Cli
from tests.keys import key_pair
from tests.project import ProjectFolder

EARLIER = RunRecord(
    "20261127T120000Z-0001", "apply", "alice", "build-7", 4242, "2026-11-27T12:00:00+00:00", None
)


def write_journal(folder: ProjectFolder, run: RunRecord = EARLIER) -> None:
    folder.write(".orchestrator/dev/state/.run.json", json.dumps(asdict(run)))


@contextmanager
def held(folder: ProjectFolder) -> Iterator[None]:
    """Another process applies on this machine."""
    write_journal(folder)
    with (folder.root / ".orchestrator/dev/run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def refusals(cli: Cli) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = cli("audit", "show", "--env", "dev", "--json").json()["records"]
    return [record for record in records if record.get("refused")]


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_who_is_refused_because_another_run_holds_the_environment_is_in_the_audit_log(
    folder: ProjectFolder, cli: Cli, command: str
) -> None:
    folder.simple()
    with held(folder):
        answer = cli(command, "--env", "dev", "--yes")
    assert answer.code == 1
    assert "another run holds this environment: `apply` 20261127T120000Z-0001 by alice" in answer.err
    (record,) = refusals(cli)
    assert (record["command"], record["ok"], record["bundle"]) == (command, False, None)
    assert "another run holds this environment" in record["error"]
    assert cli("audit", "verify", "--env", "dev").code == 0


def test_who_would_take_drift_into_the_states_and_may_not_is_in_the_audit_log(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    cli("freeze", "--env", "dev", "--reason", "black friday")
    assert cli("drift", "accept", "--env", "dev", "module.base.aws_vpc.a", "--yes").code == 1
    (record,) = refusals(cli)
    assert record["command"] == "drift accept"
    assert "dev is frozen" in record["error"]


@pytest.mark.parametrize("words", [["apply"], ["import", "--layer", "base", "--find"]])
def test_who_would_apply_an_unapproved_plan_is_in_the_audit_log(
    folder: ProjectFolder, cli: Cli, words: list[str]
) -> None:
    folder.simple()
    key_pair(folder.root / "planner.pub", folder.root / "planner")
    path = folder.root / "terraform/envs/dev/environment.yaml"
    path.write_text(
        path.read_text()
        + "plans:\n  signer: {ed25519: planner.pub}\n  approvals:\n    required: 1\n"
        + "    approvers: {alice: {ed25519: planner.pub}}\n"
    )
    assert cli(*words, "--env", "dev", "--yes").code == 1
    (record,) = refusals(cli)
    assert (record["command"], record["bundle"]) == (words[0], None)
    assert "takes approved plans only" in record["error"]


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_who_is_refused_by_a_freeze_or_a_killed_run_is_in_the_audit_log(
    folder: ProjectFolder, cli: Cli, command: str
) -> None:
    folder.simple()
    cli("freeze", "--env", "dev", "--reason", "black friday")
    assert cli(command, "--env", "dev", "--yes").code == 1
    cli("freeze", "--env", "dev", "--thaw")
    write_journal(folder)
    assert cli(command, "--env", "dev", "--yes").code == 1
    first, second = (record["error"] for record in refusals(cli))
    assert "dev is frozen" in first
    assert "an earlier run was killed" in second


def test_a_slip_of_the_hand_is_not_recorded(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    for words in (["--plan", "20261127T120000Z-ffff"], ["--resume", "latest"]):
        assert cli("apply", "--env", "dev", *words).code == 1
    assert refusals(cli) == []


def test_a_run_whose_plan_is_on_another_machine_is_not_gone_on_with_and_the_message_says_where_it_is(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    write_journal(folder)
    answer = cli("apply", "--env", "dev", "--resume", "latest")
    assert answer.code == 1
    assert "is not on this machine (alice ran it on build-7)" in answer.err
    assert "apply --recover" in answer.err


@pytest.mark.parametrize(
    "words",
    [
        ["state", "mv", "module.base.aws_vpc.a", "module.app.aws_vpc.a", "--yes"],
        ["state", "rename-layer", "old", "base", "--yes"],
        ["state", "restore", "latest", "--yes"],
        ["import", "--layer", "base", "--find", "--yes"],
        ["unlock", "--yes"],
    ],
)
def test_a_run_that_goes_on_is_never_taken_for_one_that_was_killed(
    folder: ProjectFolder, cli: Cli, words: list[str]
) -> None:
    folder.simple()
    resources = [
        {"mode": "managed", "module": "module.base", "type": "aws_vpc", "name": "a", "instances": [{}]}
    ]
    state = {"version": 4, "serial": 1, "lineage": "l", "terraform_version": "1.11.4", "resources": resources}
    folder.write(".orchestrator/dev/state/base.tfstate", json.dumps(state))
    assert cli("state", "backup", "--env", "dev").code == 0
    with held(folder):
        answer = cli(*words, "--env", "dev")
    assert "was killed" not in answer.err
    if words[0] != "unlock":
        assert answer.code == 1
        assert "another run holds this environment" in answer.err
