"""A policy that is computed is the same however it is written, and one action more is seen in every form."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from orchestrator.review import read_plan, review_plan
from orchestrator.review.finding import Finding
from orchestrator.review.source import RootSource
from tests.unit.test_review import allow, plan_text, policy, resource

BUCKET = "arn:aws:s3:::shop"
BEFORE = policy(
    allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/*"]),
    {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": BUCKET},
)
OBJECTS = '[aws_s3_bucket.shop.arn, "${aws_s3_bucket.shop.arn}/*"]'
DENY = '{ Effect = "Deny", Action = "s3:DeleteBucket", Resource = aws_s3_bucket.shop.arn }'

FORMS = {
    "as it is": f'policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = ACTIONS, Resource = {OBJECTS} }}, {DENY}] }})',
    "reordered": f'policy = jsonencode({{ Statement = [{DENY}, {{ Resource = {OBJECTS}, Action = ACTIONS, Effect = "Allow" }}] }})',
    "a statement an action": "policy = jsonencode({ Statement = concat([for action in ACTIONS : "
    f'{{ Effect = "Allow", Action = action, Resource = {OBJECTS} }}], [{DENY}]) }})',
    "by locals": "policy = local.text",
    "by a map": "policy = jsonencode({ Statement = values(local.by_name) })",
    "by a variable": "policy = jsonencode({ Statement = concat(var.statements, local.own) })",
    "as text": 'policy = <<-JSON\n    {"Statement": [\n      {"Effect": "Allow", "Action": ${jsonencode(ACTIONS)},\n'
    '       "Resource": ["${aws_s3_bucket.shop.arn}", "${aws_s3_bucket.shop.arn}/*"]},\n'
    '      {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "${aws_s3_bucket.shop.arn}"}\n    ]}\n  JSON',
    "from a template": 'policy = templatefile("${path.module}/policy.json", { arn = aws_s3_bucket.shop.arn, actions = ACTIONS })',
    "by a module": "policy = module.policy.text",
    "by one of many modules": 'policy = module.policies["shop"].text',
    "by a document": "policy = data.aws_iam_policy_document.shop.json",
    "by choice": 'policy = var.simple ? "{}" : local.text',
    "what else could it be": "policy = try(jsonencode(local.nothing.there), local.text)",
}
CODE = f"""
locals {{
  text    = jsonencode({{ Statement = concat([{{ Effect = "Allow", Action = ACTIONS, Resource = {OBJECTS} }}], local.own) }})
  own     = [{DENY}, {{ Effect = "Allow", Action = ACTIONS, Resource = {OBJECTS} }}]
  nothing = {{}}
  by_name = {{
    read = {{ Effect = "Allow", Action = ACTIONS, Resource = {OBJECTS} }}
    keep = {DENY}
  }}
}}
variable "statements" {{
  type    = list(object({{ Effect = optional(string, "Allow"), Action = list(string), Resource = string }}))
  default = []
}}
variable "simple" {{
  type    = bool
  default = false
}}
module "policy" {{
  source  = "./policy"
  arn     = aws_s3_bucket.shop.arn
  actions = ACTIONS
}}
module "policies" {{
  source   = "./policy"
  for_each = {{ shop = ACTIONS, none = [] }}
  arn      = aws_s3_bucket.shop.arn
  actions  = each.value
}}
data "aws_iam_policy_document" "shop" {{
  dynamic "statement" {{
    for_each = aws_s3_bucket.shop.arn == null ? [] : [ACTIONS]
    content {{
      actions   = statement.value
      resources = {OBJECTS}
    }}
  }}
  statement {{
    effect    = "Deny"
    actions   = ["s3:DeleteBucket"]
    resources = [aws_s3_bucket.shop.arn]
  }}
}}
"""
CHILD = """
variable "arn" { type = string }
variable "actions" { type = list(string) }
variable "objects" {
  type    = bool
  default = true
}
locals {
  all = var.objects ? ["${var.arn}/*"] : []
}
output "text" {
  value = jsonencode({ Statement = [
    { Effect = "Allow", Action = var.actions, Resource = concat([var.arn], local.all) },
    { Effect = "Deny", Action = "s3:DeleteBucket", Resource = var.arn },
  ] })
}
"""
TEMPLATE = """{"Statement": [
  {"Effect": "Allow", "Action": ${jsonencode(actions)}, "Resource": ["${arn}", "${arn}/*"]},
  {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "${arn}"}
]}
"""


def found(folder: Path, form: str, actions: list[str]) -> list[Finding]:
    """What the review says of a role's policy that is written so from now on, its bucket being a new one."""
    code = CODE + f'resource "aws_iam_role_policy" "p" {{\n  role = "app"\n  {form}\n}}\n'
    (folder / "policy").mkdir()
    (folder / "main.tf").write_text(code.replace("ACTIONS", json.dumps(actions)))
    (folder / "policy" / "main.tf").write_text(CHILD)
    (folder / "policy.json").write_text(TEMPLATE)
    role = {"role": "app", "name": "p"}
    plan = plan_text(
        resource(
            "aws_iam_role_policy",
            {**role, "policy": BEFORE},
            role,
            unknown={"policy": True},
            address="aws_iam_role_policy.p",
        ),
        resource("aws_s3_bucket", None, {}, unknown={"arn": True}, address="aws_s3_bucket.shop"),
        resource(
            "aws_iam_policy_document",
            None,
            {},
            unknown={"statement": True, "json": True},
            address="data.aws_iam_policy_document.shop",
            mode="data",
        ),
    )
    findings = review_plan(read_plan(plan), RootSource(folder)).findings
    return [finding for finding in findings if finding.severity != "info"]


@pytest.mark.parametrize("name", FORMS)
def test_the_same_policy_in_another_form_is_nothing(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, FORMS[name], ["s3:GetObject", "s3:ListBucket"]) == []


@pytest.mark.parametrize("name", FORMS)
def test_one_action_more_is_seen_in_every_form(tmp_path: Path, name: str) -> None:
    (finding,) = found(tmp_path, FORMS[name], ["s3:GetObject", "s3:ListBucket", "s3:PutObject"])
    assert (finding.id, finding.severity) == ("IA002", "high")
    assert "s3:putobject" in finding.message


@pytest.mark.parametrize("name", FORMS)
def test_everything_is_seen_in_every_form(tmp_path: Path, name: str) -> None:
    assert "IA002" in {finding.id for finding in found(tmp_path, FORMS[name], ["*"])}


@pytest.mark.parametrize(
    ("code", "expression"),
    [
        ("".join(f'a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"\n' for n in range(1, 60)), "local.a59"),
        (
            "".join(f"a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 60)),
            "jsonencode(local.a59)",
        ),
        ("".join(f"a{n} = concat(local.a{n - 1}, local.a{n - 1})\n" for n in range(1, 60)), "local.a59"),
        ('a = regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")\n', "local.a"),
        ("a = range(1000000000)\n", "jsonencode(local.a)"),
        ("a = [for i in range(9999) : [for j in range(9999) : i * j]]\n", "jsonencode(local.a)"),
        ("a = local.b\n  b = local.a\n", "local.a"),
        ("", "(" * 3000 + "local.a0" + ")" * 3000),
    ],
    ids=["texts", "lists", "concat", "pattern", "range", "loops", "cycle", "depth"],
)
def test_code_that_takes_for_ever_is_not_read_and_says_so_soon(
    tmp_path: Path, code: str, expression: str
) -> None:
    (tmp_path / "main.tf").write_text(
        f'locals {{\n  a0 = ["aaaaaaaaaa"]\n  {code}}}\nresource "aws_iam_policy" "p" {{\n  policy = {expression}\n}}\n'
    )
    change = resource(
        "aws_iam_policy", None, {"name": "a"}, unknown={"policy": True}, address="aws_iam_policy.p"
    )
    plan = read_plan(plan_text(change))
    started = time.monotonic()
    (finding,) = review_plan(plan, RootSource(tmp_path)).findings
    assert finding.id == "IA009"
    assert time.monotonic() - started < 10


INLINE = 'inline_policy {{\n    name   = "own"\n    policy = {}\n  }}'
ANYTHING = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = ["*", aws_s3_bucket.shop.arn] }] })'


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (INLINE.format(ANYTHING), {"IA001"}),
        (
            INLINE.format(ANYTHING.replace('Action = "*"', 'Action = "s3:GetObject"').replace('["*", ', "[")),
            set(),
        ),
        (INLINE.format("local.nowhere"), {"IA009"}),
        (
            'dynamic "inline_policy" {\n    for_each = { own = ' + ANYTHING + " }\n    content {\n"
            "      name   = inline_policy.key\n      policy = inline_policy.value\n    }\n  }",
            {"IA001"},
        ),
    ],
)
def test_a_policy_in_a_block_of_a_role_is_read_too(tmp_path: Path, block: str, expected: set[str]) -> None:
    (tmp_path / "main.tf").write_text(f'resource "aws_iam_role" "r" {{\n  name = "app"\n  {block}\n}}\n')
    role = resource(
        "aws_iam_role",
        None,
        {"name": "app", "inline_policy": [{"name": "own"}]},
        unknown={"inline_policy": [{"policy": True}]},
        address="aws_iam_role.r",
    )
    bucket = resource("aws_s3_bucket", None, {}, unknown={"arn": True}, address="aws_s3_bucket.shop")
    plan = read_plan(plan_text(role, bucket))
    assert {one.id for one in review_plan(plan, RootSource(tmp_path)).findings} == expected
    unread = {one.id for one in review_plan(plan).findings}
    assert unread == {"IA009"}
