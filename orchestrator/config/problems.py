"""What pydantic finds wrong with a YAML file, as an error that names file, line, key and remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from orchestrator.errors import OrchestratorError
from orchestrator.modules.types import describe, suggest
from orchestrator.yaml_tree import Node, dotted

KeysAt = Callable[[Node, "tuple[str | int, ...]"], "list[str]"]
"""The keys that are known at a path of the tree, for a suggestion."""

_EXPECTED = {
    "a valid string": "a string",
    "a valid boolean": "true or false",
    "a valid dictionary": "a map",
    "a valid list": "a list",
    "a valid integer": "a whole number",
}


def schema_error(tree: Node, error: ValidationError, keys_at: KeysAt) -> OrchestratorError:
    """The first thing that is wrong; an unknown key before a missing one, which it usually explains."""
    problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    problem = problems[0]
    path = _path(tree, problem["loc"])
    node = tree.nearest(path)
    where = node.origin.where(dotted(path))
    kind = problem["type"]
    if kind == "extra_forbidden":
        return OrchestratorError(
            "unknown key", where=where, remedy=suggest(str(path[-1]), keys_at(tree, path[:-1]))
        )
    if kind == "missing":
        return OrchestratorError("a required key is missing", where=where, remedy=f'add "{path[-1]}"')
    expected = _expected(problem)
    if kind.endswith("_type"):
        hint = "put it in quotes" if kind == "string_type" and isinstance(node.value, int) else None
        wanted = "a map" if kind == "model_type" else expected
        return OrchestratorError(f"expected {wanted}, found {describe(node)}", where=where, remedy=hint)
    return OrchestratorError(f"{describe(node)} is not accepted: {expected}", where=where)


def _expected(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    without = message.removeprefix("Input should be ")
    return _EXPECTED.get(without, without if problem["type"].endswith("_type") else message)


def _path(tree: Node, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """pydantic's location without the tags of discriminated unions, which are no keys of the file."""
    path: list[str | int] = []
    node: Node | None = tree
    for index, part in enumerate(loc):
        following = node.child(part) if node is not None else None
        is_tag = following is None and node is not None and index < len(loc) - 1 and _is_tag(node, part)
        if is_tag or part == "[key]":
            continue
        path.append(part)
        node = following
    return tuple(path)


def _is_tag(node: Node, part: str | int) -> bool:
    kind = node.child("type")
    return kind is not None and kind.value == part
