"""What was made by hand is taken into a layer's state as it is, and nothing changes after that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Cli, tree_of
from tests.e2e.conftest import Aws, Platform

STORE = """\
variable "prefix" { type = string }
variable "hostnames" {
  type    = bool
  default = false
}
variable "hash_key" {
  type    = string
  default = "id"
}
resource "aws_vpc" "this" {
  cidr_block           = "10.77.0.0/16"
  enable_dns_hostnames = var.hostnames
  tags                 = { Name = var.prefix }
}
resource "aws_subnet" "this" {
  for_each   = { a = "10.77.1.0/24" }
  vpc_id     = aws_vpc.this.id
  cidr_block = each.value
}
resource "aws_dynamodb_table" "this" {
  for_each     = toset(["orders"])
  name         = "${var.prefix}-${each.key}"
  hash_key     = var.hash_key
  billing_mode = "PAY_PER_REQUEST"
  attribute {
    name = var.hash_key
    type = "S"
  }
}
resource "aws_sqs_queue" "orders" {
  name                       = "${var.prefix}-orders"
  visibility_timeout_seconds = 60
}
output "vpc_id" { value = aws_vpc.this.id }
"""
VPC = "module.store.aws_vpc.this"
SUBNET = 'module.store.aws_subnet.this["a"]'
TABLE = 'module.store.aws_dynamodb_table.this["orders"]'
QUEUE = "module.store.aws_sqs_queue.orders"


class HandMade:
    """A VPC with a subnet, a table and a queue that somebody made with boto3, and the layer that describes them."""

    def __init__(self, platform: Platform, aws: Aws) -> None:
        self.platform = platform
        self.aws = aws
        platform.folder.module("store", STORE, "inputs:\n  prefix: environment.name_prefix\n")
        self.configure()
        self.tags = {"Project": platform.name, "Environment": "local", "ManagedBy": "orchestrator"}
        pairs = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        ec2, prefix = aws.client("ec2"), platform.prefix
        self.vpc = ec2.create_vpc(
            CidrBlock="10.77.0.0/16",
            TagSpecifications=[
                {"ResourceType": "vpc", "Tags": [*pairs, {"Key": "Name", "Value": prefix}]}
            ],
        )["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(
            VpcId=self.vpc,
            CidrBlock="10.77.1.0/24",
            TagSpecifications=[{"ResourceType": "subnet", "Tags": pairs}],
        )["Subnet"]["SubnetId"]
        self.table = aws.client("dynamodb").create_table(
            TableName=f"{prefix}-orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=pairs,
        )["TableDescription"]["TableName"]
        self.queue = aws.client("sqs").create_queue(
            QueueName=f"{prefix}-orders", Attributes={"VisibilityTimeout": "60"}, tags=self.tags
        )["QueueUrl"]

    def configure(self, variables: str = "{}") -> None:
        """The environment."""
        self.platform.folder.write(
            "terraform/envs/local/environment.yaml",
            f'project: {self.platform.name}\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\n'
            f"layers:\n  store: {{variables: {variables}}}\n  right: {{}}\n",
        )

    def mapping(self, **more: str) -> str:
        """A mapping of all of it, as a file."""
        ids = {
            "aws_vpc.this": self.vpc,
            SUBNET: self.subnet,
            'aws_dynamodb_table.this["orders"]': self.table,
            QUEUE: self.queue,
        }
        path = self.platform.folder.root / "store.json"
        path.write_text(json.dumps({**ids, **more}, indent=2))
        return str(path)


@pytest.fixture
def made(platform: Platform, aws: Aws) -> HandMade:
    return HandMade(platform, aws)


IMPORT = ("import", "--env", "local", "--layer", "store")


def _imported(answer: Any) -> dict[str, str]:
    return {item["address"]: item["action"] for item in answer["imported"]}


def test_what_is_there_is_taken_in_by_a_mapping_and_by_a_sealed_plan_and_nothing_changes_after_that(
    made: HandMade, cli: Cli
) -> None:
    planned = cli(*IMPORT, "--mapping", made.mapping(), "--dry-run", "--json")
    assert planned.code == 0, planned.err
    assert _imported(planned.json()) == dict.fromkeys((VPC, SUBNET, TABLE, QUEUE), "import")
    assert planned.json()["counts"] == {"create": 0, "update": 0, "replace": 0, "delete": 0, "import": 4}
    assert made.platform.serial("store") is None
    # Nothing of it is left behind: an ordinary plan would make them anew.
    ordinary = cli("plan", "--env", "local", "--layer", "store", "--json").json()
    assert ordinary["counts"]["create"] == 4
    assert "import" not in ordinary["counts"]

    applied = cli("apply", "--env", "local", "--plan", planned.json()["id"])
    assert applied.code == 0, applied.out + applied.err
    assert "4 imported" in applied.out
    assert cli("plan", "--env", "local", "--layer", "store", "--detailed-exitcode").code == 0
    record = cli("audit", "show", "--env", "local", "--json").json()["records"][-1]
    assert record["imported"][TABLE] == made.table
    assert not list(made.platform.work.rglob("imports.tf.json"))
