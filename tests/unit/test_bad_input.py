"""Every bad input ends with its exit code, one plain message with place and remedy, and nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli, tree_of
from tests.project import HEADER, ProjectFolder

ENV = "terraform/envs/dev/environment.yaml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            HEADER + "layres:\n  base: {}\n",
            [f"{ENV}:4", "layres", "unknown key", 'did you mean "layers"?'],
            id="misspelt key",
        ),
        pytest.param(
            HEADER + "layers:\n  base:\n    variable: {}\n",
            [f"{ENV}:6", "layers.base.variable", "unknown key", 'did you mean "variables"?'],
            id="misspelt key in a layer",
        ),
        pytest.param(
            HEADER + "backend: {type: s3, bukcet: a-bucket, region: eu-west-1}\nlayers:\n  base: {}\n",
            [f"{ENV}:4", "backend.bukcet", 'did you mean "bucket"?'],
            id="misspelt key in the backend",
        ),
        pytest.param(
            HEADER + "layers: [base]\n",
            [f"{ENV}:4", "layers", "expected a map, found a list of 1"],
            id="wrong type",
        ),
        pytest.param(
            HEADER + "protected: 1\nlayers:\n  base: {}\n",
            [f"{ENV}:4", "protected", "expected true or false, found the number 1"],
            id="wrong scalar type",
        ),
        pytest.param(
            "project: shop\nregion: eu-west-1\naccount_id: 123456789012\nlayers: {}\n",
            [f"{ENV}:3", "account_id", "expected a string", "quotes"],
            id="a number where a string is wanted",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {variables: {name: [}}\n",
            [f"{ENV}:5", "YAML syntax error"],
            id="YAML syntax",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {}\n  app: {}\n  base: {}\n",
            [f"{ENV}:7", "base", "there twice", "line 5"],
            id="two layers of one name",
        ),
        pytest.param(
            HEADER + 'layers:\n  base:\n    variables:\n      name: "{{ nmae }}"\n',
            [f"{ENV}:7", "layers.base.variables.name", "'nmae' is undefined", "known"],
            id="undefined Jinja2 name",
        ),
        pytest.param(
            HEADER + "layers:\n  base:\n    variables:\n      name: \"{{ ''.__class__.__mro__ }}\"\n",
            [f"{ENV}:7", "layers.base.variables.name", "sandbox"],
            id="template that tries to leave the sandbox",
        ),
        pytest.param(
            HEADER + 'layers:\n  base:\n    variables:\n      name: "{% for x in [1] %}{% endfor %}"\n',
            [f"{ENV}:7", "only {{ expressions }}"],
            id="template with a statement",
        ),
        pytest.param(
            HEADER + "layers:\n  app: {}\n",
            [
                "terraform/modules/app/layer.yaml:3",
                "inputs.base_id",
                'refers to the layer "base"',
                "add base to `layers`",
            ],
            id="reference to a layer that is not there",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {variables: {name: x}}\n  app: {inputs: {base_id: base.idd}}\n",
            [f"{ENV}:6", "an output that the layer", 'did you mean "id"?'],
            id="reference to an output that does not exist",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {variables: {name: x}}\n  app: {inputs: {base_id: base}}\n",
            [f"{ENV}:6", "layers.app.inputs.base_id", "is not a reference", "write <layer>.<output>"],
            id="no reference at all",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {variables: {name: x}}\n  app: {inputs: {base_id: {from: base.id}}}\n",
            [f"{ENV}:6", "layers.app.inputs.base_id", "has `from` and `when`"],
            id="conditional reference without a condition",
        ),
        pytest.param(
            HEADER
            + "layers:\n  base: {variables: {name: x}, inputs: {tags: {from: app.id, when: quues}}}\n  app: {}\n",
            [f"{ENV}:5", "layers.base.inputs.tags.when", 'did you mean "queues"?'],
            id="condition on a variable that does not exist",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {inputs: {name: {from: app.id, when: tags}}}\n  app: {}\n",
            [f"{ENV}:5", "layers.base.inputs.name.when", "has no default"],
            id="condition on what must be set",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {inputs: {name: app.id}}\n  app: {}\n",
            [
                "depend on each other: app → base → app",
                "layer.yaml:3: app.base_id takes base.id",
                f"{ENV}:5: base.name",
            ],
            id="dependency cycle",
        ),
        pytest.param(
            HEADER + "layers:\n  base: {}\n",
            [f"{ENV}:5", "required variable 'name' of layer base is not set", "What it is called."],
            id="missing required variable",
        ),
        pytest.param(
            HEADER + "layers:\n  base:\n    variables: {name: x, tgas: {}}\n",
            [f"{ENV}:6", "layers.base.variables.tgas", "has no variable 'tgas'", 'did you mean "tags"?'],
            id="unknown variable",
        ),
        pytest.param(
            HEADER
            + "layers:\n  base:\n    variables:\n      name: x\n      queues:\n        jobs: {fifo: maybe}\n",
            [
                f"{ENV}:9",
                "layers.base.variables.queues.jobs.fifo",
                'expected a bool, found the string "maybe"',
            ],
            id="wrong type deep in a variable",
        ),
        pytest.param(
            HEADER
            + "layers:\n  base:\n    variables:\n      name: x\n      queues:\n        jobs: {fifo: true, dealy: 3}\n",
            [f"{ENV}:9", "layers.base.variables.queues.jobs.dealy", 'did you mean "delay"?'],
            id="key that Terraform would drop silently",
        ),
        pytest.param(
            HEADER + "layers:\n  base:\n    variables:\n      name: x\n      queues:\n        jobs: {}\n",
            [f"{ENV}:9", "layers.base.variables.queues.jobs.fifo", 'add "fifo"'],
            id="required key missing deep in a variable",
        ),
        pytest.param(
            HEADER + "layers:\n  bsae: {}\n",
            [f"{ENV}:5", "layers.bsae", "no module folder", 'did you mean "base"?'],
            id="layer without a module",
        ),
        pytest.param(
            "extends: ../nowhere.yaml\n", [f"{ENV}:1", "extends", "does not exist"], id="missing base"
        ),
        pytest.param(
            "extends: ../../../../outside.yaml\n",
            [f"{ENV}:1", "outside the project"],
            id="base outside the project",
        ),
        pytest.param(
            "extends: environment.yaml\n", [f"{ENV}:1", "extend each other"], id="file that extends itself"
        ),
        pytest.param(
            HEADER + "layers:\n  base: {variables: {name: 0123}}\n",
            [f"{ENV}:5", "in quotes"],
            id="leading zero",
        ),
    ],
)
def test_a_bad_environment_file_is_refused_with_place_and_remedy(
    folder: ProjectFolder, cli: Cli, text: str, expected: list[str]
) -> None:
    folder.simple()
    folder.write(ENV, text)
    before = tree_of(folder.root)
    answer = cli("plan", "--env", "dev")
    assert answer.code == 1
    assert answer.out == ""
    message = answer.err.splitlines()
    assert message[0].startswith("Error: ")
    for part in expected:
        assert part in answer.err
    assert "Traceback" not in answer.err
    assert tree_of(folder.root) == before


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["plan", "--env", "../x"], 64, "'../x' is not an environment's name"),
        (["plan", "--env", "dve"], 1, 'did you mean "dev"?'),
        (["plan"], 64, "Missing option '--env'"),
        (["plna", "--env", "dev"], 64, "Did you mean 'plan'?"),
        (["plan", "--env", "dev", "--layer", "bsae"], 1, 'did you mean "base"?'),
        (["plan", "--env", "dev", "--with-dependents"], 64, "go with --layer"),
        (["apply", "--env", "dev"], 64, "there is no terminal to ask on"),
        (["apply", "--env", "dev", "--yes", "--plan", "nonsense"], 1, "there is no plan 'nonsense'"),
        (["destroy", "--env", "dev"], 64, "there is no terminal to ask on"),
        (["scan", "--env", "dev"], 64, "go together"),
        (["emulator", "start", "--port", "99999"], 64, "99999"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    folder: ProjectFolder, cli: Cli, words: list[str], code: int, expected: str
) -> None:
    folder.simple()
    before = tree_of(folder.root)
    answer = cli(*words)
    assert (answer.code, expected in answer.err, "Traceback" in answer.err) == (code, True, False), answer.err
    assert tree_of(folder.root) == before


def test_an_error_under_json_is_one_json_document(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    folder.write(ENV, HEADER + "layres: {}\n")
    answer = cli("plan", "--env", "dev", "--json")
    error = answer.json()["error"]
    assert (answer.code, answer.err) == (1, "")
    assert error["where"] == {"file": ENV, "line": 4, "key": "layres", "layer": None, "address": None}
    assert error["remedy"] == 'did you mean "layers"?'
    usage = cli("plan", "--json")
    assert (usage.code, usage.json()["error"]["type"]) == (64, "UsageError")


def test_outside_a_project_the_folders_that_were_searched_are_named(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    answer = cli("graph", "--env", "dev")
    assert answer.code == 1
    assert "terraform/envs" in answer.err
    assert "--project" in answer.err


def test_a_missing_terraform_is_named(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    before = tree_of(folder.root)
    answer = cli("--terraform-bin", "/nonexistent/terraform", "plan", "--env", "dev")
    assert answer.code == 1
    assert tree_of(folder.root) == before
    assert "Terraform was not found (/nonexistent/terraform)" in answer.err
    assert "--terraform-bin" in answer.err


def test_a_terraform_that_is_too_old_is_refused(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    old = folder.write("old-terraform", '#!/bin/sh\necho \'{"terraform_version": "1.5.7"}\'\n')
    old.chmod(0o755)
    answer = cli("--terraform-bin", str(old), "plan", "--env", "dev")
    assert answer.code == 1
    assert "is version 1.5.7, but 1.11 or newer is needed" in answer.err


def test_an_emulator_that_is_not_running_is_named_with_the_command_that_starts_it(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    folder.environment("local", "base: {variables: {name: x}}\n", HEADER + "emulator: true\n")
    before = tree_of(folder.root)
    answer = cli("plan", "--env", "local")
    assert answer.code == 1
    assert "`orchestrator emulator start`" in answer.err
    assert tree_of(folder.root) == before
