"""A bundle that is applied in parts, as a pipeline does it: a stage after the other, each a run of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.e2e.conftest import Aws, Platform
from tests.pipelines import scripts
from tests.pipelines.rendering import facts_of, rendered, target_of


@pytest.mark.slow
def test_the_stages_of_a_pipeline_apply_one_bundle_between_them_and_none_overtakes_another(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    bundle = cli("plan", "--env", "local", "--json").json()["id"]
    apply = ("apply", "--env", "local", "--plan", bundle)

    early = cli(*apply, "--layer", "app")
    assert early.code == 1
    assert f"the plan {bundle} changes base first, and that was not applied yet" in early.err
    assert platform.serial("app") is None

    assert cli(*apply, "--layer", "nothing").code == 1
    assert cli(*apply, "--layer", "left", "--with-dependencies").code == 64

    first = cli(*apply, "--layer", "base", "--layer", "right", "--json")
    assert first.code == 0, first.out + first.err
    assert {layer["layer"]: layer["status"] for layer in first.json()["layers"]} == {
        "base": "applied",
        "right": "applied",
    }
    assert platform.serial("left") is None

    assert cli(*apply, "--layer", "left").code == 0
    again = cli(*apply, "--layer", "left", "--json")  # a stage that is tried again
    assert [layer["status"] for layer in again.json()["layers"]] == ["unchanged"]

    last = cli(*apply, "--layer", "app")
    assert last.code == 0, last.out + last.err
    assert aws.parameter(f"/{platform.prefix}/app") is not None
    assert "No changes." in cli("apply", "--env", "local", "--yes").out
    assert cli("destroy", "--env", "local", "--yes").code == 0


@pytest.mark.slow
def test_the_build_specs_plan_in_one_container_and_apply_wave_by_wave_in_others(
    platform: Platform, tmp_path: Path, aws: Aws
) -> None:
    root = platform.folder.root
    target = target_of(root, "codepipeline")
    files = rendered(target, facts_of(root, target, "local"))

    def build(name: str, folder: Path, *after: str, **variables: str) -> str:
        """What is handed on between containers is the work tree; the states, elsewhere in AWS, are one folder here."""
        script = scripts.of_build_spec(files[f".aws/orchestrator/{name}.yml"], ("pre_build", "build"))
        if folder != root:
            (folder / ".orchestrator" / "emulator").symlink_to(
                (root / ".orchestrator" / "emulator").resolve()
            )
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", script + "\n".join(after)],
            cwd=folder,
            env={**os.environ, "PATH": path, "ORCHESTRATOR_ENV": "local", **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    said = build("plan", root, 'printf "%s\\n" "$PLAN_ID" "$REVIEW_SUMMARY"').splitlines()
    plan, summary = said[-2:]
    assert summary.startswith("local: 7 to create. Review: ")
    assert len(summary) <= 1000
    waves = facts_of(root, target, "local").environments[0].waves
    folder = root
    for number, wave in enumerate(waves):
        artifact = tmp_path / f"container-{number}"
        ignore = shutil.ignore_patterns(".terraform", "emulator")
        shutil.copytree(folder, artifact, ignore=ignore, symlinks=True)
        build("apply", artifact, PLAN_ID=plan, LAYERS=" ".join(wave))
        folder = artifact
    assert aws.parameter(f"/{platform.prefix}/app") is not None
