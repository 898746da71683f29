"""Reads an environment file with all that it extends, as one tree with the origin of each value."""

from __future__ import annotations

from pathlib import Path

from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.yaml_tree import Node, read_yaml

EXTENDS = "extends"


def read_merged(project: Project, path: Path) -> tuple[Node, list[Path]]:
    """The merged tree without its ``extends`` keys, and the files it came from (base first).

    Maps are merged key by key; anything else, lists included, is replaced by the file nearer to
    the environment. Of several bases, a later one wins.

    Raises:
        OrchestratorError: a file is missing, lies outside the project, or extends itself.
    """
    return _read(project, path, ())


def _read(project: Project, path: Path, chain: tuple[Path, ...]) -> tuple[Node, list[Path]]:
    tree = read_yaml(path, shown_as=project.shown(path))
    if not isinstance(tree.value, dict):
        raise OrchestratorError(
            "an environment file is a map of settings",
            where=tree.origin.where(),
            remedy="start with `project:`",
        )
    entries = dict(tree.value)
    extends = entries.pop(EXTENDS, None)
    own = Node(entries, tree.origin)
    if extends is None:
        return own, [path]
    merged: Node | None = None
    files: list[Path] = []
    for base in _bases(extends):
        target = _resolve(project, path, base, (*chain, path))
        tree, read = _read(project, target, (*chain, path))
        merged = tree if merged is None else merge(merged, tree)
        files += [file for file in read if file not in files]
    return (own if merged is None else merge(merged, own)), [*files, path]


def _bases(extends: Node) -> list[Node]:
    found = extends.value if isinstance(extends.value, list) else [extends]
    for base in found:
        if not isinstance(base.value, str):
            raise OrchestratorError(
                "expected a path or a list of paths",
                where=base.origin.where(EXTENDS),
                remedy="write it relative to this file, as in `extends: ../base.yaml`",
            )
    return found


def _resolve(project: Project, path: Path, base: Node, chain: tuple[Path, ...]) -> Path:
    where = base.origin.where(EXTENDS)
    try:
        target = (path.parent / str(base.value)).resolve()
        is_file = target.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        raise OrchestratorError(
            f"{base.value!r} is not a usable path", where=where, remedy="mend it"
        ) from error
    if not target.is_relative_to(project.root):
        raise OrchestratorError(
            f"{base.value} lies outside the project", where=where, remedy="keep base files in the repository"
        )
    if target in chain:
        names = " → ".join(str(project.shown(file)) for file in (*chain[chain.index(target) :], target))
        raise OrchestratorError(
            f"the files extend each other: {names}", where=where, remedy="break the circle"
        )
    if not is_file:
        raise OrchestratorError(
            f"{base.value} does not exist",
            where=where,
            remedy="paths are relative to the file that names them",
        )
    return target


def merge(base: Node, over: Node) -> Node:
    """``base`` with ``over`` laid on it."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return Node(over.value, over.origin, [base.origin, *base.replaced, *over.replaced])
    entries = dict(base.value)
    for key, node in over.value.items():
        entries[key] = merge(entries[key], node) if key in entries else node
    return Node(entries, over.origin)
