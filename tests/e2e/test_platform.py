"""The platform that this repository ships, on the emulator: applied, unchanged, destroyed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.e2e.conftest import Aws

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def shipped(tmp_path: Path, emulator_root: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Path:
    """A copy of the repository's platform. (It depends on `cli`, which changes the folder first.)"""
    root = tmp_path / "shipped"
    for name in ("terraform", "policy"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns(".terraform*"))
    (root / ".orchestrator").mkdir()
    (root / ".orchestrator" / "emulator").symlink_to(emulator_root)
    monkeypatch.chdir(root)
    return root


def test_local_is_applied_without_drift_and_destroyed(shipped: Path, cli: Cli, aws: Aws) -> None:
    applied = cli("apply", "--env", "local", "--yes")
    assert applied.code == 0, applied.out + applied.err
    again = cli("apply", "--env", "local", "--yes")
    assert "No changes." in again.out, again.out
    outputs = cli("output", "--env", "local", "--json").json()
    assert len(outputs["network"]["private_subnet_ids"]) == 3
    assert {"data", "logs", "messaging", "secrets"} <= set(outputs["security"]["kms_key_arns"])

    sns, sqs = aws.client("sns"), aws.client("sqs")
    sns.publish(TopicArn=outputs["messaging"]["topic_arns"]["orders"], Message="an order")
    url = outputs["messaging"]["queue_urls"]["fulfilment"]
    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"][0]
    assert message["Body"] == "an order"

    destroyed = cli("destroy", "--env", "local", "--yes")
    assert destroyed.code == 0, destroyed.out + destroyed.err
    assert aws.client("s3").list_buckets()["Buckets"] == []
    keys = aws.client("kms")
    metadata = [keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in keys.list_keys()["Keys"]]
    ours = [key for key in metadata if key["Description"].startswith("shop-local-")]
    assert {key["KeyState"] for key in ours} == {"PendingDeletion"}


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_the_other_environments_hold_together_and_pass_the_policy_when_planned_on_an_empty_account(
    shipped: Path, cli: Cli, name: str
) -> None:
    path = shipped / "terraform" / "envs" / name / "environment.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("account_id")]
    backend = lines.index("backend:")
    del lines[backend : backend + 4]
    path.write_text("\n".join([*lines, 'account_id: "123456789012"', "emulator: true", ""]))
    plan = cli("plan", "--env", name, "--json")
    assert plan.code == 0, plan.err
    content = plan.json()
    assert content["counts"]["create"] > 60
    assert [item["id"] for item in content["policy"]["findings"] if item["status"] == "failed"] == []
    nat = [
        change for change in content["layers"]["network"]["changes"] if change["type"] == "aws_nat_gateway"
    ]
    assert len(nat) == (1 if name == "dev" else 3)


def test_the_modules_code_passes_the_policy(shipped: Path, cli: Cli) -> None:
    scan = cli("scan", "--json")
    assert scan.code == 0, scan.out
    report = scan.json()
    assert report["resources"] > 40
    assert all(item["reason"] for item in report["findings"])


def test_a_value_that_a_module_refuses_is_named_where_the_environment_says_it(
    shipped: Path, cli: Cli
) -> None:
    path = shipped / "terraform" / "envs" / "local" / "environment.yaml"
    path.write_text(path.read_text() + "  security:\n    variables:\n      deletion_window_in_days: 3\n")
    line = len(path.read_text().splitlines())
    refused = cli("plan", "--env", "local", "--layer", "security")
    assert refused.code == 1
    place = f"terraform/envs/local/environment.yaml:{line}: layers.security.variables.deletion_window_in_days"
    assert f"{place}: deletion_window_in_days lies between 7 and 30." in refused.err
