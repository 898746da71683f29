"""A module's variables apart from all else, and the place of a value that a rule refuses."""

from __future__ import annotations

from orchestrator.config.environment import load_environment
from orchestrator.config.project import Project
from orchestrator.modules.hcl import references
from orchestrator.modules.module import read_module
from orchestrator.modules.rules import UNKNOWN, variables_alone
from tests.project import ProjectFolder


def alone(folder: ProjectFolder, terraform: str) -> str:
    folder.module("base", terraform)
    path = folder.root / "terraform" / "modules" / "base"
    return "".join(variables_alone(read_module(path, path)).values())


RULE = """\
variable "size" {
  type = number
  validation {
    condition     = contains(%s, var.size)
    error_message = "Not so."
  }
}
"""


def test_references_are_found_wherever_an_expression_has_them() -> None:
    code = 'value = "${local.a[0]} ${join(",", [for key, one in var.m : one.name if data.aws_vpc.x.id == key])}"\n'
    assert references(code) == {
        ("local", "a"),
        ("var", "m"),
        ("one", "name"),
        ("data", "aws_vpc"),
        ("key", ""),
    }


def test_a_rule_takes_its_locals_along_and_theirs_and_no_others(folder: ProjectFolder) -> None:
    code = alone(
        folder,
        RULE % "local.sizes"
        + "locals {\n  sizes = concat(local.small, [8])\n  small = [1, 2]\n  other = [3]\n}\n"
        + 'resource "aws_sqs_queue" "this" {}\noutput "id" { value = aws_sqs_queue.this.id }\n',
    )
    assert "sizes = concat(local.small, [8])" in code
    assert "small = [1, 2]" in code
    assert not any(word in code for word in ("other", "aws_sqs_queue", "output", "terraform_data"))


def test_a_local_that_needs_more_than_variables_is_unknown(folder: ProjectFolder) -> None:
    for value in ("data.aws_vpc.this.x", "aws_vpc.this[*].x", 'file("${path.module}/x")', "module.a.b"):
        code = alone(
            folder,
            RULE % "local.sizes"
            + f'locals {{\n  sizes = tolist({value})\n}}\nresource "aws_vpc" "this" {{}}\n',
        )
        assert f"  sizes = {UNKNOWN}\n" in code
        assert 'resource "terraform_data" "unknown"' in code


def test_a_rule_that_needs_more_than_variables_is_left_out_and_the_variable_stays(
    folder: ProjectFolder,
) -> None:
    code = alone(folder, RULE % "data.aws_x.this.sizes")
    assert 'variable "size" {\n  type = number\n}' in code
    assert "validation" not in code


def test_variables_in_json_syntax_have_no_rules(folder: ProjectFolder) -> None:
    folder.write("terraform/modules/base/more.tf.json", '{"variable": {"n": {"type": "number"}}}')
    assert 'variable "n" {\n  default = null\n}' in alone(folder, "")


def test_the_place_of_a_value_is_the_entry_that_is_named(folder: ProjectFolder) -> None:
    folder.simple()
    folder.environment(
        "dev",
        """\
        base:
          variables:
            name: x
            queues:
              jobs: {fifo: true}
              mails:
                fifo: true
                delay: 3
        app: {}
        """,
    )
    environment = load_environment(Project(folder.root), "dev")

    def place(said: str) -> tuple[int | None, str | None]:
        where = environment.place_of("base", "queues", said)
        assert where is not None
        return where.line, where.key

    queues = "layers.base.variables.queues"
    assert place("They are wrong.") == (8, queues)
    assert place("Look at jobs and mails.") == (8, queues)
    assert place("Too many; got 3 (mails).") == (10, f"{queues}.mails")
    assert place("delay is 0 to 2; got 3 (mails).") == (12, f"{queues}.mails.delay")
    assert place("delay goes without fifo; got 3 (mails).") == (12, f"{queues}.mails.delay")
