"""What the review computes from code is what Terraform computes from it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from orchestrator.review import read_plan
from orchestrator.review.context import in_context
from orchestrator.review.evaluate import Encoded, Unknown
from orchestrator.review.source import RootSource
from orchestrator.terraform.client import clean_environment

ROOT = """
variable "given" {
  type = object({
    names = optional(list(string), ["a", "b"])
    level = optional(string, "low")
    none  = optional(string)
    deep  = optional(map(object({ on = optional(bool, true), size = optional(number, 3) })), {})
  })
}
variable "numbers" {
  type    = set(number)
  default = [3, 1, 2, 1]
}
locals {
  statements = [for name in var.given.names : { Sid = title(name), Action = ["s3:Get${upper(name)}"], n = length(name) }]
  by_key     = { for key, value in var.given.deep : key => value.size if value.on }
  grouped    = { for name in ["ab", "ac", "b"] : substr(name, 0, 1) => name... }
  arn        = "arn:aws:s3:::${terraform_data.made.id}/*"
}
module "child" {
  source   = "./child"
  for_each = toset(["x", "y"])
  name     = each.key
  list     = each.key == "x" ? ["1"] : null
}
module "counted" {
  source = "./child"
  count  = 2
  name   = "n${count.index}"
}
resource "terraform_data" "made" { input = "made" }
resource "terraform_data" "many" {
  for_each = { one = { size = 1 }, two = { size = 2 } }
  input    = { key = each.key, size = each.value.size * 2, other = try(each.value.gone, "none") }
}
"""
CHILD = """
variable "name" { type = string }
variable "list" {
  type     = list(string)
  default  = ["default"]
  nullable = false
}
variable "more" {
  type    = object({ a = optional(number, 1) })
  default = {}
}
output "said" { value = "${var.name}-${join("+", var.list)}-${var.more.a}" }
resource "terraform_data" "inside" { input = "in ${var.name}" }
"""
EXPRESSIONS = (
    "local.statements",
    "local.by_key",
    "local.grouped",
    "var.given",
    "var.numbers",
    "concat(local.statements[*].Sid, flatten([[\"a\"], [[\"b\"]]]))",
    "merge({ a = 1, b = 2 }, { b = 3 })",
    'var.given.level == "low" && !contains(var.given.names, "z") ? "yes" : "no"',
    "var.given.none == null ? 1 : 2",
    'coalesce(var.given.none, "", "c")',
    'lookup({ a = "b" }, "x", "y")',
    'join(",", sort(distinct(["b", "a", "b"])))',
    'format("%s-%d%%", "a", 5)',
    'formatlist("arn:%s:*", ["a", "b"])',
    '[for pair in setproduct(["a", "b"], ["c"]) : join("/", pair)]',
    '{ for key, value in { b = 1, a = 2 } : "${key}!" => value }',
    "keys({ b = 1, a = 2 })",
    "values({ b = 1, a = 2 })",
    'split(",", "a,b,,c")',
    'compact(["a", "", null])',
    'replace("a.b.c", ".", "-")',
    'regexall("[a-z]+", "ab1cd")',
    'regex("^(\\\\d+)-(\\\\w+)$", "12-ab")',
    'startswith("abc", "ab") ? trimprefix("abc", "ab") : null',
    'element(["a", "b", "c"], 4)',
    'slice(["a", "b", "c"], 1, 3)',
    'one([for x in ["a"] : x])',
    'zipmap(["a", "b"], [1, 2])',
    'try(var.given.names[7], "beyond")',
    'can(var.given.names[7])',
    'jsondecode("{\\"a\\":[1,true,null]}")',
    'jsonencode({ b = [1, "two", null, false], a = { c = "<>&" } })',
    'toset(["b", "a", "b"])',
    'setunion(["a"], ["b", "a"])',
    'setsubtract(["a", "b"], ["b"])',
    'setintersection(["a", "b"], ["b", "c"])',
    '"quote \\" $${not} %%{not} \\t tab ${"nested ${1 + 2 * 3}"}"',
    '<<-TEXT\n    {"a": "${upper("b")}",\n     "c": ${jsonencode(["d"])}}\n    TEXT',
    "[1, 2, 3][1]",
    "{ \"a b\" = 1, (\"c\") = 2, d : 3 }",
    "-5 % 3 + 10 / 4",
    "true ? { a = 1 } : { a = 2 }",
    "module.child[\"x\"].said",
    "module.child[\"y\"].said",
    "[for key, child in module.child : \"${key}=${child.said}\"]",
    "module.counted[*].said",
    "terraform_data.many[\"two\"].input.size",
    "{ for key, one in terraform_data.many : key => one.input.other }",
    'range(3)',
    'chunklist(["a", "b", "c"], 2)',
    'max(1, 5, 3) - min(1, 5, 3)',
    'anytrue([false, true]) && alltrue([])',
    'reverse(["a", "b"])',
    'length({ a = 1 }) + length("four") + length([])',
    'tostring(5) == "5"',
    'tonumber("5")',
    'nonsensitive(sensitive("a"))',
    'templatefile("${path.module}/policy.tftpl", { name = "n", list = ["a"] })',
)  # fmt: skip


def test_expressions_have_terraforms_values(tmp_path: Path) -> None:
    tests = "".join(
        f'resource "terraform_data" "e{number}" {{\n  input = {text}\n}}\n'
        for number, text in enumerate(EXPRESSIONS)
    )
    arn = 'resource "terraform_data" "policy" {\n  input = jsonencode({ Resource = [local.arn, "b"] })\n}\n'
    plan, values = planned(tmp_path, ROOT + tests + arn)
    for number, text in enumerate(EXPRESSIONS):
        mine = values[f"terraform_data.e{number}"]
        assert not isinstance(mine, Unknown), text
        assert plain(mine) == plain(plan[f"terraform_data.e{number}"]), text
    assert isinstance(values["terraform_data.policy"], Encoded)
    assert values["terraform_data.policy"].value["Resource"][1] == "b"
    assert not values["terraform_data.policy"].value["Resource"][0].opaque
    assert values['terraform_data.many["one"]'] == {"key": "one", "size": 2, "other": "none"}
    assert values['module.child["y"].terraform_data.inside'] == "in y"


def planned(folder: Path, root: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Terraform plans for the input of every resource, and what the review makes of it: by address."""
    (folder / "child").mkdir()
    (folder / "main.tf").write_text(root)
    (folder / "child" / "main.tf").write_text(CHILD)
    (folder / "policy.tftpl").write_text('{"name": "${name}", "list": ${jsonencode(list)}}\n')
    given = {"given": {"deep": {"big": {"size": 9}, "off": {"on": False}, "usual": {}}}}
    (folder / "terraform.tfvars.json").write_text(json.dumps(given))
    for words in (["init"], ["plan", "-out=plan"]):
        done = subprocess.run(
            ["terraform", *words, "-no-color", "-input=false"],
            cwd=folder, env=clean_environment(os.environ), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    text = subprocess.check_output(
        ["terraform", "show", "-json", "plan"], cwd=folder, env=clean_environment(os.environ)
    )
    plan = in_context(read_plan(text), RootSource(folder))
    return (
        {change.address: change.after.get("input") for change in plan.changes},
        {change.address: plan.evaluation.argument(change, "input") for change in plan.changes},
    )


def plain(value: Any) -> Any:
    """A value without what is the same to Terraform: how JSON is written, 1 and 1.0, the order of a set."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return value.rstrip("\n")
        return value if isinstance(value, str) else ["JSON", plain(value)]
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
