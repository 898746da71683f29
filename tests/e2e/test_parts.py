"""A bundle that is applied in parts, as pipelines do it: job by job, side by side or one after the other, each a run of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.e2e.conftest import Aws, Platform
from tests.pipelines import scripts
from tests.pipelines.rendering import facts_of, rendered, target_of


@pytest.mark.slow
def test_the_jobs_of_a_pipeline_apply_one_bundle_between_them_side_by_side_and_none_overtakes_another(
    platform: Platform, cli: Cli, aws: Aws, tmp_path: Path
) -> None:
    bucket = f"{platform.name}-parts"
    path = platform.folder.root / "terraform/envs/local/environment.yaml"
    path.write_text(path.read_text() + f"backend: {{type: s3, bucket: {bucket}, region: eu-west-1}}\n")
    aws.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    bundle = cli("plan", "--env", "local", "--json").json()["id"]
    apply = ("apply", "--env", "local", "--plan", bundle)

    early = cli(*apply, "--layer", "app")
    assert early.code == 1
    assert f"the plan {bundle} changes base first, and that was not applied yet" in early.err
    assert cli(*apply, "--layer", "nothing").code == 1
    assert cli(*apply, "--layer", "left", "--with-dependencies").code == 64

    runners = [_runner(platform, tmp_path / name) for name in ("one", "other")]
    layers = ("base", "right")
    jobs = [_start(folder, *apply, "--layer", layer) for folder, layer in zip(runners, layers, strict=True)]
    _wait_for_holders(aws, bucket, layers)
    refused = cli("apply", "--env", "local", "--yes")
    assert refused.code == 1
    assert re.search(
        rf"another run holds this environment: `apply` {bundle} \(\w+\) by .* since ", refused.err
    )
    twice = cli(*apply, "--layer", "right")
    assert twice.code == 1
    assert f"`apply` {bundle} (right)" in twice.err
    for job in jobs:
        said, _ = job.communicate(timeout=120)
        assert job.returncode == 0, said

    left = cli(*apply, "--layer", "left", "--json")
    assert [layer["status"] for layer in left.json()["layers"]] == ["applied"], left.err
    again = cli(*apply, "--layer", "left", "--json")  # a job that is run again
    assert [layer["status"] for layer in again.json()["layers"]] == ["unchanged"]
    assert cli(*apply, "--layer", "app").code == 0
    assert aws.parameter(f"/{platform.prefix}/app") is not None

    store = "orchestrator/local/"
    journal = _document(aws, bucket, store + ".run.json")
    assert {name: layer["step"] for name, layer in journal["layers"].items()} == dict.fromkeys(
        ("base", "left", "right", "app"), "done"
    )
    times = {part["layers"][0]: (part["started_at"], part["ended_at"]) for part in journal["parts"]}
    assert times["base"][0] < times["right"][1]
    assert times["right"][0] < times["base"][1]
    assert journal["ended_at"] is not None
    assert _document(aws, bucket, store + ".run-lock.json") == {"holders": []}
    audit = cli("audit", "verify", "--env", "local", "--json").json()
    assert audit["ok"], audit
    assert (
        audit["records"] == 10
    )  # four were refused: too early, no layer of the plan, and two while others had it in hand
    records = cli("audit", "show", "--env", "local", "--json").json()["records"]
    ended = [(record["command"], record["ok"]) for record in records]
    assert ended[:3] == [("plan", True), ("apply", False), ("apply", False)]
    assert sorted(ended[3:]) == [*[("apply", False)] * 2, *[("apply", True)] * 5]
    held = [record["error"] for record in records if "another run holds" in str(record.get("error"))]
    assert [f"`apply` {bundle} (right)" in error for error in held][-1]
    settled = cli(
        "ci", "settle", "--env", "local", "--plan", bundle, *[f"--layer={one}" for one in times], "--json"
    )
    assert settled.json()["layers"] == [], settled.err


def _runner(platform: Platform, folder: Path) -> Path:
    """Another machine: a work tree of its own with the bundle in it."""
    ignore = shutil.ignore_patterns("workspaces", "emulator", "run.lock", "runs")
    shutil.copytree(platform.folder.root, folder, ignore=ignore, symlinks=True)
    (folder / ".orchestrator" / "emulator").symlink_to(
        (platform.folder.root / ".orchestrator" / "emulator").resolve()
    )
    return folder


def _start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "orchestrator", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _document(aws: Aws, bucket: str, key: str) -> Any:
    return json.loads(aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def _wait_for_holders(aws: Aws, bucket: str, layers: tuple[str, ...]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        held = _document(aws, bucket, "orchestrator/local/.run-lock.json")["holders"]
        if sorted(layer for one in held for layer in one["layers"]) == sorted(layers):
            return
        time.sleep(0.02)
    raise AssertionError("the two were never at work at the same time")


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
