"""Policy documents (``aws_iam_policy_document``) as JSON has them, from the plan and from the code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from orchestrator.modules.hcl import Block, parse_body
from orchestrator.review.evaluate.expressions import Expressions, Scope
from orchestrator.review.evaluate.functions import listed
from orchestrator.review.evaluate.operators import pairs_of, said
from orchestrator.review.evaluate.values import COMPUTED, Hopeless, Unknown, Value, decoded
from orchestrator.review.iam.globs import UNKNOWN

if TYPE_CHECKING:
    from tree_sitter import Node

    from orchestrator.review.plan import Change

_FIELDS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_WHOLE = ("effect", "actions", "not_actions", "condition", "principals", "not_principals")
"""What of a statement the plan shows in full, or the code is asked."""
_FURTHER = ("source_policy_documents", "override_policy_documents")
Written = tuple[Mapping[str, "Node"], Block]


def document(change: Change, written: Written | None, scope: Scope, expressions: Expressions) -> Value:
    """The document's JSON: what the plan shows of it, and from the code what the plan does not show.

    Raises:
        Hopeless: neither shows which statements there are.
        Failed: an expression is in error.
    """
    own = _shown(change)
    if own is None:
        own = list(_coded(written, scope, expressions))
    parts = [
        [
            statement
            for text in _texts(change, name, written, scope, expressions)
            for statement in _statements(decoded(text))
        ]
        for name in _FURTHER
    ]
    source, override = parts
    replaced = {statement.get("Sid", "") for statement in override} - {""}
    if None in replaced and (source or own):  # which one it replaces is not known
        raise Hopeless
    kept = [statement for statement in (*source, *own) if statement.get("Sid") not in replaced]
    return {"Statement": [*kept, *override]}


def _statements(value: Value) -> list[Mapping[str, Value]]:
    found = value.get("Statement") if isinstance(value, Mapping) else None
    statements = [found] if isinstance(found, Mapping) else found
    if not isinstance(statements, list) or not all(isinstance(one, Mapping) for one in statements):
        raise Hopeless
    return statements


def _texts(
    change: Change, name: str, written: Written | None, scope: Scope, expressions: Expressions
) -> list[Value]:
    """The documents that this one is made from."""
    marks = change.unknown.get(name)
    if not marks or (isinstance(marks, list) and True not in marks):
        return [text for text in change.after.get(name) or () if text is not None]
    if written is None or name not in written[0]:
        raise Hopeless
    return [text for text in listed(expressions.value(written[0][name], scope)) if text is not None]


def _shown(change: Change) -> list[Mapping[str, Value]] | None:
    """The statements that the plan shows; None when it does not show them all."""
    marks = change.unknown.get("statement")
    if marks is True or (isinstance(marks, list) and True in marks):
        return None
    masks = marks if isinstance(marks, list) else []
    found = []
    for position, raw in enumerate(change.after.get("statement") or ()):
        mask = masks[position] if position < len(masks) and isinstance(masks[position], Mapping) else {}
        if any(_is_marked(mask.get(name)) for name in _WHOLE):
            return None
        found.append(_statement(_unmasked(raw, mask)))
    return found


def _is_marked(mask: Any) -> bool:
    return mask is True or (isinstance(mask, list) and True in mask)


def _unmasked(value: Any, mask: Any) -> Any:
    if mask is True:
        return COMPUTED
    if isinstance(value, Mapping):
        marks = mask if isinstance(mask, Mapping) else {}
        return {name: _unmasked(value.get(name), marks.get(name)) for name in {*value, *marks}}
    if isinstance(value, list) or isinstance(mask, list):
        values = value if isinstance(value, list) else []
        masks = mask if isinstance(mask, list) else []
        return [
            _unmasked(values[at] if at < len(values) else None, masks[at] if at < len(masks) else None)
            for at in range(max(len(values), len(masks)))
        ]
    return value


def _statement(raw: Mapping[str, Value]) -> Mapping[str, Value]:
    """A block's arguments as JSON's keys."""
    effect = raw.get("effect")
    found: dict[str, Value] = {"Effect": "Allow" if effect is None else effect}
    if raw.get("sid"):
        found["Sid"] = raw["sid"] if isinstance(raw["sid"], str) else None
    for name, key in _FIELDS.items():
        if raw.get(name) not in (None, []):
            found[key] = raw[name]
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if raw.get(name):
            found[key] = _grouped((one.get("type"), one.get("identifiers")) for one in listed(raw[name]))
    conditions: dict[str, Any] = {}
    for one in listed(raw.get("condition") or []):
        test, variable = one.get("test"), one.get("variable")
        if not isinstance(test, str):
            raise Hopeless
        by_key = conditions.setdefault(test, {})
        if not isinstance(variable, str):
            if isinstance(variable, Unknown) and not variable.opaque:
                variable = UNKNOWN
            else:
                raise Hopeless
        values = one.get("values")
        by_key[variable] = _together(by_key.get(variable), values)
    if conditions:
        found["Condition"] = conditions
    return found


def _grouped(pairs: Iterator[tuple[Value, Value]]) -> Value:
    found: dict[str, Value] = {}
    for kind, names in pairs:
        if not isinstance(kind, str):
            raise Hopeless
        found[kind] = _together(found.get(kind), names)
    return "*" if found == {"*": ["*"]} else found


def _together(one: Value, other: Value) -> Value:
    values = [] if one is None else one if isinstance(one, list) else [one]
    return [*values, *(other if isinstance(other, list) else [other])]


def _coded(written: Written | None, scope: Scope, expressions: Expressions) -> Iterator[Mapping[str, Value]]:
    if written is None:
        raise Hopeless
    for raw in _nested(parse_body(written[1].text), "statement", scope, expressions):
        yield _statement(raw)


def nested(block: Block, kind: str, scope: Scope, expressions: Expressions) -> Iterator[dict[str, Value]]:
    """The blocks of a kind in a resource, ``dynamic`` ones unrolled.

    Raises:
        Hopeless: it is not known which there are.
    """
    yield from _nested(parse_body(block.text), kind, scope, expressions)


def _nested(body: Node, kind: str, scope: Scope, expressions: Expressions) -> Iterator[dict[str, Value]]:
    """The blocks of a kind in a body, ``dynamic`` ones unrolled, each with its arguments and blocks."""
    for block in body.named_children:
        if block.type != "block":
            continue
        words = [
            said(child).strip('"')
            for child in block.named_children
            if child.type in ("identifier", "string_lit")
        ]
        inner = next((child for child in block.named_children if child.type == "body"), None)
        if inner is None:
            continue
        if words == [kind]:
            yield _arguments(inner, scope, expressions)
        elif words == ["dynamic", kind]:
            yield from _unrolled(inner, kind, scope, expressions)


def _unrolled(body: Node, kind: str, scope: Scope, expressions: Expressions) -> Iterator[dict[str, Value]]:
    own = _expressions(body)
    content = next(
        part
        for child in body.named_children
        if child.type == "block" and said(child.named_children[0]) == "content"
        for part in child.named_children
        if part.type == "body"
    )
    name = said(own["iterator"]) if "iterator" in own else kind
    for key, value in pairs_of(expressions.value(own["for_each"], scope)):
        yield _arguments(content, scope.binding(**{name: {"key": key, "value": value}}), expressions)


def _arguments(body: Node, scope: Scope, expressions: Expressions) -> dict[str, Value]:
    found = {name: expressions.value(node, scope) for name, node in _expressions(body).items()}
    for kind in ("principals", "not_principals", "condition"):
        blocks = list(_nested(body, kind, scope, expressions))
        if blocks:
            found[kind] = blocks
    return found


def _expressions(body: Node) -> dict[str, Node]:
    return {
        said(child.named_children[0]): child.named_children[-1]
        for child in body.named_children
        if child.type == "attribute"
    }
