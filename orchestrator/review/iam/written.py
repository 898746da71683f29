"""Policies as they are written in HCL, for those whose JSON is only known after apply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orchestrator.modules.hcl import parse_expression
from orchestrator.review.iam.globs import UNKNOWN

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPPERS = ("expression", "literal_value", "collection_value", "expr_term")


def encoded(text: str) -> Any:
    """What ``jsonencode({…})`` encodes, with what has to be computed as unknown; None when it is written in another way."""
    try:
        node = parse_expression(text).node
    except (IndexError, AttributeError):
        return None
    call = _inner(node)
    if call.type != "function_call" or _said(call.named_children[0]) != "jsonencode":
        return None
    arguments = next((child for child in call.named_children if child.type == "function_arguments"), None)
    if arguments is None or len(arguments.named_children) != 1:
        return None
    return _value(arguments.named_children[0])


def _value(node: Node) -> Any:
    node = _inner(node)
    if node.type == "object":
        found: dict[str, Any] = {}
        for element in node.named_children:
            if element.type == "object_elem":
                key, value = element.named_children[0], element.named_children[-1]
                found[_key(key)] = _value(value)
        return found
    if node.type == "tuple":
        return [_value(child) for child in node.named_children if child.type == "expression"]
    text = _said(node)
    if node.type == "string_lit":
        return json.loads(text)
    if node.type == "bool_lit":
        return text == "true"
    if node.type == "null_lit":
        return None
    if node.type == "numeric_lit":
        return text
    return UNKNOWN


def _key(node: Node) -> str:
    text = _said(node).strip()
    return text[1:-1] if text[:1] == text[-1:] == '"' else text


def _inner(node: Node) -> Node:
    while node.type in _WRAPPERS and len(node.named_children) == 1:
        node = node.named_children[0]
    return node


def _said(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
