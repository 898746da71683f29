"""States that move: to another layer, under another name, to another backend. Real Terraform, S3 on the emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from orchestrator.state.state import parse_state
from orchestrator.state.store import LocalStateStore, S3StateStore, StateStore
from tests.conftest import Cli
from tests.e2e.conftest import Aws, Platform

JOBS = """
resource "aws_ssm_parameter" "job" {
  for_each       = toset(["a", "b.c"])
  name           = "/${var.prefix}/job/${each.key}"
  type           = "String"
  insecure_value = each.key
}
resource "aws_ssm_parameter" "last" {
  name           = "/${var.prefix}/job/last"
  type           = "String"
  insecure_value = aws_ssm_parameter.job["a"].name
}
"""
MAPPING = """\
aws_ssm_parameter.job: aws_ssm_parameter.job
aws_ssm_parameter.last: aws_ssm_parameter.end
"""


def _state(platform: Platform, layer: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((platform.work / "state" / f"{layer}.tfstate").read_bytes())
    return found


def _resources(platform: Platform, layer: str) -> list[str]:
    path = platform.work / "state" / f"{layer}.tfstate"
    return parse_state(path.read_bytes(), layer, str(path)).addresses() if path.is_file() else []


def _s3(bucket: str, more: str = "") -> str:
    return f"backend: {{type: s3, bucket: {bucket}, region: eu-west-1{more}}}\n"


def _cut_off_at(name: str, patched: pytest.MonkeyPatch, store: type[StateStore]) -> None:
    """Ctrl-C just before this state is written."""
    put = store._put

    def interrupted(self: StateStore, written: str, content: bytes) -> None:
        if written == name:
            raise KeyboardInterrupt
        put(self, written, content)

    patched.setattr(store, "_put", interrupted)


def test_resources_follow_the_code_to_another_layer_another_name_and_a_renamed_layer(
    platform: Platform, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = platform.folder.root / "terraform/modules/right/main.tf"
    before = right.read_text()
    right.write_text(before + JOBS)
    applied = cli("apply", "--env", "local", "--layer", "right", "--yes")
    assert applied.code == 0, applied.err
    right.write_text(before)
    wiring = "inputs:\n  prefix: environment.name_prefix\n"
    code = 'variable "prefix" { type = string }\n' + JOBS.replace('"last"', '"end"')
    platform.folder.module("jobs", code, wiring)
    platform.configure(layers="  jobs: {}\n")
    _move_between_layers(platform, cli, monkeypatch)
    _rename_layer(platform, cli)
    _move_within(platform, cli)
    assert cli("audit", "verify", "--env", "local").code == 0


def _move_between_layers(platform: Platform, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = platform.folder.write("moves.yaml", MAPPING)
    words = (
        "state",
        "mv",
        "--env",
        "local",
        "--from-layer",
        "right",
        "--to-layer",
        "jobs",
        "--mapping",
        str(mapping),
    )
    lineage, there = _state(platform, "right")["lineage"], _resources(platform, "right")
    with monkeypatch.context() as patched:
        _cut_off_at("right.tfstate", patched, LocalStateStore)
        assert cli(*words, "--yes").code == 130
    # The gaining state is written, the other one is not: what moves is in both, and nobody plans upon that.
    moved = [f"module.jobs.aws_ssm_parameter.{name}" for name in ("end", 'job["a"]', 'job["b.c"]')]
    assert _resources(platform, "jobs") == moved
    assert _resources(platform, "right") == there
    refused = cli("plan", "--env", "local")
    assert refused.code == 1
    assert "`orchestrator state mv --env local --resume` ends it" in refused.err
    assert "was cut off" in cli(*words, "--yes").err

    resumed = cli("state", "mv", "--env", "local", "--resume", "--json")
    assert resumed.code == 0, resumed.out
    # Only the new layer's plan has anything left, and it moves nothing that is deployed.
    assert (resumed.json()["plan"]["error"], resumed.json()["plan"]["changes"]) == (None, [])
    assert _resources(platform, "jobs") == moved
    assert _resources(platform, "right") == ["module.right.aws_cloudwatch_log_group.main"]
    assert _state(platform, "right")["lineage"] == lineage != _state(platform, "jobs")["lineage"]
    assert "No move was cut off." in cli("state", "mv", "--env", "local", "--resume").out
    assert "there is nothing at module.right.aws_ssm_parameter.job" in cli(*words, "--yes").err


def _rename_layer(platform: Platform, cli: Cli) -> None:
    words = ("state", "rename-layer", "--env", "local", "jobs", "work", "--yes", "--json")
    assert "still has the layer jobs" in cli(*words).out
    before = _state(platform, "jobs")
    modules = platform.folder.root / "terraform/modules"
    (modules / "jobs").rename(modules / "work")
    platform.configure(layers="  work: {}\n")
    renamed = cli(*words)
    assert renamed.code == 0, renamed.out
    assert (renamed.json()["plan"]["error"], renamed.json()["plan"]["changes"]) == (None, [])
    after = _state(platform, "work")
    assert (after["lineage"], after["serial"]) == (before["lineage"], before["serial"] + 1)
    instances = [instance for resource in after["resources"] for instance in resource["instances"]]
    assert [one["dependencies"] for one in instances if "dependencies" in one] == [
        ["module.work.aws_ssm_parameter.job"]
    ]
    assert not (platform.work / "state" / "jobs.tfstate").exists()


def _move_within(platform: Platform, cli: Cli) -> None:
    """A plan that only moves is applied, and then there is nothing to do."""
    right = platform.folder.root / "terraform/modules/right/main.tf"
    words = ("state", "moved", "--env", "local", "--layer", "right")
    names = ("aws_cloudwatch_log_group.main", "aws_cloudwatch_log_group.logs")
    assert f"{names[0]} is still declared" in cli(*words, *names).err
    right.write_text(
        right.read_text().replace('_group" "main"', '_group" "logs"').replace("group.main", "group.logs")
    )
    moved = cli(*words, *names)
    assert moved.code == 0, moved.err
    layer = ("--env", "local", "--layer", "right")
    applied = cli("apply", *layer, "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert f"module.right.{names[1]} to move from module.right.{names[0]}" in applied.out
    assert _resources(platform, "right") == [f"module.right.{names[1]}"]
    assert cli("plan", *layer, "--detailed-exitcode").code == 0


@pytest.mark.slow
def test_states_are_checked_and_migrate_to_s3_to_another_prefix_and_back(
    platform: Platform, cli: Cli, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only_right(platform)
    applied = cli("apply", "--env", "local", "--layer", "right", "--yes")
    assert applied.code == 0, applied.err
    _refuse_others_states(platform, cli)
    bucket = f"{platform.name}-states"
    _to_s3(platform, cli, aws, bucket, monkeypatch)
    first, second = (f"s3://{bucket}/{prefix}" for prefix in ("orchestrator", "elsewhere"))
    migrate = ("state", "migrate", "--env", "local", "--yes", "--no-verify-plan", "--from")

    _only_right(platform, _s3(bucket, ", key_prefix: elsewhere"))
    moved = cli(*migrate, first)
    assert moved.code == 0, moved.err
    main, logs = (f"module.right.aws_cloudwatch_log_group.{name}" for name in ("main", "logs"))
    assert cli("state", "mv", "--env", "local", main, logs, "--no-plan", "--yes").code == 0
    _only_right(platform, _s3(bucket))
    assert f"they were migrated to {second}/local" in cli("state", "list", "--env", "local").err
    # Back where older ones still lie: they are superseded.
    assert cli(*migrate, second).code == 0
    assert cli("state", "show", "--env", "local", "right").out.strip() == logs
    _only_right(platform)
    assert "no longer in .orchestrator/local/state" in cli("plan", "--env", "local").err
    assert cli(*migrate, first).code == 0
    assert _resources(platform, "right") == [logs]
    assert cli("audit", "verify", "--env", "local").code == 0


def _only_right(platform: Platform, header: str = "") -> None:
    """An environment of one layer, which takes nothing from another."""
    platform.configure(header=header)
    file = platform.folder.root / "terraform/envs/local/environment.yaml"
    file.write_text(file.read_text().split("layers:")[0] + "layers: {right: {}}\n")


def _to_s3(platform: Platform, cli: Cli, aws: Aws, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (platform.work / "state" / "right.tfstate").read_bytes()
    _only_right(platform, _s3(bucket))
    words = ("state", "migrate", "--env", "local", "--from", "local")
    missing = cli(*words, "--yes")
    assert missing.code == 1
    assert "create the state bucket with `orchestrator bootstrap`" in missing.err
    assert cli("bootstrap", "--env", "local").code == 0
    looked = cli(*words, "--dry-run", "--json")
    assert {item["status"] for item in looked.json()["items"]} == {"to copy"}
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=bucket)
    with monkeypatch.context() as patched:
        _cut_off_at("right.tfstate", patched, S3StateStore)
        assert cli(*words, "--yes", "--no-verify-plan").code == 130
    assert (platform.work / "state" / "right.tfstate").read_bytes() == content
    assert (
        "`orchestrator state migrate --env local --from 'local'` ends it" in cli("plan", "--env", "local").err
    )

    # The environment is planned upon the old states and the new; Terraform reads each through the new backend.
    migrated = cli(*words, "--yes", "--json")
    assert migrated.code == 0, migrated.out + migrated.err
    assert migrated.json()["verified_by_plan"]
    there = aws.client("s3").get_object(Bucket=bucket, Key="orchestrator/local/right.tfstate")["Body"].read()
    assert there == content
    assert [path.name for path in (platform.work / "state").iterdir()] == [".migrated.json"]
    assert "nothing to do" in cli(*words).out
    assert cli("audit", "verify", "--env", "local").code == 0


def _refuse_others_states(platform: Platform, cli: Cli) -> None:
    layer = ("--env", "local", "--layer", "right")
    path = platform.work / "state" / "right.tfstate"
    good = path.read_bytes()
    kept = cli("state", "backup", "--env", "local", "--json").json()["id"]
    raw = json.loads(good)
    for content, expected in (
        ({**raw, "lineage": "another"}, "its lineage is another"),
        ({**raw, "serial": 0}, "is older (serial 0)"),
        ({**raw, "terraform_version": "1.99.0"}, "was written by Terraform 1.99.0"),
        (None, "is gone"),
    ):
        path.unlink()
        if content:
            path.write_text(json.dumps(content))
        there = path.read_bytes() if content else None
        for words in (("apply", *layer, "--yes"), ("destroy", *layer, "--yes")):
            answer = cli(*words)
            assert answer.code == 1, answer.out
            assert expected in answer.err
        assert (path.read_bytes() if path.is_file() else None) == there
        path.write_bytes(good)
    path.unlink()
    assert cli("state", "accept", "--env", "local", "right", "--yes").code == 0
    assert not path.with_name("right.inputs.json").exists()
    restored = cli("state", "restore", "--env", "local", kept, "--yes")
    assert restored.code == 0, restored.err
    assert _state(platform, "right") == {**raw, "serial": raw["serial"] + 1}


@pytest.mark.slow
def test_a_bucket_of_another_account_is_refused(platform: Platform, cli: Cli, aws: Aws) -> None:
    bucket = f"{platform.name}-theirs"
    aws.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    _only_right(platform, _s3(bucket, ', bucket_owner: "210987654321"'))
    answer = cli("plan", "--env", "local")
    assert answer.code == 1
    assert "it must belong to the account 210987654321" in answer.err
    _only_right(platform, _s3(bucket, ', bucket_owner: "123456789012"'))
    assert cli("state", "list", "--env", "local").code == 0


KILLED = """\
import os, signal, sys
from orchestrator.cli.main import run
from orchestrator.state.store import S3StateStore
put = S3StateStore._put
def killed(store, name, content):
    if name == "left.tfstate":
        os.kill(os.getpid(), signal.SIGKILL)
    put(store, name, content)
S3StateStore._put = killed
run(sys.argv[1:])
"""


@pytest.mark.slow
def test_a_move_that_is_killed_is_unlocked_and_resumed(platform: Platform, cli: Cli, aws: Aws) -> None:
    bucket, s3 = f"{platform.name}-killed", aws.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    platform.configure(header=_s3(bucket))
    instance = {"schema_version": 0, "attributes": {"id": "1"}, "sensitive_attributes": []}
    resource = {"mode": "managed", "type": "terraform_data", "name": "a", "instances": [instance]}
    provider = 'provider["terraform.io/builtin/terraform"]'
    for layer in ("left", "right"):
        found = [{"module": f"module.{layer}", "provider": provider, **resource, "name": f"{layer}s"}]
        head = {"version": 4, "terraform_version": "1.11.0", "serial": 5, "lineage": layer, "outputs": {}}
        s3.put_object(
            Bucket=bucket,
            Key=f"orchestrator/local/{layer}.tfstate",
            Body=json.dumps({**head, "resources": found, "check_results": None}).encode(),
        )
    words = ["state", "mv", "--env", "local", "module.left.terraform_data.lefts", "--to-layer", "right"]
    command = [sys.executable, "-c", KILLED, *words, "--no-plan", "--yes"]
    killed = subprocess.run(command, cwd=platform.folder.root, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    both = [f"module.right.terraform_data.{name}" for name in ("lefts", "rights")]
    assert cli("state", "show", "--env", "local", "right").out.split() == both
    assert "`orchestrator state mv --env local --resume` ends it" in cli("plan", "--env", "local").err
    resume = ("state", "mv", "--env", "local", "--resume", "--no-plan")
    assert "`orchestrator unlock`" in cli(*resume).err
    unlocked = cli("unlock", "--env", "local", "--yes")
    assert unlocked.code == 0, unlocked.err
    resumed = cli(*resume)
    assert resumed.code == 0, resumed.err
    assert cli("state", "show", "--env", "local", "right").out.split() == both
    assert cli("state", "show", "--env", "local", "left").out.split() == []
    names = {item["Key"].split("/")[-1] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert names >= {"left.tfstate", "right.tfstate"}
    assert not {name for name in names if name.endswith(("tflock", "move.json"))}
    lock = s3.get_object(Bucket=bucket, Key="orchestrator/local/.run-lock.json")["Body"].read()
    assert json.loads(lock) == {"holders": []}
