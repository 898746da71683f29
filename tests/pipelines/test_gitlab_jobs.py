"""The target gitlab: every combination of options fits its schema, and jobs run what a person runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from orchestrator.ci.affected import Affected
from orchestrator.ci.gitlab_child import child_pipeline
from orchestrator.pipelines.facts import Facts
from orchestrator.pipelines.target import Target
from tests.pipelines import scripts
from tests.pipelines.rendering import combinations, rendered
from tests.pipelines.scripts import BRANCH, run, shellcheck


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


OF_OURS = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID"
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
                of_ours = OF_OURS in rule["if"]
                assert of_ours or "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"], name
            if changes:
                assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"]
        # A project's own limit is an hour, after which an apply would be cut off.
        assert job.get("timeout") == ("120 minutes" if "id_tokens" in job else None)
        if changes:
            assert job["rules"][0]["when"] == "manual"
            assert job["environment"]["name"] in ("dev", "prod")
    assert jobs["apply:prod"]["needs"] == [{"job": "apply:dev", "artifacts": False, "optional": True}]
    unattended = scripts.load(rendered(target, facts, {"unattended": ["dev"]})[CHILD])
    assert "when" not in unattended["apply:dev"]["rules"][0]
    # The pipeline of a fork's merge request starts none that has a role.
    assert OF_OURS in parent["review"]["rules"][0]["if"]
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
        variables |= {"CI_MERGE_REQUEST_PROJECT_ID": "5"}
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
    in_the_fork = elsewhere | {"CI_PROJECT_ID": "6"}
    assert runs(variables | in_the_fork) <= {"untouched"}


@pytest.mark.parametrize(
    ("source", "runs_in", "expected"),
    [
        ("5", "5", {"check", "affected", "tidy", "review"}),
        ("6", "6", {"check", "affected"}),  # the fork's own runners, without a variable of ours
        ("6", "5", set()),  # somebody of ours has started it
    ],
)
def test_gitlabs_pipelines_for_a_merge_request_of_a_fork_have_no_job_with_a_token(
    gitlab: tuple[Target, Facts], source: str, runs_in: str, expected: set[str]
) -> None:
    target, facts = gitlab
    document = scripts.load(rendered(target, facts)[PARENT])
    variables = {
        "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_PROJECT_ID": "5", "CI_DEFAULT_BRANCH": "main",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source, "CI_PROJECT_ID": runs_in, "ORCHESTRATOR_GITLAB_TOKEN": "x",
    }  # fmt: skip

    def one_holds(rules: list[dict[str, str]]) -> bool:
        return any(matches(rule["if"], variables) for rule in rules)

    jobs = {name: one for name, one in document.items() if "stage" in one}
    started = one_holds(document["workflow"]["rules"])
    assert {name for name, one in jobs.items() if started and one_holds(one["rules"])} == expected


def test_gitlab_cancels_what_a_merge_request_has_left_behind_and_nothing_that_was_merged(
    gitlab: tuple[Target, Facts],
) -> None:
    """By default a pipeline none of whose jobs that may not be interrupted has begun is cancelled by the next push, a child too:
    https://docs.gitlab.com/ci/yaml/#workflowauto_cancelon_new_commit.
    """
    target, facts = gitlab
    files = rendered(target, facts)
    for file in (PARENT, CHILD):
        workflow = scripts.load(files[file])["workflow"]
        assert workflow["auto_cancel"] == {"on_new_commit": "none"}
        assert [
            rule.get("if", "")
            for rule in workflow["rules"]
            if rule.get("auto_cancel", workflow["auto_cancel"])["on_new_commit"] != "none"
        ] == [workflow["rules"][0]["if"]]
        assert "MERGE_REQUEST" in workflow["rules"][0]["if"]


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
    merged = {**variables, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "c" * 40}
    affected = scripts.load(files[PARENT])
    affected[".orchestrator"]["before_script"] = []
    assert run(scripts.of_gitlab_job(affected, "affected"), work, merged).returncode == 0
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
        f"[ci][affected][--base][{'c' * 40}][--env][dev][--env][prod][--gitlab-child][environments.yml][--json]",
        "[plan][--env][prod]",
        *review,
    ]
    assert (tmp_path / "work.token").stat().st_mode & 0o077 == 0
    assert not list(tmp_path.rglob("pwned"))
