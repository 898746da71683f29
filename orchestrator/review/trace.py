"""Follows a value of the plan back to what it is made from, across modules: resources, and variables of the root.

The plan's configuration has the references of every expression but not those of local values; these
come from the modules' source, where it is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from orchestrator.addresses import without_keys

ModulePath: TypeAlias = "tuple[str, ...]"
"""The names of the calls that lead to a module; empty for the root."""

Locals: TypeAlias = Callable[[ModulePath, str], Iterable[str]]
"""The references in a local value of a module."""


def no_locals(_module: ModulePath, _name: str) -> tuple[str, ...]:
    """Of modules whose source is not at hand."""
    return ()


@dataclass(frozen=True)
class Sources:
    """What a value is made from: resources (addresses without instance keys) and variables of the root module.

    ``members`` are the names that the references take out of variables: ``suffix`` in ``each.value.suffix``.
    ``data`` are the data sources on the way.
    """

    resources: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


class Trace:
    """Answers for one plan's configuration."""

    def __init__(self, configuration: Mapping[str, Any], local_references: Locals = no_locals) -> None:
        self._root = configuration.get("root_module") or {}
        self._locals = local_references
        self._modules: dict[ModulePath, Mapping[str, Any]] = {(): self._root}
        self._resources: dict[ModulePath, dict[str, Mapping[str, Any]]] = {}

    def attribute(self, address: str, path: tuple[str | int, ...]) -> Sources:
        """The sources of an attribute of a resource (address without instance keys); of all of it for an empty path."""
        module, local = split_address(address)
        resource = self._resource(module, local)
        expression: Any = resource.get("expressions") or {}
        for key in path:
            inner = _step(expression, key)
            if inner is None:
                break
            expression = inner
        return self._follow(module, references(expression), resource)

    def existence(self, address: str) -> Sources:
        """The sources of which instances a resource has: its own ``for_each`` or ``count`` and those of its modules."""
        module, local = split_address(address)
        resource = self._resource(module, local)
        found = self._follow(module, _repetition(resource), resource)
        while module:
            *parent, name = module
            module = tuple(parent)
            call = (self._module(module).get("module_calls") or {}).get(name) or {}
            outer = self._follow(module, _repetition(call), call)
            found = Sources(
                _unique((*found.resources, *outer.resources)), _unique((*found.variables, *outer.variables))
            )
        return found

    def _module(self, path: ModulePath) -> Mapping[str, Any]:
        if path not in self._modules:
            calls = self._module(path[:-1]).get("module_calls") or {}
            self._modules[path] = (calls.get(path[-1]) or {}).get("module") or {}
        return self._modules[path]

    def _resource(self, module: ModulePath, address: str) -> Mapping[str, Any]:
        if module not in self._resources:
            raw = self._module(module).get("resources") or ()
            self._resources[module] = {item["address"]: item for item in raw}
        return self._resources[module].get(address) or {}

    def _follow(self, module: ModulePath, wanted: Iterable[str], owner: Mapping[str, Any]) -> Sources:
        resources: list[str] = []
        variables: list[str] = []
        members: list[str] = []
        data: list[str] = []
        seen: set[tuple[ModulePath, str]] = set()
        todo = [(module, reference, owner) for reference in wanted]
        while todo:
            place, reference, context = todo.pop(0)
            words = without_keys(reference).split(".")
            head = ".".join(words[:3] if words[0] in ("data", "module") else words[:2])
            if words[0] in ("each", "var"):
                members += words[2:]
            if words[0] in ("each", "count"):
                todo += [(place, inner, {}) for inner in _repetition(context)]
                continue
            if (place, head) in seen or len(words) < 2:
                continue
            seen.add((place, head))
            if words[0] == "var":
                if not place:
                    variables.append(words[1])
                    continue
                call = (self._module(place[:-1]).get("module_calls") or {}).get(place[-1]) or {}
                given = (call.get("expressions") or {}).get(words[1])
                todo += [(place[:-1], inner, call) for inner in references(given)]
            elif words[0] == "local":
                todo += [(place, inner, {}) for inner in self._locals(place, words[1])]
            elif words[0] == "module":
                inside = (*place, words[1])
                outputs = self._module(inside).get("outputs") or {}
                names = [words[2]] if len(words) > 2 else []
                for name in names:
                    expression = (outputs.get(name) or {}).get("expression")
                    todo += [(inside, inner, {}) for inner in references(expression)]
            elif words[0] == "data":
                data.append(join_address(place, head))
                source = self._resource(place, head)
                todo += [(place, inner, source) for inner in references(source.get("expressions"))]
            elif words[0] not in ("path", "terraform", "self"):
                resources.append(join_address(place, head))
        return Sources(_unique(resources), _unique(variables), _unique(members), _unique(data))


def split_address(address: str) -> tuple[ModulePath, str]:
    """``module.data.module.bucket.aws_s3_bucket.this`` → ``("data", "bucket")`` and ``aws_s3_bucket.this``."""
    words = address.split(".")
    module: list[str] = []
    while len(words) > 2 and words[0] == "module":
        module.append(words[1])
        words = words[2:]
    return tuple(module), ".".join(words)


def join_address(module: ModulePath, address: str) -> str:
    """The inverse of :func:`split_address`."""
    return "".join(f"module.{name}." for name in module) + address


def references(expression: Any) -> list[str]:
    """All references in an expression of the configuration, nested blocks included; the longest form of each first."""
    if isinstance(expression, Mapping):
        if "references" in expression and isinstance(expression["references"], list):
            return list(expression["references"])
        return [found for value in expression.values() for found in references(value)]
    if isinstance(expression, list):
        return [found for value in expression for found in references(value)]
    return []


def _repetition(block: Mapping[str, Any]) -> list[str]:
    return references(block.get("for_each_expression")) + references(block.get("count_expression"))


def _step(expression: Any, key: str | int) -> Any:
    if isinstance(expression, Mapping) and "references" not in expression:
        return expression.get(str(key))
    if isinstance(expression, list):
        if isinstance(key, int):
            return expression[key] if key < len(expression) else None
        return [item.get(key) for item in expression if isinstance(item, Mapping)] or None
    return None


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
