"""Actions pinned by commit: ``pipelines/<target>/pins.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from orchestrator.config.problems import schema_error
from orchestrator.config.project import Project
from orchestrator.pipelines.target import PINS_FILE, Target, own_targets
from orchestrator.yaml_tree import read_yaml


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    version: Annotated[str, StringConstraints(pattern=r"^v?[0-9]+(\.[0-9]+){0,2}$")]
    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]


_Action = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$")]
_FILE = TypeAdapter(dict[_Action, _Entry])


@dataclass(frozen=True)
class Pin:
    """An action at one commit; ``version`` is the tag that pointed there when it was pinned."""

    action: str
    version: str
    commit: str

    @property
    def repository(self) -> str:
        """``owner/name`` of ``owner/name/path``."""
        return "/".join(self.action.split("/")[:2])

    def __str__(self) -> str:
        return f"{self.action}@{self.commit} # {self.version}"


def pins_file(project: Project, target: Target) -> Path:
    """The file that counts: the project's own, else the one beside the target."""
    own = own_targets(project) / target.name / PINS_FILE
    return own if own.is_file() else target.folder / PINS_FILE


def load_pins(project: Project, target: Target) -> Mapping[str, Pin]:
    """The pins of a target by action; none when it has no such file.

    Raises:
        OrchestratorError: the file is not as it should be.
    """
    path = pins_file(project, target)
    if not path.is_file():
        return {}
    tree = read_yaml(path, shown_as=project.shown(path))
    try:
        entries = _FILE.validate_python(tree.plain())
    except ValidationError as error:
        raise schema_error(tree, error, lambda _tree, _path: ["version", "commit"]) from error
    return {name: Pin(name, entry.version, entry.commit) for name, entry in entries.items()}
