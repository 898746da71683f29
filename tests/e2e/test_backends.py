"""States in S3, and modules from elsewhere."""

from __future__ import annotations

import subprocess

from tests.conftest import Cli
from tests.e2e.conftest import SECRET, Aws, Platform


def test_states_and_records_are_kept_in_s3_and_locked_there(platform: Platform, cli: Cli, aws: Aws) -> None:
    bucket = f"{platform.name}-states"
    aws.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    platform.configure(header=f"backend: {{type: s3, bucket: {bucket}, region: eu-west-1}}\n")
    applied = cli("apply", "--env", "local", "--yes")
    assert applied.code == 0, applied.out + applied.err
    objects = aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    names = {item["Key"] for item in objects}
    assert {f"orchestrator/local/{layer}.tfstate" for layer in ("base", "left", "right", "app")} <= names
    assert {f"orchestrator/local/{layer}.inputs.json" for layer in ("base", "left", "right", "app")} <= names
    assert not [name for name in names if name.endswith(".tflock")]
    assert not [path for path in platform.work.rglob("*.tfstate") if path.parent.name != ".terraform"]
    for path in platform.work.rglob("*"):
        if path.is_file() and ".terraform" not in path.parts:
            assert SECRET.encode() not in path.read_bytes(), path

    assert cli("plan", "--env", "local", "--detailed-exitcode").code == 0
    assert "base/one" in cli("output", "--env", "local", "--layer", "base").out
    destroyed = cli("destroy", "--env", "local", "--yes")
    assert destroyed.code == 0, destroyed.out + destroyed.err
    assert "There is nothing to destroy." in cli("destroy", "--env", "local", "--yes").out


def test_a_state_bucket_that_is_not_there_is_named_with_the_remedy(platform: Platform, cli: Cli) -> None:
    platform.configure(header="backend: {type: s3, bucket: there-is-no-such-bucket, region: eu-west-1}\n")
    answer = cli("plan", "--env", "local")
    assert answer.code == 1
    assert "the state bucket there-is-no-such-bucket" in answer.err
    assert "create the state bucket" in answer.err


def test_a_module_from_git_is_a_layer_and_its_variables_are_checked(platform: Platform, cli: Cli) -> None:
    source = platform.folder.root.parent / "elsewhere"
    (source / "right").mkdir(parents=True)
    module = platform.folder.root / "terraform/modules/right/main.tf"
    (source / "right" / "main.tf").write_text(module.read_text())
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(source)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "module"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    path = platform.folder.root / "terraform/envs/local/environment.yaml"
    entry = f"{{source: 'git::file://{source}//right', inputs: {{prefix: environment.name_prefix}}}}"
    path.write_text(path.read_text().replace("  right: {}\n", f"  right: {entry}\n"))
    plan = cli("plan", "--env", "local", "--layer", "right", "--json")
    assert plan.code == 0, plan.out + plan.err
    assert plan.json()["layers"]["right"]["changes"][0]["type"] == "aws_cloudwatch_log_group"

    path.write_text(path.read_text().replace("//right'", "//wrong'"))
    answer = cli("plan", "--env", "local")
    assert answer.code == 1
    assert "environment.yaml:8: layers.right.source: the module git::file://" in answer.err
    assert "can't be fetched" in answer.err
