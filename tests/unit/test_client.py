"""Terraform's processes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from orchestrator.terraform.client import TerraformClient
from orchestrator.terraform.events import TerraformError


def test_what_a_killed_terraform_has_started_is_ended_with_it(tmp_path: Path) -> None:
    binary = tmp_path / "terraform"
    binary.write_text("#!/bin/sh\nsleep 300 &\necho $! > provider\nkill -9 $$\n")
    binary.chmod(0o755)
    client = TerraformClient(str(binary), dict(os.environ), root=tmp_path)
    with pytest.raises(TerraformError, match="code -9"):
        client.apply(tmp_path, tmp_path / "plan")
    provider = Path("/proc") / (tmp_path / "provider").read_text().strip()
    deadline = time.monotonic() + 10
    while provider.is_dir() and "Z" not in (provider / "stat").read_text().rsplit(")", 1)[1][:3]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
