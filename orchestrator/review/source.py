"""Where what a plan shows was written: the module's file and line, and the environment file's key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from orchestrator.modules.module import Module, read_module
from orchestrator.modules.reference import ENVIRONMENT
from orchestrator.render.workspace import split_qualified
from orchestrator.review.trace import ModulePath
from orchestrator.yaml_tree import Node, dotted

if TYPE_CHECKING:
    from orchestrator.config.environment import Environment

_REFERENCE = re.compile(r"\b(?:(?:var|local|each)\.\w+|module\.\w+\.\w+|data\.\w+\.\w+|[a-z]+_\w+\.\w+)")
_KEYS = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')


@dataclass(frozen=True)
class Key:
    """A key of the environment file: ``layers.network.variables.vpc_cidr``, and where it stands."""

    key: str
    file: str
    line: int
    depth: int
    """How much of the address it explains; the deepest key is the best."""


class Source(Protocol):
    """What is known of the code behind a plan.

    ``plain_root``: the root was rendered by us; its calls get nothing but plain references and values.
    """

    plain_root: bool

    def module(self, path: ModulePath) -> Module | None:
        """The code of a module."""

    def place(self, address: str) -> tuple[str, int] | None:
        """File and line of a resource (address without instance keys)."""

    def local_references(self, module: ModulePath, name: str) -> tuple[str, ...]:
        """The references in a local value."""

    def key(self, variable: str, address: str, members: Iterable[str]) -> Key | None:
        """The key of the environment file that a variable of the root module carries.

        ``address`` has the instance keys that lead into maps, ``members`` the names that are taken out of objects.
        """


class Nowhere:
    """The source of a plan whose code is not at hand."""

    plain_root = False

    def module(self, path: ModulePath) -> Module | None:
        """Unknown."""
        return None

    def place(self, address: str) -> tuple[str, int] | None:
        """Unknown."""
        return None

    def local_references(self, module: ModulePath, name: str) -> tuple[str, ...]:
        """Unknown."""
        return ()

    def key(self, variable: str, address: str, members: Iterable[str]) -> Key | None:
        """There is none."""
        return None


class RootSource(Nowhere):
    """The source of a root that is somebody else's: a folder with Terraform files."""

    def __init__(self, root: Path) -> None:
        inside = root.is_absolute() and root.is_relative_to(Path.cwd())
        self._module = read_module(root.resolve(), root.relative_to(Path.cwd()) if inside else root)

    def module(self, path: ModulePath) -> Module | None:
        """See :class:`Source`."""
        return _below(self._module, path)

    def place(self, address: str) -> tuple[str, int] | None:
        """See :class:`Source`."""
        return _place(self._module, address)

    def local_references(self, module: ModulePath, name: str) -> tuple[str, ...]:
        """See :class:`Source`."""
        return _local_references(self._module, module, name)


class LayersSource:
    """The source of an environment's plan: its layers' modules and its environment file."""

    plain_root = True

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def module(self, path: ModulePath) -> Module | None:
        """See :class:`Source`."""
        if not path or path[0] not in self._environment.layers:
            return None
        return _below(self._environment.layers[path[0]].module, path[1:])

    def place(self, address: str) -> tuple[str, int] | None:
        """See :class:`Source`."""
        words = address.split(".", 2)
        if words[0] != "module" or len(words) < 3 or words[1] not in self._environment.layers:
            return None
        return _place(self._environment.layers[words[1]].module, words[2])

    def local_references(self, module: ModulePath, name: str) -> tuple[str, ...]:
        """See :class:`Source`."""
        if not module or module[0] not in self._environment.layers:
            return ()
        return _local_references(self._environment.layers[module[0]].module, module[1:], name)

    def key(self, variable: str, address: str, members: Iterable[str]) -> Key | None:
        """See :class:`Source`."""
        layer_name, name = split_qualified(variable)
        layer = self._environment.layers.get(layer_name)
        if layer is None:
            return None
        path: tuple[str, ...] = ("layers", layer_name, "variables", name)
        node: Node | None = layer.variables.get(name)
        if node is None:
            ref = layer.inputs.get(name)
            if ref is None or ref.layer != ENVIRONMENT:
                return None
            path, node = (ref.output,), self._environment.tree.child(ref.output)
        if node is None:
            return None
        wanted = [part for found in _KEYS.findall(address) for part in (found, *re.split(r"[/:.]", found))]
        depth = 0
        for word in (*wanted, *members):
            inner = node.value.get(word) if isinstance(node.value, dict) else None
            if inner is not None:
                node, path, depth = inner, (*path, word), depth + 1
        return Key(dotted(path), str(node.origin.file), node.origin.line, depth)


def _place(module: Module, address: str) -> tuple[str, int] | None:
    resource = module.resource_at(address)
    return (str(resource.origin.file), resource.origin.line) if resource else None


def _below(root: Module, path: ModulePath) -> Module | None:
    module: Module | None = root
    for call in path:
        module = module.child(call) if module else None
    return module


def _local_references(root: Module, path: ModulePath, name: str) -> tuple[str, ...]:
    module = _below(root, path)
    return tuple(_REFERENCE.findall(module.locals.get(name, ""))) if module else ()
