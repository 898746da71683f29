"""What a module makes of a value that it is given: a variable's type, its defaults, null.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.review.evaluate.functions import sorted_set
from orchestrator.review.evaluate.operators import said
from orchestrator.review.evaluate.values import Encoded, Failed, Hopeless, Members, Unknown, Value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPPERS = ("expression", "literal_value", "collection_value", "expr_term")


def converted(value: Value, type_: Node, default: Callable[[Node], Value]) -> Value:
    """A value as a type has it; ``default`` evaluates the default of an optional attribute.

    Raises:
        Hopeless: the type is not understood.
        Failed: the value does not fit it.
    """
    node = _inner(type_)
    if isinstance(value, Unknown) and said(node) in ("string", "number", "bool"):
        return replace(value, scalar=True)
    if value is None or isinstance(value, Unknown | Encoded | Members):
        return value
    name = said(node)
    if node.type in ("variable_expr", "identifier"):
        return _primitive(value, name)
    if node.type != "function_call":
        raise Hopeless
    name = said(node.named_children[0])
    inner = _argument(node, 0)
    if name in ("list", "set"):
        if not isinstance(value, list):
            raise Failed
        elements = [converted(element, inner, default) for element in value]
        return sorted_set(elements) if name == "set" else elements
    if name == "map":
        return {key: converted(child, inner, default) for key, child in _map(value).items()}
    if name == "tuple":
        return value
    if name == "object" and _inner(inner).type == "object":
        return _object(_map(value), _inner(inner), default)
    raise Hopeless


def _object(value: Mapping[str, Value], node: Node, default: Callable[[Node], Value]) -> Value:
    found: dict[str, Value] = {}
    for element in node.named_children:
        if element.type != "object_elem":
            continue
        key = said(element.named_children[0]).strip('"')
        type_ = _inner(element.named_children[-1])
        given = value.get(key)
        if type_.type == "function_call" and said(type_.named_children[0]) == "optional":
            further = _arguments(type_)
            if given is None and len(further) > 1:
                given = default(further[1])
            type_ = further[0]
        found[key] = converted(given, type_, default)
    return found


def _primitive(value: Value, name: str) -> Value:
    if name in ("any", "list", "map", "set"):
        return value
    if isinstance(value, list | Mapping):
        raise Failed
    if name == "string":
        return text_of(value)
    if name == "bool":
        return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if name == "number":
        return (float(value) if "." in value else int(value)) if isinstance(value, str) else value
    raise Hopeless


def _map(value: Value) -> Mapping[str, Value]:
    if not isinstance(value, Mapping):
        raise Failed
    return value


def _inner(node: Node) -> Node:
    while node.type in _WRAPPERS:
        children = [child for child in node.named_children if child.type != "comment"]
        if len(children) != 1:
            break
        node = children[0]
    return node


def _arguments(call: Node) -> list[Node]:
    given = next((child for child in call.named_children if child.type == "function_arguments"), None)
    return [] if given is None else [child for child in given.named_children if child.type == "expression"]


def _argument(call: Node, number: int) -> Node:
    arguments = _arguments(call)
    if len(arguments) <= number:
        raise Hopeless
    return arguments[number]
