"""The expressions of a module's code, by what they are the value of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.modules.hcl import Block, parse_expression
from orchestrator.modules.module import Module

if TYPE_CHECKING:
    from tree_sitter import Node

Arguments = Mapping[str, "Node"]


@dataclass(frozen=True)
class Code:
    """One module. ``resources`` are by address (``data.type.name``), with their whole block for what is nested in it."""

    module: Module
    variables: Mapping[str, Arguments]
    outputs: Mapping[str, Arguments]
    calls: Mapping[str, Arguments]
    locals: Arguments
    resources: Mapping[str, tuple[Arguments, Block]]


def code_of(module: Module | None) -> Code | None:
    """The code of a module; None where it is not there, or not all of it can be told (JSON syntax, override files)."""
    if module is None or not module.blocks or not module.whole:
        return None
    found: dict[str, dict[str, Arguments]] = {"variable": {}, "output": {}, "module": {}}
    local_values: dict[str, Node] = {}
    resources: dict[str, tuple[Arguments, Block]] = {}
    for block in module.blocks:
        arguments = {name: expression.node for name, expression in block.attributes.items()}
        if block.kind in found:
            found[block.kind][block.labels[0]] = arguments
        elif block.kind == "locals":
            local_values.update(arguments)
        elif block.kind in ("resource", "data") and len(block.labels) == 2:
            prefix = "data." if block.kind == "data" else ""
            resources[prefix + ".".join(block.labels)] = (arguments, block)
    return Code(module, found["variable"], found["output"], found["module"], local_values, resources)


def template(text: str) -> Node:
    """A template file's text as an expression. A line of its own that ends it early would be a syntax error, so: none."""
    return parse_expression(f"<<ORCHESTRATOR_TEMPLATE\n{text}\nORCHESTRATOR_TEMPLATE\n").node
