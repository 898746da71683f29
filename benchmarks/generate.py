"""Makes projects to measure: chains and fans of generated layers."""

from __future__ import annotations

from pathlib import Path

LAYER_TF = """\
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100, < 7" }
  }
}

variable "name_prefix" {
  type = string
}

variable "retention_in_days" {
  type    = number
  default = 30
}

variable "upstream_topic_arn" {
  type    = string
  default = null
}

locals {
  name = "${var.name_prefix}-LAYER"
}

resource "aws_s3_bucket" "this" {
  bucket = "${local.name}-bucket"
}

resource "aws_dynamodb_table" "this" {
  name         = "${local.name}-table"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_iam_role" "this" {
  name = "${local.name}-role"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${local.name}"
  retention_in_days = var.retention_in_days
}

resource "aws_sns_topic" "this" {
  name = "${local.name}-topic"
}

resource "aws_ssm_parameter" "upstream" {
  name  = "/${local.name}/upstream"
  type  = "String"
  value = coalesce(var.upstream_topic_arn, "none")
}

output "topic_arn" {
  value = aws_sns_topic.this.arn
}
"""

WIDE_TF = (
    LAYER_TF[: LAYER_TF.index('resource "aws_s3_bucket"')]
    + """\
resource "aws_sns_topic" "this" {
  name = "${local.name}-topic"
}

resource "aws_ssm_parameter" "upstream" {
  name           = "/${local.name}/upstream"
  type           = "String"
  insecure_value = coalesce(var.upstream_topic_arn, "none")
}

resource "aws_ssm_parameter" "setting" {
  count          = 8
  name           = "/${local.name}/setting/${count.index}"
  type           = "String"
  insecure_value = "value ${count.index}"
}

resource "aws_cloudwatch_log_group" "this" {
  count             = 6
  name              = "/${local.name}/${count.index}"
  retention_in_days = var.retention_in_days
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  count          = 6
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.this[count.index].name
  pattern        = "ERROR"
  metric_transformation {
    name      = "errors-${count.index}"
    namespace = local.name
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  count               = 5
  alarm_name          = "${local.name}-${count.index}"
  namespace           = local.name
  metric_name         = "errors-${count.index}"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.this.arn]
}

resource "aws_cloudwatch_event_rule" "this" {
  count         = 5
  name          = "${local.name}-${count.index}"
  event_pattern = jsonencode({ source = ["bench.${count.index}"] })
}

resource "aws_iam_role" "this" {
  count = 4
  name  = "${local.name}-${count.index}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  count = 4
  name  = "own"
  role  = aws_iam_role.this[count.index].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.this.arn }]
  })
}

output "topic_arn" {
  value = aws_sns_topic.this.arn
}
"""
)
"""Forty resources, none of which the provider waits for; their kinds are those that layers have most of."""

POLICY = "enforcement: {default: warn}\n"


def layer_name(index: int) -> str:
    """``layer-007``."""
    return f"layer-{index:03d}"


def make_project(root: Path, layers: int, *, fan: int = 1, module: str = LAYER_TF) -> Path:
    """A project with one environment, ``local``, of ``layers`` layers.

    Each takes a value from the one ``fan`` before it: ``fan=1`` is a chain. ``module``: their code.
    """
    names = [layer_name(index) for index in range(layers)]
    for index, name in enumerate(names):
        folder = root / "terraform" / "modules" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.tf").write_text(module.replace("LAYER", name))
        lines = ["description: a generated layer", "inputs:", "  name_prefix: environment.name_prefix"]
        if index >= fan:
            lines.append(f"  upstream_topic_arn: {names[index - fan]}.topic_arn")
        (folder / "layer.yaml").write_text("\n".join(lines) + "\n")
    (root / "policy").mkdir(exist_ok=True)
    (root / "policy" / "checkov.yaml").write_text(POLICY)
    write_environment(root, layers, changed=None)
    return root


def write_environment(root: Path, layers: int, *, changed: int | None) -> None:
    """The environment file; ``changed`` is the layer whose log group is kept for another time."""
    folder = root / "terraform" / "envs" / "local"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["project: bench", "region: eu-west-1", 'account_id: "123456789012"', "emulator: true", "layers:"]
    for index in range(layers):
        days = 60 if index == changed else 30
        lines += [f"  {layer_name(index)}:", f"    variables: {{retention_in_days: {days}}}"]
    (folder / "environment.yaml").write_text("\n".join(lines) + "\n")
