"""``ci settle`` on bundles that are begun or done: what the layers' jobs are told to apply. No Terraform, no network."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestrator.files import make_private_folder
from orchestrator.plan.bundle import Manifest, plans_folder, write_bundle
from orchestrator.plan.model import Change, ChangeSet, LayerChanges
from orchestrator.policy.scan import ScanReport
from orchestrator.review.review import Review
from tests.conftest import Cli
from tests.project import ProjectFolder

PLAN = "20260930T120000Z-1f2e"
LAYERS = ("base", "app")
SETTLE = ("ci", "settle", "--env", "dev", "--plan", PLAN)
JOBS = ("--layer", "base", "--layer", "app")


def changes_of(layer: str) -> LayerChanges:
    change = Change(
        f"module.{layer}.aws_ssm_parameter.this", layer, "aws_ssm_parameter", "create", ("create",), None, {}, {}
    )
    return LayerChanges(layer, (change,))


def bundle(work: Path, *changed: str, environment: str = "dev") -> None:
    """A sealed bundle that changes these layers."""
    changes = ChangeSet({name: changes_of(name) if name in changed else LayerChanges(name) for name in LAYERS})
    manifest = Manifest(
        id=PLAN, environment=environment, created_at="2026-09-30T12:00:00+00:00", layers=LAYERS, selection={},
        configuration={}, rendered={}, secrets="", states={}, tools={}, emulator=None, counts=changes.counts(),
        planned_by="me", git=None, lock_file=None, sources={},
    )  # fmt: skip
    partial = make_private_folder(work / "partial")
    scan, review = ScanReport("3", 1, 1, (), "block", 0), Review((), 1, 1)
    target = plans_folder(work) / PLAN
    write_bundle(partial, target, manifest, changes, scan, review, {}, valid=timedelta(days=99_999), key=None)


@pytest.fixture
def work(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder.simple()
    folder.environment("dev", "base: {variables: {name: first}}\napp: {}\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    return make_private_folder(folder.root / ".orchestrator" / "dev")


def last_run(cli: Cli, *, id: str = PLAN, ended: bool = True, **layers: str) -> None:
    """The journal of a run on the environment."""
    from orchestrator.apply.journal import LayerStep, RunRecord  # noqa: F401
