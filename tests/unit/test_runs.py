"""What is recorded of a run: events as the schema says, without secrets, and a timeline that follows from them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrator.apply.report import LayerResult
from orchestrator.config.project import find_project
from orchestrator.errors import BlockedError, InterruptedRunError, OrchestratorError, Where
from orchestrator.runs.history import load_run, prune, run_ids
from orchestrator.runs.recorder import Recorder, recorded
from orchestrator.runs.stream import open_stream
from orchestrator.session import Session, open_session
from orchestrator.terraform.events import Event, parse_line
from tests.conftest import Cli
from tests.project import ProjectFolder

SECRET = 'canary-${5c1d}-"2b'


class Silent:
    """A view that shows nothing."""

    def phase(self, layer: str, phase: str, total: int | None = None) -> None:
        pass

    def event(self, layer: str, event: Event) -> None:
        pass

    def finished(self, result: LayerResult) -> None:
        pass


def terraform(kind: str, address: str, action: str = "create", **more: Any) -> Event:
    """A line of Terraform's about a resource."""
    resource = {"addr": address, "resource_type": address.split(".")[-2]}
    return parse_line(json.dumps({"type": kind, "hook": {"resource": resource, "action": action, **more}}))


@pytest.fixture
def session(folder: ProjectFolder) -> Session:
    folder.simple()
    folder.environment("dev", f"base:\n  variables: {{name: x, password: '{SECRET}'}}\napp: {{}}\n")
    return open_session(find_project(folder.root), "dev")


@pytest.fixture
def validate(cli: Cli) -> Callable[[list[dict[str, Any]]], None]:
    """Holds events against the published schema."""
    schema = json.loads(cli("runs", "schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )

    def check(events: list[dict[str, Any]]) -> None:
        for event in events:
            validator.validate(event)

    return check


def events_of(session: Session, run_id: str) -> list[dict[str, Any]]:
    path = session.work / "runs" / run_id / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def some_run(session: Session, **options: Any) -> Recorder:
    """Two layers: one is applied, the other fails."""
    with recorded(session, "apply", options.get("stream"), options.get("say", lambda _text: None)) as run:
        run.step("checking the plan")
        progress = run.progress(Silent())
        progress.phase("base", "planning", 1)
        plan = session.observe(session.workspace("base"), "plan")
        plan.event(terraform("refresh_start", "module.base.aws_sns_topic.old"))
        plan.event(terraform("refresh_complete", "module.base.aws_sns_topic.old"))
        plan.ended(0)
        progress.phase("base", "applying", 1)
        apply = session.observe(session.workspace("base"), "apply")
        apply.event(terraform("apply_start", "module.base.aws_sns_topic.new"))
        apply.event(terraform("apply_complete", "module.base.aws_sns_topic.new", elapsed_seconds=0))
        apply.ended(0)
        progress.finished(LayerResult("base", "applied", 1.5, {"create": 1, "update": 0}))
        progress.phase("app", "planning", 1)
        failing = session.observe(session.workspace("app"), "plan")
        said = {
            "severity": "error",
            "summary": "No",
            "detail": f"not with {SECRET}",
            "address": "module.app.a.b",
        }
        failing.event(parse_line(json.dumps({"type": "diagnostic", "diagnostic": said})))
        failing.ended(1)
        error = OrchestratorError(f"it failed with {SECRET}", where=Where(layer="app"), remedy="mend it")
        progress.finished(LayerResult("app", "failed", 0.5, error=error, missing=("module.app.a.b",)))
        run.ended("failed")
    return run


def test_every_event_is_as_the_schema_says_and_tells_the_layer_phase_and_resource(
    session: Session, validate: Callable[[list[dict[str, Any]]], None]
) -> None:
    run = some_run(session)
    events = events_of(session, run.id)
    validate(events)
    assert [event["type"] for event in events] == [
        "run_started",
        "step_started",
        "step_finished",
        "layer_started",
        "phase_started",
        "resource_finished",
        "phase_finished",
        "phase_started",
        "resource_started",
        "resource_finished",
        "phase_finished",
        "layer_finished",
        "layer_started",
        "phase_started",
        "diagnostic",
        "phase_finished",
        "layer_finished",
        "run_finished",
    ]
    assert {event["run"] for event in events} == {run.id}
    created = events[9]
    assert (created["layer"], created["phase"]) == ("base", "apply")
    assert (created["address"], created["action"], created["ok"]) == (
        "module.base.aws_sns_topic.new",
        "create",
        True,
    )


def test_the_schema_takes_no_key_it_does_not_name(
    session: Session, validate: Callable[[list[dict[str, Any]]], None]
) -> None:
    first = events_of(session, some_run(session).id)[0]
    for wrong in (
        {**first, "more": 1},
        {**first, "type": "other"},
        {**first, "time": None},
        {"run": first["run"]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            validate([wrong])


def test_no_secret_is_recorded_and_nobody_else_may_read_the_files(session: Session) -> None:
    run = some_run(session)
    for name in ("events.jsonl", "report.json"):
        path = session.work / "runs" / run.id / name
        text = path.read_text()
        assert "canary" not in text
        assert "not with (sensitive:" in text
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_report_has_start_and_end_of_layers_and_phases(session: Session, cli: Cli) -> None:
    run = some_run(session)
    report = json.loads((session.work / "runs" / run.id / "report.json").read_bytes())
    assert report == cli("runs", "show", "--env", "dev", run.id, "--json").json()
    assert (report["outcome"], report["counts"]) == ("failed", {"create": 1, "update": 0})
    base, app = report["layers"]
    assert [phase["name"] for phase in base["phases"]] == ["plan", "apply"]
    for span in (base, *base["phases"], app, *app["phases"]):
        assert report["started_at"] <= span["started_at"] <= span["finished_at"] <= report["finished_at"]
    assert (app["phases"][0]["ok"], app["missing"]) == (False, ["module.app.a.b"])
    assert report["slowest"][0]["address"].startswith("module.base.aws_sns_topic.")

    shown = cli("runs", "show", "--env", "dev").out
    assert "apply dev" in shown
    assert "█ apply" in shown
    assert "app: failed" in shown
    assert "mend it" in shown
    assert "\x1b" not in shown
    line = cli("runs", "list", "--env", "dev").out
    assert run.id in line
    assert "failed" in line
    listed = cli("runs", "list", "--env", "dev", "--json").json()["runs"]
    assert [(item["id"], item["outcome"]) for item in listed] == [(run.id, "failed")]


def test_what_is_refused_before_anything_is_done_leaves_no_record(session: Session) -> None:
    def plan() -> None:
        with recorded(session, "plan", None, print) as run:
            run.step("reading states")
            raise OrchestratorError("no")

    with pytest.raises(OrchestratorError):
        plan()
    assert not session.work.exists()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (OrchestratorError("no"), "failed"),
        (BlockedError("no"), "refused"),
        (InterruptedRunError("no"), "interrupted"),
        (KeyboardInterrupt(), "interrupted"),
        (ZeroDivisionError("no"), "failed"),
    ],
)
def test_a_run_that_raises_ends_all_the_same_and_says_why(
    session: Session,
    error: BaseException,
    outcome: str,
    validate: Callable[[list[dict[str, Any]]], None],
) -> None:
    def plan() -> None:
        with recorded(session, "plan", None, print) as run:
            run.step("planning")
            run.layer_started("base")
            raise error

    with pytest.raises(type(error)):
        plan()
    run_id = run_ids(session.work)[0]
    events = events_of(session, run_id)
    validate(events)
    assert events[-1]["outcome"] == outcome
    assert events[-1]["error"]["type"] == type(error).__name__
    assert load_run(session.work, run_id).steps[0].finished is not None


def test_a_run_that_was_killed_is_known_by_its_missing_end_and_a_cut_off_line_is_left_out(
    session: Session, cli: Cli
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    run = some_run(session)
    folder = session.work / "runs" / run.id
    (folder / "report.json").unlink()
    lines = (
        (folder / "events.jsonl")
        .read_text()
        .replace(f'"pid": {os.getpid()}', f'"pid": {gone.pid}')
        .splitlines()
    )
    (folder / "events.jsonl").write_text("\n".join(lines[:9]) + "\n" + lines[9][:40])
    shown = cli("runs", "show", "--env", "dev", "latest", "--json").json()
    assert (shown["outcome"], shown["finished_at"]) == ("killed", None)
    assert shown["layers"][0]["status"] == "running"
    assert "killed" in cli("runs", "list", "--env", "dev").out
    assert "killed" in cli("runs", "show", "--env", "dev").out


def test_the_oldest_runs_go_and_other_folders_stay(session: Session) -> None:
    made = []
    for number in range(5):
        folder = session.work / "runs" / f"2026010{number + 1}T000000Z-00aa"
        folder.mkdir(parents=True)
        (folder / "events.jsonl").write_text("{}\n")
        made.append(folder.name)
    (session.work / "runs" / "notes").mkdir()
    prune(session.work, kept=2)
    assert run_ids(session.work) == made[-2:]
    assert (session.work / "runs" / "notes").is_dir()


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("show", "--env", "dev"), 1, "there is no run 'latest'"),
        (("show", "--env", "dev", "../../state"), 1, "there is no run"),
        (("list", "--env", "dev"), 0, "Nothing was run in dev yet."),
        (("list", "--env", "dev", "--limit", "0"), 64, "--limit"),
    ],
)
def test_what_is_not_there_is_said(
    session: Session, cli: Cli, words: tuple[str, ...], code: int, text: str
) -> None:
    answer = cli("runs", *words)
    assert (answer.code, text in answer.out + answer.err) == (code, True)


class _Reader:
    """A pipe whose reader goes away."""

    def __enter__(self) -> str:
        read, self.write = os.pipe()
        os.close(read)
        return f"/dev/fd/{self.write}"

    def __exit__(self, *_: object) -> None:
        os.close(self.write)


def test_a_stream_has_the_same_lines_and_one_whose_reader_went_away_does_not_stop_the_run(
    session: Session, tmp_path: Path
) -> None:
    said: list[str] = []
    with open_stream(str(tmp_path / "events")) as stream:
        run = some_run(session, stream=stream)
    assert (tmp_path / "events").read_bytes() == (
        session.work / "runs" / run.id / "events.jsonl"
    ).read_bytes()
    with _Reader() as name, open_stream(name) as stream:
        run = some_run(session, stream=stream, say=said.append)
    assert [text for text in said if "--events is incomplete" in text] == said
    assert len(said) == 1
    assert events_of(session, run.id)[-1]["type"] == "run_finished"


@pytest.mark.parametrize("name", ["/nowhere/events", "/dev/fd/999"])
def test_a_stream_that_cannot_be_opened_is_refused_before_anything_is_done(
    session: Session, cli: Cli, name: str
) -> None:
    answer = cli("plan", "--env", "dev", "--events", name)
    assert answer.code == 1
    assert "can't be written" in answer.err
    assert not (session.work / "runs").exists()


def test_json_and_events_cannot_both_have_standard_output(session: Session, cli: Cli) -> None:
    assert cli("plan", "--env", "dev", "--events", "-", "--json").code == 64


def test_on_standard_output_there_are_events_only_also_when_the_run_fails(
    session: Session,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    validate: Callable[[list[dict[str, Any]]], None],
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_TERRAFORM_BIN", "/nowhere/terraform")
    answer = cli("plan", "--env", "dev", "--events", "-")
    assert answer.code == 1
    events = [json.loads(line) for line in answer.out.splitlines()]
    validate(events)
    assert [event["type"] for event in events] == [
        "run_started",
        "step_started",
        "step_finished",
        "run_finished",
    ]
    assert "Terraform was not found" in events[-1]["error"]["message"]
    assert "plan dev" in answer.err


@pytest.fixture(autouse=True)
def _no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORCHESTRATOR_EVENTS", raising=False)
