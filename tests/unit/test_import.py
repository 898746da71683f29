"""What may be imported, how it is found, and what a plan and its review say of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from orchestrator.config.environment import Environment, load_environment
from orchestrator.config.project import find_project
from orchestrator.errors import OrchestratorError
from orchestrator.imports.account import Account
from orchestrator.imports.catalogue import Rule, arguments, arn_key, catalogue, fields_in_arn, fill
from orchestrator.imports.find import Found
from orchestrator.imports.managed import Managed
from orchestrator.imports.match import Candidate, Match, match, without_doubles
from orchestrator.imports.refused import explained
from orchestrator.imports.wanted import Wanted, read_mapping
from orchestrator.plan.bundle import Manifest
from orchestrator.plan.model import Change, ChangeSet, LayerChanges, change_set_from_json, count, split_plan
from orchestrator.plan.refine import unreviewed
from orchestrator.plan.summary import verb_of
from orchestrator.render.workspace import IMPORTS, Workspace, import_blocks, write_imports
from orchestrator.review.finding import Finding
from orchestrator.review.iam.documents import permission_changes
from orchestrator.review.plan import plan_of
from orchestrator.review.review import review_plan
from orchestrator.session import open_session
from orchestrator.state.state import State
from orchestrator.terraform.events import Diagnostic, TerraformError, named_in
from orchestrator.yaml_tree import Origin
from tests.project import HEADER, ProjectFolder

MODULE = """\
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_sqs_queue" "this" {
  for_each = toset(["orders"])
  name     = each.key
}
data "aws_region" "here" {}
module "inner" {
  source = "./inner"
}
"""


@pytest.fixture
def environment(folder: ProjectFolder) -> Environment:
    folder.module("store", MODULE)
    folder.write("terraform/modules/store/inner/main.tf", 'resource "aws_sns_topic" "this" { name = "x" }\n')
    folder.module("other", 'resource "aws_vpc" "this" { cidr_block = "10.1.0.0/16" }\n')
    folder.environment("dev", "store: {}\nother: {}\n")
    return load_environment(find_project(folder.root), "dev")


def read(environment: Environment, text: str) -> tuple[Wanted, ...]:
    return read_mapping(text.encode(), Path("m.yaml"), environment, environment.layers["store"])


def test_a_mapping_names_addresses_with_and_without_the_layer(environment: Environment) -> None:
    found = read(
        environment,
        'aws_vpc.this: vpc-1\nmodule.store.aws_sqs_queue.this["orders"]: https://queue\nmodule.inner.aws_sns_topic.this: arn\n',
    )
    assert [(item.address, item.id, item.type) for item in found] == [
        ("module.store.aws_vpc.this", "vpc-1", "aws_vpc"),
        ('module.store.aws_sqs_queue.this["orders"]', "https://queue", "aws_sqs_queue"),
        ("module.store.module.inner.aws_sns_topic.this", "arn", "aws_sns_topic"),
    ]
    assert [item.origin.line for item in found if item.origin] == [1, 2, 3]
    assert read(environment, '{"aws_vpc.this": "vpc-1"}')[0].id == "vpc-1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "m.yaml: the mapping is empty"),
        ("- aws_vpc.this\n", "m.yaml:1: the mapping is no map"),
        ("aws_vpc.this: 12\n", "m.yaml:1: the id of aws_vpc.this is no text: 12; write the import id in quotes"),
        ("aws_vpc.this:\n", "the id of aws_vpc.this is empty"),
        ("aws_vpc.this: ' '\n", "the id of aws_vpc.this is empty"),
        ("aws_vpc.this: a\naws_vpc.this: b\n", 'the key "aws_vpc.this" is there twice'),
        ("aws_vpc.this: a\nmodule.store.aws_vpc.this: b\n", "m.yaml:2: module.store.aws_vpc.this: the address is there twice"),
        ("aws_vpc: a\n", "'aws_vpc' is no resource's address"),
        ("aws_vpc.this.: a\n", "is no resource's address"),
        ("aws_vpc.this[x]: a\n", "is no resource's address"),
        ("aws_vpc.that: a\n", 'the layer store has no aws_vpc.that; did you mean "aws_vpc.this"?'),
        ("aws_vpcs.this: a\n", 'did you mean "aws_vpc.this"?'),
        ("module.inner.aws_sns_topic.that: a\n", 'did you mean "module.inner.aws_sns_topic.this"?'),
        ("module.other.aws_vpc.this: a\n", "it is of the layer other, not store; import it with --layer other"),
        ("data.aws_region.here: a\n", "data is read, and can't be imported"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_with_its_line(environment: Environment, text: str, expected: str) -> None:
    with pytest.raises(OrchestratorError) as caught:
        read(environment, text)
    assert expected in str(caught.value)


def state(*instances: tuple[str, str, dict[str, Any]]) -> State:
    resources = tuple(
        {"mode": "managed", "module": "module.other", "type": type, "name": name, "instances": [{"attributes": values}]}
        for type, name, values in instances
    )  # fmt: skip
    return State("l", 1, "1.11.4", resources, {})


def wanted(address: str, id: str, line: int = 1) -> Wanted:
    return Wanted(address, id, Origin(Path("m.yaml"), line))


VPC, QUEUE = "module.store.aws_vpc.this", 'module.store.aws_sqs_queue.this["orders"]'


def test_what_is_managed_or_wanted_twice_is_refused() -> None:
    other = state(("aws_vpc", "main", {"id": "vpc-1", "arn": "arn:vpc-1"}))
    managed = Managed({"other": other})
    managed.check("store", [wanted(VPC, "vpc-2")])
    with pytest.raises(
        OrchestratorError, match=r"m.yaml:1: .*vpc-1 is managed already: it is module.other.aws_vpc.main"
    ):
        managed.check("store", [wanted(VPC, "vpc-1")])
    with pytest.raises(OrchestratorError, match="the address is in the state of other already"):
        managed.check("other", [wanted("module.other.aws_vpc.main", "vpc-9")])
    with pytest.raises(
        OrchestratorError, match=r"m.yaml:2: .*the id vpc-2 is given to module.store.aws_vpc.this as well"
    ):
        managed.check("store", [wanted(VPC, "vpc-2"), wanted("module.store.aws_vpc.that", "vpc-2", 2)])


def test_whatever_it_is_imported_by_one_object_is_managed_once() -> None:
    managed = Managed({"other": state(("aws_sqs_queue", "q", {"id": "url", "arn": "arn", "url": "url"}))})
    there = change("import", importing="also-the-url", before={"id": "url", "arn": "arn"})
    with pytest.raises(OrchestratorError, match=r"is managed already: it is module.other.aws_sqs_queue.q"):
        managed.check_plan(changes(there), [wanted(QUEUE, "also-the-url")])
    second = change("import", QUEUE.replace("orders", "b"), importing="b", before={"id": "url"})
    with pytest.raises(OrchestratorError, match="b is the same object as also-the-url"):
        Managed({}).check_plan(
            changes(there, second), [wanted(QUEUE, "also-the-url"), wanted(second.address, "b")]
        )


def test_the_same_name_in_another_account_or_region_is_another_object() -> None:
    here, there = "arn:aws:logs:eu-west-1:1:log-group:/x", "arn:aws:logs:us-east-1:1:log-group:/x"
    managed = Managed({"other": state(("aws_cloudwatch_log_group", "a", {"id": "/x", "arn": here}))})
    copy, main = "module.store.aws_cloudwatch_log_group.copy", "module.store.aws_cloudwatch_log_group.main"
    places = {copy: ("1", "us-east-1"), main: ("1", "eu-west-1")}
    managed.check("store", [wanted(copy, "/x")], places.get)
    managed.check("store", [wanted(copy, "/x")], lambda _: ("2", "eu-west-1"))
    with pytest.raises(
        OrchestratorError, match=r"/x is managed already: it is module.other.aws_cloudwatch_log_group.a"
    ):
        managed.check("store", [wanted(main, "/x")], places.get)
    Managed({}).check("store", [wanted(copy, "/x"), wanted(main, "/x", 2)], places.get)
    found = change("import", copy, importing="/x", before={"id": "/x", "arn": there})
    managed.check_plan(changes(found), [wanted(copy, "/x")])
    same = change("import", copy, importing="/x", before={"id": "/x", "arn": here})
    with pytest.raises(OrchestratorError, match="is managed already"):
        managed.check_plan(changes(same), [wanted(copy, "/x")])


REGIONS = """
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.replica, aws.us_east_1]
    }
  }
}
resource "aws_sqs_queue" "here" { name = "x" }
resource "aws_sqs_queue" "there" {
  provider = aws.replica
  for_each = toset(["a.b"])
  name     = each.key
}
module "inner" {
  source    = "./inner"
  for_each  = toset(["x"])
  providers = { aws = aws.us_east_1, aws.far = aws.replica }
}
module "plain" { source = "./inner" }
module "foreign" {
  source    = "terraform-aws-modules/sqs/aws"
  providers = { aws = aws.replica }
}
"""
INNER = """
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.far]
    }
  }
}
resource "aws_sns_topic" "near" { name = "x" }
resource "aws_sns_topic" "far" {
  provider = aws.far
  name     = "x"
}
"""


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("aws_sqs_queue.here", "eu-west-1"),
        ('aws_sqs_queue.there["a.b"]', "eu-central-1"),
        ('module.inner["x"].aws_sns_topic.near', "us-east-1"),
        ('module.inner["x"].aws_sns_topic.far', "eu-central-1"),
        ("module.plain.aws_sns_topic.near", "eu-west-1"),
        ("module.foreign.aws_sqs_queue.this[0]", "eu-central-1"),
    ],
)
def test_each_resource_is_looked_for_in_the_region_of_its_provider(
    folder: ProjectFolder, address: str, region: str
) -> None:
    folder.write("terraform/modules/store/main.tf", REGIONS)
    folder.write("terraform/modules/store/layer.yaml", "description: x\n")
    folder.write("terraform/modules/store/inner/main.tf", INNER)
    folder.environment("dev", "store: {}\n", HEADER + "replica_region: eu-central-1\n")
    session = open_session(find_project(folder.root), "dev")
    account = Account(session, session.environment.layers["store"])
    assert account.place_of(f"module.store.{address}") == ("123456789012", region)
    assert account.regions == ["eu-west-1", "eu-central-1", "us-east-1"]


def test_an_arn_of_another_region_is_refused_before_its_name_is_looked_for_elsewhere(
    folder: ProjectFolder,
) -> None:
    folder.write("terraform/modules/store/main.tf", REGIONS.split("module")[0])
    folder.write("terraform/modules/store/layer.yaml", "description: x\n")
    folder.environment("dev", "store: {}\n", HEADER + "replica_region: eu-central-1\n")
    session = open_session(find_project(folder.root), "dev")
    account = Account(session, session.environment.layers["store"])
    with pytest.raises(
        OrchestratorError, match=r"is in us-east-1, and the configuration makes this one in eu-central-1"
    ):
        account.by_arn(
            wanted('module.store.aws_sqs_queue.there["a"]', "arn:aws:sqs:us-east-1:123456789012:a")
        )


def change(action: str, address: str = QUEUE, **more: Any) -> Change:
    actions = {"import": ("no-op",), "replace": ("delete", "create")}.get(action, (action,))
    values = {"before": None, "after": None, "unknown": {}, **more}
    return Change(address, "store", address.split(".")[2], action, actions, **values)  # type: ignore[arg-type]


def changes(*items: Change) -> ChangeSet:
    return ChangeSet({"store": LayerChanges("store", items)})


THERE = {"id": "url", "name": "orders", "delay_seconds": 0}


def raw(
    actions: list[str], before: Any = THERE, after: Any = THERE, type: str = "aws_sqs_queue", **more: Any
) -> dict[str, Any]:
    address = f"module.store.{type}.this"
    values = {
        "actions": actions,
        "before": before,
        "after": after,
        "after_unknown": {},
        "importing": {"id": "url"},
    }
    return {"address": address, "mode": "managed", "type": type, "name": "this", "change": {**values, **more}}


def test_a_plan_knows_what_it_imports_and_its_counts_do() -> None:
    plan = {
        "format_version": "1.2",
        "resource_changes": [
            raw(["no-op"]),
            raw(["update"], after={**THERE, "delay_seconds": 5}),
            raw(["delete", "create"]),
        ],
    }
    split = split_plan(plan, ["store"], {})
    found = split.layers["store"].changes
    assert [(item.action, item.importing) for item in found] == [
        ("import", "url"),
        ("update", "url"),
        ("replace", "url"),
    ]
    assert count(list(found)) == {"create": 0, "update": 1, "replace": 1, "delete": 0, "import": 3}
    assert change_set_from_json(split.as_json()) == split
    assert [verb_of(item) for item in found] == [
        "to import (url)", "to import (url), then to change", "to import (url), then to replace",
    ]  # fmt: skip


def test_a_bundle_that_was_made_before_imports_were_known_can_still_be_read() -> None:
    plain = change("create").as_json()
    del plain["importing"]
    document = {"layers": {"store": {"changes": [plain], "outputs": [], "drift": []}}}
    assert change_set_from_json(document).layers["store"].changes[0].importing is None
    assert Manifest.__dataclass_fields__["imports"].default_factory is dict


def differences(reviewed: Change, *fresh: Change, begun: bool = False) -> list[str]:
    layers = LayerChanges("store", (reviewed,)), LayerChanges("store", fresh)
    return [str(item) for item in unreviewed(*layers, begun=begun)]


def test_a_layers_plan_imports_just_what_was_reviewed() -> None:
    reviewed = change("import", importing="url", before=THERE, after=THERE)
    assert differences(reviewed, reviewed) == []
    other = change("import", importing="other", before=THERE, after=THERE)
    assert differences(reviewed, other) == [f'{QUEUE}: import id: reviewed "url", now "other"']
    moved_on = {**THERE, "delay_seconds": 9}
    assert (
        "delay_seconds"
        in differences(reviewed, change("import", importing="url", before=moved_on, after=moved_on))[0]
    )
    assert differences(reviewed, change("create", after=THERE)) != []
    assert differences(reviewed) == [f"{QUEUE}: reviewed import, now no change"]
    assert differences(reviewed, begun=True) == []
    assert differences(change("create", after=THERE), reviewed) != []
    updated = change("update", importing="url", before=THERE, after=moved_on)
    assert differences(updated, change("update", before=THERE, after=moved_on), begun=True) == []
    assert differences(updated, change("update", before=THERE, after=moved_on)) != []
    turned_out = change(
        "update",
        importing="url",
        before=THERE,
        after={**THERE, "delay_seconds": None},
        unknown={"delay_seconds": True},
    )
    assert differences(turned_out, reviewed) == []


def test_ids_are_taken_literally_and_import_blocks_do_not_outlive_their_plan(tmp_path: Path) -> None:
    assert import_blocks({'m.a["x"]': "${a}%{b}"}).decode().count("$${a}%%{b}") == 1
    write_imports(tmp_path, {"a.b": "c"})
    assert (tmp_path / IMPORTS).is_file()
    write_imports(tmp_path, {})
    assert not (tmp_path / IMPORTS).exists()
    write_imports(tmp_path, {"a.b": "c"})  # as a run that was killed leaves it
    Workspace(tmp_path, {}).write()
    assert not (tmp_path / IMPORTS).exists()


def review(*entries: dict[str, Any]) -> tuple[Finding, ...]:
    plan = plan_of({"format_version": "1.2", "resource_changes": list(entries)})
    assert list(permission_changes(plan)) == []
    return review_plan(plan).findings


OPEN = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("aws_db_instance", {"id": "db", "storage_encrypted": False, "publicly_accessible": True}),
        ("aws_iam_role_policy", {"id": "r:p", "policy": OPEN}),
        ("aws_iam_role_policy_attachment", {"id": "r/a", "role": "r", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ("aws_lambda_permission", {"id": "f/s", "principal": "*", "action": "lambda:InvokeFunction"}),
        ("aws_nat_gateway", {"id": "nat-1", "subnet_id": "subnet-1"}),
        (
            "aws_security_group_rule",
            {"id": "r", "type": "ingress", "cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "to_port": 22, "protocol": "tcp"},
        ),
        ("aws_sqs_queue_policy", {"id": "url", "policy": OPEN}),
        ("aws_ssm_parameter", {"id": "/p", "insecure_value": "AKIAIOSFODNN7EXAMPLE"}),
    ],
)  # fmt: skip
def test_what_is_taken_in_as_it_is_is_no_finding(type: str, values: dict[str, Any]) -> None:
    assert review(raw(["no-op"], values, values, type)) == ()


def test_what_is_changed_after_its_import_is_judged_by_what_is_there() -> None:
    before = {"id": "db", "storage_encrypted": True, "deletion_protection": True, "tags": {}}
    harmless = raw(["update"], before, {**before, "tags": {"a": "b"}}, "aws_db_instance")
    assert review(harmless) == ()
    worse = raw(["update"], before, {**before, "deletion_protection": False}, "aws_db_instance")
    assert [finding.id for finding in review(worse)] == ["DL002"]


def test_what_is_imported_and_replaced_blocks_by_its_address() -> None:
    entry = raw(["delete", "create"], replace_paths=[["name"]], after={**THERE, "name": "other"})
    found = [finding for finding in review(entry) if finding.id == "IM001"]
    assert [(finding.attribute, finding.before, finding.after, finding.blocks) for finding in found] == [
        ("name", "orders", "other", True)
    ]


def refusal(summary: str, detail: str) -> TerraformError:
    return TerraformError(None, "plan", [Diagnostic("error", summary, detail, "", "", None)], None)


def test_terraforms_refusal_is_told_by_the_mappings_line() -> None:
    missing = refusal(
        "Cannot import non-existent remote object",
        'While attempting to import an existing object to "module.store.aws_sqs_queue.this[\\"orders\\"]", the provider …',
    )
    assert named_in(missing, [QUEUE, VPC]) == {QUEUE}
    items = [wanted(VPC, "vpc-1"), wanted(QUEUE, "url", 2)]
    told = explained(missing, items, lambda _: ("1", "r"), list)
    assert str(told).startswith(
        f"m.yaml:2: {QUEUE}: there is no aws_sqs_queue with the id url in account 1, region r; "
    )
    unknown = refusal(
        "Configuration for import target does not exist",
        f"The configuration for the given import {VPC} does not exist.",
    )
    assert f'did you mean "{VPC}"?' in str(
        explained(unknown, items, lambda _: ("", ""), lambda: [VPC, QUEUE])
    )
    other = refusal("AccessDenied", "not allowed")
    assert explained(other, items, lambda _: ("", ""), list) is other


# Looking for it


def test_every_rule_of_the_catalogue_calls_what_aws_has() -> None:
    session = botocore.session.get_session()
    for type, rule in catalogue().items():
        if rule.call is None:
            continue
        service, operation = rule.call.do.split(".")
        model = session.get_service_model(service)
        names = {xform_name(name): name for name in model.operation_names}
        assert operation in names, type
        described = model.operation_model(names[operation])
        members: Any = described.input_shape.members if described.input_shape else {}
        assert set(rule.call.arguments) <= set(members), type
        for name, given in rule.call.arguments.items():
            assert isinstance(given, list) == (members[name].type_name == "list"), type
        shape = described.output_shape
        if rule.call.items is not None:
            shape = _shape(shape, rule.call.items).member
        answered = [word[1:] for word in re.findall(r"\{(\.[\w.]+)\}", rule.id)]
        for path in (*rule.attributes.values(), *rule.where, *([rule.tags] if rule.tags else []), *answered):
            assert _shape(shape, path) is not None, (type, path)


def _shape(shape: Any, path: str) -> Any:
    for word in path.split("."):
        if shape.type_name == "list":
            shape = shape.member
        elif shape.type_name == "map":
            shape = shape.value
        else:
            shape = shape.members.get(word)
    return shape


def test_the_arn_of_what_has_the_tags_leads_to_the_id() -> None:
    rules = catalogue()
    assert arn_key("arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1") == "ec2:vpc/vpc-1"
    assert arn_key("arn:aws:logs:eu-west-1:123456789012:log-group:/shop:*") == "logs:log-group:/shop"
    assert fields_in_arn(rules["aws_vpc"], "ec2:vpc/vpc-1") == {"id": "vpc-1"}
    assert fields_in_arn(rules["aws_vpc"], "ec2:subnet/subnet-1") == {}
    assert fields_in_arn(rules["aws_kms_key"], "kms:key/1234-5678") == {"id": "1234-5678"}
    assert fields_in_arn(rules["aws_sqs_queue"], "sqs:orders") == {"name": "orders"}
    assert fields_in_arn(rules["aws_ssm_parameter"], "ssm:parameter/shop/x") == {"name": "/shop/x"}
    queue = rules["aws_sqs_queue"]
    assert fill(queue.arn or "", {"name": "orders"}) == arn_key("arn:aws:sqs:eu-west-1:123456789012:orders")
    assert queue.call is not None
    assert arguments(queue.call, {"name": "orders"}) == {"QueueName": "orders"}
    assert arguments(queue.call, {}) is None
    assert fill(queue.id, {}, {"QueueUrl": "https://queue"}) == "https://queue"
    assert fill(rules["aws_iam_role_policy_attachment"].id, {"role": "r", "policy_arn": "p"}) == "r/p"


def planned(type: str, after: dict[str, Any], unknown: tuple[str, ...] = ()) -> Change:
    return change("create", f"module.store.{type}.this", after=after, unknown=dict.fromkeys(unknown, True))


def subnet(id: str, cidr: str = "10.0.1.0/24", vpc: str = "vpc-1", **tags: str) -> Candidate:
    return Candidate(id, {"cidr_block": cidr, "vpc_id": vpc, "availability_zone": "a"}, tags)


SUBNET = {"cidr_block": "10.0.1.0/24", "vpc_id": "vpc-1"}


@pytest.mark.parametrize(
    ("after", "unknown", "candidates", "id", "shown"),
    [
        (SUBNET, (), [subnet("s-1"), subnet("s-2", "10.0.2.0/24")], "s-1", 1),
        (SUBNET, (), [subnet("s-1"), subnet("s-2")], None, 2),
        (SUBNET, (), [], None, 0),
        (SUBNET, (), [subnet("s-1", vpc="vpc-2")], None, 0),
        ({"cidr_block": "10.0.1.0/24"}, ("vpc_id",), [subnet("s-1")], None, 0),
        ({**SUBNET, "tags": {"Name": "a"}}, (), [subnet("s-1", Name="a"), subnet("s-2", Name="b")], "s-1", 1),
        ({**SUBNET, "tags": {"Name": "a"}}, (), [subnet("s-1", Name="b")], None, 0),
        ({**SUBNET, "tags": {"Name": "a"}}, (), [subnet("s-1")], "s-1", 1),
        ({**SUBNET, "tags": {"Tier": "x"}}, (), [subnet("s-1", Tier="x"), subnet("s-2")], "s-1", 1),
    ],
    ids=[
        "its attributes", "two alike", "nothing there", "elsewhere", "in a new VPC", "its name tag", "another name", "without a name",
        "its tags",
    ],
)  # fmt: skip
def test_what_exists_is_matched_when_it_is_beyond_doubt(
    after: dict[str, Any], unknown: tuple[str, ...], candidates: list[Candidate], id: str | None, shown: int
) -> None:
    found = match(planned("aws_subnet", after, unknown), catalogue()["aws_subnet"], candidates)
    assert (found.id if found else None) == id
    assert len(found.candidates if found else ()) == shown


def test_what_is_alike_in_its_vpc_only_is_left_to_be_chosen() -> None:
    table = Candidate("rtb-1", {"vpc_id": "vpc-1"}, {})
    found = match(planned("aws_route_table", {"vpc_id": "vpc-1"}), catalogue()["aws_route_table"], [table])
    assert found is not None
    assert found.id is None
    assert found.candidates == (table,)


def test_one_object_is_not_proposed_for_two_addresses() -> None:
    one = Candidate("s-1")
    twice = [Match(address, "aws_subnet", "s-1", "by cidr_block", (one,)) for address in ("a", "b")]
    assert [(item.id, item.candidates) for item in without_doubles(twice)] == [(None, (one,))] * 2
    elsewhere = {"a": ("1", "eu-west-1"), "b": ("1", "us-east-1")}
    assert [item.id for item in without_doubles(twice, elsewhere.get)] == ["s-1", "s-1"]


def test_the_written_mapping_is_one_that_can_be_read(environment: Environment) -> None:
    doubtful = Match(
        VPC, "aws_vpc", None, "choose one of these", (Candidate("vpc-1", {"cidr_block": "10.0.0.0/16"}),)
    )
    found = Found(
        "store",
        (Match(QUEUE, "aws_sqs_queue", "https://it's", "by its name"), doubtful),
        {"aws_x": ("module.store.aws_x.y",)},
    )
    text = found.mapping()
    assert [(item.address, item.id) for item in read(environment, text)] == [(QUEUE, "https://it's")]
    assert f"# '{VPC}': 'vpc-1' # cidr_block 10.0.0.0/16" in text
    assert "# aws_x can't be looked for" in text
    with pytest.raises(OrchestratorError, match="write what was found with --write-mapping FILE"):
        found.decided()
    with pytest.raises(OrchestratorError, match="nothing of what the layer store would create was found"):
        Found("store", (), {}).decided()
    with pytest.raises(
        OrchestratorError, match="the layer store would create nothing: all that its configuration has"
    ):
        Found("store", (), {}, creates=False).decided()


def test_parts_are_known_as_such() -> None:
    assert Rule(id="{bucket}").is_part
    assert not catalogue()["aws_kms_key"].is_part
    assert catalogue()["aws_sqs_queue"].is_named
    assert not catalogue()["aws_cognito_user_pool"].is_named
