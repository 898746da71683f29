"""Where in the modules' source a resource of a plan stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from orchestrator.modules.module import Module, read_module

if TYPE_CHECKING:
    from orchestrator.config.environment import Environment

Places: TypeAlias = Callable[[str], tuple[str, int] | None]
"""Address without instance keys → file and line; None where it is not known (a module of a registry, say)."""


def nowhere(address: str) -> tuple[str, int] | None:  # noqa: ARG001
    """The places of a plan whose source is not at hand."""
    return None


def places_in(root: Path) -> Places:
    """The places of a root's own folder."""
    module = read_module(root.resolve(), root)
    return lambda address: _place(module, address)


def places_of_layers(environment: Environment) -> Places:
    """The places of an environment's layers."""
    modules = {name: layer.module for name, layer in environment.layers.items()}

    def look(address: str) -> tuple[str, int] | None:
        words = address.split(".", 2)
        if words[0] != "module" or len(words) < 3 or words[1] not in modules:
            return None
        return _place(modules[words[1]], words[2])

    return look


def _place(module: Module, address: str) -> tuple[str, int] | None:
    resource = module.resource_at(address)
    return (str(resource.origin.file), resource.origin.line) if resource else None
