"""A bundle that is applied in parts, as a pipeline does it: a stage after the other, each a run of its own."""

from __future__ import annotations

from tests.conftest import Cli
from tests.e2e.conftest import Aws, Platform


def test_the_stages_of_a_pipeline_apply_one_bundle_between_them_and_none_overtakes_another(
    platform: Platform, cli: Cli, aws: Aws
) -> None:
    bundle = cli("plan", "--env", "local", "--json").json()["id"]
    apply = ("apply", "--env", "local", "--plan", bundle)

    early = cli(*apply, "--layer", "app")
    assert early.code == 1
    assert f"the plan {bundle} changes base first, and that was not applied yet" in early.err
    assert platform.serial("app") is None

    assert cli(*apply, "--layer", "nothing").code == 1
    assert cli(*apply, "--layer", "left", "--with-dependencies").code == 64

    first = cli(*apply, "--layer", "base", "--layer", "right", "--json")
    assert first.code == 0, first.out + first.err
    assert {layer["layer"]: layer["status"] for layer in first.json()["layers"]} == {
        "base": "applied",
        "right": "applied",
    }
    assert platform.serial("left") is None

    assert cli(*apply, "--layer", "left").code == 0
    again = cli(*apply, "--layer", "left", "--json")  # a stage that is tried again
    assert [layer["status"] for layer in again.json()["layers"]] == ["unchanged"]

    last = cli(*apply, "--layer", "app")
    assert last.code == 0, last.out + last.err
    assert aws.parameter(f"/{platform.prefix}/app") is not None
    assert "No changes." in cli("apply", "--env", "local", "--yes").out
    assert cli("destroy", "--env", "local", "--yes").code == 0
