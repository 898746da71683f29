"""The commands, over all targets."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from orchestrator.pipelines.facts import Facts
from orchestrator.pipelines.target import Target
from tests.conftest import Cli
from tests.pipelines import scripts
from tests.pipelines.conftest import known
from tests.pipelines.rendering import rendered


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


def test_what_went_wrong_is_said_in_the_log_where_the_output_goes_into_a_file(
    shipped: Path, gitlab: tuple[Target, Facts], tmp_path: Path
) -> None:
    """With ``--json`` an error is on standard output as well."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "orchestrator").write_text('#!/bin/sh\necho \'{"error": "the bucket is gone"}\'; exit 1\n')
    (folder / "orchestrator").chmod(0o755)
    variables = {"PATH": f"{folder}:/usr/bin:/bin"}
    parent = scripts.load(rendered(*gitlab)[".gitlab/orchestrator.yml"])
    parent[".orchestrator"]["before_script"] = []
    drift = yaml.safe_load(rendered(*known(shipped, "github"))[".github/workflows/orchestrator-drift.yml"])
    steps = {one["name"]: one.get("run", "") for one in drift["jobs"]["drift-dev"]["steps"]}
    for script in (
        scripts.of_gitlab_job(parent, "affected"),
        "set -eo pipefail\n" + steps["Look for drift"],
    ):
        done = scripts.run(script, tmp_path, variables)
        assert done.returncode == 1
        assert "the bucket is gone" in done.stderr
