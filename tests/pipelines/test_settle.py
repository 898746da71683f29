"""``ci settle`` on bundles that are begun or done: what the layers' jobs are told to apply. No Terraform, no network."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.apply.lock import this_machine
from orchestrator.files import make_private_folder
from orchestrator.plan.bundle import Manifest, plans_folder, write_bundle
from orchestrator.plan.model import Change, ChangeSet, LayerChanges
from orchestrator.policy.scan import ScanReport
from orchestrator.review.review import Review
from tests.conftest import Cli
from tests.project import ProjectFolder

PLAN = "20260930T120000Z-1f2e"
LAYERS = ("base", "app")
SETTLE = ("ci", "settle", "--env", "dev", "--plan", PLAN)
JOBS = ("--layer", "base", "--layer", "app")


def changes_of(layer: str) -> LayerChanges:
    change = Change(
        f"module.{layer}.aws_ssm_parameter.this",
        layer,
        "aws_ssm_parameter",
        "create",
        ("create",),
        None,
        {},
        {},
    )
    return LayerChanges(layer, (change,))


def bundle(work: Path, *changed: str, environment: str = "dev") -> None:
    """A sealed bundle that changes these layers."""
    changes = ChangeSet(
        {name: changes_of(name) if name in changed else LayerChanges(name) for name in LAYERS}
    )
    manifest = Manifest(
        id=PLAN, environment=environment, created_at="2026-09-30T12:00:00+00:00", layers=LAYERS, selection={},
        configuration={}, rendered={}, secrets="", states={}, tools={}, emulator=None, counts=changes.counts(),
        planned_by="me", git=None, lock_file=None, sources={},
    )  # fmt: skip
    partial = make_private_folder(work / "partial")
    scan, review = ScanReport("3", 1, 1, (), "block", 0), Review((), 1, 1)
    target = plans_folder(work) / PLAN
    write_bundle(partial, target, manifest, changes, scan, review, {}, valid=timedelta(days=99_999), key=None)


@pytest.fixture
def work(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder.simple()
    folder.environment("dev", "base: {variables: {name: first}}\napp: {}\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    return make_private_folder(folder.root / ".orchestrator" / "dev")


def last_run(work: Path, *, bundle: str = PLAN, ended: bool = True, **layers: str) -> None:
    """The journal of the last run on the environment, beside its states."""
    record = {
        "id": bundle, "command": "apply", "by": "me", "host": "h", "pid": 1, "started_at": "2026-09-30T13:00:00+00:00",
        "ended_at": "2026-09-30T13:05:00+00:00" if ended else None, "run": "r", "confirmed": [],
        "layers": {name: {"step": step, "state": None} for name, step in layers.items()},
    }  # fmt: skip
    state = make_private_folder(work / "state")
    (state / ".run.json").write_text(json.dumps(record))


def outputs(tmp_path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())


def test_a_bundle_whose_run_failed_half_way_is_gone_on_with(work: Path, cli: Cli, tmp_path: Path) -> None:
    bundle(work, "base", "app")
    last_run(work, base="done", app="failed")
    done = cli(*SETTLE, *JOBS, "--json")
    assert done.code == 0, done.err
    assert done.json() == {"environment": "dev", "id": PLAN, "reviewed": PLAN, "layers": ["base", "app"]}
    assert "an earlier run of it did not come to its end" in done.err
    assert outputs(tmp_path) == {"plan": PLAN, "layers": '["base", "app"]'}


def test_a_bundle_whose_runner_died_is_gone_on_with(work: Path, cli: Cli, tmp_path: Path) -> None:
    bundle(work, "base", "app")
    last_run(work, ended=False, base="in hand")
    assert cli(*SETTLE, *JOBS).code == 0
    assert outputs(tmp_path)["layers"] == '["base", "app"]'


def test_a_bundle_of_whose_parts_one_was_killed_is_gone_on_with_and_nothing_else_is_begun(
    work: Path, cli: Cli, tmp_path: Path
) -> None:
    bundle(work, "base", "app")
    last_run(work, ended=False, base="done", app="in hand")
    journal = json.loads((work / "state" / ".run.json").read_text())
    about = {key: journal[key] for key in ("by", "host", "pid", "started_at")}
    journal["parts"] = [
        {**about, "layers": ["base"], "run": "one", "ended_at": about["started_at"]},
        {**about, "layers": ["app"], "run": "other", "ended_at": None},
    ]
    (work / "state" / ".run.json").write_text(json.dumps(journal))
    assert cli(*SETTLE, *JOBS).code == 0
    assert outputs(tmp_path)["layers"] == '["base", "app"]'
    anew = cli("apply", "--env", "dev", "--yes")
    assert anew.code == 1
    assert "an earlier run was killed: `apply` 20260930T120000Z-1f2e by me" in anew.err
    assert "while it changed app" in anew.err
    unknown = cli("apply", "--env", "dev", "--resume", "another")
    assert "the run another is not the last one on dev" in unknown.err
    known = cli("apply", "--env", "dev", "--resume", "other")  # by the part that was killed
    assert "is not the last one" not in known.err


def test_only_layers_that_the_bundle_changes_get_a_job(work: Path, cli: Cli, tmp_path: Path) -> None:
    bundle(work, "app")
    last_run(work, app="failed")
    assert cli(*SETTLE, *JOBS).out.splitlines()[-1] == f"dev: plan {PLAN} changes app"
    assert outputs(tmp_path)["layers"] == '["app"]'


def test_a_bundle_that_is_applied_leaves_nothing_to_do(work: Path, cli: Cli, tmp_path: Path) -> None:
    bundle(work, "base", "app")
    last_run(work, base="done", app="done")
    done = cli(*SETTLE, *JOBS)
    assert done.code == 0, done.err
    assert done.out == (
        f"The plan {PLAN}: the run r has applied it.\ndev: plan {PLAN} leaves nothing to apply\n"
    )
    assert outputs(tmp_path) == {"plan": PLAN, "layers": "[]"}


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("--layer", "base"), 1, "changes the layer app, which has no job"),
        ((), 64, "Missing option '--layer'"),
    ],
)
def test_a_layer_without_a_job_is_not_left_out_in_silence(
    work: Path, cli: Cli, tmp_path: Path, words: tuple[str, ...], code: int, expected: str
) -> None:
    bundle(work, "base", "app")
    last_run(work, base="done", app="failed")
    done = cli(*SETTLE, *words)
    assert done.code == code
    assert expected in done.err
    assert not (tmp_path / "output").exists()


def test_what_may_not_be_applied_is_refused_before_any_job_of_a_layer_starts(
    work: Path, cli: Cli, tmp_path: Path
) -> None:
    unknown = cli(*SETTLE, *JOBS)
    assert unknown.code == 1
    assert f"there is no plan '{PLAN}'" in unknown.err
    bundle(work, "base", environment="prod")
    foreign = cli(*SETTLE, *JOBS)
    assert foreign.code == 1
    assert "is for environment prod, not dev" in foreign.err
    (plans_folder(work) / PLAN / "changes.json").write_text("{}")
    touched = cli(*SETTLE, *JOBS)
    assert touched.code == 1
    assert "changes.json" in touched.err
    assert not (tmp_path / "output").exists()


def test_an_apply_that_still_runs_is_waited_for_by_nobody(work: Path, cli: Cli, tmp_path: Path) -> None:
    bundle(work, "base")
    with (work / "run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = cli(*SETTLE, *JOBS)
    assert held.code == 1
    assert "another run holds this environment" in held.err
    assert not (tmp_path / "output").exists()


def test_a_part_that_is_refused_while_another_one_is_at_work_is_in_the_audit_log_too(
    work: Path, cli: Cli, folder: ProjectFolder
) -> None:
    bundle(work, "base", "app")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    about = {
        "run": PLAN,
        "command": "apply",
        "by": "me",
        "host": "h",
        "pid": os.getpid(),
        "machine": this_machine(),
    }
    other = {**about, "since": now, "renewed": now, "layers": ["app"], "nonce": "1"}
    state = make_private_folder(work / "state")
    (state / ".run-lock.json").write_text(json.dumps({"holders": [other]}))
    (plans_folder(work) / PLAN / "changes.json").write_text("{}")
    part = ("apply", "--env", "dev", "--plan", PLAN, "--layer", "base")
    with (work / "run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        refused = cli(*part)
        whole = cli("apply", "--env", "dev", "--yes")
    assert refused.code == 1
    assert "changes.json" in refused.err
    assert whole.code == 1
    assert "another run holds this environment" in whole.err
    records = cli("audit", "show", "--env", "dev", "--json").json()["records"]
    assert all(record["refused"] for record in records)
    assert ["changes.json" in record["error"] for record in records] == [True, False]
    assert "another run holds this environment" in records[1]["error"]
