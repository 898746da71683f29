"""Secrets planted in every place where one can be; nothing that a whole run writes or prints has one."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.conftest import Answer, Cli
from tests.e2e.conftest import Aws, Platform
from tests.keys import key_pair

MARKED = 'canary-marked-"quote"-\\back-7f3a'
NESTED = "canary-nested-51c9e2"
LISTED = "canary-listed-77d0aa"
FROM_ENVIRONMENT = "canary-environment-c4b1"
IN_A_NAME = "canary-name-0d93be"
SCHEMA = "canary-schema-4e8f16"
ACCESS_KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
UNMARKED = "q8Zr2LxV9nTb4Wc7"
IN_A_TAG = "t4Gq8Zr2LxV9n"
IN_A_COMMAND = "c0Mm8Zr2LxV9n"
SCRIPT = f"#!/bin/sh\nmysql --user=x --password={IN_A_COMMAND}\n"
IN_BASE64 = base64.b64encode(SCRIPT.encode()).decode()[40:60]
IN_AN_OPTION = "o9Pt8Zr2LxV9n"
IN_THE_CODE = "d3Fa8Zr2LxV9n"
CANARIES = (
    *(MARKED, NESTED, LISTED, FROM_ENVIRONMENT, IN_A_NAME, SCHEMA, ACCESS_KEY, UNMARKED),
    *(IN_A_TAG, IN_A_COMMAND, IN_AN_OPTION, IN_THE_CODE),
    IN_BASE64,
)

VAULT = (
    """\
variable "prefix" { type = string }
variable "marked" {
  type      = string
  sensitive = true
}
variable "nested" {
  type      = object({ login = object({ password = string, user = string }), hosts = list(string) })
  sensitive = true
}
variable "from_environment" {
  type      = string
  sensitive = true
}
variable "in_a_name" {
  type      = string
  sensitive = true
}
variable "deep" {
  type      = map(list(string))
  sensitive = true
}
resource "aws_ssm_parameter" "marked" {
  name        = "/${var.prefix}/marked"
  type        = "SecureString"
  value       = jsonencode({ a = var.marked, b = var.nested, c = var.from_environment })
  description = nonsensitive(substr(var.marked, 0, 6))
}
resource "aws_ssm_parameter" "schema" {
  name  = "/${var.prefix}/schema"
  type  = "SecureString"
  value = "SCHEMA"
}
resource "aws_sns_topic" "tagged" {
  name         = "${var.prefix}-topic"
  display_name = "key ACCESS_KEY"
  tags         = { deep = nonsensitive(sha256(jsonencode(var.deep))), dbPassword = "IN_A_TAG" }
}
variable "in_the_code" {
  type      = string
  default   = "IN_THE_CODE"
  sensitive = true
}
resource "aws_launch_template" "shell" {
  name      = "${var.prefix}-shell"
  user_data = base64encode("#!/bin/sh\\nmysql --user=x --password=IN_A_COMMAND\\n")
}
resource "aws_ssm_parameter" "option" {
  name           = "/${var.prefix}/option/${length(var.in_the_code)}"
  type           = "String"
  insecure_value = jsonencode({ command = ["migrate", "--db-password", "IN_AN_OPTION"] })
}
resource "aws_codebuild_project" "unmarked" {
  name         = "${var.prefix}-build"
  service_role = aws_iam_role.build.arn
  artifacts { type = "NO_ARTIFACTS" }
  source {
    type      = "NO_SOURCE"
    buildspec = "version: 0.2"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
    environment_variable {
      name  = "API_TOKEN"
      value = "UNMARKED"
    }
  }
}
resource "aws_iam_role" "build" {
  name               = "${var.prefix}-build"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }]
  })
}
output "all" {
  value     = { a = var.marked, b = var.nested }
  sensitive = true
}
output "list" {
  value     = [var.deep]
  sensitive = true
}
""".replace("SCHEMA", SCHEMA)
    .replace("ACCESS_KEY", ACCESS_KEY)
    .replace("UNMARKED", UNMARKED)
    .replace("IN_A_TAG", IN_A_TAG)
    .replace("IN_A_COMMAND", IN_A_COMMAND)
    .replace("IN_AN_OPTION", IN_AN_OPTION)
    .replace("IN_THE_CODE", IN_THE_CODE)
)
USER = """\
variable "prefix" { type = string }
variable "all" { type = any }
variable "broken" {
  type      = string
  sensitive = true
}
resource "aws_ssm_parameter" "copy" {
  name  = "/${var.prefix}/copy"
  type  = "SecureString"
  value = var.all.b.login.password
}
resource "aws_ssm_parameter" "broken" {
  count          = var.broken == "" ? 0 : 1
  name           = "/aws/${var.broken}"
  type           = "String"
  insecure_value = "x"
}
"""


def configure(platform: Platform, broken: str = "", signer: str = "") -> None:
    wiring = "inputs:\n  prefix: environment.name_prefix\n"
    platform.folder.module("vault", VAULT, wiring)
    platform.folder.module("user", USER, wiring + "  all: vault.all\n")
    quoted = MARKED.replace("\\", "\\\\").replace('"', '\\"')
    platform.folder.write(
        "terraform/envs/local/environment.yaml",
        f'project: {platform.name}\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\n{signer}layers:\n'
        f'  vault:\n    variables:\n      marked: "{quoted}"\n'
        f"      nested: {{login: {{password: {NESTED}, user: me}}, hosts: [a, b]}}\n"
        f"      deep: {{x: [{LISTED}]}}\n      in_a_name: {IN_A_NAME}\n"
        "      from_environment: '{{ env(\"CANARY\") }}'\n"
        f"  user:\n    variables: {{broken: '{broken}'}}\n",
    )


def test_no_secret_is_in_anything_that_a_whole_run_writes_or_prints(
    platform: Platform, cli: Cli, aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CANARY", FROM_ENVIRONMENT)
    private = key_pair(platform.folder.root / "policy" / "planner.pub", tmp_path / "planner")
    monkeypatch.setenv("ORCHESTRATOR_SIGNING_KEY", str(private))
    configure(platform, signer="plans: {signer: {ed25519: policy/planner.pub}}\n")
    said: list[Answer] = []

    def run(*words: str) -> Answer:
        said.append(cli(*words))
        return said[-1]

    run("config", "show", "--env", "local", "--provenance")
    planned = run("plan", "--env", "local")
    assert planned.code == 0, planned.err
    for form in ("text", "json", "markdown", "sarif"):
        run("review", "--env", "local", "--format", form)
    finding = run("review", "--env", "local", "--json").json()["findings"]
    assert {item["id"] for item in finding} >= {"SE001"}  # seen, and not shown
    run("scan", "--env", "local", "--plan", "latest", "--json")
    confirm = [word for item in finding if item["blocks"] for word in ("--confirm", item["address"])]
    applied = run("apply", "--env", "local", "--yes", *confirm)
    assert applied.code == 0, applied.err
    assert aws.parameter(f"/{platform.prefix}/copy") == NESTED
    states = "".join(path.read_text() for path in (platform.work / "state").glob("*.json*"))
    states += "".join(path.read_text() for path in (platform.work / "state").glob("*.tfstate"))
    unseen = {IN_A_COMMAND, IN_THE_CODE}  # in the state as base64 only, and not at all
    assert (
        set(_found(states)) == set(CANARIES) - unseen
    )  # they are where they must be, so the search does find them
    run("output", "--env", "local", "--json")
    run("output", "--env", "local", "--format", "env")
    run("audit", "show", "--env", "local", "--json")

    configure(platform, broken=IN_A_NAME, signer="plans: {signer: {ed25519: policy/planner.pub}}\n")
    failed = run("--debug", "apply", "--env", "local", "--yes", "--json")
    assert failed.code == 1, failed.out + failed.err
    assert "No access to reserved parameter name" in failed.out
    run("apply", "--env", "local", "--yes")
    run("destroy", "--env", "local", "--yes")
    run("audit", "verify", "--env", "local")

    for answer in said[1:]:  # `config show` shows the file as it is, without what is sensitive
        assert not _found(answer.out + answer.err)
    assert not _found(said[0].out)
    for path in platform.work.rglob("*"):
        if path.is_file() and path.parent != platform.work / "state" and ".terraform" not in path.parts:
            assert not _found(path.read_text(errors="replace")), path
    assert not list(platform.work.rglob("*.tfplan"))


def _found(text: str) -> list[str]:
    """The canaries in a text, also as JSON or a URL would write them."""
    import json
    from urllib.parse import quote

    forms = {
        form: canary for canary in CANARIES for form in (canary, json.dumps(canary)[1:-1], quote(canary))
    }
    return sorted({canary for form, canary in forms.items() if form in text})
