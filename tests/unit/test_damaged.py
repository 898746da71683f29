"""Files beside the states that are cut off, no JSON, or of other types: named, never taken for something else, never a defect."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orchestrator.files import process_alive
from orchestrator.state.store import LocalStateStore, TerraformLock
from orchestrator.views.errors import show_error
from tests.conftest import Cli
from tests.project import HEADER, ProjectFolder

LOCK: dict[str, Any] = {
    "run": "20261127T120000Z-0001",
    "command": "apply",
    "by": "alice",
    "host": "build-7",
    "pid": 4242,
    "since": "2026-11-27T12:00:00+00:00",
    "renewed": "2026-11-27T12:00:00+00:00",
}
RUN: dict[str, Any] = {
    "id": "20261127T120000Z-0001",
    "command": "apply",
    "by": "alice",
    "host": "build-7",
    "pid": 4242,
    "started_at": "2026-11-27T12:00:00+00:00",
    "ended_at": None,
    "run": None,
    "confirmed": [],
    "layers": {},
    "parts": [],
}
PARAMETER = {"mode": "managed", "module": "module.base", "type": "aws_ssm_parameter", "name": "main"}


def state(serial: Any = 3, **more: Any) -> dict[str, Any]:
    resources = [{**PARAMETER, "instances": [{"attributes": {"id": "x"}}]}]
    known = {"version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": "l"}
    return {**known, "outputs": {}, "resources": resources, **more}


def record(**more: Any) -> dict[str, Any]:
    return {"inputs": {}, "checks": [], "state": {"lineage": "l", "serial": 3}, **more}


@pytest.fixture
def states(folder: ProjectFolder) -> Path:
    """A state with its record."""
    folder.simple()
    folder.write(".orchestrator/dev/state/base.tfstate", json.dumps(state()))
    folder.write(".orchestrator/dev/state/base.inputs.json", json.dumps(record()))
    return folder.root / ".orchestrator/dev/state"


JUNK = ["{", "[]", "5", "\x00", '"x"']
STATES = [
    *JUNK,
    json.dumps(state(serial="x")),
    json.dumps(state(serial=None)),
    json.dumps(state(resources="abc")),
    json.dumps(state(resources=[1])),
    json.dumps(state(resources=[{"mode": "managed"}])),
    json.dumps(state(resources=[{**PARAMETER, "instances": {"a": 1}}])),
    json.dumps(state(outputs=[1])),
    json.dumps(state(outputs={"a": 1})),
]
RECORDS = [
    *JUNK,
    "",
    json.dumps(record(state="x")),
    json.dumps(record(state={"lineage": "l", "serial": "x"})),
    json.dumps(record(checks=[1])),
    json.dumps(record(providers={"a": 1})),
    json.dumps(record(applied_at=None)),
]
LOCKS = [
    *JUNK,
    json.dumps({**LOCK, "pid": "x", "machine": "m"}),
    json.dumps({**LOCK, "renewed": "soon"}),
    json.dumps({**LOCK, "version": 7}),
    json.dumps({"holders": [5]}),
    json.dumps({"holders": None}),
]
JOURNALS = [
    *JUNK,
    json.dumps({**RUN, "id": None}),
    json.dumps({**RUN, "ended_at": 5}),
    json.dumps({**RUN, "version": 7}),
    json.dumps({**RUN, "confirmed": [5]}),
    json.dumps({**RUN, "layers": {"base": {"step": "dnoe"}}}),
    json.dumps({**RUN, "layers": {"base": {"step": "done", "state": "x"}}}),
]


@pytest.mark.parametrize("content", STATES)
def test_a_damaged_state_is_named_and_a_backup_is_put_back_over_it(
    states: Path, cli: Cli, content: str
) -> None:
    assert cli("state", "backup", "--env", "dev").code == 0
    (states / "base.tfstate").write_text(content)
    for words in (["state", "list"], ["state", "show", "base"], ["output"], ["destroy", "--yes"]):
        answer = cli(*words, "--env", "dev")
        assert answer.code == 1, answer.err
        assert "layer base: the state .orchestrator/dev/state/base.tfstate " in answer.err
        assert "`orchestrator state restore` puts a backup back" in answer.err
    restored = cli("state", "restore", "latest", "--env", "dev", "--yes", "--json")
    assert restored.code == 0, restored.out
    copy = states.parents[2] / restored.json()["damaged"]["base"]
    assert copy.read_text() == content
    assert "base.main" in cli("state", "show", "base", "--env", "dev").out.replace("aws_ssm_parameter.", "")
    again = cli("state", "restore", "latest", "--env", "dev", "--yes")
    assert again.code == 0, again.err  # what was damaged is no backup, and `latest` is none of it


@pytest.mark.parametrize("content", RECORDS)
def test_a_damaged_record_is_named_and_never_taken_for_none(states: Path, cli: Cli, content: str) -> None:
    (states / "base.tfstate").unlink()  # which only the record knows to have been there
    (states / "base.inputs.json").write_text(content)
    answer = cli("destroy", "--env", "dev", "--yes")
    assert answer.code == 1
    assert "layer base: the record of what the layer was applied with" in answer.err
    assert cli("state", "list", "--env", "dev").code == 0
    assert cli("state", "accept", "base", "--env", "dev", "--yes").code == 0
    assert not (states / "base.inputs.json").exists()


@pytest.mark.parametrize("content", LOCKS)
def test_a_damaged_lock_goes_only_by_force_after_it_was_said_and_into_the_audit_log(
    states: Path, cli: Cli, content: str
) -> None:
    lock = states / ".run-lock.json"
    lock.write_text(content)
    for words in (["unlock"], ["unlock", "--yes"], ["unlock", "--force"]):
        answer = cli(*words, "--env", "dev")
        assert answer.code in (1, 64)
        assert "Holder" not in answer.err
        assert "the environment's lock is damaged" in answer.err + answer.out
        assert lock.read_text() == content
    assert "the environment's lock is damaged" in cli("doctor", "--env", "dev").out
    answer = cli("unlock", "--env", "dev", "--force", "--yes", "--json")
    assert (answer.code, answer.json()["damaged"]) == (0, True)
    assert not lock.exists()
    (kept,) = cli("audit", "show", "--env", "dev", "--json").json()["records"]
    assert (kept["command"], kept["damaged"]) == ("unlock", True)


@pytest.mark.parametrize("content", JOURNALS)
def test_a_damaged_journal_keeps_everybody_out_until_somebody_recovers(
    states: Path, cli: Cli, content: str
) -> None:
    (states / ".run.json").write_text(content)
    for words in (["apply", "--yes"], ["apply", "--resume", "latest"], ["destroy", "--yes"]):
        answer = cli(*words, "--env", "dev")
        assert answer.code == 1
        assert "the journal of the last run is damaged" in answer.err
        assert "--recover" in answer.err


@pytest.mark.parametrize("content", [*JUNK, '{"number": "x"}', '{"number": null}'])
def test_a_damaged_end_of_the_audit_log_is_written_anew(states: Path, cli: Cli, content: str) -> None:
    (states / ".audit-head.json").write_text(content)
    assert cli("state", "accept", "base", "--env", "dev", "--yes").code == 0
    assert cli("audit", "verify", "--env", "dev").code == 0


def test_audit_records_of_other_types_are_shown_as_they_are(states: Path, cli: Cli) -> None:
    (states / ".audit.jsonl").write_text('{"counts": [1], "error": {"a": 1}}\n{"cut o')
    shown = cli("audit", "show", "--env", "dev")
    assert shown.code == 0, shown.err
    assert "{'a': 1}" in shown.out


@pytest.mark.parametrize("content", ['{"layers": 5}', '{"layers": [5], "before": [], "after": []}', "{"])
@pytest.mark.parametrize("name", [".move.json", ".migrated.json", ".migrating.json"])
def test_a_damaged_mark_of_a_move_or_migration_keeps_everybody_out_and_says_what_to_do(
    states: Path, cli: Cli, content: str, name: str
) -> None:
    assert cli("state", "backup", "--env", "dev").code == 0
    (states / name).write_text(content)
    before = (states / "base.tfstate").read_bytes()
    for words in (["state", "restore", "latest", "--yes"], ["destroy", "--yes"]):
        answer = cli(*words, "--env", "dev")
        assert answer.code == 1
        assert f"the mark .orchestrator/dev/state/{name} is damaged" in answer.err
        assert "then remove the mark" in answer.err
    assert (states / "base.tfstate").read_bytes() == before
    (states / name).unlink()
    assert cli("state", "restore", "latest", "--env", "dev", "--yes").code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "backup.json is not what it has to be"),
        ('{"environment": "dev", "created_at": "x", "files": "ab"}', "backup.json is not what it has to be"),
        ('{"environment": "dev", "created_at": "x", "files": {"a": "b"}}', "a: No such file"),
        ('{"environment": "prod", "created_at": "x", "files": {}}', "is of the environment prod, not of dev"),
    ],
)
def test_a_damaged_or_foreign_backup_is_refused_with_the_others_that_there_are(
    states: Path, cli: Cli, content: str, said: str
) -> None:
    assert "there is no backup yet" in cli("state", "restore", "latest", "--env", "dev", "--yes").err
    good = cli("state", "backup", "--env", "dev", "--json").json()["id"]
    bad = states.parent / "backups/29990101T000000Z-0000"
    shutil.copytree(states.parent / "backups" / good, bad)
    (bad / "backup.json").write_text(content)
    before = (states / "base.tfstate").read_bytes()
    answer = cli("state", "restore", "latest", "--env", "dev", "--yes")
    assert answer.code == 1
    assert said in answer.err
    assert f"take another one: {good}" in answer.err
    assert (states / "base.tfstate").read_bytes() == before


def test_a_backup_over_a_newer_state_says_what_no_state_will_know(states: Path, cli: Cli) -> None:
    assert cli("state", "backup", "--env", "dev").code == 0
    more = {**PARAMETER, "name": "later", "instances": [{"attributes": {"id": "y"}}]}
    newer = state(serial=7)
    newer["resources"].append(more)
    newer["resources"][0]["instances"][0]["attributes"]["id"] = "anew"
    (states / "base.tfstate").write_text(json.dumps(newer))
    answer = cli("state", "restore", "latest", "--env", "dev", "--yes")
    assert answer.code == 0, answer.err
    assert "What came into them since goes on to exist, and no state will know it:" in answer.out
    assert "  module.base.aws_ssm_parameter.later\n" in answer.out
    assert "  module.base.aws_ssm_parameter.main (anew; the backup has x)\n" in answer.out
    assert "base: serial 7 → 8" in answer.out


def test_a_state_that_is_gone_is_listed_with_what_brings_it_back(states: Path, cli: Cli) -> None:
    (states / "base.tfstate").unlink()
    assert "was applied, and its state is gone" in cli("state", "list", "--env", "dev").out
    assert cli("state", "list", "--env", "dev", "--json").json()["gone"] == ["base"]
    shown = cli("state", "show", "base", "--env", "dev")
    assert shown.code == 1
    assert "`orchestrator state restore --env dev latest --layer base`" in shown.err


@pytest.mark.parametrize("pid", [0, -1, 10**20])
def test_what_is_no_process_number_is_no_process(pid: int) -> None:
    assert not process_alive(pid)
    assert process_alive(os.getpid())


def test_a_file_that_the_system_keeps_from_us_is_named_with_what_to_do(states: Path, cli: Cli) -> None:
    assert cli("state", "backup", "--env", "dev").code == 0
    (states.parent / "run.lock").mkdir()  # can't be opened, whoever tries
    (states / ".freeze.json").mkdir()  # can't be removed
    for words in (["state", "restore", "latest", "--yes"], ["state", "accept", "base", "--yes"]):
        answer = cli(*words, "--env", "dev", "--json")
        assert answer.code == 1
        error = answer.json()["error"]
        assert error["where"]["file"].endswith("/.orchestrator/dev/run.lock")
        assert "mend the permissions" in error["remedy"]
    thawed = cli("freeze", "--env", "dev", "--thaw")
    assert thawed.code == 1
    assert ".freeze.json: the file can't be read" in thawed.err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_read_only_disk_is_no_defect_wherever_it_is_met(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    error = OSError(number, os.strerror(number), "/mnt/states/x")
    assert show_error(error, [], debug=False, as_json=False) == 1
    assert (
        f"/mnt/states/x: the file can't be read or written ({os.strerror(number)})" in capsys.readouterr().err
    )


def test_doctor_goes_on_where_one_look_can_not_be_taken(
    states: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_session: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/mnt/states/x")

    monkeypatch.setattr("orchestrator.doctor._states", broken)
    answer = cli("doctor", "--env", "dev", "--json")
    assert answer.code == 1
    looks = {look["name"]: look for look in answer.json()["looks"]}
    assert looks["states"]["status"] == "failed"
    assert looks["states"]["found"].startswith("/mnt/states/x: ")
    assert looks["state bucket"]["status"] == "ok"


def test_a_log_that_nothing_can_be_appended_to_is_told_of_before_anything_is_changed(
    states: Path, cli: Cli
) -> None:
    assert cli("state", "backup", "--env", "dev").code == 0
    assert cli("state", "accept", "base", "--env", "dev", "--yes").code == 0
    with (states / ".audit.jsonl").open("a") as log:
        log.write('{"numb')
    before = (states / "base.tfstate").read_bytes()
    answer = cli("state", "restore", "latest", "--env", "dev", "--yes")
    assert answer.code == 1
    assert "the last line of the audit log (line 2) is damaged" in answer.err
    assert (states / "base.tfstate").read_bytes() == before
    looks = {look["name"]: look for look in cli("doctor", "--env", "dev", "--json").json()["looks"]}
    assert looks["audit log"]["status"] == "failed"
    assert "line 2: the line is no record" in looks["audit log"]["found"]
    for name in (".audit.jsonl", ".audit-head.json"):  # as the message says
        assert name in answer.err
        (states / name).unlink()
    assert cli("state", "restore", "latest", "--env", "dev", "--yes").code == 0
    assert cli("audit", "verify", "--env", "dev").code == 0


def test_doctor_sees_a_freeze(states: Path, cli: Cli) -> None:
    cli("freeze", "--env", "dev", "--reason", "black friday")
    looks = {look["name"]: look for look in cli("doctor", "--env", "dev", "--json").json()["looks"]}
    assert looks["freeze"]["status"] == "warning"
    assert "black friday" in looks["freeze"]["found"]
    assert looks["freeze"]["remedy"] == "`orchestrator freeze --env dev --thaw`"
    (states / ".freeze.json").write_text("{")
    looks = {look["name"]: look for look in cli("doctor", "--env", "dev", "--json").json()["looks"]}
    assert looks["freeze"]["status"] == "failed"


def test_doctor_sees_a_state_that_a_terraform_left_locked(
    states: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = TerraformLock("base", "1", "bob@build-7", "OperationTypeApply", "2026-11-27T12:00:00Z")
    monkeypatch.setattr(LocalStateStore, "terraform_locks", lambda _: [left])
    looks = {look["name"]: look for look in cli("doctor", "--env", "dev", "--json").json()["looks"]}
    assert looks["earlier run"]["status"] == "failed"
    assert "OperationTypeApply of base by bob@build-7" in looks["earlier run"]["found"]
    assert "`orchestrator unlock --env dev`" in looks["earlier run"]["remedy"]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ExpiredToken", "sign in to AWS again"),
        ("InvalidAccessKeyId", "sign in to AWS again"),
        ("AccessDenied", "it must belong to the account 123456789012"),
        ("NoSuchBucket", "`orchestrator bootstrap`"),
        ("PermanentRedirect", "mend `backend.region`"),
        ("RequestTimeTooSkewed", "clock"),
        ("SlowDown", "`orchestrator doctor`"),
    ],
)
def test_what_s3_says_comes_with_what_to_do(
    folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch, code: str, remedy: str
) -> None:
    class Refusing:
        def get_object(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")

    folder.simple()
    backend = "backend: {type: s3, bucket: shop-states, region: eu-west-1}\n"
    folder.environment("dev", "base: {variables: {name: x}}\n", HEADER + backend)
    monkeypatch.setattr("orchestrator.state.store.aws_client", lambda *_, **__: Refusing())
    answer = cli("state", "list", "--env", "dev")
    assert answer.code == 1
    assert "the state bucket shop-states does not answer as it should" in answer.err
    assert remedy in answer.err
