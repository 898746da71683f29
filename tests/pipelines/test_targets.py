"""The targets codepipeline, gitlab and jenkins: every combination of options is what the tool itself takes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dekobon_tree_sitter_groovy
import jsonschema
import pytest
import yaml
from tree_sitter import Language, Node, Parser

from orchestrator.ci.affected import Affected
from orchestrator.ci.gitlab_child import child_pipeline
from orchestrator.config.environment import load_environment
from orchestrator.config.project import find_project
from orchestrator.errors import OrchestratorError
from orchestrator.pipelines.facts import Facts
from orchestrator.pipelines.render import UnquotedError, quote_groovy
from orchestrator.pipelines.target import Target
from tests.conftest import Cli
from tests.pipelines import scripts
from tests.pipelines.rendering import combinations, facts_of, rendered, target_of

REPOSITORY = Path(__file__).parents[2]
BUILD_SPEC = json.loads((REPOSITORY / "tests/schemas/buildspec-0.2.json").read_text())
BRANCH = "x'; touch pwned; echo $(touch pwned) `touch pwned` \"${IFS}#"
"""A name that somebody chose to hurt."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the platform."""
    root = tmp_path_factory.mktemp("targets")
    for name in ("terraform", "policy", "examples"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns(".terraform*"))
    return root


def known(root: Path, name: str) -> tuple[Target, Facts]:
    target = target_of(root, name)
    return target, facts_of(root, target, "dev", "prod")


@pytest.fixture(scope="module")
def codepipeline(shipped: Path) -> tuple[Target, Facts]:
    return known(shipped, "codepipeline")


@pytest.fixture(scope="module")
def gitlab(shipped: Path) -> tuple[Target, Facts]:
    return known(shipped, "gitlab")


@pytest.fixture(scope="module")
def jenkins(shipped: Path) -> tuple[Target, Facts]:
    return known(shipped, "jenkins")


def groovy(text: str) -> Node:
    return Parser(Language(dekobon_tree_sitter_groovy.language())).parse(text.encode()).root_node


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def shellcheck(folder: Path, texts: set[str]) -> None:
    files = []
    for number, text in enumerate(sorted(texts)):
        files.append(folder / f"{number}.sh")
        files[-1].write_text(text)
        subprocess.run(["bash", "-n", str(files[-1])], check=True)
    found = subprocess.run(
        # 2155: that a value was found is tried where it matters; 2016, 2030, 2031: jq's variables and subshells are meant.
        [
            str(Path(sys.executable).with_name("shellcheck")),
            "--shell=bash",
            "--exclude=SC2155,SC2016,SC2030,SC2031",
            *map(str, files),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_build_specs_are_what_codebuild_takes_with_every_combination_of_options(
    codepipeline: tuple[Target, Facts], tmp_path: Path
) -> None:
    target, facts = codepipeline
    found: set[str] = set()
    for options in combinations(target):
        files = rendered(target, facts, options)
        specs = {path: text for path, text in files.items() if path.startswith(".aws/")}
        assert (".aws/orchestrator/drift.yml" in specs) is options["drift"]
        assert (".aws/orchestrator/image.yml" in specs) is options["services"]
        for text in specs.values():
            found.add(text)
    assert len(found) == 6
    for text in found:
        jsonschema.validate(scripts.load(text), BUILD_SPEC)
    shellcheck(tmp_path, {scripts.of_build_spec(text) for text in found})


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0.2},
        {"version": 0.1, "phases": {"build": {"commands": ["true"]}}},
        {"version": 0.2, "phases": {"deploy": {"commands": ["true"]}}},
        {"version": 0.2, "phases": {"build": {"command": ["true"]}}},
        {"version": 0.2, "phases": {"build": {"commands": [{"a": "b"}]}}},
        {"version": 0.2, "env": {"exported_variables": ["A"]}, "phases": {"build": {"commands": ["true"]}}},
        {"version": 0.2, "phases": {"build": {"commands": ["true"]}}, "artifacts": {"paths": ["**/*"]}},
    ],
)
def test_the_schema_of_build_specs_refuses_what_codebuild_does(wrong: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, BUILD_SPEC)


def test_what_is_exported_is_set_and_what_is_asked_for_is_exported(
    codepipeline: tuple[Target, Facts],
) -> None:
    target, facts = codepipeline
    files = rendered(target, facts)
    exported: dict[str, set[str]] = {}
    for path, text in files.items():
        if path.startswith(".aws/"):
            names = scripts.load(text).get("env", {}).get("exported-variables", [])
            exported[path] = set(names)
            for name in names:
                assert f"export {name}=" in text, (path, name)
    namespaces = {"plan": "plan", "image": "image", "code": "function"}
    asked = set(re.findall(r"#\{(\w+)\.(\w+)\}", files["terraform/envs/prod/pipeline.yaml"]))
    assert {"PLAN_ID", "REVIEW_SUMMARY", "VERSION", "IMAGE"} <= {name for _, name in asked}
    for namespace, name in asked:
        assert name in exported[f".aws/orchestrator/{namespaces[namespace]}.yml"]


def test_the_layers_input_is_valid_with_every_combination_and_asks_where_somebody_is_to_be_asked(
    codepipeline: tuple[Target, Facts], shipped: Path
) -> None:
    target, facts = codepipeline
    path = shipped / "terraform/envs/prod/environment.yaml"
    before = path.read_text()
    path.write_text(before.replace("extends: ../aws.yaml", "extends: [../aws.yaml, pipeline.yaml]"))
    fragment = path.with_name("pipeline.yaml")
    seen: dict[str, dict[str, Any]] = {}
    try:
        for options in combinations(target):
            for name in ("dev", "prod"):
                text = rendered(target, facts, options)[f"terraform/envs/{name}/pipeline.yaml"]
                if text not in seen:
                    seen[text] = options
                    stages = scripts.load(text)["layers"]["cicd"]["variables"]["pipelines"]["platform"][
                        "stages"
                    ]
                    names = [stage["name"] for stage in stages]
                    assert ("Review" in names) is (name not in str(options["unattended"]))
                    assert (names[-1] == "Apply") is (options["apply"] == "whole")
        for text in list(seen)[::8]:  # loading takes a second each
            fragment.write_text(text.replace("environment: dev", "environment: prod"))
            load_environment(find_project(shipped), "prod")
    finally:
        path.write_text(before)
        fragment.unlink(missing_ok=True)
    assert len(seen) > 30


def test_every_layer_is_applied_once_after_what_it_needs_and_the_pipelines_own_last(
    codepipeline: tuple[Target, Facts],
) -> None:
    target, facts = codepipeline
    for environment in facts.environments:
        text = rendered(target, facts)[f"terraform/envs/{environment.name}/pipeline.yaml"]
        stages = scripts.load(text)["layers"]["cicd"]["variables"]["pipelines"]["platform"]["stages"]
        waves = [
            stage["actions"][0]["variables"]["LAYERS"].split()
            for stage in stages
            if stage["name"].startswith("Apply")
        ]
        order = [layer for wave in waves for layer in wave]
        assert sorted(order) == sorted(layer.name for layer in environment.layers)
        assert waves[-1] == ["cicd"]
        for layer in environment.layers:
            wave = next(number for number, names in enumerate(waves) if layer.name in names)
            assert all(any(need in names for names in waves[:wave]) for need in layer.needs if need != "cicd")


def test_services_that_a_deployment_moves_have_a_pipeline_and_the_others_none(
    codepipeline: tuple[Target, Facts],
) -> None:
    target, facts = codepipeline
    variables = {
        name: scripts.load(rendered(target, facts)[f"terraform/envs/{name}/pipeline.yaml"])["layers"]["cicd"][
            "variables"
        ]
        for name in ("dev", "prod")
    }
    assert set(variables["dev"]["pipelines"]) == {"platform", "drift", "orders"}
    assert set(variables["prod"]["pipelines"]) == {"platform", "drift", "catalog", "orders"}
    deploy = variables["prod"]["pipelines"]["orders"]["stages"][-1]["actions"][0]
    assert (deploy["type"], deploy["target_version"]) == ("deploy_lambda", "#{code.VERSION}")
    assert variables["prod"]["projects"]["catalog-image"]["push_images_of"] == ["catalog"]


def test_gitlabs_files_fit_its_schema_with_every_combination_of_options(
    gitlab: tuple[Target, Facts], tmp_path: Path
) -> None:
    from check_jsonschema import main

    target, facts = gitlab
    texts: set[str] = set()
    for options in combinations(target):
        files = rendered(target, facts, options)
        assert (".gitlab-ci.yml" in files) is options["root_file"]
        texts |= set(files.values())
    paths = []
    for number, text in enumerate(sorted(texts)):
        paths.append(tmp_path / f"{number}.yml")
        paths[-1].write_text(text)
    with pytest.raises(SystemExit) as ended:
        main(["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", *map(str, paths)])
    assert ended.value.code in (0, None)
    broken = tmp_path / "broken.yml"
    broken.write_text(max(texts, key=len).replace("when: manual", "when: whenever"))
    with pytest.raises(SystemExit) as ended:
        main(["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(broken)])
    assert ended.value.code == 1
    documents = [scripts.load(text) for text in texts if "stages:" in text]
    shellcheck(
        tmp_path,
        {
            scripts.of_gitlab_job(document, name)
            for document in documents
            for name in scripts.gitlab_jobs(document)
        },
    )


PARENT, CHILD = ".gitlab/orchestrator.yml", ".gitlab/orchestrator-environments.yml"


def test_gitlabs_jobs_hold_the_role_that_changes_things_only_behind_a_protected_environment(
    gitlab: tuple[Target, Facts],
) -> None:
    target, facts = gitlab
    files = rendered(target, facts)
    parent, child = scripts.load(files[PARENT]), scripts.load(files[CHILD])
    jobs = {**scripts.gitlab_jobs(parent), **scripts.gitlab_jobs(child)}
    assert {"apply:dev", "apply:prod", "destroy:dev"} <= set(jobs)
    assert "destroy:prod" not in jobs  # it is protected
    for name, job in jobs.items():
        changes = name.startswith(("apply:", "destroy:"))
        role = job["variables"].get("AWS_ROLE_ARN", "")
        assert role.endswith("-apply") is changes, name
        assert ("resource_group" in job and not job["interruptible"]) if changes else True
        for rule in job["rules"]:
            if "id_tokens" in job:
                of_ours = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
                assert of_ours or "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"], name
            if changes:
                assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"]
        if changes:
            assert job["rules"][0]["when"] == "manual"
            assert job["environment"]["name"] in ("dev", "prod")
    assert jobs["apply:prod"]["needs"] == [{"job": "apply:dev", "artifacts": False, "optional": True}]
    unattended = scripts.load(rendered(target, facts, {"unattended": ["dev"]})[CHILD])
    assert "when" not in unattended["apply:dev"]["rules"][0]
    # The pipeline of a fork's merge request starts none that has a role.
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in parent["review"]["rules"][0]["if"]
    assert [rule["if"] for rule in parent["apply"]["rules"]] == [
        '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'
    ]
    assert not re.search(r"AWS_(SECRET|ACCESS)", json.dumps([parent, child], default=str))
    # What a branch or a merge request is called is in no script.
    every = [scripts.of_gitlab_job(one, name) for one in (parent, child) for name in scripts.gitlab_jobs(one)]
    names = r"CI_(COMMIT_(BRANCH|REF|TITLE|MESSAGE)|MERGE_REQUEST_(TITLE|SOURCE_BRANCH))"
    assert not re.search(names, "".join(every))


def matches(condition: str, variables: dict[str, str]) -> bool:
    """A condition of GitLab's rules: comparisons, regular expressions and names, joined by &&."""
    for term in condition.split(" && "):
        name, _, expected = term.replace(" =~ ", " == ").partition(" == ")
        value = variables.get(name.removeprefix("$"), "")
        if not expected:
            held = bool(value)
        elif expected.startswith("/"):
            held = re.search(expected.strip("/"), value) is not None
        else:
            held = value == (variables.get(expected[1:], "") if expected[0] == "$" else expected.strip('"'))
        if not held:
            return False
    return True


@pytest.mark.parametrize(
    ("does", "touched", "expected"),
    [
        ("review", ["dev", "prod"], {"review:dev", "note:dev", "review:prod", "note:prod"}),
        ("review", ["prod"], {"review:prod", "note:prod"}),
        ("review", [], {"untouched"}),
        ("apply", ["dev", "prod"], {"apply:dev", "apply:prod"}),
        ("apply", ["prod"], {"apply:prod"}),
        ("apply", [], {"untouched"}),
    ],
)
def test_gitlabs_child_pipeline_has_jobs_for_what_is_touched_only(
    gitlab: tuple[Target, Facts], does: str, touched: list[str], expected: set[str]
) -> None:
    target, facts = gitlab
    found = [Affected(name, ("base", "app"), (), None) for name in touched]
    child = yaml.safe_load(child_pipeline(found))
    assert child["include"] == [{"local": CHILD}]
    document = scripts.load(rendered(target, facts)[CHILD])
    assert all(child[f"review:{name}"] == {"variables": {"LAYERS": "base app"}} for name in touched)
    assert {name for name in child if name.startswith("review:")} <= set(document)
    variables = {
        **child["variables"],
        "ORCHESTRATOR_DOES": does,
        "CI_DEFAULT_BRANCH": "main",
        "CI_PROJECT_ID": "5",
    }
    if does == "review":
        variables |= {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5"}
        variables |= {"ORCHESTRATOR_GITLAB_TOKEN": "x"}
    else:
        variables |= {"CI_COMMIT_BRANCH": "main"}

    def runs(variables: dict[str, str]) -> set[str]:
        jobs = scripts.gitlab_jobs(document)
        return {
            name for name, job in jobs.items() if any(matches(rule["if"], variables) for rule in job["rules"])
        }

    assert runs(variables) == expected
    elsewhere = {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "6", "CI_COMMIT_BRANCH": "feature"}
    assert runs(variables | elsewhere) <= {"untouched"}


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
    assert "!env.CHANGE_FORK" in stages["plan prod"]
    assert order[-1] != "delivered"
    assert order.index("delivered") > order.index("apply prod")
    for stage in ("plan prod", "approve prod", "apply prod"):
        assert "env.TOUCHED.contains(',prod,')" in stages[stage]
    # A pull request's plan is kept by its job and taken by the default branch's, which may.
    assert "copyArtifactPermission('main')" in text
    assert "filter: '.orchestrator/prod/**'" in stages["plan prod"]
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


RECORDER = """#!/usr/bin/env bash
printf '%s\\n' "$(printf '[%s]' "$@")" >> "$RECORD"
case "$1" in plan) mkdir -p ".orchestrator/$3/plans/20260101T000000Z-abcd"
  touch ".orchestrator/$3/plans/20260101T000000Z-abcd/"{summary.md,review.html} ;; esac
case "$*" in *brief*) echo "prod: 1 to create" ;; *reviewed*) echo 20260101T000000Z-beef ;;
  *"--print environments"*) printf 'dev\\nprod\\n' ;; *"--print layers"*) echo base app ;; esac
"""


@pytest.fixture
def recorder(tmp_path: Path) -> dict[str, str]:
    """A command ``orchestrator`` that writes down how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "orchestrator").write_text(RECORDER)
    (folder / "orchestrator").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "RECORD": str(tmp_path / "record"), "HOME": str(tmp_path)}


def run(script: str, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


def test_gitlabs_scripts_run_the_commands_of_a_person(
    gitlab: tuple[Target, Facts], recorder: dict[str, str], tmp_path: Path
) -> None:
    target, facts = gitlab
    files = rendered(target, facts)
    work = tmp_path / "work"
    work.mkdir()
    variables = {
        **recorder, "CI_PROJECT_DIR": str(work), "AWS_ID_TOKEN": "token", "CI_PROJECT_ID": "1", "CI_JOB_ID": "2",
        "CI_COMMIT_REF_NAME": BRANCH, "DESTROY": BRANCH, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "b" * 40, "LAYERS": "base app",
    }  # fmt: skip
    for file, names in (
        (PARENT, ("affected", "drift:prod", "destroy:dev")),
        (CHILD, ("review:prod", "apply:prod")),
    ):
        document = scripts.load(files[file])
        document[".orchestrator"]["before_script"] = []  # nothing is downloaded here
        for job in names:
            done = run(scripts.of_gitlab_job(document, job), work, variables)
            assert done.returncode == 0, done.stderr
    whole = run(scripts.of_gitlab_job(document, "review:prod"), work, {**variables, "LAYERS": ""})
    assert whole.returncode == 0, whole.stderr
    review = [
        "[review][--env][prod][--plan][latest][--format][code-quality][--output][review/prod/code-quality.json]",
        "[scan][--env][prod][--plan][latest]",
        "[review][--env][prod][--plan][latest]",
    ]
    assert Path(recorder["RECORD"]).read_text().splitlines() == [
        f"[ci][affected][--base][{'b' * 40}][--env][dev][--env][prod][--gitlab-child][environments.yml][--json]",
        "[drift][--env][prod]",
        f"[destroy][--env][dev][--confirm][{BRANCH}]",
        "[plan][--env][prod][--layer][base][--layer][app][--with-dependents]",
        *review,
        "[ci][reviewed][--env][prod][--id]",
        "[apply][--env][prod][--plan][20260101T000000Z-beef][--or-equivalent]",
        "[plan][--env][prod]",
        *review,
    ]
    assert (tmp_path / "work.token").stat().st_mode & 0o077 == 0
    assert not list(tmp_path.rglob("pwned"))


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


def test_build_specs_run_the_commands_of_a_person(
    codepipeline: tuple[Target, Facts], recorder: dict[str, str], tmp_path: Path
) -> None:
    target, facts = codepipeline
    files = rendered(target, facts)
    variables = {**recorder, "ORCHESTRATOR_ENV": "prod"}

    def build(name: str, *after: str, **more: str) -> subprocess.CompletedProcess[str]:
        script = scripts.of_build_spec(files[f".aws/orchestrator/{name}.yml"], ("pre_build", "build"))
        return run(script + "\n".join(after), tmp_path, variables | more)

    planned = build("plan", 'echo "$PLAN_ID|$REVIEW_SUMMARY"')
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.splitlines()[-1] == "20260101T000000Z-abcd|prod: 1 to create"
    assert build("apply", PLAN_ID="X", LAYERS="network security").returncode == 0
    assert build("apply", PLAN_ID=BRANCH).returncode == 0
    assert build("drift").returncode == 0
    assert Path(recorder["RECORD"]).read_text().splitlines()[-3:] == [
        "[apply][--env][prod][--plan][X][--yes][--layer][network][--layer][security]",
        f"[apply][--env][prod][--plan][{BRANCH}][--yes]",
        "[drift][--env][prod]",
    ]
    assert not list(tmp_path.rglob("pwned"))


AWS = """#!/usr/bin/env bash
printf '%s\\n' "$1 $2" >> "$CALLS"
case "$1 $2" in
  "ecr batch-get-image") cat "$CANDIDATE" ;;
  "ecr describe-image-scan-findings")
    next="$(head -n 1 "$SCANS")"
    if [ "$(wc -l < "$SCANS")" -gt 1 ]; then sed -i 1d "$SCANS"; fi
    if [ -z "$next" ]; then echo "An error occurred (ScanNotFoundException)" >&2; exit 254; fi
    printf '%s' "$next" ;;
  "ecr put-image")
    while [ $# -gt 0 ]; do
      case "$1" in
        --image-tag) echo "tag $2" >> "$PUT" ;;
        --image-digest) echo "digest $2" >> "$PUT" ;;
        --image-manifest) cmp "${2#file://}" "$MANIFEST" && echo "manifest as it was" >> "$PUT" ;;
      esac
      shift
    done ;;
  "ecs describe-task-definition") cat "$TASK" ;;
esac
"""
DIGEST = "sha256:" + "a" * 64
PENDING: dict[str, Any] = {"imageScanStatus": {"status": "PENDING"}}
TOO_EARLY: dict[str, Any] = {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findings": []}}


def scanned(status: str, **counts: int) -> dict[str, Any]:
    findings = {"imageScanCompletedAt": "2026-01-01T00:00:00Z", "findingSeverityCounts": counts}
    return {"imageScanStatus": {"status": status}, "imageScanFindings": findings}


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([scanned("COMPLETE", MEDIUM=2)], None),
        ([None, PENDING, TOO_EARLY, scanned("COMPLETE", LOW=1)], None),
        ([PENDING, {"imageScanStatus": {"status": "ACTIVE"}}, scanned("ACTIVE")], None),
        ([scanned("COMPLETE", HIGH=2)], "from HIGH on: 2 high"),
        ([TOO_EARLY, scanned("ACTIVE", CRITICAL=2)], "from HIGH on: 2 critical"),
        ([{"imageScanStatus": {"status": "UNSUPPORTED_IMAGE"}}], "can't be scanned: UNSUPPORTED_IMAGE"),
        ([PENDING], "was not scanned within 15 minutes (PENDING)"),
        ([TOO_EARLY], "was not scanned within 15 minutes (COMPLETE)"),
    ],
)
def test_only_an_image_that_was_scanned_and_has_passed_is_tagged_as_a_release_and_handed_on(
    codepipeline: tuple[Target, Facts],
    recorder: dict[str, str],
    tmp_path: Path,
    answers: list[dict[str, Any] | None],
    problem: str | None,
) -> None:
    target, facts = codepipeline
    script = scripts.of_build_spec(rendered(target, facts)[".aws/orchestrator/image.yml"])
    docker = '#!/bin/sh\necho "docker $1 $2" >> $CALLS\ncat > /dev/null < /dev/null\n'
    for name, text in (("aws", AWS), ("docker", docker)):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    manifest = '{\n  "schemaVersion": 2, "config": {"digest": "x\\u00e9"}\n}\n\n'
    candidate = {
        "images": [
            {
                "imageId": {"imageDigest": DIGEST, "imageTag": "candidate-0123456789ab-3"},
                "imageManifest": manifest,
                "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
            }
        ]
    }
    task = {
        "family": "f",
        "revision": 7,
        "status": "ACTIVE",
        "containerDefinitions": [{"name": "catalog", "image": "old"}],
    }
    files = {
        "MANIFEST": manifest,
        "CANDIDATE": json.dumps(candidate),
        "SCANS": "".join(f"{json.dumps(one) if one else ''}\n" for one in answers),
        "TASK": json.dumps(task),
        "CALLS": "",
        "PUT": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    variables = {
        **recorder, **{name: str(tmp_path / name) for name in files}, "SCAN_PAUSE": "0", "SERVICE": "catalog",
        "SERVICE_FOLDER": "services/catalog", "SERVICE_PORT": "8080", "REPOSITORY": "shop-catalog", "REGISTRY": "r.example",
        "TASK_FAMILY": "f", "BLOCKING_SEVERITY": "HIGH", "CODEBUILD_RESOLVED_SOURCE_VERSION": "0123456789abcdef",
        "CODEBUILD_BUILD_NUMBER": "3",
    }  # fmt: skip
    done = run(script, tmp_path, variables)
    pushed = [
        line for line in (tmp_path / "CALLS").read_text().splitlines() if line.startswith("docker push")
    ]
    assert pushed == ["docker push r.example/shop-catalog:candidate-0123456789ab-3"]
    if problem:
        assert done.returncode != 0
        assert problem in done.stderr
        assert "put-image" not in (tmp_path / "CALLS").read_text()
        assert not (tmp_path / "imageDetail.json").exists()
        return
    assert done.returncode == 0, done.stderr
    put = (tmp_path / "PUT").read_text().splitlines()
    assert sorted(put) == sorted(["tag release-0123456789ab-3", f"digest {DIGEST}", "manifest as it was"])
    assert json.loads((tmp_path / "imageDetail.json").read_text()) == {
        "ImageURI": f"r.example/shop-catalog@{DIGEST}"
    }
    assert json.loads((tmp_path / "taskdef.json").read_text()) == {
        "family": "f",
        "containerDefinitions": [{"name": "catalog", "image": "<IMAGE1_NAME>"}],
    }
    specification = scripts.load((tmp_path / "appspec.yaml").read_text())
    service = specification["Resources"][0]["TargetService"]["Properties"]
    assert service["LoadBalancerInfo"] == {"ContainerName": "catalog", "ContainerPort": 8080}


def test_the_commands_write_and_check_them_and_say_what_is_missing(
    shipped: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    monkeypatch.chdir(shipped)
    settings = shipped / "pipelines/settings.yaml"
    settings.parent.mkdir()
    roles = "".join(
        f"  {name}:\n    plan_role: arn:aws:iam::{account}:role/plan\n    apply_role: arn:aws:iam::{account}:role/apply\n"
        for name, account in (("dev", "111111111111"), ("prod", "333333333333"))
    )
    settings.write_text(
        f"repository: shop/platform\nenvironments:\n{roles}install: [pip install orchestrator]\n"
        "targets: {codepipeline: {unattended: [dev]}, gitlab: {}, jenkins: {}}\n"
    )
    for target in ("codepipeline", "gitlab", "jenkins"):
        done = cli("pipelines", "generate", "--target", target)
        assert done.code == 0, done.err
    assert cli("pipelines", "check").code == 0
    path = shipped / "Jenkinsfile"
    path.write_text(path.read_text().replace("disableConcurrentBuilds()", "// nothing"))
    changed = cli("pipelines", "check", "--target", "jenkins")
    assert changed.code == 1
    assert "Jenkinsfile: changed by hand" in changed.out
    assert "disableConcurrentBuilds()" in changed.out
    settings.write_text(settings.read_text().replace("install: [pip install orchestrator]\n", ""))
    refused = cli("pipelines", "generate", "--target", "gitlab")
    assert refused.code == 1
    assert "the target gitlab must know how orchestrator is installed on a runner" in refused.err
