"""Expressions: operators, templates, ``for``, conditions, what is taken out of what.

The grammar is tree-sitter's. What is not understood is opaque, never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orchestrator.review.evaluate.functions import LAZY, call, listed
from orchestrator.review.evaluate.operators import (
    ARITHMETIC,
    both,
    children_of,
    literal,
    pairs_of,
    said,
    same,
    taken,
    unescaped,
    whole,
)
from orchestrator.review.evaluate.values import (
    COMPUTED,
    OPAQUE,
    Encoded,
    Failed,
    Hopeless,
    Members,
    Unknown,
    Value,
    first_unknown,
    is_known,
    joined,
    text_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_STEPS = 50_000
"""Of one argument: what takes longer is not followed."""


@dataclass(frozen=True)
class Scope:
    """What names mean where an expression stands. ``place``: the address of the module instance, with a dot at its end."""

    place: str
    bound: Mapping[str, Value]
    """The names of ``for`` and ``dynamic``, and ``each`` and ``count``."""

    def binding(self, **names: Value) -> Scope:
        """With more names."""
        return replace(self, bound={**self.bound, **names})


Lookup = Callable[[Scope, str, str], Value]
"""The value of ``var.name``, ``local.name``, ``module.name``, ``data.type``, ``aws_type.name``."""


class Expressions:
    """Evaluates syntax trees; ``lookup`` knows what the names of a module stand for."""

    def __init__(self, lookup: Lookup, file: Callable[[Scope, Value], Node | None]) -> None:
        self._lookup = lookup
        self._file = file
        self.steps = 0
        self._weights: dict[int, tuple[int, Any]] = {}
        """By identity, and what it is of, so that nothing else gets that identity."""

    def value(self, node: Node, scope: Scope) -> Value:
        """The value of an expression.

        Raises:
            Failed: it is in error.
            Hopeless: it takes too many steps.
        """
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise Hopeless
        known = getattr(self, f"_{node.type}", None)
        if known is None:
            return OPAQUE
        found = known(node, scope)
        self._weigh(found)
        return found

    def _weigh(self, value: Value) -> int:
        """How much is in a value, parts that are there twice twice.

        Raises:
            Hopeless: too much to be looked at: lists of lists of themselves grow without end.
        """
        inner = value.value if isinstance(value, Encoded) else value
        if not isinstance(inner, list | dict):
            return 1
        if id(inner) not in self._weights:
            parts = inner.values() if isinstance(inner, dict) else inner
            self._weights[id(inner)] = (1 + sum(map(self._weigh, parts)), inner)
        weight = self._weights[id(inner)][0]
        if weight > _MOST_STEPS:
            raise Hopeless
        return weight

    def _expression(self, node: Node, scope: Scope) -> Value:
        children = children_of(node)
        if not children:
            return OPAQUE
        if len(children) == 1:
            return self.value(children[0], scope)
        return self._taken(children, scope)

    _expr_term = _literal_value = _collection_value = _expression

    def _variable_expr(self, node: Node, scope: Scope) -> Value:
        return self._taken([node], scope)

    def _operation(self, node: Node, scope: Scope) -> Value:
        return self.value(children_of(node)[0], scope)

    def _null_lit(self, _node: Node, _scope: Scope) -> Value:
        return None

    def _bool_lit(self, node: Node, _scope: Scope) -> Value:
        return said(node) == "true"

    def _numeric_lit(self, node: Node, _scope: Scope) -> Value:
        return json.loads(said(node))

    def _string_lit(self, node: Node, _scope: Scope) -> Value:
        return unescaped(said(node)[1:-1])

    def _template_expr(self, node: Node, scope: Scope) -> Value:
        return self.value(children_of(node)[0], scope)

    def _quoted_template(self, node: Node, scope: Scope) -> Value:
        parts = children_of(node)[1:-1]  # without the quotes
        if len(parts) == 1 and parts[0].type == "template_interpolation":
            return self.value(parts[0], scope)
        return self._text(node, node.start_byte + 1, node.end_byte - 1, scope, unescaped)

    def _heredoc_template(self, node: Node, scope: Scope) -> Value:
        """Its text as far as JSON goes: how far lines are indented is of no account there."""
        children = children_of(node)
        text = node.text or b""
        start = node.start_byte + text.index(b"\n")
        return self._text(node, start, children[-1].start_byte, scope, literal)

    def _text(self, node: Node, start: int, end: int, scope: Scope, read: Callable[[str], str]) -> Value:
        """What stands between two places of a template. The grammar's own literals lack the space around them."""
        source = node.text or b""
        found: list[Value] = []
        for part in children_of(node):
            if part.type in ("template_interpolation", "template_directive"):
                found.append(
                    read(source[start - node.start_byte : part.start_byte - node.start_byte].decode())
                )
                value = self.value(part, scope)
                found.append(text_of(value) if is_known(value) else value)
                start = part.end_byte
        found.append(read(source[start - node.start_byte : end - node.start_byte].decode()))
        return joined(found)

    def _template_interpolation(self, node: Node, scope: Scope) -> Value:
        inner = [child for child in children_of(node) if child.type == "expression"]
        return self.value(inner[0], scope) if len(inner) == 1 else OPAQUE

    def _tuple(self, node: Node, scope: Scope) -> Value:
        return [self.value(child, scope) for child in children_of(node) if child.type == "expression"]

    def _object(self, node: Node, scope: Scope) -> Value:
        found: dict[str, Value] = {}
        for element in children_of(node):
            if element.type == "object_elem":
                key, value = children_of(element)[0], children_of(element)[-1]
                name = self._key(key, scope)
                if isinstance(name, Unknown | Encoded):
                    return OPAQUE
                found[text_of(name)] = self.value(value, scope)
        return found

    def _key(self, node: Node, scope: Scope) -> Value:
        text = said(node)
        return text if re.fullmatch(r"[\w-]+", text) else self.value(node, scope)

    def _conditional(self, node: Node, scope: Scope) -> Value:
        condition, then, other = children_of(node)
        found = self.value(condition, scope)
        if not isinstance(found, bool):
            found = {"true": True, "false": False}.get(found) if isinstance(found, str) else None
        if found is None:
            try:
                one, two = self.value(then, scope), self.value(other, scope)
            except Failed:  # in the branch that is not taken, likely
                return OPAQUE
            return one if is_known(one) and one == two else OPAQUE
        return self.value(then if found else other, scope)

    def _unary_operation(self, node: Node, scope: Scope) -> Value:
        value = self._operand(children_of(node), scope)
        if isinstance(value, Unknown):
            return value
        return not value if said(node).startswith("!") else -value

    def _binary_operation(self, node: Node, scope: Scope) -> Value:
        middle = next(place for place, child in enumerate(node.children) if not child.is_named)
        sign = said(node.children[middle])
        left, right = node.children[:middle], node.children[middle + 1 :]
        one = self._operand(left, scope)
        if (sign, one) in (("&&", False), ("||", True)) and isinstance(one, bool):
            return one
        two = self._operand(right, scope)
        if sign in ("&&", "||"):
            return both(sign, one, two)
        if sign in ("==", "!="):
            equal = same(one, two)
            return equal if isinstance(equal, Unknown) else equal == (sign == "==")
        unknown = first_unknown(one, two)
        if unknown is not None:
            return OPAQUE if unknown.opaque else COMPUTED
        try:
            return ARITHMETIC[sign](one, two)
        except (KeyError, TypeError, ZeroDivisionError):
            return OPAQUE

    def _operand(self, nodes: list[Node], scope: Scope) -> Value:
        terms = [node for node in nodes if node.type != "comment"]
        return self.value(terms[0], scope) if len(terms) == 1 else self._taken(terms, scope)

    def _function_call(self, node: Node, scope: Scope) -> Value:
        name = said(children_of(node)[0])
        given = next((child for child in children_of(node) if child.type == "function_arguments"), None)
        words = [] if given is None else [child for child in children_of(given) if child.type == "expression"]
        spread = given is not None and any(child.type == "ellipsis" for child in given.children)
        if name in LAZY:
            return self._attempt(name, words, scope)
        if name in ("templatefile", "file"):
            return self._templatefile(words, scope)
        values = [whole(self.value(word, scope)) for word in words]
        if spread:
            try:
                values = [*values[:-1], *listed(values[-1])]
            except Hopeless:
                return OPAQUE
        return call(name, values)

    def _attempt(self, name: str, words: list[Node], scope: Scope) -> Value:
        for word in words:
            try:
                found = self.value(word, scope)
            except Failed:
                continue
            if name == "can":
                return True if is_known(found) else OPAQUE
            return found
        if name == "can":
            return False
        raise Failed

    def _templatefile(self, words: list[Node], scope: Scope) -> Value:
        """Only what stands in the module itself; a template's own names are all that it sees."""
        here = scope.binding(path={"module": ".", "root": OPAQUE, "cwd": OPAQUE})
        tree = self._file(scope, self.value(words[0], here)) if words else None
        if tree is None:
            return OPAQUE
        names = self.value(words[1], scope) if len(words) > 1 else {}
        if not isinstance(names, Mapping):
            return OPAQUE
        return self.value(tree, Scope(scope.place, {"": None, **names}))

    def _for_expr(self, node: Node, scope: Scope) -> Value:
        return self.value(children_of(node)[0], scope)

    def _for_tuple_expr(self, node: Node, scope: Scope) -> Value:
        loop = self._loop(node, scope)
        if loop is None:
            return OPAQUE
        _, rounds, parts, condition = loop
        found = []
        for inner in rounds:
            wanted = self._holds(condition, inner)
            if wanted is None:
                return OPAQUE
            if wanted:
                found.append(self.value(parts[0], inner))
        return found

    def _for_object_expr(self, node: Node, scope: Scope) -> Value:
        loop = self._loop(node, scope)
        if loop is None:
            return OPAQUE
        grouped, rounds, parts, condition = loop
        found: dict[str, Value] = {}
        for inner in rounds:
            wanted = self._holds(condition, inner)
            if wanted is None:
                return OPAQUE
            if not wanted:
                continue
            name = self.value(parts[0], inner)
            if isinstance(name, Unknown | Encoded):
                return OPAQUE
            value = self.value(parts[1], inner)
            found[text_of(name)] = [*found.get(text_of(name), []), value] if grouped else value
        return found

    def _loop(self, node: Node, scope: Scope) -> tuple[bool, Iterator[Scope], list[Node], Node | None] | None:
        """Whether it groups, the scope of each round, what is computed in it, and its condition; None: not known."""
        children = children_of(node)
        intro = next(child for child in children if child.type == "for_intro")
        names = [said(child) for child in children_of(intro) if child.type == "identifier"]
        over = self.value(next(child for child in children_of(intro) if child.type == "expression"), scope)
        parts = [child for child in children if child.type == "expression"]
        condition = next((child for child in children if child.type == "for_cond"), None)
        grouped = any(child.type == "ellipsis" for child in node.children)
        if isinstance(over, Unknown | Encoded | Members):
            return None
        pairs = list(pairs_of(over))
        rounds = (
            scope.binding(**({names[0]: value} if len(names) == 1 else {names[0]: key, names[1]: value}))
            for key, value in pairs
        )
        return grouped, rounds, parts, condition

    def _holds(self, condition: Node | None, scope: Scope) -> bool | None:
        if condition is None:
            return True
        found = self.value(next(c for c in children_of(condition) if c.type == "expression"), scope)
        return found if isinstance(found, bool) else None

    def _taken(self, nodes: list[Node], scope: Scope) -> Value:
        """A name or a value, and what is taken out of it: ``.name``, ``[index]``, ``[*]``."""
        first, rest = nodes[0], list(nodes[1:])
        if first.type == "variable_expr":
            name = said(first)
            if name in scope.bound:
                value = scope.bound[name]
            elif "" in scope.bound or not rest or rest[0].type != "get_attr":
                return OPAQUE
            else:
                value = self._lookup(scope, name, said(children_of(rest.pop(0))[0]))
        else:
            value = self.value(first, scope)
        while rest:
            step = rest.pop(0)
            if step.type == "splat":
                return self._splat(value, [*children_of(children_of(step)[0]), *rest], scope)
            value = self._step(value, step, scope)
        return value

    def _step(self, value: Value, step: Node, scope: Scope) -> Value:
        if step.type == "get_attr":
            return taken(value, said(children_of(step)[0]))
        if step.type != "index":
            return OPAQUE
        inner = children_of(step)[0]
        if inner.type == "legacy_index":
            return taken(value, int(said(inner)[1:]))
        return taken(value, self.value(children_of(inner)[0], scope))

    def _splat(self, value: Value, steps: list[Node], scope: Scope) -> Value:
        if isinstance(value, Unknown):
            return OPAQUE
        found = []
        for element in value if isinstance(value, list) else [] if value is None else [value]:
            for position, step in enumerate(steps):
                if step.type == "splat":
                    element = self._splat(
                        element, [*children_of(children_of(step)[0]), *steps[position + 1 :]], scope
                    )
                    break
                element = self._step(element, step, scope)
            found.append(element)
        return found
