"""Layers that go to accounts and regions of their own: what the file may say, and what is rendered from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.config.destination import (
    Credentials,
    Destination,
    as_applied,
    destination_from_json,
)
from orchestrator.config.environment import Environment, load_environment
from orchestrator.config.project import find_project
from orchestrator.config.schema import AssumeRole
from orchestrator.errors import OrchestratorError
from orchestrator.graph.graph import build_graph
from orchestrator.profiles import check_unattended, signed_in
from orchestrator.render.workspace import (
    MAIN,
    VALUES,
    environment_root,
    layer_workspace,
    resolve_inputs,
    state_only_workspace,
)
from orchestrator.review import read_plan, review_plan
from orchestrator.state.state import State, join_states
from tests.conftest import Cli
from tests.project import HEADER, ProjectFolder

HOME, OTHER = "123456789012", "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/ci/deploy"
ALIASED = """\
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.replica, aws.us_east_1]
    }
  }
}
variable "base_id" { type = string }
variable "place" { type = string }
output "id" { value = var.base_id }
"""


def loaded(folder: ProjectFolder, app: str, header: str = HEADER) -> Environment:
    """An environment of ``base`` at home and ``app``, whose entry is given."""
    folder.simple()
    folder.write("terraform/modules/app/main.tf", ALIASED)
    folder.write(
        "terraform/modules/app/layer.yaml",
        "description: app\ninputs: {base_id: base.id, place: environment.region}\n",
    )
    folder.environment("dev", f"base: {{variables: {{name: first}}}}\napp: {app}\n", header)
    return load_environment(find_project(folder.root), "dev")


def main_of(files: dict[str, bytes]) -> Any:
    return json.loads(files[MAIN])


@pytest.mark.parametrize(
    ("app", "header", "expected"),
    [
        (
            f'{{account_id: "{OTHER}"}}',
            HEADER,
            [":6: layers.app.account_id", "nothing says how", "assume_role"],
        ),
        (
            f'{{account_id: "333333333333", assume_role: {{role_arn: {ROLE}}}}}',
            HEADER,
            [":6: layers.app.assume_role.role_arn", f"of the account {OTHER}"],
        ),
        (f"{{assume_role: {{role_arn: {ROLE}}}}}", HEADER, [f'set `account_id: "{OTHER}"` beside it']),
        ("{assume_role: {role_arn: deploy}}", HEADER, [":6: layers.app", "a role's ARN such as"]),
        (
            f'{{account_id: "{OTHER}", assume_role: {{role_arn: {ROLE}, duration: 13h}}}}',
            HEADER,
            ["duration", "15m to 12h"],
        ),
        (
            f'{{account_id: "{OTHER}", assume_role: {{role_arn: {ROLE}, externalid: x1}}}}',
            HEADER,
            ["assume_role.externalid", "unknown key", 'did you mean "external_id"?'],
        ),
        ("{region: europe}", HEADER, [":6: layers.app.region", "eu-west-1"]),
        (
            "{}",
            HEADER + f"assume_role: {{role_arn: {ROLE}}}\n",
            [":4: assume_role.role_arn", "the environment goes into 123456789012"],
        ),
    ],
)
def test_an_account_that_is_not_within_reach_is_an_error_of_the_file(
    folder: ProjectFolder, app: str, header: str, expected: list[str]
) -> None:
    with pytest.raises(OrchestratorError) as caught:
        loaded(folder, app, header)
    for part in expected:
        assert part in str(caught.value)


def test_in_a_layer_that_goes_elsewhere_the_environment_is_what_it_goes_to(folder: ProjectFolder) -> None:
    environment = loaded(
        folder,
        f'{{account_id: "{OTHER}", region: "{{{{ environment.replica_region }}}}", profile: data, variables: {{base_id: '
        '"{{ environment.account_id }} {{ environment.region }} {{ environment.replica_region }} '
        '{{ environment.home_account_id }} {{ environment.home_region }} {{ environment.name_prefix }}"}}',
        HEADER + "replica_region: eu-central-1\n",
    )
    layer = environment.layers["app"]
    assert layer.variables["base_id"].plain() == (
        f"{OTHER} eu-central-1 eu-central-1 {HOME} eu-west-1 shop-dev"
    )
    assert resolve_inputs(environment, layer, {}).values["place"] == "eu-central-1"
    assert environment.attributes["region"] == "eu-west-1"
    assert environment.accounts == {HOME, OTHER}


def test_the_environment_root_has_one_configuration_for_each_account_region_and_role(
    folder: ProjectFolder, tmp_path: Path
) -> None:
    environment = loaded(
        folder,
        f'{{account_id: "{OTHER}", region: eu-central-1, replica_region: eu-west-1, assume_role: {{role_arn: {ROLE}, '
        "external_id: shop-1, session_tags: {team: '${data}'}, duration: 1h30m}}",
    )
    root = environment_root(environment, build_graph(environment), {}, tmp_path)
    main = main_of(root.workspace.files)
    there = {block["alias"]: block for block in main["provider"]["aws"] if "alias" in block}
    assert set(there) == {
        "us_east_1",
        "replica",
        *(f"{region}_{OTHER}_deploy" for region in ("eu_central_1", "us_east_1", "eu_west_1")),
    }
    assert there[f"eu_central_1_{OTHER}_deploy"] | {"default_tags": []} == {
        "alias": f"eu_central_1_{OTHER}_deploy",
        "region": "eu-central-1",
        "allowed_account_ids": [OTHER],
        "default_tags": [],
        "assume_role": [
            {
                "role_arn": ROLE,
                "session_name": "orchestrator-dev",
                "external_id": "shop-1",
                "duration": "1h30m",
                "tags": {"team": "$${data}"},
            }
        ],
    }
    assert main["module"]["app"]["providers"] == {
        "aws": f"aws.eu_central_1_{OTHER}_deploy",
        "aws.replica": f"aws.eu_west_1_{OTHER}_deploy",
        "aws.us_east_1": f"aws.us_east_1_{OTHER}_deploy",
    }
    assert "providers" not in main["module"]["base"]

    layer = environment.layers["app"]
    own = main_of(layer_workspace(environment, layer, resolve_inputs(environment, layer, {}), tmp_path).files)
    assert [(block.get("alias"), block["region"]) for block in own["provider"]["aws"]] == [
        (None, "eu-central-1"),
        ("us_east_1", "us-east-1"),
        ("replica", "eu-west-1"),
    ]
    assert {tuple(block["allowed_account_ids"]) for block in own["provider"]["aws"]} == {(OTHER,)}
    assert own["module"]["app"]["providers"]["aws"] == "aws"


def test_what_the_environment_reaches_anyway_gets_no_second_configuration(
    folder: ProjectFolder, tmp_path: Path
) -> None:
    environment = loaded(folder, "{region: us-east-1}", HEADER + "replica_region: eu-central-1\n")
    root = environment_root(environment, build_graph(environment), {}, tmp_path)
    assert [block.get("alias") for block in main_of(root.workspace.files)["provider"]["aws"]] == [
        None,
        "us_east_1",
        "replica",
    ]
    assert root.providers["app"] == {None: "us_east_1", "us_east_1": "us_east_1", "replica": "replica"}
    assert json.loads(root.workspace.files[VALUES])["app__place"] == "us-east-1"


def test_roles_of_one_name_and_profiles_are_told_apart(folder: ProjectFolder, tmp_path: Path) -> None:
    folder.simple()
    folder.module("third", 'variable "x" { default = 1 }\n')
    role = f"arn:aws:iam::{OTHER}:role/other/deploy"
    folder.environment(
        "dev",
        f'base: {{account_id: "{OTHER}", assume_role: {{role_arn: {ROLE}}}, variables: {{name: x}}}}\n'
        f'app: {{account_id: "{OTHER}", assume_role: {{role_arn: {role}}}}}\n'
        f'third: {{account_id: "{OTHER}", profile: my data}}\n',
    )
    environment = load_environment(find_project(folder.root), "dev")
    root = environment_root(environment, build_graph(environment), {}, tmp_path)
    assert {name: names[None] for name, names in root.providers.items()} == {
        "app": f"eu_west_1_{OTHER}_deploy",
        "base": f"eu_west_1_{OTHER}_deploy_2",
        "third": f"eu_west_1_{OTHER}_my_data",
    }
    blocks = {block.get("alias"): block for block in main_of(root.workspace.files)["provider"]["aws"]}
    assert blocks[f"eu_west_1_{OTHER}_my_data"]["profile"] == "my data"


def test_on_the_emulator_another_account_is_reached_by_a_role_of_it(
    folder: ProjectFolder, tmp_path: Path
) -> None:
    environment = loaded(
        folder, f'{{account_id: "{OTHER}", profile: data}}', HEADER + "emulator: true\nprofile: mine\n"
    )
    root = environment_root(environment, build_graph(environment), {}, tmp_path)
    blocks = main_of(root.workspace.files)["provider"]["aws"]
    assert not [block for block in blocks if "profile" in block]
    assert {block["assume_role"][0]["role_arn"] for block in blocks if "assume_role" in block} == {
        f"arn:aws:iam::{OTHER}:role/emulator"
    }


def test_states_stay_with_the_credentials_of_the_environment_or_a_role_of_their_own(
    folder: ProjectFolder, tmp_path: Path
) -> None:
    backend = "backend: {type: s3, bucket: shop-states, region: eu-west-1%s}\n"
    app = f'{{account_id: "{OTHER}", assume_role: {{role_arn: {ROLE}}}}}'
    for more, expected in (
        ("", None),
        (
            ", assume_role: {role_arn: 'arn:aws:iam::444444444444:role/states', external_id: st}",
            {
                "role_arn": "arn:aws:iam::444444444444:role/states",
                "external_id": "st",
                "session_name": "orchestrator-dev",
            },
        ),
    ):
        environment = loaded(folder, app, HEADER + backend % more)
        layer = environment.layers["app"]
        workspace = layer_workspace(environment, layer, resolve_inputs(environment, layer, {}), tmp_path)
        assert main_of(workspace.files)["terraform"]["backend"]["s3"].get("assume_role") == expected


def test_joined_states_name_the_configurations_of_the_environment_root() -> None:
    default = 'provider["registry.terraform.io/hashicorp/aws"]'
    names = (
        default,
        f"{default}.replica",
        f"module.app.{default}",
        'provider["registry.terraform.io/hashicorp/tls"]',
    )
    resources = tuple(
        {"mode": "managed", "type": "t", "name": f"n{number}", "provider": name, "instances": []}
        for number, name in enumerate(names)
    )
    states = {name: State("l", 1, "1.11.4", resources, {}) for name in ("app", "base")}
    mapping: dict[str, dict[str | None, str | None]] = {"app": {None: "far", "replica": None}}
    joined = json.loads(join_states(states, {}, mapping))["resources"]
    assert [resource["provider"] for resource in joined] == [f"{default}.far", default, *names[2:], *names]
    assert resources[0]["provider"] == default


def test_what_was_applied_is_found_again_where_it_is(folder: ProjectFolder, tmp_path: Path) -> None:
    role = AssumeRole(role_arn=ROLE, external_id="shop-1", session_tags={"team": "data"})
    then = Destination(Credentials(OTHER, None, role), "eu-central-1", "eu-west-1")
    assert destination_from_json(json.loads(json.dumps(then.as_json()))) == then
    assert destination_from_json(None) is None
    assert destination_from_json({"account_id": OTHER}) is None

    home = Destination(Credentials(HOME), "eu-west-1", "eu-west-1")
    assert as_applied(None, None, home) == home
    assert as_applied(then, None, home) == then
    newer = Destination(Credentials(OTHER, "data"), "eu-north-1", "eu-north-1")
    assert as_applied(then, newer, home) == Destination(newer.credentials, "eu-central-1", "eu-west-1")

    environment = loaded(folder, "{}")
    main = main_of(state_only_workspace(environment, "gone", tmp_path, then).files)
    assert main["provider"]["aws"][0]["region"] == "eu-central-1"
    assert main["provider"]["aws"][0]["assume_role"][0]["external_id"] == "shop-1"


def test_the_example_of_the_docs_holds(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "environments.md").read_text(encoding="utf-8")
    example = docs.partition("## Accounts and regions")[2].partition("```yaml\n")[2].partition("```")[0]
    folder.module("network", 'variable "vpc_cidr" { type = string }\n')
    folder.module("edge", "")
    folder.module("data", 'variable "trusted" { type = string }\n')
    folder.write("terraform/envs/prod/environment.yaml", "project: shop\n" + example)
    monkeypatch.setenv("DATA_EXTERNAL_ID", "shop-1")
    environment = load_environment(find_project(folder.root), "prod")
    data = environment.layers["data"]
    assert data.variables["trusted"].plain() == "arn:aws:iam::111111111111:root"
    role = data.destination.credentials.role
    assert role is not None
    assert role.external_id == "shop-1"
    assert environment.layers["edge"].destination.credentials == environment.destination.credentials
    assert environment.layers["edge"].destination.region == "us-east-1"


CONFIG = f"""\
[profile plain]
region = eu-west-1
[profile coded]
role_arn = {ROLE}
source_profile = plain
mfa_serial = arn:aws:iam::{HOME}:mfa/phone
[profile through]
role_arn = {ROLE}
source_profile = coded
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


@pytest.mark.usefixtures("config")
def test_a_profile_is_passed_on_by_its_name_and_wins_over_what_the_process_has() -> None:
    process = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_ROLE_ARN": "z", "PATH": "/bin"}
    assert signed_in(process, "plain", "eu-west-1", None) == {"AWS_PROFILE": "plain", "PATH": "/bin"}
    assert signed_in(process, None, "eu-west-1", None) == process
    coded_too = {**process, "AWS_PROFILE": "coded"}
    assert signed_in(coded_too, None, "eu-west-1", None) == coded_too  # keys come first
    assert signed_in({"PATH": "/bin"}, None, "eu-west-1", None) == {"PATH": "/bin"}


@pytest.mark.usefixtures("config")
def test_a_profile_that_can_not_be_used_is_named() -> None:
    for profile, variables, expected in (
        ("plian", {}, 'did you mean "plain"?'),
        ("coded", {}, "no terminal to ask on"),
        ("through", {}, "no terminal to ask on"),
        (None, {"AWS_PROFILE": "through"}, "the profile through asks for a code"),
    ):
        with pytest.raises(OrchestratorError) as caught:
            signed_in(variables, profile, "eu-west-1", None)
        assert expected in str(caught.value)
    check_unattended("plain", None)
    with pytest.raises(OrchestratorError, match="only the environment's own profile may"):
        check_unattended("through", None)


def plan_of_trust(account: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "sts:AssumeRole",
    }
    after = {
        "name": "r",
        "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    }
    permission = {"function_name": "f", "principal": account, "action": "lambda:InvokeFunction"}
    own = {"name": "q", "arn": f"arn:aws:sqs:eu-west-1:{HOME}:q"}
    changes = [
        ("aws_iam_role.r", ["create"], None, after),
        ("aws_lambda_permission.p", ["create"], None, permission),
        ("aws_sqs_queue.q", ["no-op"], own, own),
    ]
    return json.dumps(
        {
            "format_version": "1.2",
            "resource_changes": [
                {
                    "address": address,
                    "mode": "managed",
                    "type": address.partition(".")[0],
                    "name": "x",
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "change": {"actions": actions, "before": before, "after": value, "after_unknown": {}},
                }
                for address, actions, before, value in changes
            ],
        }
    )


def test_the_review_knows_other_accounts_by_the_own_ones(cli: Cli, folder: ProjectFolder) -> None:
    plan = read_plan(plan_of_trust(OTHER))

    def found(*accounts: str) -> set[str]:
        return {finding.id for finding in review_plan(plan, accounts=accounts).findings} & {"IA007", "EX003"}

    assert found() == {"IA007", "EX003"}  # the ARNs speak of another account
    assert found(HOME, OTHER) == set()
    assert found("333333333333") == {"IA007", "EX003"}

    folder.write("plan.json", plan_of_trust(OTHER))
    alone = cli("review", "--plan-json", "plan.json", "--json").json()
    assert {one["id"] for one in alone["findings"]} >= {"IA007", "EX003"}
    both = cli("review", "--plan-json", "plan.json", "--account", HOME, "--account", OTHER, "--json").json()
    assert not {one["id"] for one in both["findings"]} & {"IA007", "EX003"}
    wrong = cli("review", "--plan-json", "plan.json", "--account", "prod")
    assert wrong.code == 64
    assert "twelve digits" in wrong.err
    assert "--account goes with --plan-json" in cli("review", "--env", "dev", "--account", HOME).err
