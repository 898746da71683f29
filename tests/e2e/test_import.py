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
COPIED = """\
resource "aws_cloudwatch_log_group" "here" { name = "/${var.prefix}/orders" }
resource "aws_cloudwatch_log_group" "copy" {
  provider = aws.replica
  name     = "/${var.prefix}/orders"
}
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
            TagSpecifications=[{"ResourceType": "vpc", "Tags": [*pairs, {"Key": "Name", "Value": prefix}]}],
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
            QueueName=f"{prefix}-orders",
            Attributes={"VisibilityTimeout": "60", "MaximumMessageSize": "262144"},
            tags=self.tags,
        )["QueueUrl"]

    def configure(
        self, variables: str = "{}", account: str = "123456789012", more: str = "", header: str = ""
    ) -> None:
        """The environment."""
        self.platform.folder.write(
            "terraform/envs/local/environment.yaml",
            f'project: {self.platform.name}\nregion: eu-west-1\naccount_id: "{account}"\nemulator: true\n'
            f"{header}layers:\n  store: {{variables: {variables}}}\n{more}",
        )

    def copy(self, region: str) -> None:
        """A log group of one name here and in another region, which the layer describes, too."""
        folder, name = self.platform.folder, f"/{self.platform.prefix}/orders"
        folder.module("store", STORE + COPIED, "inputs:\n  prefix: environment.name_prefix\n")
        main = folder.root / "terraform/modules/store/main.tf"
        asked = 'version = ">= 5.100, < 7", configuration_aliases = [aws.replica] }'
        main.write_text(main.read_text().replace('version = ">= 5.100, < 7" }', asked))
        self.configure(header=f"replica_region: {region}\n")
        for place in ("eu-west-1", region):
            self.aws.client("logs", place).create_log_group(logGroupName=name, tags=self.tags)

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
    records = cli("audit", "show", "--env", "local", "--json").json()["records"]
    assert records[-1]["command"] == "plan"
    record = [record for record in records if record["command"] == "apply"][-1]
    assert record["imported"][TABLE] == made.table
    assert not list(made.platform.work.rglob("imports.tf.json"))

    again = cli(*IMPORT, "--mapping", made.mapping(), "--yes")
    assert again.code == 1
    assert f"store.json:2: {VPC}: the address is in the state of store already" in again.err
    made.platform.folder.module("twin", STORE, "inputs:\n  prefix: environment.name_prefix\n")
    made.configure(more="  twin: {}\n")
    twice = cli(*IMPORT[:-1], "twin", "--mapping", _file(made, {"aws_vpc.this": made.vpc}), "--yes")
    assert twice.code == 1
    assert f"{made.vpc} is managed already: it is {VPC} in the state of store" in twice.err


def _file(made: HandMade, mapping: dict[str, str], name: str = "some.json") -> str:
    path = made.platform.folder.root / name
    path.write_text(json.dumps(mapping, indent=2))
    return str(path)


@pytest.mark.slow
def test_it_is_found_by_its_tags_what_is_doubtful_is_left_to_be_chosen_and_nothing_changes_after_that(
    made: HandMade, cli: Cli
) -> None:
    ec2 = made.aws.client("ec2")
    twin = ec2.create_vpc(
        CidrBlock="10.77.0.0/16",
        TagSpecifications=[
            {
                "ResourceType": "vpc",
                "Tags": [
                    {"Key": "Project", "Value": made.platform.name},
                    {"Key": "Name", "Value": made.platform.prefix},
                ],
            }
        ],
    )["Vpc"]["VpcId"]
    by_tag = (*IMPORT, "--tag", f"Project={made.platform.name}")
    mapping = made.platform.folder.root / "found.yaml"
    written = cli(*by_tag, "--write-mapping", str(mapping), "--json")
    assert written.code == 0, written.err
    text = mapping.read_text()
    assert f"'{TABLE}': '{made.table}' # by its name" in text
    assert f"# '{VPC}': '{twin}' # cidr_block 10.77.0.0/16" in text
    assert f"'{VPC}': '{made.vpc}'" in text
    assert cli(*by_tag, "--write-mapping", str(mapping)).code == 64
    assert made.platform.serial("store") is None

    ec2.delete_vpc(VpcId=twin)
    made.copy("eu-central-1")
    here, copy = (f"module.store.aws_cloudwatch_log_group.{name}" for name in ("here", "copy"))
    applied = cli(*by_tag, "--yes", "--json")
    assert applied.code == 0, applied.out + applied.err
    answer = applied.json()
    assert _imported(answer) == dict.fromkeys((VPC, SUBNET, TABLE, QUEUE, here, copy), "import")
    assert {item["address"]: item["how"] for item in answer["found"]["matches"]} == {
        VPC: "by its name tag and cidr_block",
        SUBNET: "by vpc_id, cidr_block",
        TABLE: "by its name",
        QUEUE: "by its name",
        here: "by its name",
        copy: "by its name",
    }
    assert answer["found"]["left"] == []
    assert cli("plan", "--env", "local", "--layer", "store", "--detailed-exitcode").code == 0


@pytest.mark.slow
def test_what_differs_is_shown_and_changed_and_what_would_be_replaced_is_refused(
    made: HandMade, cli: Cli
) -> None:
    made.configure("{hostnames: true, hash_key: pk}")
    arn = f"arn:aws:sqs:eu-west-1:123456789012:{made.platform.prefix}-orders"
    refused = cli(*IMPORT, "--mapping", made.mapping(**{QUEUE: arn}), "--yes")
    assert refused.code == 3
    assert f"IM001 {TABLE}: {made.table} is imported and then replaced, forced by hash_key" in refused.err
    assert f"{QUEUE} to import ({made.queue})" in refused.out  # an ARN was given
    assert made.platform.serial("store") is None

    made.configure("{hostnames: true}")
    applied = cli(*IMPORT, "--mapping", made.mapping(), "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert f"~ {VPC} to import ({made.vpc}), then to change" in applied.out
    assert "enable_dns_hostnames: false → true" in applied.out
    assert "Plan: 1 to change, 4 to import" in applied.out
    assert "4 taken in, of which 1 are changed after that" in applied.out
    hostnames = made.aws.client("ec2").describe_vpc_attribute(VpcId=made.vpc, Attribute="enableDnsHostnames")
    assert hostnames["EnableDnsHostnames"]["Value"] is True


@pytest.mark.slow
def test_what_can_not_be_imported_is_refused_by_the_mappings_line_and_nothing_is_changed(
    made: HandMade, cli: Cli
) -> None:
    def refusal(mapping: dict[str, str], *words: str) -> str:
        answer = cli(*IMPORT, "--mapping", _file(made, mapping), "--yes", *words)
        assert answer.code == 1, answer.out + answer.err
        return answer.err

    before = tree_of(made.platform.folder.root / "terraform")
    missing = refusal({"aws_vpc.this": made.vpc, 'aws_dynamodb_table.this["orders"]': "no-such-table"})
    assert f"some.json:3: {TABLE}: there is no aws_dynamodb_table with the id no-such-table" in missing
    assert "account 123456789012, region eu-west-1" in missing
    key = refusal({'aws_dynamodb_table.this["order"]': made.table})
    assert "the configuration makes nothing at this address" in key
    assert f'did you mean "{TABLE}"?' in key
    assert 'did you mean "aws_sqs_queue.orders"?' in refusal({"aws_sqs_queue.order": made.queue})
    foreign = refusal({QUEUE: "arn:aws:sqs:eu-west-1:210987654321:orders"})
    assert "some.json:2" in foreign
    assert "is in account 210987654321, and the layer store is account 123456789012" in foreign
    made.configure(account="210987654321")
    assert "account 210987654321, region eu-west-1" in refusal({"aws_vpc.this": made.vpc})
    assert tree_of(made.platform.folder.root / "terraform").keys() == before.keys()
    assert made.platform.serial("store") is None
    assert not list(made.platform.work.rglob("imports.tf.json"))
