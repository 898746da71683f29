"""The shipped targets, on a copy of the platform that this repository ships, and a command that is recorded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestrator.pipelines.facts import Facts
from orchestrator.pipelines.target import Target
from tests.pipelines.rendering import facts_of, target_of

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the platform."""
    root = tmp_path_factory.mktemp("targets")
    for name in ("terraform", "policy", "examples"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns(".terraform*"))
    return root


def known(root: Path, name: str) -> tuple[Target, Facts]:
    target = target_of(root, name)
    return target, facts_of(root, target, "dev", "prod")


@pytest.fixture(scope="module")
def codepipeline(shipped: Path) -> tuple[Target, Facts]:
    return known(shipped, "codepipeline")


@pytest.fixture(scope="module")
def gitlab(shipped: Path) -> tuple[Target, Facts]:
    return known(shipped, "gitlab")


@pytest.fixture(scope="module")
def jenkins(shipped: Path) -> tuple[Target, Facts]:
    return known(shipped, "jenkins")


RECORDER = """#!/usr/bin/env bash
printf '%s\\n' "$(printf '[%s]' "$@")" >> "$RECORD"
case "$1" in plan) mkdir -p ".orchestrator/$3/plans/20260101T000000Z-abcd"
  touch ".orchestrator/$3/plans/20260101T000000Z-abcd/"{summary.md,review.html} ;; esac
case "$*" in *brief*) echo "prod: 1 to create" ;; *reviewed*) echo 20260101T000000Z-beef ;;
  *"--print environments"*) printf 'dev\\nprod\\n' ;; *"--print layers"*) echo base app ;; esac
"""


@pytest.fixture
def recorder(tmp_path: Path) -> dict[str, str]:
    """A command ``orchestrator`` that writes down how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "orchestrator").write_text(RECORDER)
    (folder / "orchestrator").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "RECORD": str(tmp_path / "record"), "HOME": str(tmp_path)}
