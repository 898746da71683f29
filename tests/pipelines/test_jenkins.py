"""The target jenkins: every combination of options is Groovy, and stages run what a person runs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dekobon_tree_sitter_groovy
import pytest
from tree_sitter import Language, Node, Parser

from orchestrator.errors import OrchestratorError
from orchestrator.pipelines.facts import Facts
from orchestrator.pipelines.render import UnquotedError, quote_groovy
from orchestrator.pipelines.target import Target
from tests.pipelines import scripts
from tests.pipelines.rendering import combinations, rendered
from tests.pipelines.scripts import BRANCH, run, shellcheck


def groovy(text: str) -> Node:
    return Parser(Language(dekobon_tree_sitter_groovy.language())).parse(text.encode()).root_node


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def test_jenkinsfiles_are_groovy_with_every_combination_of_options_and_nothing_in_them_is_interpolated(
    jenkins: tuple[Target, Facts], tmp_path: Path
) -> None:
    target, facts = jenkins
    shell: set[str] = set()
    for options in combinations(target):
        files = rendered(target, facts, options)
        text = files["Jenkinsfile"]
        assert not groovy(text).has_error
        assert '"' not in text  # no GString
        assert ("cron(" in text) is options["drift"]
        assert ("stage('destroy dev')" in text) is options["destroy"]
        assert "stage('destroy prod')" not in text
        shell.add(files[".jenkins/orchestrator.sh"])
    shellcheck(tmp_path, shell)
    assert groovy("pipeline { stages { stage('a) { } } }").has_error
    assert groovy("pipeline { agent none }}").has_error


def test_in_jenkins_an_apply_is_locked_and_approved_and_takes_its_own_credentials(
    jenkins: tuple[Target, Facts],
) -> None:
    target, facts = jenkins
    text = rendered(target, facts)["Jenkinsfile"]
    assert "disableConcurrentBuilds()" in text
    stages = dict(re.findall(r"stage\('([^']+)'\) \{\n(.*?)\n    \}\n", text, re.S))
    order = list(stages)
    assert order.index("plan prod") < order.index("approve prod") < order.index("apply prod")
    assert "submitter: 'release-managers'" in stages["approve prod"]
    for name, body in stages.items():
        if name.startswith(("apply", "destroy")):
            assert "lock(resource: 'orchestrator-" in body
            assert "branch 'main'" in body
        assert ("-apply'" in body) is name.startswith(("apply", "destroy")), name
    # A fork's code runs on no agent.
    assert "!env.CHANGE_FORK" in stages["plan prod"]
    assert "expression { params.ACTION == 'deliver' && !env.CHANGE_FORK }" in stages["check"]
    assert all("!env.CHANGE_FORK" in body or "branch 'main'" in body for body in stages.values())
    # What hangs does not keep an agent, or the environment's lock, for ever.
    for name, body in stages.items():
        if " sh 'bash" in body:
            assert re.search(r"timeout\(time: \d+, unit: 'MINUTES'\)", body), name
    assert order[-1] != "delivered"
    assert order.index("delivered") > order.index("apply prod")
    for stage in ("plan prod", "approve prod", "apply prod"):
        assert "env.TOUCHED.contains(',prod,')" in stages[stage]
    # A pull request's plan is kept by its job and taken by the default branch's, which may.
    assert "copyArtifactPermission('main')" in text
    assert (
        "filter: '.orchestrator/prod/plans/**,.orchestrator/prod/.terraform.lock.hcl'" in stages["plan prod"]
    )
    assert (
        "artifacts: '.orchestrator/prod/plans/**,.orchestrator/prod/.terraform.lock.hcl,"
        in stages["plan prod"]
    )
    # Without a pull request's plan somebody is asked even where otherwise nobody is.
    assert "!env.REVIEWED" not in stages["approve dev"]
    unattended = rendered(target, facts, {"unattended": ["dev"]})["Jenkinsfile"]
    stages = dict(re.findall(r"stage\('([^']+)'\) \{\n(.*?)\n    \}\n", unattended, re.S))
    assert "expression { !env.REVIEWED_1 }" in stages["approve dev"]
    assert "!env.REVIEWED" not in stages["approve prod"]


def test_values_made_to_break_out_are_one_string_or_an_error(
    jenkins: tuple[Target, Facts], gitlab: tuple[Target, Facts]
) -> None:
    target, facts = jenkins
    text = rendered(target, facts, {"agent": BRANCH, "approvers": [BRANCH], "drift_schedule": BRANCH + "\\"})[
        "Jenkinsfile"
    ]
    tree = groovy(text)
    assert not tree.has_error
    literals = [node.text.decode() for node in nodes(tree) if node.type == "string_literal" and node.text]
    assert str(quote_groovy(BRANCH)) in literals
    assert str(quote_groovy(BRANCH + "\\")) in literals
    with pytest.raises(UnquotedError):
        quote_groovy("a\nb")
    with pytest.raises(OrchestratorError, match="approvers names nobody"):
        rendered(target, facts, {"approvers": []})
    target, facts = gitlab
    document = scripts.load(
        rendered(target, facts, {"tags": [BRANCH], "image": BRANCH})[".gitlab/orchestrator.yml"]
    )
    assert document[".orchestrator"]["tags"] == [BRANCH]
    assert document[".orchestrator"]["image"] == BRANCH


def test_jenkins_script_takes_the_role_of_its_environment_and_no_other(
    jenkins: tuple[Target, Facts], recorder: dict[str, str], tmp_path: Path
) -> None:
    target, facts = jenkins
    script = rendered(target, facts)[".jenkins/orchestrator.sh"]
    token = tmp_path / "token"
    token.write_text("token")
    variables = {
        **recorder, "ORCHESTRATOR_INSTALLED": "1", "AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "BRANCH_NAME": BRANCH,
        "CONFIRM": BRANCH, "ORCHESTRATOR_ENV": "dev",
    }  # fmt: skip

    def step(name: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run(f"set -- {name}\n{script}", tmp_path, variables | more)

    for name in ("check", "plan", "apply", "drift", "destroy"):
        done = step(name)
        assert done.returncode == 0, done.stderr
    calls = Path(recorder["RECORD"]).read_text().splitlines()
    assert calls[0] == "[pipelines][check][--target][jenkins]"
    assert "[plan][--env][dev][--layer][base][--layer][app][--with-dependents]" in calls
    assert "[apply][--env][dev][--plan][latest][--or-equivalent]" in calls
    assert calls[-1] == f"[destroy][--env][dev][--confirm][{BRANCH}]"
    assert step("apply", ORCHESTRATOR_ENV=BRANCH).returncode == 1
    assert step("apply", AWS_WEB_IDENTITY_TOKEN_FILE="").returncode == 1
    assert step("everything").returncode == 64
    assert len(Path(recorder["RECORD"]).read_text().splitlines()) == len(calls)
    assert not list(tmp_path.rglob("pwned"))


def test_jenkins_agents_take_the_version_of_terraform_that_is_wanted_now(
    jenkins: tuple[Target, Facts], tmp_path: Path
) -> None:
    """The folder beside the workspace is there in the next build, too."""
    target, facts = jenkins
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name, body in {
        "curl": 'touch "${@: -1}" 2>/dev/null; touch "$(basename "${@: -1}")"',
        "sha256sum": "true",
        "unzip": 'printf "#!/bin/sh\necho %s\n" "$2" > terraform; chmod +x terraform',
        "python3": 'mkdir -p "$3/bin"',
        "python": "true",
        "orchestrator": "terraform > terraform.out",
    }.items():
        (bin_folder / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (bin_folder / name).chmod(0o755)
    variables = {
        "PATH": f"{bin_folder}:/usr/bin:/bin",
        "WORKSPACE_TMP": str(tmp_path / "at-tmp"),
        "HOME": str(tmp_path),
    }
    for version in ("1.11.4", "1.12.0"):
        script = rendered(target, replace(facts, terraform=version))[".jenkins/orchestrator.sh"]
        done = run(f"set -- touched\n{script}", tmp_path, variables)
        assert done.returncode == 0, done.stderr
        assert f"terraform_{version}_linux" in (tmp_path / "terraform.out").read_text()


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [
        (["Merge pull request #12 from shop/feature"], "12"),
        (["Pull request #12: the title (#9)"], "12"),
        (["Merged in feature (pull request #12)"], "12"),
        (['Revert "a title (#3)" (#12)'], "12"),
        (["a change that was pushed"], ""),
        (["first (#11)", "second (#12)"], ""),
        ([f"{BRANCH} (#12)"], "12"),
        ([], ""),
    ],
)
def test_jenkins_takes_the_plan_of_the_pull_request_that_is_all_there_is_to_deliver(
    jenkins: tuple[Target, Facts],
    recorder: dict[str, str],
    tmp_path: Path,
    subjects: list[str],
    expected: str,
) -> None:
    target, facts = jenkins
    script = rendered(target, facts)[".jenkins/orchestrator.sh"]
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "-q", "-b", "main")
    git(work, "commit", "-q", "--allow-empty", "-m", "delivered (#1)")
    delivered = git(work, "rev-parse", "HEAD")
    for subject in subjects:
        git(work, "commit", "-q", "--allow-empty", "-m", subject)
    variables = {**recorder, "ORCHESTRATOR_INSTALLED": "1"}

    def step(name: str, **more: str) -> str:
        done = run(f"set -- {name}\n{script}", work, variables | more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert step("merged", BASE=delivered).strip() == expected
    assert step("merged", BASE="") == ""
    assert step("merged", BASE="f" * 40) == ""  # it is not here any more
    assert step("touched", BASE=delivered) == ",dev,prod,\n"
    assert step("touched", CHANGE_TARGET=BRANCH) == ",dev,prod,\n"
    assert Path(recorder["RECORD"]).read_text().splitlines() == [
        f"[ci][affected][--base][{base}][--env][dev][--env][prod][--print][environments]"
        for base in (delivered, "")
    ]
    kept = work / ".orchestrator/prod/plans/20260101T000000Z-beef"
    kept.mkdir(parents=True)
    token = tmp_path / "token"
    token.write_text("token")
    step("plan", ORCHESTRATOR_ENV="prod", AWS_WEB_IDENTITY_TOKEN_FILE=str(token))
    assert "[plan]" not in Path(recorder["RECORD"]).read_text()
    assert not list(tmp_path.rglob("pwned"))
