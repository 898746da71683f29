"""Jinja2 in the values of environment files.

The document is parsed first and templated after, so a value can't change its structure; only
``{{ expressions }}`` are taken, in a sandbox, and an undefined name is an error.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orchestrator.errors import OrchestratorError
from orchestrator.modules.types import suggest
from orchestrator.yaml_tree import Node, dotted

MAX_RESULT = 64 * 1024
"""The longest text, in characters, that a template may make."""

_MISSING = object()


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["*", "**", "%", "+"])

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        # Padding and formatting methods can make gigabytes out of one number.
        if isinstance(obj, str) and attr in (
            "center",
            "ljust",
            "rjust",
            "zfill",
            "expandtabs",
            "format",
            "format_map",
        ):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            raise SecurityError("powers are not available")
        if operator == "*" and not (_is_number(left) and _is_number(right)):
            raise SecurityError("only numbers can be multiplied")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("% formatting is not available")
        result = super().call_binop(context, operator, left, right)
        if _is_number(result) and abs(result) > 1e18:
            raise SecurityError("the number is too large")
        return result


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _environment() -> _Sandbox:
    sandbox = _Sandbox(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    sandbox.globals.clear()
    kept = "default d first last lower upper replace trim join length int string title capitalize sort unique abs max min"
    sandbox.filters = {name: sandbox.filters[name] for name in kept.split()}
    return sandbox


_SANDBOX = _environment()


def process_variable(name: str, default: Any = _MISSING) -> str:
    """``env("NAME")`` in a template: an environment variable of this process."""
    value = os.environ.get(name)
    if value is not None:
        return value
    if default is _MISSING:
        raise UndefinedError(
            f'the environment variable {name} is not set; set it, or write env("{name}", "default")'
        )
    return str(default)


def render_tree(node: Node, values: Mapping[str, Any], path: tuple[str | int, ...] = ()) -> Node:
    """The tree with every template in it replaced by what it yields (always a string).

    ``values`` are the names that templates may use; ``env`` is there besides.

    Raises:
        OrchestratorError: a syntax error, an undefined name, a statement, an escape from the sandbox.
    """
    if isinstance(node.value, dict):
        entries = {key: render_tree(child, values, (*path, key)) for key, child in node.value.items()}
        return Node(entries, node.origin, node.replaced)
    if isinstance(node.value, list):
        items = [render_tree(child, values, (*path, index)) for index, child in enumerate(node.value)]
        return Node(items, node.origin, node.replaced)
    if isinstance(node.value, str) and "{" in node.value and any(m in node.value for m in ("{{", "{%", "{#")):
        return Node(render_value(node, node.value, values, dotted(path)), node.origin, node.replaced)
    return node


def render_value(node: Node, text: str, values: Mapping[str, Any], key: str) -> str:
    """One template's text."""
    where = node.origin.where(key)
    try:
        _only_expressions(text)
        result = _SANDBOX.from_string(text).render({**values, "env": process_variable})
    except SecurityError as error:
        raise OrchestratorError(
            f"the template tries to leave the sandbox: {error}",
            where=where,
            remedy="templates may use values and filters, not Python",
        ) from error
    except TemplateSyntaxError as error:
        raise OrchestratorError(
            f"the template can't be read: {error.message}",
            where=where,
            remedy='write {{ name }}; a literal "{{" is {{ "{{" }}',
        ) from error
    except UndefinedError as error:
        raise OrchestratorError(
            f"the template uses something undefined: {error.message}",
            where=where,
            remedy=suggest("", [*values, "env"]) if "environment variable" not in str(error) else None,
        ) from error
    except (
        TemplateError,
        ArithmeticError,
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        raise OrchestratorError(
            f"the template fails: {error}", where=where, remedy="mend the expression"
        ) from error
    if len(result) > MAX_RESULT:
        raise OrchestratorError(f"the template makes more than {MAX_RESULT} characters", where=where)
    return result


def _only_expressions(text: str) -> None:
    tree = _SANDBOX.parse(text)
    for statement in tree.body:
        if not isinstance(statement, nodes.Output):
            raise TemplateSyntaxError("statements ({% … %}) are not available, only {{ expressions }}", 1)
