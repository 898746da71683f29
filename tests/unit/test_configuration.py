"""What an environment file comes to, and where each value came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.yaml_tree import parse_yaml
from tests.conftest import Cli
from tests.project import HEADER, ProjectFolder


def test_maps_are_merged_lists_replaced_and_the_nearest_file_wins(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    folder.write(
        "terraform/envs/base.yaml",
        HEADER
        + "tags: {team: core, cost: shared}\nlayers:\n  base:\n    variables: {name: from-base, tags: {a: '1'}}\n",
    )
    folder.write(
        "terraform/envs/dev/environment.yaml",
        "extends: ../base.yaml\ntags: {team: web}\nlayers:\n  base:\n    variables:\n      tags: {b: '2'}\n",
    )
    shown = cli("config", "show", "--env", "dev", "--json").json()
    assert shown["tags"] == {"team": "web", "cost": "shared"}
    assert shown["layers"]["base"]["variables"] == {"name": "from-base", "tags": {"a": "1", "b": "2"}}
    rows = {row["key"]: row for row in cli("config", "show", "--env", "dev", "--provenance", "--json").json()}
    assert rows["tags.team"]["set_by"] == "terraform/envs/dev/environment.yaml:2"
    assert rows["tags.team"]["replaced"] == ["terraform/envs/base.yaml:4"]
    assert rows["layers.base.variables.name"]["set_by"] == "terraform/envs/base.yaml:7"


def test_templates_see_the_environment_and_process_variables(
    folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.simple()
    monkeypatch.setenv("RELEASE", "r42")
    folder.environment(
        "dev",
        """\
        base:
          variables:
            name: "{{ environment.name_prefix }}-{{ env('RELEASE') }}-{{ env('NOT_THERE', 'x') }}"
            tags: {where: "{{ environment.region | upper }}"}
        """,
    )
    variables = cli("config", "show", "--env", "dev", "--json").json()["layers"]["base"]["variables"]
    assert variables == {"name": "shop-dev-r42-x", "tags": {"where": "EU-WEST-1"}}


def test_a_template_cannot_change_the_structure_of_the_document(
    folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.simple()
    monkeypatch.setenv("EVIL", "x\nprotected: true\nlayers: {}")
    folder.environment("dev", "base:\n  variables:\n    name: \"{{ env('EVIL') }}\"\n")
    shown = cli("config", "show", "--env", "dev", "--json").json()
    assert shown["layers"]["base"]["variables"]["name"] == "x\nprotected: true\nlayers: {}"
    assert "protected" not in shown


def test_values_of_sensitive_variables_are_not_shown(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    folder.environment("dev", "base:\n  variables: {name: x, password: canary-4711}\n")
    for words in (["config", "show"], ["config", "show", "--provenance"], ["config", "show", "--json"]):
        answer = cli(*words, "--env", "dev")
        assert "canary-4711" not in answer.out + answer.err
        assert "(sensitive)" in answer.out


def test_validate_checks_every_environment_and_reports_each(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    folder.environment("bad", "base: {}\n")
    answer = cli("config", "validate", "--json")
    result = answer.json()
    assert answer.code == 1
    assert result["valid"] is False
    assert result["environments"]["dev"]["layers"] == 2
    assert "required variable" in result["environments"]["bad"]["error"]["message"]
    assert cli("config", "validate", "--env", "dev").out == "dev: valid, 2 layers\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("on", "on"), ("yes", "yes"), ("true", True), ("~", None), ("1.5", 1.5), ("0x1f", 31), ("0o17", 15),
     ("2026-01-01", "2026-01-01"), ("1_000", "1_000"), ("1e3", 1000.0), ('"1"', "1"), ("12:30", "12:30")],
)  # fmt: skip
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    tree = parse_yaml(f"a: {text}".encode(), Path("x.yaml"))
    assert tree.plain() == {"a": value}


def test_a_variable_that_is_set_wins_over_the_modules_wiring_and_removes_the_edge(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    folder.environment("dev", "base: {variables: {name: x}}\napp: {variables: {base_id: fixed}}\n")
    assert cli("graph", "--env", "dev", "--json").json()["layers"] == {"app": [], "base": []}


def test_an_optional_reference_to_an_absent_layer_is_null(
    folder: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    folder.simple()
    folder.environment("dev", "app: {inputs: {base_id: 'base.id?'}}\n")
    answer = cli("render", "--env", "dev", "--out", str(tmp_path / "out"))
    assert answer.code == 0
    assert '"base_id": null' in (tmp_path / "out/layers/app/terraform.tfvars.json").read_text()


def test_a_local_folder_can_be_a_layers_source(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    (folder.root / "vendor").mkdir()
    (folder.root / "terraform/modules/base").rename(folder.root / "vendor/base")
    folder.environment("dev", "mine: {source: ./vendor/base, variables: {name: x}}\n")
    assert cli("graph", "--env", "dev").out == "mine\n"
