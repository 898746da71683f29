"""Runs a workflow as GitHub's runner would: jobs by `needs`, each in a fresh clone, `run:` steps with bash.

Actions (`uses:`) are replaced by local ones that do the same: a clone, a copy to the artifact store, credentials of the emulator.
What GitHub would refuse is refused here: a token has its job's permissions only, an OIDC token needs `id-token: write` and no fork.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from tests.pipelines.expressions import condition, fill
from tests.pipelines.github import SLUG, FakeGitHub

Trust = Mapping[str, str]
"""Role ARN → the `sub` that its trust policy names."""


@dataclass(frozen=True)
class Event:
    """What started a workflow. ``ref``: what is checked out; ``sha``: what it is."""

    name: str
    ref: str
    sha: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    checkout: str | None = None

    @property
    def from_fork(self) -> bool:
        head = (self.payload.get("pull_request") or {}).get("head") or {}
        return bool(head) and head["repo"]["full_name"] != SLUG


@dataclass
class JobRun:
    """How a job went. ``log``: all that its steps printed."""

    name: str
    result: str = "success"
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    assumed: list[str] = field(default_factory=list)
    steps: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class Runner:
    """A repository's runners. ``before_step``: called with job, step's name and workspace."""

    def __init__(self, origin: Path, folder: Path, github: FakeGitHub, emulator: Path, trust: Trust) -> None:
        self.origin, self.folder, self.github, self.emulator, self.trust = (
            origin,
            folder,
            github,
            emulator,
            trust,
        )
        self.sarif: dict[str, Any] = {}
        self.before_step: Callable[[str, str, Path], None] = lambda *_: None
        self._runs = itertools.count(1)

    def run(
        self,
        workflow: str,
        event: Event,
        *,
        skip: tuple[str, ...] = (),
        attempt: int = 1,
        earlier: Mapping[str, JobRun] | None = None,
    ) -> dict[str, JobRun]:
        """Every job's end. ``skip``: jobs that are taken as successful; ``earlier``: run failed jobs of that attempt again."""
        number = next(self._runs)
        raw = self._show(
            event.sha if event.checkout is None else event.checkout, f".github/workflows/{workflow}"
        )
        document = yaml.safe_load(raw)
        assert document["permissions"] == {}
        done: dict[str, JobRun] = {}
        for name in self._order(document["jobs"]):
            before = (earlier or {}).get(name)
            if name in skip:
                done[name] = JobRun(name)
            elif before is not None and before.result == "success":
                done[name] = before
            else:
                done[name] = _Job(self, name, document, event, done, f"{number}-{attempt}", attempt).run()
        return done

    @staticmethod
    def _order(jobs: Mapping[str, Any]) -> list[str]:
        order: list[str] = []
        while len(order) < len(jobs):
            order += [
                name
                for name, job in jobs.items()
                if name not in order and set(job.get("needs", [])) <= set(order)
            ]
        return order

    def _show(self, commit: str, path: str) -> str:
        return subprocess.run(
            ["git", "-C", str(self.origin), "show", f"{commit}:{path}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout


class _Job:
    def __init__(
        self,
        runner: Runner,
        name: str,
        document: Mapping[str, Any],
        event: Event,
        done: Mapping[str, JobRun],
        run: str,
        attempt: int,
    ) -> None:
        self.runner, self.name, self.event, self.run_id = runner, name, event, run
        self.job = document["jobs"][name]
        self.shell = document["defaults"]["run"]["shell"]
        self.done = JobRun(name)
        self.steps: dict[str, dict[str, Any]] = {}
        self.work = runner.folder / f"{run}-{name}"
        self.workspace = self.work / "repository"
        needs = {
            need: {"result": done[need].result, "outputs": done[need].outputs}
            for need in self.job.get("needs", [])
        }
        self.needed = all(need["result"] == "success" for need in needs.values())
        self.failed_need = any(need["result"] == "failure" for need in needs.values())
        self.permissions = {} if event.from_fork else self.job["permissions"]
        token = runner.github.token(
            **{key.replace("-", "_"): value for key, value in self.permissions.items()}
        )
        self.token = token
        self.context: dict[str, Any] = {
            "needs": needs,
            "steps": self.steps,
            "inputs": event.inputs,
            "github": {
                "event_name": event.name, "event": event.payload, "repository": SLUG, "sha": event.sha, "ref": event.ref,
                "run_id": run.split("-")[0], "run_attempt": str(attempt), "token": token,
            },
        }  # fmt: skip
        self.variables: dict[str, str] = {}

    def _status(self, ok: bool) -> dict[str, bool]:
        return {"success": ok, "failure": not ok, "always": True, "cancelled": False}

    def run(self) -> JobRun:
        status = {"success": self.needed, "failure": self.failed_need, "always": True, "cancelled": False}
        if not condition(self.job.get("if"), self.context, status):
            self.done.result = "skipped"
            return self.done
        self.work.mkdir(parents=True)
        self._prepare()
        ok = True
        for step in self.job["steps"]:
            if not condition(step.get("if"), self.context, self._status(ok)):
                self.done.steps[step["name"]] = "skipped"
                continue
            self.runner.before_step(self.name, step["name"], self.workspace)
            went_well = self._use(step, ok) if "uses" in step else self._run(step, ok)
            self.done.steps[step["name"]] = "success" if went_well else "failure"
            ok = ok and went_well
        self.done.result = "success" if ok else "failure"
        self.done.outputs = {
            name: fill(value, self.context, self._status(ok))
            for name, value in self.job.get("outputs", {}).items()
        }
        self.done.summary = (self.work / "summary.md").read_text()
        assert self.token not in self.done.log, "the token was printed"
        assert not list(self.work.rglob("pwned")), "a name was run as a command"
        shutil.rmtree(self.workspace, ignore_errors=True)
        print(self.name, self.done.result, self.done.seconds)  # noqa: T201  (pytest shows it of tests that fail)
        return self.done

    def _prepare(self) -> None:
        (self.work / "summary.md").touch()
        (self.work / "event.json").write_text(json.dumps(self.event.payload))
        bin_folder = Path(sys.executable).parent
        self.variables = {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "HOME": os.environ["HOME"],
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.runner.github.url,
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(self.work / "event.json"),
            "GITHUB_REPOSITORY": SLUG,
            "GITHUB_RUN_ID": self.run_id.split("-")[0],
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": self.event.sha,
            "GITHUB_REF": self.event.ref,
            "GITHUB_STEP_SUMMARY": str(self.work / "summary.md"),
            **{
                key: value
                for key, value in os.environ.items()
                if key.startswith(("TF_PLUGIN", "XDG_", "PYTHONPATH"))
            },
        }

    def _filled(self, values: Mapping[str, Any], ok: bool) -> dict[str, str]:
        return {name: fill(value, self.context, self._status(ok)) for name, value in values.items()}

    def _run(self, step: Mapping[str, Any], ok: bool) -> bool:
        assert self.shell == "bash"
        output = self.work / "output"
        output.write_text("")
        script = self.work / "step.sh"
        script.write_text(fill(step["run"], self.context, self._status(ok)))
        assert "${{" not in step["run"], "an expression in a script is a way in"
        variables = {**self.variables, **self._filled(step.get("env", {}), ok), "GITHUB_OUTPUT": str(output)}
        began = time.monotonic()
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.done.seconds[step["name"]] = round(time.monotonic() - began, 1)
        self.done.log += f"::{step['name']}\n{done.stdout}{done.stderr}"
        if "id" in step:
            pairs = (line.split("=", 1) for line in output.read_text().splitlines())
            self.steps[step["id"]] = {"outputs": dict(pairs)}
        return done.returncode == 0

    def _use(self, step: Mapping[str, Any], ok: bool) -> bool:
        action, _, commit = step["uses"].partition("@")
        assert len(commit) == 40, step["uses"]
        given = self._filled(step.get("with", {}), ok)
        actions: dict[str, Callable[[Mapping[str, str]], bool]] = {
            "actions/checkout": self._checkout,
            "actions/setup-python": lambda _: True,
            "hashicorp/setup-terraform": lambda given: given["terraform_wrapper"] == "false",
            "aws-actions/configure-aws-credentials": self._credentials,
            "actions/upload-artifact": self._upload,
            "actions/download-artifact": self._download,
            "github/codeql-action/upload-sarif": self._sarif,
        }
        return actions[action](given)

    def _checkout(self, given: Mapping[str, str]) -> bool:
        assert given["persist-credentials"] == "false"
        assert self.job["permissions"].get("contents") == "read"
        commit = self.event.checkout or self.event.sha
        depth = [] if given.get("fetch-depth") == "0" else ["--depth=1"]
        folder = str(self.workspace)
        for words in (
            ["init", "-q", folder],
            ["-C", folder, "fetch", "-q", *depth, f"file://{self.runner.origin}", commit],
            ["-C", folder, "checkout", "-q", "FETCH_HEAD"],
        ):
            subprocess.run(["git", *words], check=True, capture_output=True)
        # The emulator stands for AWS on every runner.
        (self.workspace / ".orchestrator").mkdir()
        (self.workspace / ".orchestrator" / "emulator").symlink_to(self.runner.emulator)
        return True

    def _credentials(self, given: Mapping[str, str]) -> bool:
        if self.permissions.get("id-token") != "write":
            self.done.log += "no OIDC token: the job has no `id-token: write`\n"
            return False
        subject = f"repo:{SLUG}:environment:{self.job['environment']}"
        role = given["role-to-assume"]
        assert self.runner.trust[role] == subject, f"{role} does not trust {subject}"
        assert role.split(":")[4] == given["allowed-account-ids"]
        self.done.assumed.append(role)
        self.variables |= {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": given["aws-region"],
        }
        return True

    def _upload(self, given: Mapping[str, str]) -> bool:
        patterns = [line.strip() for line in given["path"].splitlines() if line.strip()]
        hidden = given.get("include-hidden-files") == "true"
        there = [path for pattern in patterns if (path := self.workspace / pattern).exists()]
        files = [
            file
            for path in there
            for file in ([path] if path.is_file() else sorted(path.rglob("*")))
            if file.is_file()
        ]
        files = [
            file
            for file in files
            if hidden or not any(part.startswith(".") for part in file.relative_to(self.workspace).parts)
        ]
        if not files:
            return given.get("if-no-files-found") != "error"
        # With one path its folder is the root; with several, the deepest folder that they share.
        root = Path(
            os.path.commonpath(
                [path if path.is_dir() and len(patterns) == 1 else path.parent for path in there]
            )
        )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for file in files:
                archive.write(file, file.relative_to(root))
        sha = (self.event.payload.get("pull_request") or {}).get("head", {}).get("sha", self.event.sha)
        for number in [
            key for key, one in self.runner.github.artifacts.items() if one["name"] == given["name"]
        ]:
            del self.runner.github.artifacts[number]
        self.runner.github.add_artifact(given["name"], buffer.getvalue(), sha, fork=self.event.from_fork)
        return True

    def _download(self, given: Mapping[str, str]) -> bool:
        github = self.runner.github
        chosen = [
            number
            for number, one in github.artifacts.items()
            if one["name"] == given.get("name")
            or ("pattern" in given and fnmatch(one["name"], given["pattern"]))
        ]
        for number in chosen:
            with zipfile.ZipFile(io.BytesIO(github.content[number])) as archive:
                archive.extractall(self.workspace / given["path"])
        return bool(chosen)

    def _sarif(self, given: Mapping[str, str]) -> bool:
        if self.permissions.get("security-events") != "write":
            return False
        self.runner.sarif[given["category"]] = json.loads((self.workspace / given["sarif_file"]).read_text())
        return True
