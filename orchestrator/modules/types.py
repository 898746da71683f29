"""Terraform's type constraints, and whether a value from an environment file fits one.

Terraform converts what it can (``"3"`` for a number) and silently drops attributes that an
object type does not have. The conversions are accepted here as Terraform makes them
(https://developer.hashicorp.com/terraform/language/expressions/type-constraints); an unknown
attribute is an error, because it is a misspelt one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from orchestrator.modules.hcl import Expression
from orchestrator.yaml_tree import Node

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode

Path: TypeAlias = "tuple[str | int, ...]"


@dataclass(frozen=True, slots=True)
class Primitive:
    """``string``, ``number``, ``bool`` or ``any``."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Collection:
    """``list(T)``, ``set(T)`` or ``map(T)``."""

    kind: str
    element: Type

    def __str__(self) -> str:
        return f"{self.kind} of {self.element}"


@dataclass(frozen=True, slots=True)
class Tuple:
    """``tuple([T, …])``."""

    elements: tuple[Type, ...]

    def __str__(self) -> str:
        return f"list of {len(self.elements)} values"


@dataclass(frozen=True, slots=True)
class Object:
    """``object({…})``; ``optional`` names the attributes that may be left out."""

    attributes: dict[str, Type]
    optional: frozenset[str]

    def __str__(self) -> str:
        return "map with the keys " + ", ".join(sorted(self.attributes)) if self.attributes else "empty map"


Type: TypeAlias = "Primitive | Collection | Tuple | Object"
ANY = Primitive("any")


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit: ``path`` is below the variable, ``node`` is where it was written."""

    path: Path
    node: Node
    message: str
    remedy: str | None = None


def parse_type(expression: Expression | None) -> Type:
    """The constraint of a variable's ``type`` argument; what can't be read is ``any``."""
    if expression is None:
        return ANY
    return _parse(expression.node)


def _parse(node: SyntaxNode) -> Type:
    while node.type in ("expression", "literal_value", "collection_value") and node.named_child_count == 1:
        node = node.named_children[0]
    if node.type in ("variable_expr", "identifier"):
        name = _text(node)
        if name in ("list", "set", "map"):
            return Collection(name, ANY)
        return Primitive(name) if name in ("string", "number", "bool") else ANY
    if node.type == "string_lit":  # the quoted form of Terraform 0.11
        name = _text(node).strip('"')
        return Primitive(name) if name in ("string", "number", "bool") else ANY
    if node.type == "function_call":
        return _parse_call(node)
    return ANY


def _parse_call(node: SyntaxNode) -> Type:
    name = _text(node.named_children[0])
    arguments = node.named_children[1].named_children if node.named_child_count > 1 else []
    if not arguments:
        return ANY
    if name in ("list", "set", "map"):
        return Collection(name, _parse(arguments[0]))
    inner = arguments[0]
    while inner.type in ("expression", "collection_value") and inner.named_child_count >= 1:
        inner = inner.named_children[0]
    if name == "tuple" and inner.type == "tuple":
        return Tuple(tuple(_parse(child) for child in inner.named_children if child.type == "expression"))
    if name == "object" and inner.type == "object":
        return _parse_object(inner)
    return ANY


def _parse_object(node: SyntaxNode) -> Object:
    attributes: dict[str, Type] = {}
    optional: set[str] = set()
    for element in node.named_children:
        if element.type != "object_elem":
            continue
        key_node, value_node = element.child_by_field_name("key"), element.child_by_field_name("val")
        if key_node is None or value_node is None:
            continue
        key = _text(key_node).strip('"')
        call = value_node.named_children[0] if value_node.named_child_count == 1 else value_node
        if call.type == "function_call" and _text(call.named_children[0]) == "optional":
            optional.add(key)
            value_node = call.named_children[1].named_children[0]
        attributes[key] = _parse(value_node)
    return Object(attributes, frozenset(optional))


def _text(node: SyntaxNode) -> str:
    return (node.text or b"").decode("utf-8", "replace")


_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")


def misfits(node: Node, constraint: Type, path: Path = ()) -> Iterator[Misfit]:
    """Every way in which the value does not fit the constraint; null fits all."""
    value = node.value
    if value is None:
        return
    if isinstance(constraint, Primitive):
        if not _fits_primitive(node, constraint.name):
            yield Misfit(path, node, f"expected a {constraint}, found {describe(node)}")
    elif isinstance(constraint, Object):
        yield from _misfits_of_object(node, constraint, path)
    elif isinstance(constraint, Tuple):
        if not isinstance(value, list) or len(value) != len(constraint.elements):
            yield Misfit(path, node, f"expected a {constraint}, found {describe(node)}")
        else:
            for index, (child, element) in enumerate(zip(value, constraint.elements, strict=True)):
                yield from misfits(child, element, (*path, index))
    elif constraint.kind == "map":
        if isinstance(value, dict):
            for key, child in value.items():
                yield from misfits(child, constraint.element, (*path, key))
        else:
            yield Misfit(path, node, f"expected a {constraint}, found {describe(node)}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from misfits(child, constraint.element, (*path, index))
    else:
        yield Misfit(path, node, f"expected a {constraint}, found {describe(node)}")


def _fits_primitive(node: Node, name: str) -> bool:
    value = node.value
    if name == "any":
        return True
    if isinstance(value, (dict, list)) or value is None:
        return False
    if name == "bool":
        return isinstance(value, bool) or value in ("true", "false")
    if name == "number":
        if isinstance(value, bool):
            return False
        return isinstance(value, (int, float)) or bool(_NUMBER.match(value))
    return True


def _misfits_of_object(node: Node, constraint: Object, path: Path) -> Iterator[Misfit]:
    value = node.value
    if not isinstance(value, dict):
        yield Misfit(path, node, f"expected a {constraint}, found {describe(node)}")
        return
    for key, child in value.items():
        if key in constraint.attributes:
            yield from misfits(child, constraint.attributes[key], (*path, key))
        else:
            yield Misfit((*path, key), child, "unknown key", suggest(key, constraint.attributes))
    for key in constraint.attributes:
        if key not in value and key not in constraint.optional:
            yield Misfit((*path, key), node, "a required key is missing", f'add "{key}"')


def describe(node: Node) -> str:
    """A value's kind as an error names it."""
    value = node.value
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, str):
        return f'the string "{value if len(value) <= 40 else value[:37] + "…"}"'
    return "null" if value is None else f"the number {value}"


def suggest(word: str, known: object) -> str:
    """``did you mean "x"?``, or the list of what is known when nothing is near."""
    names = sorted(str(name) for name in known) if hasattr(known, "__iter__") else []
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    if not names:
        return "none is known here"
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"known: {listed}"
