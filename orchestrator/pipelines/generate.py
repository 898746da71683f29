"""From a project to its pipelines' files: loads, checks, renders; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.config.environment import Environment, FetchModule, load_environment
from orchestrator.config.project import Project
from orchestrator.config.schema import S3Backend
from orchestrator.errors import OrchestratorError, UsageError, Where
from orchestrator.graph.graph import build_graph
from orchestrator.modules.types import suggest
from orchestrator.pipelines.facts import Facts, build_facts, promotion
from orchestrator.pipelines.pins import load_pins
from orchestrator.pipelines.render import Rendered, render
from orchestrator.pipelines.settings import Settings, SettingsFile, load_settings
from orchestrator.pipelines.target import Target, Value, load_target


@dataclass(frozen=True)
class Wanted:
    """What the command line says, and overrides the settings with. ``options``: ``name=value``."""

    repository: str | None = None
    environments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generated:
    """A target's files as they should be."""

    target: Target
    facts: Facts
    options: Mapping[str, Value]
    files: tuple[Rendered, ...]


def generate(project: Project, name: str, wanted: Wanted, fetch: FetchModule) -> Generated:
    """Render a target.

    Raises:
        UsageError: an unknown target; an option that is none.
        OrchestratorError: settings, environments or templates are not as they should be, or something is missing.
    """
    target = load_target(project, name)
    file = load_settings(project)
    file = _with_repository(file, wanted.repository)
    given = {**file.settings.targets.get(name, {})}
    options = target.options(given, file.where("targets", name)) | _from_words(target, wanted.options)
    environments = _environments(project, file, wanted.environments, fetch)
    _check_names(target, options, project.environment_names(), file.where("targets", name))
    facts = build_facts(
        target, file, [(one, build_graph(one)) for one in environments], load_pins(project, target)
    )
    return Generated(target, facts, options, tuple(render(target, facts, options)))


def _check_names(
    target: Target, options: Mapping[str, Value], environments: Sequence[str], where: Where
) -> None:
    for name, option in target.file.options.items():
        values = options[name]
        for value in values if option.of == "environment" and isinstance(values, list) else ():
            if value not in environments:
                raise OrchestratorError(
                    f'the option {name} of the target {target.name} names "{value}", which is no environment',
                    where=where,
                    remedy=suggest(value, environments),
                )


def _with_repository(file: SettingsFile, repository: str | None) -> SettingsFile:
    if repository is None:
        return file
    values = {**file.settings.model_dump(), "repository": repository}
    try:
        return SettingsFile(Settings.model_validate(values), file.tree, file.shown)
    except ValueError:
        raise UsageError(f"--repository {repository!r} is no repository: give `owner/name`") from None


def _from_words(target: Target, words: Sequence[str]) -> dict[str, Value]:
    given: dict[str, Any] = {}
    for text in words:
        name, equals, value = text.partition("=")
        option = target.file.options.get(name)
        if not equals:
            raise UsageError(f"--option {text}: expected name=value")
        if option is None:
            raise UsageError(
                f'--option {name}: the target {target.name} has no option "{name}"',
                remedy=suggest(name, target.file.options),
            )
        parsed = option.parse(value)
        if parsed is None or not option.accepts(parsed):
            raise UsageError(f"--option {name}: expected {option.expected}, not {value!r}")
        given[name] = parsed
    return given


def _environments(
    project: Project, file: SettingsFile, chosen: tuple[str, ...], fetch: FetchModule
) -> list[Environment]:
    names = promotion(project, file, chosen)
    if names:
        return [load_environment(project, name, fetch) for name in names]
    every = [load_environment(project, name, fetch) for name in project.environment_names()]
    return [one for one in every if isinstance(one.settings.backend, S3Backend)]
