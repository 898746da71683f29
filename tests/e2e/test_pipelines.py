"""The generated workflows' own steps, really run: pull request → comment → merge → apply → drift → destroy."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.e2e.conftest import Aws
from tests.pipelines.github import SLUG, FakeGitHub, serve
from tests.pipelines.runner import Event, JobRun, Runner
from tests.project import ProjectFolder

BASE = """\
variable "prefix" { type = string }
variable "note" { type = string }
resource "aws_ssm_parameter" "note" {
  name           = "/${var.prefix}/note"
  type           = "String"
  insecure_value = var.note
}
output "arn" { value = aws_ssm_parameter.note.arn }
output "note" { value = var.note }
"""
APP = """\
variable "prefix" { type = string }
variable "note" { type = string }
variable "own" {
  type    = string
  default = "own"
}
resource "aws_ssm_parameter" "app" {
  name           = "/${var.prefix}/app"
  type           = "String"
  insecure_value = "${var.note} ${var.own}"
}
"""
AUTH = 'variable "github" { type = any }\n'
PLAN, APPLY, DRIFT, DESTROY = (f"orchestrator-{name}.yml" for name in ("plan", "apply", "drift", "destroy"))
ACCOUNT = "123456789012"  # the emulator's
NASTY = "feature/$(touch${IFS}pwned)`id`;x"


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Repository:
    """A repository on GitHub with two environments, worked on in ``folder``."""

    def __init__(
        self, folder: ProjectFolder, tmp: Path, github: FakeGitHub, emulator_root: Path, aws: Aws
    ) -> None:
        self.folder, self.root, self.github, self.aws = folder, folder.root, github, aws
        self.name = f"p{secrets.token_hex(3)}"
        self.origin = tmp / "origin.git"
        self.pull = 0
        folder.module("base", BASE, "inputs:\n  prefix: environment.name_prefix\n")
        folder.module("app", APP, "inputs:\n  prefix: environment.name_prefix\n  note: base.note\n")
        folder.module("auth", AUTH)
        for env in ("dev", "prod"):
            self.configure(env, note="first")
            aws.client("s3").create_bucket(
                Bucket=f"{self.name}-{env}-states",
                CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
            )
        folder.write("policy/checkov.yaml", "enforcement: {default: warn}\n")
        folder.write(
            "pipelines/settings.yaml",
            f"repository: {SLUG}\nenvironments: {{dev: {{}}, prod: {{}}}}\n"
            "install: [orchestrator --version]\ntargets: {github: {}}\n",
        )
        folder.write(".gitignore", ".orchestrator\n")
        trust = {
            f"arn:aws:iam::{ACCOUNT}:role/{self.name}-{env}-auth-github-{what}": f"repo:{SLUG}:environment:{env}{suffix}"
            for env in ("dev", "prod")
            for what, suffix in (("plan", "-plan"), ("apply", ""))
        }
        (tmp / "runs").mkdir()
        self.runner = Runner(self.origin, tmp / "runs", github, emulator_root, trust)

    def start(self) -> None:
        git(self.root, "init", "-q", "-b", "main")
        git(self.root, "add", "-A")
        git(self.root, "commit", "-qm", "first")
        git(self.root, "clone", "-q", "--bare", str(self.root), str(self.origin))
        git(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(self.root, "remote", "add", "origin", str(self.origin))

    def configure(self, env: str, note: str, own: str = "own", more: str = "") -> None:
        self.folder.write(
            f"terraform/envs/{env}/environment.yaml",
            f'project: {self.name}\nregion: eu-west-1\naccount_id: "{ACCOUNT}"\nemulator: true\n'
            f"protected: {'true' if env == 'prod' else 'false'}\n"
            f"backend: {{type: s3, bucket: {self.name}-{env}-states, region: eu-west-1}}\n"
            f"layers:\n  base: {{variables: {{note: {note}}}}}\n  app: {{variables: {{own: {own}}}}}\n"
            f"  auth: {{variables: {{github: {{repository: {SLUG}, plan_environment: {env}-plan}}}}}}\n{more}",
        )

    def open_pull(self, branch: str, *, fork: bool = False) -> Event:
        """Commit what is in the working folder to a branch and open a pull request for it."""
        self.pull += 1
        base = git(self.root, "rev-parse", "main")
        git(self.root, "checkout", "-q", "-B", branch)
        git(self.root, "add", "-A")
        git(self.root, "commit", "-qm", branch)
        return self._event(branch, base, fork)

    def _event(self, branch: str, base: str, fork: bool) -> Event:
        head = git(self.root, "rev-parse", branch)
        git(self.root, "checkout", "-q", "main")
        git(self.root, "checkout", "-q", "--detach")
        git(self.root, "merge", "-q", "--no-ff", "-m", "merge", head)
        merge = git(self.root, "rev-parse", "HEAD")
        git(self.root, "push", "-q", "origin", f"HEAD:refs/pull/{self.pull}/merge")
        git(self.root, "checkout", "-q", "main")
        pull = {
            "number": self.pull,
            "head": {"sha": head, "ref": branch, "repo": {"full_name": "someone/platform" if fork else SLUG}},
            "base": {"sha": base, "ref": "main"},
            "title": f'"; touch pwned; echo "{branch}',
            "merged_at": None,
            "merge_commit_sha": merge,
        }
        self.github.pulls[self.pull] = pull
        ref = f"refs/pull/{self.pull}/merge"
        return Event("pull_request", ref, merge, {"pull_request": pull, "number": self.pull})

    def merge(self, event: Event) -> Event:
        """Merge a pull request (squashed), as a push to main."""
        before = git(self.root, "rev-parse", "main")
        pull = event.payload["pull_request"]
        git(self.root, "merge", "-q", "--squash", pull["head"]["sha"])
        git(self.root, "commit", "-qm", f"#{pull['number']}")
        after = git(self.root, "rev-parse", "main")
        git(self.root, "push", "-q", "origin", "main")
        pull |= {"merged_at": "2026-01-01T00:00:00Z", "merge_commit_sha": after}
        return Event("push", "refs/heads/main", after, {"before": before, "after": after})

    def by_hand(self, **inputs: str) -> Event:
        return Event("workflow_dispatch", "refs/heads/main", git(self.root, "rev-parse", "main"), {}, inputs)

    def parameter(self, env: str, name: str) -> str | None:
        return self.aws.parameter(f"/{self.name}-{env}/{name}")

    def comments(self, pull: int | None = None) -> list[str]:
        return [str(one["body"]) for one in self.github.comments_of(pull or self.pull)]


def ok(jobs: dict[str, JobRun], *names: str) -> None:
    for name in names:
        assert jobs[name].result == "success", f"{name}: {jobs[name].result}\n{jobs[name].log}"


@pytest.fixture
def repository(
    folder: ProjectFolder, tmp_path: Path, emulator_root: Path, aws: Aws, cli: Cli
) -> Iterator[Repository]:
    with serve() as github:
        made = Repository(folder, tmp_path, github, emulator_root, aws)
        written = cli("pipelines", "generate", "--target", "github")
        assert written.code == 0, written.err
        made.start()
        yield made


def test_from_a_pull_request_to_a_destroy(repository: Repository) -> None:
    merged = _a_pull_request_is_planned_commented_and_merged(repository)
    _the_reviewed_bundle_is_applied_in_the_order_of_promotion(repository, merged)
    _destroyed_by_hand(repository)


def _a_pull_request_is_planned_commented_and_merged(repository: Repository) -> Event:
    repository.configure("dev", note="second")
    repository.configure("prod", note="other")
    event = repository.open_pull(NASTY)
    jobs = repository.runner.run(PLAN, event)
    ok(jobs, "check", "scan", "plan-dev", "report-dev", "plan-prod", "report-prod", "tidy")
    assert jobs["check"].outputs["layers"] == '{"dev": "base", "prod": "base"}'
    assert [role.split("/")[1] for role in jobs["plan-dev"].assumed] == [
        f"{repository.name}-dev-auth-github-plan"
    ]
    assert not jobs["report-dev"].assumed
    dev, prod = sorted(repository.comments())
    assert "`dev`: 2 to create" in dev
    assert "`prod`: 2 to create" in prod
    assert "2 to create" in jobs["report-dev"].summary
    assert set(repository.runner.sarif) == {"orchestrator-dev", "orchestrator-prod"}
    return repository.merge(event)


def _the_reviewed_bundle_is_applied_in_the_order_of_promotion(repository: Repository, merged: Event) -> None:
    jobs = repository.runner.run(APPLY, merged)
    ok(jobs, "affected", "apply-dev", "apply-prod")
    assert "reviewed with pull request 1" in jobs["apply-dev"].log
    assert "no longer fits" not in jobs["apply-dev"].log
    assert "plan dev again" not in jobs["apply-dev"].log
    assert repository.parameter("dev", "app") == "second own"
    assert repository.parameter("prod", "app") == "other own"


def _destroyed_by_hand(repository: Repository) -> None:
    mistyped = repository.runner.run(
        DESTROY, repository.by_hand(environment="dev", confirmation="$(touch pwned)")
    )
    assert mistyped["destroy-dev"].result == "failure"
    assert repository.parameter("dev", "app") == "second own"
    assert "destroy-prod" not in mistyped
    done = repository.runner.run(DESTROY, repository.by_hand(environment="dev", confirmation="dev"))
    ok(done, "destroy-dev")
    assert repository.parameter("dev", "app") is None
    assert not list(repository.runner.folder.rglob("pwned"))
