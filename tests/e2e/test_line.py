"""The whole line with real Terraform: plan, apply, apply again, output, destroy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.e2e.conftest import SECRET, Aws, Platform


def test_an_environment_is_planned_as_one_graph_applied_unchanged_the_second_time_and_destroyed(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    planned = cli("plan", "--env", "local", "--detailed-exitcode", "--json")
    assert planned.code == 2, planned.err
    plan = planned.json()
    assert plan["counts"] == {"create": 7, "update": 0, "replace": 0, "delete": 0}
    left = next(item for item in plan["layers"]["left"]["changes"] if item["address"].endswith("first"))
    assert left["unknown"]["insecure_value"] is True  # honest, not mocked
    assert plan["policy"]["resources"] == 7
    _bundle_is_whole(platform.folder.root / plan["bundle"])

    applied = cli("apply", "--env", "local", "--plan", plan["id"])
    assert applied.code == 0, applied.out + applied.err
    assert "local: 4 layers applied" in applied.out
    assert aws.parameter(f"/{platform.prefix}/app-secret") == SECRET
    assert aws.parameter(f"/{platform.prefix}/left/first") == (
        f"from arn:aws:ssm:eu-west-1:123456789012:parameter/{platform.prefix}/base/one"
    )

    again = cli("apply", "--env", "local", "--yes")
    assert again.code == 0
    assert "No changes." in again.out
    assert _phases_of_a_plan_without_changes(platform, cli) == ["plan"]  # described once, by the apply before
    aws.client("ssm").put_parameter(
        Name=f"/{platform.prefix}/base/one", Value="by hand", Type="String", Overwrite=True
    )
    assert cli("plan", "--env", "local", "--json").json()["counts"]["update"] == 1
    assert cli("apply", "--env", "local", "--yes").code == 0
    assert aws.parameter(f"/{platform.prefix}/base/one") == "first"

    assert (
        cli("output", "--env", "local", "--layer", "base", "--json").json()["base"]["secret"] == "(sensitive)"
    )
    shell = cli("output", "--env", "local", "--format", "env").out
    assert f"RIGHT_ARN='arn:aws:logs:eu-west-1:123456789012:log-group:/{platform.prefix}/right'" in shell or (
        f"RIGHT_ARN=arn:aws:logs:eu-west-1:123456789012:log-group:/{platform.prefix}/right" in shell
    )

    _no_secret_outside_the_states(platform.work)

    destroyed = cli("destroy", "--env", "local", "--yes")
    assert destroyed.code == 0, destroyed.out + destroyed.err
    assert aws.parameter(f"/{platform.prefix}/base/one") is None
    assert "There is nothing to destroy." in cli("destroy", "--env", "local", "--yes").out
    assert not list((platform.work / "tmp").iterdir())


def _phases_of_a_plan_without_changes(platform: Platform, cli: Cli) -> list[str]:
    events = platform.work / "events-of-a-plan.jsonl"
    planned = cli("plan", "--env", "local", "--detailed-exitcode", "--json", "--events", str(events))
    assert planned.code == 0, planned.err
    plan = planned.json()
    assert plan["policy"]["resources"] == 7
    _bundle_is_whole(platform.folder.root / plan["bundle"], states=True)
    lines = map(json.loads, events.read_text().splitlines())
    return [line["phase"] for line in lines if line["type"] == "phase_finished"]


def _bundle_is_whole(bundle: Path, states: bool = False) -> None:
    names = {path.name for path in bundle.iterdir()}
    assert names == {
        "manifest.json",
        "changes.json",
        "plan.json",
        "findings.json",
        "review.json",
        "review.html",
        "summary.md",
        "seal.json",
        "logs",
    }
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["layers"] == ["base", "right", "left", "app"]
    assert set(manifest["configuration"]) >= {
        "terraform/envs/local/environment.yaml",
        "terraform/modules/app",
        "policy/checkov.yaml",
    }
    assert {name: bool(state) for name, state in manifest["states"].items()} == dict.fromkeys(
        ("base", "left", "right", "app"), states
    )
    assert manifest["tools"]["providers"]["registry.terraform.io/hashicorp/aws"].startswith(("5.", "6."))
    assert (bundle / "logs" / "environment.plan.jsonl").stat().st_size > 0


def _no_secret_outside_the_states(work: Path) -> None:
    for path in work.rglob("*"):
        if path.is_file() and path.parent != work / "state" and ".terraform" not in path.parts:
            assert SECRET.encode() not in path.read_bytes(), path
    assert not list(work.rglob("*.tfplan"))


def test_a_change_is_followed_into_the_layers_it_reaches_and_the_others_are_not_touched(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    assert cli("apply", "--env", "local", "--yes").code == 0
    before = {layer: platform.serial(layer) for layer in ("base", "left", "right", "app")}
    platform.configure(slot="two")
    plan = cli("plan", "--env", "local", "--json").json()
    assert plan["counts"] == {"create": 0, "update": 1, "replace": 1, "delete": 0}
    assert [name for name, layer in plan["layers"].items() if layer["changes"]] == ["base", "left"]
    applied = cli("apply", "--env", "local", "--plan", plan["id"], "--json").json()
    statuses = {layer["layer"]: layer["status"] for layer in applied["layers"]}
    assert statuses == {"base": "applied", "left": "applied", "right": "unchanged", "app": "unchanged"}
    assert aws.parameter(f"/{platform.prefix}/left/first") == (
        f"from arn:aws:ssm:eu-west-1:123456789012:parameter/{platform.prefix}/base/two"
    )
    assert platform.serial("right") == before["right"]
    assert platform.serial("app") == before["app"]

    refused = cli("apply", "--env", "local", "--plan", plan["id"])
    assert refused.code == 1
    assert "no longer fits: the state of layer base has moved on" in refused.err
    platform.configure(note="third", slot="two")
    bundle = cli("plan", "--env", "local", "--json").json()["id"]
    platform.configure(note="fourth", slot="two")
    refused = cli("apply", "--env", "local", "--plan", bundle)
    assert refused.code == 1
    assert "configuration terraform/envs/local/environment.yaml has changed" in refused.err


def test_what_was_not_reviewed_stops_the_layer_and_is_shown(platform: Platform, cli: Cli, aws: Aws) -> None:
    assert cli("apply", "--env", "local", "--yes").code == 0
    platform.configure(note="second")
    bundle = cli("plan", "--env", "local", "--json").json()["id"]
    serial = platform.serial("base")
    aws.client("ssm").put_parameter(
        Name=f"/{platform.prefix}/base/one", Value="by hand", Type="String", Overwrite=True
    )
    answer = cli("apply", "--env", "local", "--plan", bundle, "--json")
    assert answer.code == 1
    layers = {layer["layer"]: layer for layer in answer.json()["layers"]}
    assert layers["base"]["status"] == "failed"
    assert layers["base"]["error"]["type"] == "UnreviewedChangeError"
    assert '"by hand"' in str(layers["base"]["error"])
    assert layers["left"]["status"] == "skipped"
    assert layers["left"]["because_of"] == "base"
    assert platform.serial("base") == serial
    assert aws.parameter(f"/{platform.prefix}/base/one") == "by hand"


def test_a_failing_layer_stops_its_dependents_lets_others_finish_and_the_next_apply_carries_on(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    ssm = aws.client("ssm")
    ssm.put_parameter(Name=f"/{platform.prefix}/left/second", Value="in the way", Type="String")
    answer = cli("apply", "--env", "local", "--yes")
    assert answer.code == 1
    assert "layer left: terraform apply failed" in answer.out
    assert "app: not started, because left did not succeed" in answer.out
    exist, missing = answer.out.split("exist now (1):")[1].split("do not exist (1):")
    assert "module.left.aws_ssm_parameter.first" in exist
    assert "module.left.aws_ssm_parameter.second" in missing
    assert platform.serial("right") is not None
    assert platform.serial("app") is None

    ssm.delete_parameter(Name=f"/{platform.prefix}/left/second")
    again = cli("apply", "--env", "local", "--yes", "--json").json()
    statuses = {layer["layer"]: layer["status"] for layer in again["layers"]}
    assert statuses == {"base": "unchanged", "right": "unchanged", "left": "applied", "app": "applied"}


def test_a_slice_takes_the_recorded_outputs_of_layers_outside_it(platform: Platform, cli: Cli) -> None:
    refused = cli("plan", "--env", "local", "--layer", "left")
    assert refused.code == 1
    assert "the layer base has not been applied" in refused.err
    assert "--with-dependencies" in refused.err
    applied = cli(
        "apply", "--env", "local", "--layer", "left", "--with-dependencies", "--yes", "--json"
    ).json()
    assert {layer["layer"] for layer in applied["layers"]} == {"base", "left"}
    plan = cli("plan", "--env", "local", "--layer", "right", "--with-dependents", "--json").json()
    assert list(plan["layers"]) == ["right", "app"]
    change = next(item for item in plan["layers"]["app"]["changes"] if item["address"].endswith("secret"))
    assert SECRET not in json.dumps(plan)
    assert change["after"]["value"].startswith("(sensitive:")

    refused = cli("destroy", "--env", "local", "--layer", "base", "--yes")
    assert refused.code == 1
    assert "the layer left is still there and takes values from base" in refused.err


@pytest.mark.slow
def test_a_layer_is_destroyed_although_what_it_depended_on_is_gone(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    assert cli("apply", "--env", "local", "--yes").code == 0
    for layer in ("base", "left", "right"):
        (platform.work / "state" / f"{layer}.tfstate").unlink()
    answer = cli("destroy", "--env", "local", "--layer", "app", "--yes")
    assert answer.code == 0, answer.out + answer.err
    assert aws.parameter(f"/{platform.prefix}/app") is None


def test_a_layer_that_left_the_environment_is_noted_and_can_be_destroyed(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    assert cli("apply", "--env", "local", "--yes").code == 0
    platform.configure(layers="")
    path = platform.folder.root / "terraform/envs/local/environment.yaml"
    path.write_text(path.read_text().replace("  app: {}\n", ""))
    assert "destroy --env local --layer app" in cli("plan", "--env", "local").out
    assert cli("destroy", "--env", "local", "--layer", "app", "--yes").code == 0
    assert aws.parameter(f"/{platform.prefix}/app") is None
    assert aws.parameter(f"/{platform.prefix}/left/first") is not None


def test_a_protected_environment_is_not_destroyed(platform: Platform, cli: Cli) -> None:
    platform.configure(header="protected: true\n")
    answer = cli("destroy", "--env", "local", "--yes")
    assert answer.code == 1
    assert "environment.yaml:5: protected: the environment local is protected" in answer.err


def test_a_policy_that_blocks_refuses_the_apply_before_anything_is_changed(
    platform: Platform, cli: Cli
) -> None:
    platform.folder.write("policy/checkov.yaml", "enforcement: {default: block}\n")
    answer = cli("apply", "--env", "local", "--yes")
    assert answer.code == 3
    assert "the review refuses this plan" in answer.err
    assert platform.serial("base") is None
    scan = cli("scan", "--env", "local", "--plan", "latest")
    assert scan.code == 1
    assert "CKV_AWS_158" in scan.out
    skips = "".join(
        f"  - {{id: {check}, reason: accepted in this test}}\n"
        for check in ("CKV_AWS_158", "CKV_AWS_337", "CKV_AWS_338", "CKV2_AWS_34")
    )
    platform.folder.write("policy/checkov.yaml", f"enforcement: {{default: block}}\nskips:\n{skips}")
    scan = cli("scan", "--env", "local", "--plan", "latest", "--json")
    assert (scan.code, scan.json()["blocks"]) == (0, False)
    assert {item["reason"] for item in scan.json()["findings"]} == {"accepted in this test"}
