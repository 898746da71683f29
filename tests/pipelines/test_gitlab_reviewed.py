"""The bundle of a merge request, found against GitLab's API on a local port: its own, for just that commit, or none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from orchestrator.files import make_private_folder
from orchestrator.plan.bundle import plans_folder
from tests.conftest import Cli
from tests.pipelines.test_gitlab_notes import SECRET, FakeGitLab, gitlab, job
from tests.pipelines.test_settle import PLAN, bundle
from tests.project import ProjectFolder

__all__ = ["gitlab"]
HEAD, MERGED, RESULT = "a" * 40, "b" * 40, "c" * 40
REVIEWED = ("ci", "reviewed", "--env", "dev")


def artifact(tmp: Path, environment: str = "dev") -> bytes:
    """What `review:dev` keeps: folders as they are in the work tree."""
    work = make_private_folder(tmp / "runner")
    bundle(work, "base", environment=environment)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(plans_folder(work).rglob("*")):
            if path.is_file():
                archive.write(path, f".orchestrator/dev/{path.relative_to(work)}")
        archive.writestr("review/dev/summary.md", "1 to create")
        archive.writestr(".orchestrator/dev/.terraform.lock.hcl", "# locked")
    return buffer.getvalue()


def pipeline(number: int, sha: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "project_id": 5,
        "sha": sha,
        "source": "merge_request_event",
        "status": "success",
        **more,
    }


def kept(number: int, name: str = "review:dev") -> dict[str, Any]:
    return {"id": number, "name": name, "status": "success", "artifacts_file": {"filename": "artifacts.zip"}}


@pytest.fixture
def work(folder: ProjectFolder, gitlab: FakeGitLab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A job on the default branch after a merge; the merge request's pipeline 10 has the child 11, whose job 12 planned."""
    folder.simple()
    folder.environment("dev", "base: {variables: {name: first}}\napp: {}\n")
    variables = {**job(gitlab), "CI_COMMIT_SHA": MERGED}
    del variables["CI_MERGE_REQUEST_IID"]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    request = {
        "iid": 7,
        "state": "merged",
        "sha": HEAD,
        "merge_commit_sha": MERGED,
        "squash_commit_sha": None,
    }
    gitlab.project = {
        "pipelines": [],
        f"repository/commits/{MERGED}/merge_requests": [request],
        "merge_requests/7/pipelines": [pipeline(10, HEAD)],
        "pipelines/10/bridges": [
            {"name": "review", "downstream_pipeline": {"id": 11, "project_id": 5}},
            {"name": "elsewhere", "downstream_pipeline": {"id": 99, "project_id": 6}},
        ],
        "pipelines/10/jobs": [kept(13, "check")],
        "pipelines/11/jobs": [kept(12), kept(14, "review:prod")],
        "jobs/12/artifacts": artifact(tmp_path),
    }
    return folder.root / ".orchestrator" / "dev"


def test_it_is_the_bundle_of_the_merge_request_that_was_merged_as_the_commit(work: Path, cli: Cli) -> None:
    done = cli(*REVIEWED)
    assert done.code == 0, done.err
    assert done.out == f"dev: plan {PLAN}, reviewed with merge request 7\n"
    assert (plans_folder(work) / PLAN / "manifest.json").is_file()
    assert (work / ".terraform.lock.hcl").read_text() == "# locked"
    again = cli(*REVIEWED, "--id")
    assert again.out == f"{PLAN}\n"
    assert cli(*REVIEWED, "--json").json()["pull_request"] == 7


def test_a_squashed_a_fast_forwarded_and_a_merged_results_one_are_found_too(
    work: Path, cli: Cli, gitlab: FakeGitLab
) -> None:
    path = f"repository/commits/{MERGED}/merge_requests"
    (request,) = gitlab.project[path]
    request |= {"merge_commit_sha": None, "squash_commit_sha": MERGED}
    assert cli(*REVIEWED, "--id").out == f"{PLAN}\n"
    request |= {"squash_commit_sha": None, "sha": MERGED}
    gitlab.project["merge_requests/7/pipelines"] = [pipeline(10, MERGED)]
    assert cli(*REVIEWED, "--id").out == f"{PLAN}\n"
    request |= {"merge_commit_sha": MERGED, "sha": HEAD}
    gitlab.project["merge_requests/7/pipelines"] = [pipeline(10, RESULT), pipeline(9, "d" * 40)]
    gitlab.project[f"repository/commits/{RESULT}"] = {"parent_ids": ["e" * 40, HEAD]}
    gitlab.project[f"repository/commits/{'d' * 40}"] = {"parent_ids": ["e" * 40]}
    assert cli(*REVIEWED, "--id").out == f"{PLAN}\n"


def test_what_was_planned_by_hand_for_the_commit_itself_counts(
    work: Path, cli: Cli, gitlab: FakeGitLab
) -> None:
    gitlab.project[f"repository/commits/{MERGED}/merge_requests"] = []
    gitlab.project["pipelines"] = [pipeline(10, MERGED, source="web")]
    assert cli(*REVIEWED).out == f"dev: plan {PLAN}, reviewed with commit {MERGED[:12]}\n"


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("merge_requests/7/pipelines", [pipeline(10, HEAD, project_id=6)]),  # a fork's
        ("merge_requests/7/pipelines", [pipeline(10, HEAD, source="push")]),
        ("merge_requests/7/pipelines", []),
        ("pipelines/11/jobs", [kept(12, "review:prod")]),
        ("pipelines/11/jobs", [{**kept(12), "artifacts_file": None}]),  # kept no longer
        ("pipelines/10/bridges", [{"name": "review", "downstream_pipeline": {"id": 11, "project_id": 6}}]),
        (f"repository/commits/{MERGED}/merge_requests", []),
        (
            f"repository/commits/{MERGED}/merge_requests",
            [{"iid": 7, "state": "opened", "sha": HEAD, "merge_commit_sha": MERGED}],
        ),
        (
            f"repository/commits/{MERGED}/merge_requests",
            [{"iid": 7, "state": "merged", "sha": HEAD, "merge_commit_sha": RESULT}],
        ),
    ],
)
def test_anything_else_is_no_reviewed_plan(
    work: Path, cli: Cli, gitlab: FakeGitLab, path: str, there: list[Any]
) -> None:
    gitlab.project[path] = there
    done = cli(*REVIEWED)
    assert done.code == 1
    assert f"nobody has reviewed a plan of dev for the commit {MERGED[:12]}" in done.err
    assert "run a pipeline on this branch by hand" in done.err


def test_a_damaged_artifact_and_one_that_is_gone_are_refused_and_the_token_is_not_told(
    work: Path, cli: Cli, gitlab: FakeGitLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gitlab.project["jobs/12/artifacts"] = b"no zip"
    broken = cli(*REVIEWED)
    assert broken.code == 1
    assert "the artifact is no zip" in broken.err
    del gitlab.project["jobs/12/artifacts"]
    gone = cli(*REVIEWED)
    assert gone.code == 1
    assert "GitLab refuses GET" in gone.err
    assert SECRET not in gone.err
    monkeypatch.setenv("ORCHESTRATOR_GITLAB_TOKEN", "")
    assert "ORCHESTRATOR_GITLAB_TOKEN is not set" in cli(*REVIEWED).err
