"""Builds small projects for tests: modules and environment files from text."""

from __future__ import annotations

import textwrap
from pathlib import Path

TERRAFORM_BLOCK = """\
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100, < 7" }
  }
}
"""

HEADER = """\
project: shop
region: eu-west-1
account_id: "123456789012"
"""


class ProjectFolder:
    """A project below ``root`` that a test fills."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "terraform" / "envs").mkdir(parents=True)
        (root / "terraform" / "modules").mkdir()

    def write(self, path: str, text: str) -> Path:
        """A file, dedented."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
        return target

    def module(self, name: str, terraform: str, layer: str = "description: a layer\n") -> None:
        """``terraform/modules/<name>`` with one file and its layer.yaml."""
        self.write(f"terraform/modules/{name}/main.tf", TERRAFORM_BLOCK + textwrap.dedent(terraform))
        self.write(f"terraform/modules/{name}/layer.yaml", layer)

    def environment(self, name: str, layers: str, header: str = HEADER) -> Path:
        """``terraform/envs/<name>/environment.yaml``."""
        body = textwrap.indent(textwrap.dedent(layers), "  ")
        return self.write(f"terraform/envs/{name}/environment.yaml", f"{header}layers:\n{body}")

    def simple(self) -> ProjectFolder:
        """Two layers, ``base`` and ``app``, wired by one output."""
        self.module(
            "base",
            """\
            variable "name" {
              type        = string
              description = "What it is called."
            }
            variable "tags" {
              type    = map(string)
              default = {}
            }
            variable "password" {
              type      = string
              default   = null
              sensitive = true
            }
            variable "queues" {
              type = map(object({
                delay = optional(number, 0)
                fifo  = bool
              }))
              default = {}
            }
            output "id" {
              value = var.name
            }
            output "names" {
              value = { main = var.name }
            }
            """,
        )
        self.module(
            "app",
            """\
            variable "base_id" {
              type = string
            }
            output "id" {
              value = var.base_id
            }
            """,
            "description: an app\ninputs:\n  base_id: base.id\n",
        )
        self.environment("dev", "base:\n  variables:\n    name: first\napp: {}\n")
        return self
