"""The commands, over all targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli


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
