"""Targets rendered for tests: the shipped ones, on the platform that this repository ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

from orchestrator.config.environment import load_environment
from orchestrator.config.project import find_project
from orchestrator.graph.graph import build_graph
from orchestrator.pipelines.facts import Facts, build_facts
from orchestrator.pipelines.pins import load_pins
from orchestrator.pipelines.render import Rendered, render
from orchestrator.pipelines.settings import EnvironmentSettings, Settings, SettingsFile
from orchestrator.pipelines.target import Target, Value, load_target
from orchestrator.yaml_tree import Node, Origin

INSTALL = ["python -m pip install --quiet 'orchestrator>=1'"]


def target_of(root: Path, name: str) -> Target:
    """A target; it takes environments of the emulator, too."""
    target = load_target(find_project(root), name)
    return replace(target, file=target.file.model_copy(update={"requires": []}))


def facts_of(root: Path, target: Target, *names: str) -> Facts:
    """What templates are told of these environments."""
    project = find_project(root)
    environments = [load_environment(project, name) for name in names]
    own = {
        one.name: EnvironmentSettings(
            plan_role=f"arn:aws:iam::{one.settings.account_id}:role/shop-{one.name}-plan",
            apply_role=f"arn:aws:iam::{one.settings.account_id}:role/shop-{one.name}-apply",
        )
        for one in environments
    }
    settings = Settings(repository="shop/platform", install=INSTALL, environments=own)
    shown = Path("pipelines/settings.yaml")
    file = SettingsFile(settings, Node({}, Origin(shown, 1)), shown)
    return build_facts(
        target, file, [(one, build_graph(one)) for one in environments], load_pins(project, target)
    )


SHAPING = ("apply",)
"""Options besides booleans that decide what there is; the others are values that are put in."""


def combinations(target: Target) -> Iterator[dict[str, Value]]:
    """Every combination of the options that decide what there is, and every value of each other one."""
    options = target.file.options
    base: dict[str, Value] = {name: option.default for name, option in options.items()}
    shaping: dict[str, list[Value]] = {}
    for name, option in options.items():
        if option.type == "boolean":
            shaping[name] = [True, False]
        elif name in SHAPING:
            shaping[name] = [*(option.choices or ())]
    for values in product(*shaping.values()):
        yield {**base, **dict(zip(shaping, values, strict=True))}
    for name, option in options.items():
        if name not in shaping:
            for choice in option.choices or ():
                yield {**base, name: choice}
    others: dict[str, Value] = {
        "unattended": ["dev"],
        "tags": ["aws", "docker"],
        "image": "registry.example/ci:1",
    }
    for name, value in others.items():
        if name in base:
            yield base | {name: value}


def rendered(target: Target, facts: Facts, options: Mapping[str, Value] | None = None) -> dict[str, str]:
    """Path → text, with defaults for what ``options`` leaves out."""
    base: dict[str, Value] = {name: option.default for name, option in target.file.options.items()}
    files: list[Rendered] = render(target, facts, {**base, **(options or {})})
    return {file.path: file.text for file in files}


def delivery_of(root: Path, environment: str) -> str:
    """The input of the layer cicd that the target codepipeline writes for an environment."""
    target = target_of(root, "codepipeline")
    text = rendered(target, facts_of(root, target, environment))
    return text[f"terraform/envs/{environment}/pipeline.yaml"]
