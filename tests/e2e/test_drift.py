"""Drift on the emulator: what was changed by hand is told, taken in, and put back; nothing else is touched."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conftest import Cli
from tests.e2e.conftest import Aws, Platform

WATCH = """\
variable "prefix" { type = string }
resource "aws_ssm_parameter" "main" {
  name           = "/${var.prefix}/main"
  type           = "String"
  insecure_value = "as configured"
}
resource "aws_ssm_parameter" "ignored" {
  name           = "/${var.prefix}/ignored"
  type           = "String"
  insecure_value = aws_ssm_parameter.main.arn
  lifecycle { ignore_changes = [insecure_value] }
}
resource "aws_ssm_parameter" "each" {
  for_each       = toset(["a.b", "c"])
  name           = "/${var.prefix}/each/${each.key}"
  type           = "String"
  insecure_value = "x"
}
resource "aws_cloudwatch_log_group" "main" {
  name              = "/${var.prefix}/logs"
  retention_in_days = 7
}
resource "aws_security_group" "open" {
  name   = "${var.prefix}-open"
  ingress = []
}
output "value" { value = aws_ssm_parameter.ignored.insecure_value }
"""
NOISE = """\
ignore:
  - type: aws_ssm_parameter
    attribute: version
    owner: platform team
    reason: SSM counts versions by itself
    expires: {expires}
  - address: module.watch.aws_ssm_parameter.each
    attribute: insecure_value
    environments: [local]
    owner: platform team
    reason: somebody counts in there
    expires: {expires}
"""
MAIN = "module.watch.aws_ssm_parameter.main"
IGNORED = "module.watch.aws_ssm_parameter.ignored"
GONE = 'module.watch.aws_ssm_parameter.each["a.b"]'
NOISY = 'module.watch.aws_ssm_parameter.each["c"]'
LOGS = "module.watch.aws_cloudwatch_log_group.main"
GROUP = "module.watch.aws_security_group.open"


def _watched(platform: Platform) -> None:
    platform.folder.module("watch", WATCH, "inputs:\n  prefix: environment.name_prefix\n")
    platform.folder.write(
        "terraform/envs/local/environment.yaml",
        f'project: {platform.name}\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\n'
        "layers:\n  watch: {}\n",
    )
    soon = datetime.now(UTC).date() + timedelta(days=30)
    platform.folder.write("policy/drift.yaml", NOISE.format(expires=soon))


def _by_hand(platform: Platform, aws: Aws) -> None:
    ssm, prefix = aws.client("ssm"), platform.prefix
    for name in ("main", "ignored", "each/c"):
        ssm.put_parameter(Name=f"/{prefix}/{name}", Value="by hand", Type="String", Overwrite=True)
    ssm.delete_parameter(Name=f"/{prefix}/each/a.b")
    aws.client("logs").put_retention_policy(logGroupName=f"/{prefix}/logs", retentionInDays=30)
    ec2 = aws.client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{prefix}-open"]}])
    ec2.authorize_security_group_ingress(
        GroupId=groups["SecurityGroups"][0]["GroupId"],
        IpProtocol="tcp",
        FromPort=22,
        ToPort=22,
        CidrIp="0.0.0.0/0",
    )


def _instances(platform: Platform) -> dict[tuple[str, Any], Any]:
    state = json.loads((platform.work / "state" / "watch.tfstate").read_text())
    return {
        (f"{item['type']}.{item['name']}", instance.get("index_key")): {
            key: value for key, value in instance["attributes"].items() if value
        }
        for item in state["resources"]
        for instance in item["instances"]
    }


def _retention(platform: Platform, aws: Aws) -> int:
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/{platform.prefix}/logs")
    return int(groups["logGroups"][0]["retentionInDays"])


def test_drift_is_told_taken_in_and_put_back_by_address(platform: Platform, cli: Cli, aws: Aws) -> None:
    _watched(platform)
    applied = cli("apply", "--env", "local", "--yes")
    assert applied.code == 0, applied.err
    _by_hand(platform, aws)
    before, serial = _instances(platform), platform.serial("watch")

    looked = cli("drift", "--env", "local", "--json")
    assert looked.code == 2, looked.err
    found = looked.json()
    assert found["counts"] == {"changed": 4, "deleted": 1, "noise": 1, "alike": 0}
    told = {item["address"]: (item["id"], item["next_apply"]) for item in found["resources"]}
    assert told == {
        MAIN: ("DR001", "update"),
        IGNORED: ("DR001", "no-op"),
        LOGS: ("DR001", "update"),
        GROUP: ("DR001", "update"),
        GONE: ("DR002", "create"),
        NOISY: ("DR003", "update"),
    }
    assert {item["id"] for item in found["review"]["findings"]} == {"DR001", "DR002", "DR003", "EX001"}
    assert (_instances(platform), platform.serial("watch")) == (before, serial)

    accept = ("drift", "accept", "--env", "local", "--yes")
    assert cli("freeze", "--env", "local", "--reason", "audit").code == 0
    assert "local is frozen" in cli(*accept, LOGS).err
    assert cli("freeze", "--env", "local", "--thaw").code == 0
    reverted = cli("drift", "revert", "--env", "local", "--yes", MAIN, GONE, GROUP)
    assert reverted.code == 0, reverted.err + reverted.out
    assert aws.parameter(f"/{platform.prefix}/main") == "as configured"
    assert aws.parameter(f"/{platform.prefix}/each/a.b") == "x"
    assert aws.parameter(f"/{platform.prefix}/each/c") == "by hand"
    assert _retention(platform, aws) == 30

    before = _instances(platform)
    accepted = cli(*accept, LOGS, IGNORED)
    assert accepted.code == 0, accepted.err
    assert f"the next apply undoes:\n  {LOGS}: retention_in_days\n" in accepted.out
    after = _instances(platform)
    changed = {address for address, _ in before if before[address, _] != after[address, _]}
    assert changed == {"aws_cloudwatch_log_group.main", "aws_ssm_parameter.ignored"}
    assert after["aws_cloudwatch_log_group.main", None]["retention_in_days"] == 30
    assert _retention(platform, aws) == 30
    assert cli("output", "--env", "local", "--json").json()["watch"]["value"] == "by hand"
    assert len(list((platform.work / "backups").iterdir())) == 1

    again = cli("drift", "--env", "local")
    assert again.code == 0, again.out
    assert "local: no drift, 1 known noise (6 resources looked at)." in again.out
    every = cli("audit", "show", "--env", "local", "--json").json()["records"]
    looks = [record for record in every if record["command"] == "drift"]
    assert {record["ok"] for record in looks} == {True}
    assert {record["found"] for record in looks} >= {0}
    records = [record for record in every if record["command"] in ("apply", "drift accept", "drift revert")]
    assert [(record["command"], record["ok"]) for record in records] == [
        ("apply", True),
        ("drift accept", False),  # while it was frozen
        ("drift revert", True),
        ("drift accept", True),
    ]
    assert records[2]["addresses"] == [MAIN, GONE, GROUP]
    assert records[3]["addresses"] == [LOGS, IGNORED]
