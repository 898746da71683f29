"""GitLab's jobs, really run: a merge request is planned and noted, and its bundle is applied after the merge."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Cli
from tests.e2e.conftest import Aws
from tests.e2e.test_pipelines import Repository, git
from tests.pipelines import scripts
from tests.pipelines.github import serve
from tests.pipelines.test_gitlab_notes import SECRET, FakeGitLab
from tests.project import ProjectFolder

PARENT, CHILD = ".gitlab/orchestrator.yml", ".gitlab/orchestrator-environments.yml"


class Runner:
    """Runs jobs' scripts, each in a fresh clone; what a job keeps is a zip, as GitLab makes it."""

    def __init__(self, repository: Repository, gitlab: FakeGitLab, folder: Path) -> None:
        self.repository, self.gitlab, self.folder = repository, gitlab, folder
        self.count = 0

    def run(
        self, file: str, job: str, commit: str, variables: Mapping[str, str], kept: bytes = b""
    ) -> tuple[bytes, str]:
        """The artifact and the log of a job. ``kept``: the artifact of the job that it needs."""
        self.count += 1
        work = self.folder / str(self.count)
        git(self.folder, "clone", "-q", str(self.repository.root), str(work))
        git(work, "checkout", "-q", commit)
        (work / ".orchestrator").mkdir()
        (work / ".orchestrator" / "emulator").symlink_to(self.repository.runner.emulator)
        if kept:
            with zipfile.ZipFile(io.BytesIO(kept)) as archive:
                archive.extractall(work)
        document = scripts.load((work / file).read_text())
        for hidden in (
            ".orchestrator",
            ".take-role",
        ):  # the emulator asks for no role, and nothing is downloaded here
            document[hidden]["before_script"] = []
        done = subprocess.run(
            ["bash", "-c", scripts.of_gitlab_job(document, job)],
            cwd=work,
            env={
                **{key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")},
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "GITLAB_CI": "true",
                "CI_API_V4_URL": self.gitlab.api,
                "CI_PROJECT_ID": "5",
                "CI_COMMIT_SHA": commit,
                "ORCHESTRATOR_GITLAB_TOKEN": SECRET,
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        log = done.stdout + done.stderr
        assert done.returncode == 0, f"{job}\n{log}"
        assert SECRET not in log
        paths = scripts.gitlab_jobs(document)[job].get("artifacts", {}).get("paths", [])
        return _zipped(work, [work / path for path in paths]), log


def _zipped(work: Path, paths: list[Path]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in paths:
            for file in [path] if path.is_file() else sorted(path.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(work))
    return buffer.getvalue()


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    with FakeGitLab() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.slow  # five fresh clones
def test_a_merge_request_is_planned_noted_merged_and_its_bundle_applied(
    folder: ProjectFolder, tmp_path: Path, emulator_root: Path, aws: Aws, cli: Cli, gitlab: FakeGitLab
) -> None:
    with serve() as github:
        repository = Repository(folder, tmp_path, github, emulator_root, aws)
    written = cli("pipelines", "generate", "--target", "gitlab")
    assert written.code == 0, written.err
    (folder.root / ".orchestrator").mkdir()
    (folder.root / ".orchestrator" / "emulator").symlink_to(emulator_root)
    repository.start()
    base = git(folder.root, "rev-parse", "HEAD")
    git(folder.root, "checkout", "-q", "-b", "feature")
    repository.configure("dev", right_note="second")
    git(folder.root, "commit", "-qam", "change")
    head = git(folder.root, "rev-parse", "HEAD")
    (tmp_path / "jobs").mkdir()
    runner = Runner(repository, gitlab, tmp_path / "jobs")

    request = {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    found, _ = runner.run(PARENT, "affected", head, request)
    with zipfile.ZipFile(io.BytesIO(found)) as archive:
        child: dict[str, Any] = yaml.safe_load(archive.read("environments.yml"))
    assert child["variables"] == {"TOUCHED": ",dev,"}
    bundle, _ = runner.run(CHILD, "review:dev", head, {**request, **child["review:dev"]["variables"]})
    runner.run(CHILD, "note:dev", head, request, bundle)
    (note,) = gitlab.notes.values()
    assert "`dev`: 1 to create" in note["body"]

    git(folder.root, "checkout", "-q", "main")
    git(folder.root, "merge", "-q", "--no-ff", "-m", "Merge branch 'feature'", head)
    merged = git(folder.root, "rev-parse", "HEAD")
    pipeline = {"id": 10, "project_id": 5, "sha": head, "source": "merge_request_event"}
    job = {"id": 12, "name": "review:dev", "artifacts_file": {"filename": "artifacts.zip"}}
    gitlab.project = {
        "pipelines": [],
        f"repository/commits/{merged}/merge_requests": [
            {"iid": 7, "state": "merged", "sha": head, "merge_commit_sha": merged}
        ],
        "merge_requests/7/pipelines": [pipeline],
        "pipelines/10/bridges": [{"name": "review", "downstream_pipeline": {"id": 11, "project_id": 5}}],
        "pipelines/10/jobs": [],
        "pipelines/11/jobs": [job],
        "jobs/12/artifacts": bundle,
    }
    again, _ = runner.run(PARENT, "affected", merged, {"CI_COMMIT_BEFORE_SHA": base})
    with zipfile.ZipFile(io.BytesIO(again)) as archive:
        assert yaml.safe_load(archive.read("environments.yml"))["variables"] == {"TOUCHED": ",dev,"}
    _, log = runner.run(CHILD, "apply:dev", merged, {})
    assert "no longer fits" not in log
    assert "plan dev again" not in log
    assert repository.parameter("dev", "right") == "second own"
    assert repository.parameter("dev", "app") is None  # it was not touched
    shutil.rmtree(runner.folder)
