"""Every module is valid and its own tests pass, with Terraform's mocks."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator.terraform.cli_config import find_cli_config
from orchestrator.terraform.client import clean_environment

MODULES = Path(__file__).parents[2] / "terraform" / "modules"


def run(words: list[str], cwd: Path, variables: dict[str, str]) -> str:
    result = subprocess.run(words, cwd=cwd, env=variables, text=True, capture_output=True, check=False)
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    return output


@pytest.mark.parametrize("name", sorted(path.parent.name for path in MODULES.glob("*/layer.yaml")))
def test_a_module_is_valid_and_passes_its_own_tests(name: str, tmp_path: Path) -> None:
    shutil.copytree(MODULES, tmp_path / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    folder = tmp_path / "modules" / name
    config = find_cli_config(tmp_path / "config", os.environ)
    variables = clean_environment(os.environ) | {
        "TF_CLI_CONFIG_FILE": str(config.file),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    run(["terraform", "init", "-backend=false", "-input=false", "-no-color"], folder, variables)
    run(["terraform", "validate", "-no-color"], folder, variables)
    tested = run(["terraform", "test", "-no-color"], folder, variables)
    assert "Success!" in tested
    assert " 0 failed" in tested
    for file in ("README.md", "layer.yaml", "versions.tf", "variables.tf", "outputs.tf"):
        assert (folder / file).is_file()
