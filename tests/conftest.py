"""Fixtures of all tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli.main import run
from tests.project import ProjectFolder


@dataclass(frozen=True)
class Answer:
    """What a command line printed and ended with."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)


Cli = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    """An empty project."""
    return ProjectFolder(tmp_path / "project")


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: ProjectFolder) -> Cli:
    """Runs orchestrator in the project's folder."""
    monkeypatch.chdir(folder.root)
    for name in ("ORCHESTRATOR_ENV", "ORCHESTRATOR_PROJECT", "ORCHESTRATOR_TERRAFORM_BIN"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> Answer:
        capfd.readouterr()
        code = run(list(words))
        captured = capfd.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


def tree_of(root: Path) -> dict[str, bytes]:
    """Every file below a folder with its content: to see that nothing was changed."""
    return {
        str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
    }
