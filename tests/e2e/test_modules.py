"""Every module is valid and its own tests pass, with Terraform's mocks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator.modules.module import read_module
from orchestrator.modules.rules import variables_alone
from orchestrator.terraform.cli_config import find_cli_config
from orchestrator.terraform.client import clean_environment
from tests.evidence import record

VARIABLES = Path("tests/variables")
MODULES = Path(__file__).parents[2] / "terraform" / "modules"


def run(words: list[str], cwd: Path, variables: dict[str, str]) -> str:
    result = subprocess.run(words, cwd=cwd, env=variables, text=True, capture_output=True, check=False)
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    return output


def runs_that_pass(folder: Path, variables: dict[str, str]) -> int:
    """How many runs of ``terraform test`` passed; all did."""
    output = run(["terraform", "test", "-no-color"], folder, variables)
    passed = re.search(r"Success! (\d+) passed, 0 failed", output)
    assert passed, output
    return int(passed[1])


def root_of_variables(module: Path, target: Path) -> Path:
    """A root of nothing but a module's variables, with the tests of their rules: without a provider, dozens a second."""
    (target / "tests").mkdir(parents=True)
    for name, code in variables_alone(read_module(module, module)).items():
        (target / name).write_text(code)
    for file in (module / VARIABLES).glob("*.tftest.hcl"):
        shutil.copy(file, target / "tests")
    return target


@pytest.fixture(scope="session")
def plugin_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A worker's own: one `init` at a time may use it."""
    return tmp_path_factory.mktemp("providers")


@pytest.mark.parametrize("name", sorted(path.parent.name for path in MODULES.glob("*/layer.yaml")))
def test_a_module_is_valid_and_passes_its_own_tests(name: str, tmp_path: Path, plugin_cache: Path) -> None:
    shutil.copytree(MODULES, tmp_path / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    folder = tmp_path / "modules" / name
    config = find_cli_config(tmp_path / "config", os.environ)
    variables = clean_environment(os.environ) | {
        "TF_CLI_CONFIG_FILE": str(config.file),
        "TF_PLUGIN_CACHE_DIR": str(plugin_cache),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    run(["terraform", "init", "-backend=false", "-input=false", "-no-color"], folder, variables)
    aliases = re.search(r"configuration_aliases = \[(.*)\]", (folder / "versions.tf").read_text())
    providers = folder / "providers_of_the_caller.tf"
    providers.write_text(
        "".join(
            f'provider "aws" {{\n  alias = "{alias.strip().removeprefix("aws.")}"\n}}\n'
            for alias in (aliases[1].split(",") if aliases else [])
        )
    )
    run(["terraform", "validate", "-no-color"], folder, variables)
    providers.unlink()
    passed = runs_that_pass(folder, variables)
    if (folder / VARIABLES).is_dir():
        passed += runs_that_pass(root_of_variables(folder, tmp_path / "variables"), variables)
    for file in ("README.md", "layer.yaml", "versions.tf", "variables.tf", "outputs.tf"):
        assert (folder / file).is_file()
    record("modules", name, {"passed": passed})
