"""``pipelines/settings.yaml``: what a project's pipelines need to know that its environments do not say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from orchestrator.config.problems import schema_error
from orchestrator.config.project import Project
from orchestrator.errors import Where
from orchestrator.yaml_tree import Node, Origin, read_yaml

SETTINGS_FILE = "pipelines/settings.yaml"
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,  # blanks before the first line would be the indentation of all
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]+$",
    ),
]
"""A line that is one for YAML and for a shell."""
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)+$")]
Branch = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
RoleArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$")
]
GateName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class EnvironmentSettings(_Model):
    """One environment's own settings; what is left out comes from the layer ``auth`` of the environment file."""

    plan_role: RoleArn | None = None
    apply_role: RoleArn | None = None
    plan_gate: GateName | None = None
    """The CI tool's environment that plans run in; default ``<name>-plan``."""
    apply_gate: GateName | None = None
    """The one that applies run in, whose reviewers let them through; default ``<name>``."""


class Settings(_Model):
    """The whole file."""

    repository: Slug | None = None
    """``owner/name``."""
    default_branch: Branch = "main"
    environments: dict[str, EnvironmentSettings] = Field(default_factory=dict)
    """In the order in which a change is promoted; none: all that have a remote backend, by name."""
    runner: Label = "ubuntu-24.04"
    python: Annotated[str, StringConstraints(pattern=r"^3\.[0-9]{2}$")] = "3.12"
    terraform: Annotated[str, StringConstraints(pattern=r"^1\.[0-9]{1,2}\.[0-9]{1,2}$")] = "1.11.4"
    install: list[Line] = Field(default_factory=list)
    """The shell commands that install orchestrator on a runner."""
    targets: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Options by target."""


@dataclass(frozen=True)
class SettingsFile:
    """The settings and where they were written. ``shown``: the file as messages name it."""

    settings: Settings
    tree: Node
    shown: Path

    def where(self, *keys: str) -> Where:
        """The place of a key, for an error."""
        return self.tree.nearest(keys).origin.where(".".join(keys) or None)


def load_settings(project: Project) -> SettingsFile:
    """The project's settings; all defaults when it has no such file.

    Raises:
        OrchestratorError: the file is not as it should be.
    """
    path = project.root / SETTINGS_FILE
    shown = project.shown(path)
    if not path.is_file():
        return SettingsFile(Settings(), Node({}, Origin(shown, 1)), shown)
    tree = read_yaml(path, shown_as=shown)
    try:
        return SettingsFile(Settings.model_validate(tree.plain()), tree, shown)
    except ValidationError as error:
        raise schema_error(tree, error, _keys_at) from error


def _keys_at(_tree: Node, path: tuple[str | int, ...]) -> list[str]:
    return list((EnvironmentSettings if path[:1] == ("environments",) else Settings).model_fields)
