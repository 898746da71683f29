"""States in S3, and modules from elsewhere."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.conftest import Cli
from tests.e2e.conftest import SECRET, Aws, Platform


def test_states_and_records_are_kept_in_s3_and_locked_there(platform: Platform, cli: Cli, aws: Aws) -> None:
    bucket = f"{platform.name}-states"
    platform.configure(header=f"backend: {{type: s3, bucket: {bucket}, region: eu-west-1}}\n")
    made = cli("bootstrap", "--env", "local")
    assert made.code == 0, made.err
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
    _put_back(platform, cli, aws, bucket)
    assert "base/one" in cli("output", "--env", "local", "--layer", "base").out
    destroyed = cli("destroy", "--env", "local", "--yes")
    assert destroyed.code == 0, destroyed.out + destroyed.err
    assert "There is nothing to destroy." in cli("destroy", "--env", "local", "--yes").out


def _put_back(platform: Platform, cli: Cli, aws: Aws, bucket: str) -> None:
    """A state that was lost comes back from its backup, and nothing is to be changed then."""
    before = {
        state["layer"]: state for state in cli("state", "list", "--env", "local", "--json").json()["states"]
    }
    assert set(before) == {"base", "left", "right", "app"}
    assert "module.left.aws_ssm_parameter.first" in cli("state", "show", "--env", "local", "left").out
    first = cli("state", "backup", "--env", "local", "--json").json()["id"]
    aws.client("s3").delete_object(Bucket=bucket, Key="orchestrator/local/left.tfstate")
    lost = cli("plan", "--env", "local")
    assert lost.code == 1
    assert f"its state s3://{bucket}/orchestrator/local/left.tfstate is gone" in lost.err
    (platform.work / "backups" / first / "app.tfstate").write_text("{}")
    damaged = cli("state", "restore", "--env", "local", first, "--yes")
    assert damaged.code == 1
    assert "is damaged (app.tfstate has changed)" in damaged.err

    kept = cli("state", "backup", "--env", "local", "--layer", "base", "--json").json()
    assert (
        "has no state of the layer left"
        in cli("state", "restore", "--env", "local", kept["id"], "--layer", "left", "--yes").err
    )
    index = platform.work / "backups" / first / "backup.json"
    raw = json.loads(index.read_text())
    raw["files"] = {name: digest for name, digest in raw["files"].items() if not name.startswith("app")}
    index.write_text(json.dumps(raw))
    back = cli("state", "restore", "--env", "local", first, "--layer", "left", "--yes", "--json")
    assert back.code == 0, back.out
    assert back.json()["restored"] == {"left": before["left"]["serial"] + 1}
    assert cli("plan", "--env", "local", "--detailed-exitcode").code == 0
    assert cli("audit", "verify", "--env", "local").code == 0


def test_bootstrap_makes_a_bucket_takes_over_one_that_is_there_and_then_changes_nothing(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    s3, bucket = aws.client("s3"), f"{platform.name}-adopted"
    platform.configure(
        header=f"backend: {{type: s3, bucket: {bucket}, region: eu-west-1, kms_key_id: alias/x}}\n"
    )
    looked = cli("bootstrap", "--env", "local", "--dry-run")
    assert looked.code == 2
    assert f"{bucket}  the bucket: would be created" in looked.out
    assert bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]

    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    kept = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [kept]})
    adopted = cli("bootstrap", "--env", "local", "--json")
    assert adopted.code == 0, adopted.out
    steps = adopted.json()["steps"]
    assert {step["status"] for step in steps if step["bucket"] == bucket} == {"as it should be", "changed"}
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["Theirs", "OnlyOverTls"]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert [rule["ID"] for rule in rules] == ["theirs", "orchestrator-old-versions"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetBucket"] == f"{bucket}-logs"

    again = cli("bootstrap", "--env", "local")
    assert again.code == 0
    assert f"Nothing to do: s3://{bucket} is as it should be." in again.out
    assert cli("bootstrap", "--env", "local", "--dry-run").code == 0
    well = cli("doctor", "--env", "local", "--json")
    assert well.code == 0, well.out
    looks = {look["name"]: look for look in well.json()["looks"]}
    assert looks["state bucket"]["found"] == f"s3://{bucket} is as it should be"
    assert looks["emulator"]["found"].endswith("in account 123456789012")


def test_doctor_names_what_is_not_well_and_how_to_mend_it(platform: Platform, cli: Cli, aws: Aws) -> None:
    platform.configure(header="backend: {type: s3, bucket: there-is-no-such-bucket, region: eu-west-1}\n")
    path = platform.folder.root / "terraform/envs/local/environment.yaml"
    path.write_text(path.read_text().replace("123456789012", "210987654321"))
    (platform.work).mkdir(parents=True, exist_ok=True)
    left = platform.work / "workspaces" / "base" / "errored.tfstate"
    left.parent.mkdir(parents=True)
    left.write_text("{}")
    sick = cli("doctor", "--env", "local", "--json")
    assert sick.code == 1
    looks = {look["name"]: (look["status"], look["found"], look["remedy"]) for look in sick.json()["looks"]}
    assert looks["emulator"][1].endswith("in account 210987654321")  # whatever the account is, it is there
    assert looks["state bucket"][0] == "failed"
    assert looks["state bucket"][2] == "`orchestrator bootstrap --env local`"
    assert looks["Terraform"][0] == looks["disk"][0] == "ok"


def test_bootstrap_wants_an_s3_backend(platform: Platform, cli: Cli) -> None:
    refused = cli("bootstrap", "--env", "local")
    assert refused.code == 1
    assert "local keeps its states in local files" in refused.err


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


def test_where_no_provider_can_be_had_the_mirror_is_named_as_remedy(
    platform: Platform, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.folder.write("empty/.keep", "")
    config = platform.folder.write(
        "terraform.rc",
        f'provider_installation {{\n  filesystem_mirror {{ path = "{platform.folder.root}/empty" }}\n}}\n',
    )
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(config))
    answer = cli("plan", "--env", "local")
    assert answer.code == 1
    assert "TF_PLUGIN_MIRROR" in answer.err
    assert not list((platform.work / "plans").glob("*"))
