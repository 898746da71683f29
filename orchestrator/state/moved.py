"""Writes ``moved`` blocks: a rename inside a module that every environment follows at its next apply.

https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from orchestrator.config.environment import Layer
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import write_atomic
from orchestrator.modules.hcl import read_blocks
from orchestrator.modules.module import Module
from orchestrator.state.address import Place, general

FILE = "moved.tf"


@dataclass(frozen=True)
class Moved:
    """A ``moved`` block that is there."""

    old: str
    new: str
    where: Where


def moved_blocks(module: Module) -> list[Moved]:
    """The ``moved`` blocks of a module's own files, by file and line."""
    return [
        Moved(
            _plain(block.attributes["from"].text),
            _plain(block.attributes["to"].text),
            Where(block.file, block.line),
        )
        for path in sorted(module.path.glob("*.tf"))
        for block in read_blocks(path, module.shown / path.name)
        if block.kind == "moved" and {"from", "to"} <= block.attributes.keys()
    ]


def _plain(expression: str) -> str:
    return re.sub(r"\s+", "", expression)


def add_moved(layer: Layer, move: tuple[Place, Place]) -> Path:
    """Add a block to the module's ``moved.tf``; its path.

    Raises:
        OrchestratorError: the module is not this project's; the old address is still declared, or the new one is not; there
            is such a block, another one from or to these addresses, or one that leads back.
    """
    old, new = (place.address for place in move)
    module, where = layer.module, Where(layer=layer.name, file=layer.module.shown)
    if layer.source is not None:
        raise OrchestratorError(
            f"the module comes from {layer.source}",
            where=where,
            remedy="add the block there, and take its new version",
        )
    blocks = moved_blocks(module)
    _check_blocks(blocks, old, new)
    if _declares(module, old) and general(old) != general(new):
        raise OrchestratorError(
            f"{old} is still declared", where=where, remedy=f"rename its block to {new} first"
        )
    if not _declares(module, new):
        raise OrchestratorError(
            f"{new} is not declared", where=where, remedy=f"rename the block of {old} to it first"
        )
    path = module.path / FILE
    before = path.read_bytes() if path.is_file() else b""
    gap = b"\n" if before else b""
    write_atomic(
        path, before.rstrip(b"\n") + gap + gap + f"moved {{\n  from = {old}\n  to   = {new}\n}}\n".encode()
    )
    path.chmod(0o644)  # source code, unlike all else that we write
    return path


def _check_blocks(blocks: list[Moved], old: str, new: str) -> None:
    for block in blocks:
        if (block.old, block.new) == (old, new):
            raise OrchestratorError(f"{old} is moved to {new} already", where=block.where, remedy="apply it")
        if block.old == old:
            raise OrchestratorError(
                f"{old} is moved to {block.new} already",
                where=block.where,
                remedy=f"move {block.new} on, or change that block",
            )
        if block.new == new:
            raise OrchestratorError(
                f"{block.old} is moved to {new} already", where=block.where, remedy="choose another name"
            )
    following = {block.old: block for block in blocks}
    at, steps = new, [old, new]
    while at in following:
        at = following[at].new
        steps.append(at)
        if at == old:
            raise OrchestratorError(
                f"that would lead in a circle: {' → '.join(steps)}",
                where=following[steps[-2]].where,
                remedy="remove that block, once every environment has applied it",
            )
        if len(steps) > len(blocks) + 2:
            break  # a circle that is there already: Terraform says so


def _declares(module: Module, address: str) -> bool:
    """Whether the module has the block behind an address; also where that is in a module from elsewhere."""
    words = general(address).split(".")
    if words[0] == "module":
        child = module.child(words[1])
        known = words[1] in module.calls
        return known and (len(words) == 2 or child is None or _declares(child, ".".join(words[2:])))
    return ".".join(words) in module.resources
