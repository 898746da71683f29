"""One emulator for all end-to-end tests, and small projects that run on it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from orchestrator import emulator
from orchestrator.emulator import EmulatorStatus
from tests.project import ProjectFolder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.e2e)
            if shutil.which("terraform") is None:
                item.add_marker(pytest.mark.skip(reason="needs Terraform on PATH"))
    # What mostly waits begins first, and the others run beside it.
    items.sort(key=lambda item: "destroyed_without_a_trace" not in item.name)


@pytest.fixture(scope="session")
def emulator_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an emulator that runs for the whole session."""
    root = tmp_path_factory.mktemp("emulator")
    emulator.start(root, stop_with_pid=os.getpid())
    yield root
    emulator.stop(root)


@pytest.fixture
def running(emulator_root: Path) -> EmulatorStatus:
    """The emulator's status."""
    return emulator.status(emulator_root)


class Aws:
    """boto3 clients of the emulator."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def parameter(self, name: str) -> str | None:
        ssm = self.client("ssm")
        try:
            return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None


@pytest.fixture
def aws(running: EmulatorStatus) -> Aws:
    assert running.endpoint is not None
    return Aws(running.endpoint)


BASE = """\
variable "prefix" { type = string }
variable "secret" {
  type      = string
  sensitive = true
}
variable "note" {
  type = string
}
variable "slot" {
  type = string
}
resource "aws_ssm_parameter" "main" {
  name           = "/${var.prefix}/base/${var.slot}"
  type           = "String"
  insecure_value = var.note
}
resource "aws_ssm_parameter" "secret" {
  name  = "/${var.prefix}/secret"
  type  = "SecureString"
  value = var.secret
}
output "arn" { value = aws_ssm_parameter.main.arn }
output "secret" {
  value     = var.secret
  sensitive = true
}
"""
LEFT = """\
variable "prefix" { type = string }
variable "base_arn" { type = string }
resource "aws_ssm_parameter" "first" {
  name           = "/${var.prefix}/left/first"
  type           = "String"
  insecure_value = "from ${var.base_arn}"
}
resource "aws_ssm_parameter" "second" {
  name           = "/${var.prefix}/left/second"
  type           = "String"
  insecure_value = aws_ssm_parameter.first.arn
}
output "arn" { value = aws_ssm_parameter.second.arn }
"""
RIGHT = """\
variable "prefix" { type = string }
resource "aws_cloudwatch_log_group" "main" { name = "/${var.prefix}/right" }
output "arn" { value = aws_cloudwatch_log_group.main.arn }
"""
APP = """\
variable "prefix" { type = string }
variable "left_arn" { type = string }
variable "right_arn" { type = string }
variable "base_secret" {
  type      = string
  sensitive = true
}
resource "aws_ssm_parameter" "main" {
  name           = "/${var.prefix}/app"
  type           = "String"
  insecure_value = "${var.left_arn} ${var.right_arn}"
}
resource "aws_ssm_parameter" "secret" {
  name  = "/${var.prefix}/app-secret"
  type  = "SecureString"
  value = var.base_secret
}
"""
SECRET = "canary-${5c1d}-%{8e}-2b"  # what Terraform would read as templates must arrive as it is


class Platform:
    """A project of four layers: base → left → app ← right."""

    def __init__(self, folder: ProjectFolder, emulator_root: Path) -> None:
        self.folder = folder
        self.name = f"t{secrets.token_hex(3)}"
        self.prefix = f"{self.name}-local"
        wiring = "inputs:\n  prefix: environment.name_prefix\n"
        folder.module("base", BASE, wiring)
        folder.module("left", LEFT, wiring + "  base_arn: base.arn\n")
        folder.module("right", RIGHT, wiring)
        folder.module(
            "app", APP, wiring + "  left_arn: left.arn\n  right_arn: right.arn\n  base_secret: base.secret\n"
        )
        folder.write("policy/checkov.yaml", "enforcement: {default: warn}\n")
        (folder.root / ".orchestrator").mkdir()
        (folder.root / ".orchestrator" / "emulator").symlink_to(emulator_root)
        self.configure()

    @property
    def work(self) -> Path:
        """``.orchestrator/local``."""
        return self.folder.root / ".orchestrator" / "local"

    def configure(self, note: str = "first", slot: str = "one", header: str = "", layers: str = "") -> None:
        """Write the environment file."""
        text = (
            f'project: {self.name}\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\n'
            f"{header}layers:\n"
            f"  base: {{variables: {{secret: '{SECRET}', note: {note}, slot: {slot}}}}}\n"
            f"  left: {{}}\n  right: {{}}\n  app: {{}}\n{layers}"
        )
        self.folder.write("terraform/envs/local/environment.yaml", text)

    def serial(self, layer: str) -> int | None:
        """The serial of a layer's state."""
        import json

        path = self.work / "state" / f"{layer}.tfstate"
        return int(json.loads(path.read_text())["serial"]) if path.is_file() else None

    def start(self, *words: str) -> subprocess.Popen[str]:
        """orchestrator in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "orchestrator", *words],
            cwd=self.folder.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def platform(folder: ProjectFolder, emulator_root: Path) -> Platform:
    return Platform(folder, emulator_root)
