"""Reads the blocks of Terraform files: what is declared where, without evaluating anything.

The grammar is tree-sitter's (``docs/decisions/0002-hcl-parser.md`` says why not python-hcl2).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.errors import OrchestratorError, Where

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block: ``resource "aws_vpc" "this" { … }``.

    ``attributes`` holds the expression of each argument (nested blocks are left out);
    ``line`` and ``end_line`` count from 1.
    """

    kind: str
    labels: tuple[str, ...]
    attributes: dict[str, Expression]
    file: Path
    line: int
    end_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Expression:
    """The right side of an argument: its syntax tree and its text."""

    node: Node
    text: str

    def literal(self) -> Any:
        """The value of a plain string, number, boolean or null; None for all else."""
        text = self.text
        if text in ("true", "false"):
            return text == "true"
        if re.fullmatch(r"-?[0-9]+", text):
            return int(text)
        if len(text) >= 2 and text[0] == '"' and text[-1] == '"' and "${" not in text:
            return json.loads(text) if "\\" in text else text[1:-1]
        return None


@functools.cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def read_blocks(path: Path, shown: Path) -> list[Block]:
    """The top-level blocks of a ``.tf`` file; ``shown`` is the path that errors name.

    Raises:
        OrchestratorError: unreadable, or a syntax error (with its line).
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise OrchestratorError(
            f"the file can't be read ({error.strerror})", where=Where(file=shown)
        ) from error
    return parse_blocks(source, shown)


def parse_blocks(source: bytes, shown: Path) -> list[Block]:
    """The same of a file's content."""
    root = _parser().parse(source).root_node
    if root.has_error:
        raise OrchestratorError(
            "this is not valid HCL",
            where=Where(file=shown, line=_error_line(root)),
            remedy="run `terraform fmt` on it to see the parser's own words",
        )
    return [_block(node, source, shown) for body in root.named_children for node in _blocks(body)]


def _blocks(body: Node) -> Iterator[Node]:
    if body.type == "body":
        yield from (child for child in body.named_children if child.type == "block")


def _error_line(root: Node) -> int:
    node = root
    while node.has_error and not (node.is_error or node.is_missing):
        node = next((child for child in node.children if child.has_error or child.is_missing), node)
        if not any(child.has_error or child.is_missing for child in node.children):
            break
    return int(node.start_point[0]) + 1


def _block(node: Node, source: bytes, shown: Path) -> Block:
    labels: list[str] = []
    attributes: dict[str, Expression] = {}
    kind = ""
    for child in node.named_children:
        if child.type == "identifier":
            if kind:
                labels.append(_text(child, source))
            else:
                kind = _text(child, source)
        elif child.type == "string_lit":
            labels.append(_text(child, source)[1:-1])
        elif child.type == "body":
            for item in child.named_children:
                if item.type == "attribute":
                    name, expression = item.named_children[0], item.named_children[-1]
                    attributes[_text(name, source)] = Expression(expression, _text(expression, source))
    return Block(
        kind=kind,
        labels=tuple(labels),
        attributes=attributes,
        file=shown,
        line=int(node.start_point[0]) + 1,
        end_line=int(node.end_point[0]) + 1,
        text=_text(node, source),
    )


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def parse_expression(text: str) -> Expression:
    """An expression given as text, as ``.tf.json`` files write types."""
    source = f"value = {text}\n".encode()
    root = _parser().parse(source).root_node
    attribute = root.named_children[0].named_children[0]
    node = attribute.named_children[-1]
    return Expression(node, _text(node, source))


def parse_body(text: str) -> Node:
    """The body of a block that is given as text, from its first word to its closing brace."""
    block = _parser().parse(text.encode()).root_node.named_children[0].named_children[0]
    return next(child for child in block.named_children if child.type in ("body", "block_end"))


def references(code: str) -> frozenset[tuple[str, str]]:
    """What a block or an argument (``value = …``) refers to: the first two words of each reference (``local``, ``zones``).

    The names that a ``for`` gives are among them, with what is taken from them; a name alone has no second word.
    """
    source = code.encode()
    found: set[tuple[str, str]] = set()
    left = [_parser().parse(source).root_node]
    while left:
        node = left.pop()
        left += node.named_children
        if node.type == "variable_expr":
            following = node.next_named_sibling
            attribute = following.named_children[0] if following and following.type == "get_attr" else None
            found.add((_text(node, source), _text(attribute, source) if attribute else ""))
    return frozenset(found)
