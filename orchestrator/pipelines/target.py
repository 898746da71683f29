"""Targets: folders with a ``target.yaml``, of the project or of orchestrator itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

import orchestrator
from orchestrator.config.problems import schema_error
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError, UsageError, Where
from orchestrator.modules.types import suggest
from orchestrator.yaml_tree import Node, read_yaml

TARGET_FILE = "target.yaml"
PINS_FILE = "pins.yaml"
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")

Requirement = Literal["repository", "remote_backend", "roles", "install"]
Value = bool | int | str | list[str] | None


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Option(_Model):
    """One option of a target. ``choices`` goes with ``type: choice``; a null default with ``string`` and ``choice``.

    ``pattern`` is what a string must match whole; ``of`` says that a list is of environments. An integer is
    a number of something, and at least 1.
    """

    type: Literal["boolean", "integer", "string", "choice", "list"]
    default: bool | int | str | list[str] | None = None
    choices: list[str] | None = None
    pattern: str | None = None
    of: Literal["environment"] | None = None
    help: Annotated[str, StringConstraints(min_length=5)]

    @model_validator(mode="after")
    def _fits(self) -> Option:
        if (self.choices is None) == (self.type == "choice"):
            raise ValueError("`choices` goes with `type: choice`")
        if not self.accepts(self.default):
            raise ValueError(f"the default {self.default!r} is no {self.type}")
        return self

    def accepts(self, value: Any) -> bool:
        """Whether the option may have this value."""
        if value is None:
            return self.type in ("string", "choice") and self.default is None
        if self.type == "boolean":
            return isinstance(value, bool)
        if self.type == "integer":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 1
        if self.type == "list":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        if not isinstance(value, str) or (self.choices is not None and value not in self.choices):
            return False
        return self.pattern is None or re.fullmatch(self.pattern, value) is not None

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.choices is not None:
            return f"one of {', '.join(self.choices)}"
        words = {
            "boolean": "true or false",
            "integer": "a whole number from 1 on",
            "list": "a list of strings",
        }
        return words.get(self.type, f"a string like {self.default!r}" if self.pattern else "a string")

    def parse(self, text: str) -> Value:
        """The value of ``name=text`` on the command line; a list is separated by commas. None: it is no such value."""
        value: Value = text
        if self.type == "boolean":
            value = {"true": True, "false": False}.get(text)
        elif self.type == "integer":
            value = int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None
        elif self.type == "list":
            value = [item.strip() for item in text.split(",") if item.strip()]
        return value


class Output(_Model):
    """One file, or with ``for_each`` one for each, of a target. ``path`` is relative to the project and may be a template."""

    template: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\.j2$")]
    path: Annotated[str, StringConstraints(min_length=1)]
    when: str | None = None
    for_each: Literal["environment", "service", "layer"] | None = None
    comment: str | None = "inherit"
    """Starts a comment in this file; null: the file can have no header (JSON)."""


class TargetFile(_Model):
    """The whole file."""

    description: Annotated[str, StringConstraints(min_length=5)]
    comment: str | None = "#"
    requires: list[Requirement] = Field(default_factory=list)
    options: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Option] = Field(
        default_factory=dict
    )
    outputs: Annotated[list[Output], Field(min_length=1)]

    @model_validator(mode="after")
    def _options_exist(self) -> TargetFile:
        for output in self.outputs:
            if output.when is not None and (
                output.when not in self.options or self.options[output.when].type != "boolean"
            ):
                raise ValueError(f"`when: {output.when}` names no boolean option")
        return self


@dataclass(frozen=True)
class Target:
    """A target: its folder and what its ``target.yaml`` says. ``own``: it is the project's, not ours."""

    name: str
    folder: Path
    file: TargetFile
    own: bool

    def comment_of(self, output: Output) -> str | None:
        """What starts a comment in that file."""
        return self.file.comment if output.comment == "inherit" else output.comment

    def options(self, given: dict[str, Any], where: Where) -> dict[str, Value]:
        """Every option with its value: as given, else its default.

        Raises:
            OrchestratorError: an option that is not there, or a value that does not fit.
        """
        values: dict[str, Value] = {name: option.default for name, option in self.file.options.items()}
        for name, value in given.items():
            option = self.file.options.get(name)
            if option is None:
                raise OrchestratorError(
                    f'the target {self.name} has no option "{name}"',
                    where=where,
                    remedy=suggest(name, self.file.options),
                )
            if not option.accepts(value):
                raise OrchestratorError(
                    f"the option {name} of the target {self.name} can't be {value!r}",
                    where=where,
                    remedy=f"give {option.expected}",
                )
            values[name] = value
        return values


def shipped_targets() -> Path:
    """The folder of the targets that come with orchestrator: in the package, or beside it in a source checkout."""
    package = Path(orchestrator.__file__).parent
    inside = package / "pipelines" / "targets"
    return inside if inside.is_dir() else package.parent / "pipelines"


def own_targets(project: Project) -> Path:
    """``pipelines`` of the project: its settings, and targets of its own."""
    return project.root / "pipelines"


def target_names(project: Project) -> list[str]:
    """Every target there is, sorted."""
    folders = (own_targets(project), shipped_targets())
    return sorted({path.parent.name for folder in folders for path in folder.glob(f"*/{TARGET_FILE}")})


def load_target(project: Project, name: str) -> Target:
    """A target by name; the project's own goes before ours.

    Raises:
        UsageError: there is none of that name.
        OrchestratorError: its target.yaml is not as it should be.
    """
    known = target_names(project)
    if not NAME.match(name) or name not in known:
        raise UsageError(f'there is no pipeline target "{name}"', remedy=suggest(name, known))
    has_it = (own_targets(project) / name / TARGET_FILE).is_file()
    folder = (own_targets(project) if has_it else shipped_targets()) / name
    own = folder.resolve() != (shipped_targets() / name).resolve()
    path = folder / TARGET_FILE
    tree = read_yaml(path, shown_as=project.shown(path))
    try:
        return Target(name, folder, TargetFile.model_validate(tree.plain()), own)
    except ValidationError as error:
        raise schema_error(tree, error, _keys_at) from error


def _keys_at(_tree: Node, path: tuple[str | int, ...]) -> list[str]:
    models: dict[str | int, type[BaseModel]] = {"options": Option, "outputs": Output}
    return list((models[path[0]] if path else TargetFile).model_fields)
