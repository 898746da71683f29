"""Values that a module's rules refuse are told by Terraform without a provider, before anything else is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.config.project import find_project
from orchestrator.plan.refused import check_values
from orchestrator.session import open_session
from tests.conftest import Cli, tree_of
from tests.project import HEADER, ProjectFolder

REPOSITORY = Path(__file__).parents[2]
ENV = "terraform/envs/dev/environment.yaml"
BASE = """\
variable "size" {
  type = number
  validation {
    condition     = contains(local.sizes, var.size)
    error_message = "size is one of ${join(", ", local.sizes)}; got ${var.size}."
  }
}
variable "key" {
  type      = string
  sensitive = true
  validation {
    condition     = length(var.key) > 30
    error_message = "A key is long."
  }
}
variable "plan" {
  type    = string
  default = "none"
  validation {
    condition     = var.plan != "none" || var.size < 2
    error_message = "From a size of 2 it needs the variable plan."
  }
}
locals { sizes = [1, 2] }
output "names" { value = { main = "a" } }
"""
APP = """\
variable "names" { type = map(string) }
variable "wanted" {
  type = string
  validation {
    condition     = contains(keys(var.names), var.wanted)
    error_message = "wanted is one of the names."
  }
}
"""
KEY = "short-and-secret"


@pytest.fixture
def project(folder: ProjectFolder) -> ProjectFolder:
    folder.module("base", BASE)
    folder.module("app", APP, "inputs: {names: base.names}\n")
    return folder


def configure(project: ProjectFolder, size: int, key: str) -> None:
    project.write(
        ENV,
        f"{HEADER}layers:\n  base:\n    variables:\n      size: {size}\n      key: {key}\n"
        "  app: {variables: {wanted: nothing}}\n",
    )


@pytest.mark.parametrize("words", [("config", "validate"), ("plan",)])
def test_every_value_that_is_refused_is_told_with_its_place_and_no_secret_is(
    project: ProjectFolder, cli: Cli, words: tuple[str, ...]
) -> None:
    configure(project, 3, KEY)
    before = tree_of(project.root)
    refused = cli(*words, "--env", "dev")
    assert refused.code == 1
    assert f"{ENV}:7: layers.base.variables.size: size is one of 1, 2; got 3." in refused.err
    assert f"{ENV}:8: layers.base.variables.key: A key is long." in refused.err
    assert KEY not in refused.err
    left = {name for name in tree_of(project.root) if "/runs/" not in name}
    assert left == set(before)


def test_a_variable_that_is_missing_is_named_where_it_could_be_set(project: ProjectFolder, cli: Cli) -> None:
    configure(project, 2, KEY * 2)
    refused = cli("config", "validate", "--env", "dev")
    assert refused.code == 1
    place = f"{ENV}:5: layers.base.variables.plan"
    assert f"{place}: From a size of 2 it needs the variable plan.\n" in refused.err


def test_what_only_other_layers_know_is_left_to_the_plan(project: ProjectFolder, cli: Cli) -> None:
    configure(project, 1, KEY * 2)
    valid = cli("config", "validate", "--env", "dev", "--json").json()
    assert valid["environments"]["dev"] == {"layers": 2, "note": None}


def test_without_terraform_the_rest_is_checked_and_a_note_says_so(project: ProjectFolder, cli: Cli) -> None:
    configure(project, 3, KEY)
    valid = cli("--terraform-bin", "/nonexistent/terraform", "config", "validate", "--env", "dev")
    assert (valid.code, valid.out) == (0, "dev: valid, 2 layers\n")
    assert "dev: the rules of the modules' variables were not checked: Terraform was not found" in valid.err


@pytest.mark.parametrize("name", ["dev", "local", "local-full", "prod", "staging"])
def test_terraform_can_tell_of_every_environment_that_this_repository_ships(name: str) -> None:
    assert check_values(open_session(find_project(REPOSITORY), name)) is None
