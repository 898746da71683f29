"""Follows names through a plan and its code: variables, local values, modules, resources, policy documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestrator.modules.hcl import parse_expression
from orchestrator.review.evaluate.address import Key, calls, outside, split
from orchestrator.review.evaluate.code import Code, code_of, template
from orchestrator.review.evaluate.documents import document, nested
from orchestrator.review.evaluate.expressions import Expressions, Scope
from orchestrator.review.evaluate.operators import pairs_of
from orchestrator.review.evaluate.types import converted
from orchestrator.review.evaluate.values import (
    COMPUTED,
    OPAQUE,
    PLAIN,
    Computed,
    Encoded,
    Members,
    Tabled,
    Value,
    encoded,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from orchestrator.review.plan import Change, ReviewedPlan
    from orchestrator.review.source import Source

_NAMES = ("arn", "id")
"""Attributes that AWS always gives a value, without quotes."""


class Evaluation:
    """The values of one plan."""

    def __init__(self, plan: ReviewedPlan, source: Source) -> None:
        self._plan = plan
        self._source = source
        self._codes: dict[tuple[str, ...], Code | None] = {}
        self._found: dict[tuple[str, str, str], Value] = {}
        self._expressions = Expressions(self._lookup, self._file)

    def argument(self, change: Change, name: str) -> Value:
        """An argument of a resource as the code says it; opaque where that can't be told."""
        memo = (change.address, "argument", name)
        if memo not in self._found:
            self._found[memo] = OPAQUE
            self._found[memo] = self._argument(change, name)
        return self._found[memo]

    def _argument(self, change: Change, name: str) -> Value:
        place, general, key = split(change.address)
        code = self._code(place)
        written = code.resources.get(general) if code else None
        if written is None or name not in written[0]:
            return OPAQUE

        def found() -> Value:
            return self._expressions.value(written[0][name], self._instance(place, written[0], key))

        return self._safely(found)

    def blocks(self, change: Change, kind: str) -> list[dict[str, Value]] | None:
        """The nested blocks of a kind in a resource, as the code says them; None where that can't be told."""
        place, general, key = split(change.address)
        code = self._code(place)
        written = code.resources.get(general) if code else None
        if written is None:
            return None
        found = self._safely(
            lambda: list(nested(written[1], kind, self._instance(place, written[0], key), self._expressions))
        )
        return found if isinstance(found, list) else None

    def _safely(self, found: Callable[[], Value]) -> Value:
        self._expressions.steps = 0
        try:
            return found()
        except Exception:  # noqa: BLE001  (what we stumble over is not read, and the review says so)
            return OPAQUE

    def _code(self, place: str) -> Code | None:
        path = calls(place)
        if path not in self._codes:
            self._codes[path] = code_of(self._source.module(path))
        return self._codes[path]

    def _instance(self, place: str, block: Mapping[str, Node], key: Key) -> Scope:
        """The scope inside a resource or call of which this is the instance ``key``."""
        scope = Scope(place, {})
        if "count" in block:
            return scope.binding(count={"index": key})
        if "for_each" in block and key is not None:
            return scope.binding(
                each=Members(Tabled({"key": lambda: key, "value": lambda: self._each(scope, block, key)}))
            )
        return scope

    def _each(self, scope: Scope, block: Mapping[str, Node], key: Key) -> Value:
        over = self._expressions.value(block["for_each"], scope)
        if isinstance(over, Mapping):
            return over.get(str(key), OPAQUE)
        if isinstance(over, list):
            return key
        return OPAQUE

    def _lookup(self, scope: Scope, kind: str, name: str) -> Value:
        if kind in ("var", "local"):
            memo = (scope.place, kind, name)
            if memo not in self._found:
                self._found[memo] = OPAQUE  # what leads back to itself
                try:
                    self._found[memo] = (self._variable if kind == "var" else self._local)(scope.place, name)
                except BaseException:
                    del self._found[memo]
                    raise
            return self._found[memo]
        if kind == "module":
            return self._modules(scope.place, name)
        if kind == "data":
            return Members(Computed(lambda second: self._resources(scope.place, f"data.{name}.{second}")))
        if kind in ("each", "count", "path", "terraform", "self"):
            return OPAQUE
        return self._resources(scope.place, f"{kind}.{name}")

    def _local(self, place: str, name: str) -> Value:
        code = self._code(place)
        if code is None or name not in code.locals:
            return OPAQUE
        return self._expressions.value(code.locals[name], Scope(place, {}))

    def _variable(self, place: str, name: str) -> Value:
        code = self._code(place)
        declared = code.variables.get(name) if code else None
        if declared is None and (code is not None or place):
            return OPAQUE
        given, value = self._given(place, name)
        if declared is None:  # of a root that we rendered, which converts nothing
            return value if given else OPAQUE
        if not given or (value is None and not _nullable(declared)):
            value = self._default(declared, place)
        if "type" not in declared:
            return value
        return converted(
            value, declared["type"], lambda node: self._expressions.value(node, Scope(place, {}))
        )

    def _default(self, declared: Mapping[str, Node], place: str) -> Value:
        if "default" not in declared:
            return OPAQUE
        return self._expressions.value(declared["default"], Scope(place, {}))

    def _given(self, place: str, name: str) -> tuple[bool, Value]:
        """Whether a variable is given a value, and which: by the call of its module, or to the root."""
        if not place:
            given = self._plan.variables.get(name)
            return given is not None, (given or {}).get("value")
        outer, call, key = outside(place)
        code = self._code(outer)
        if code is not None:
            arguments = code.calls.get(call, {})
            if name not in arguments:
                return False, None
            return True, self._expressions.value(arguments[name], self._instance(outer, arguments, key))
        configured = (self._configured(outer).get(call) or {}).get("expressions") or {}
        if name not in configured:
            return False, None
        expression = configured[name]
        references = expression.get("references") if isinstance(expression, Mapping) else None
        if references and self._source.plain_root and not outer:
            return True, self._expressions.value(parse_expression(references[0]).node, Scope(outer, {}))
        if not references and isinstance(expression, Mapping) and "constant_value" in expression:
            return True, expression["constant_value"]
        return True, OPAQUE

    def _configured(self, place: str) -> Mapping[str, Any]:
        """The calls of a module, as the plan's configuration has them."""
        module: Mapping[str, Any] = self._plan.configuration.get("root_module") or {}
        for name in calls(place):
            module = ((module.get("module_calls") or {}).get(name) or {}).get("module") or {}
        return module.get("module_calls") or {}

    def _modules(self, place: str, name: str) -> Value:
        """A module of a name: its outputs, or all its instances."""
        code = self._code(place)
        arguments = code.calls.get(name) if code else None
        if code is not None and arguments is None:
            return OPAQUE
        repeated = arguments or {}
        if "count" in repeated:
            number = self._expressions.value(repeated["count"], Scope(place, {}))
            if not isinstance(number, int):
                return OPAQUE
            return [self._outputs(f"{place}module.{name}[{index}].") for index in range(number)]
        if "for_each" in repeated:
            over = self._expressions.value(repeated["for_each"], Scope(place, {}))
            keys = over if isinstance(over, list) else [key for key, _ in pairs_of(over)]
            if any(not isinstance(key, str) for key in keys):
                return OPAQUE
            return {key: self._outputs(f"{place}module.{name}[{json.dumps(key)}].") for key in keys}
        if code is None and not (self._source.plain_root and not place):
            return OPAQUE
        return self._outputs(f"{place}module.{name}.")

    def _outputs(self, place: str) -> Members:
        def output(name: str) -> Value:
            code = self._code(place)
            written = code.outputs.get(name) if code else None
            if written is None or "value" not in written:
                return OPAQUE
            return self._expressions.value(written["value"], Scope(place, {}))

        return Members(Computed(output))

    def _resources(self, place: str, general: str) -> Value:
        """A resource of a name, or all its instances, as planned."""
        instances = self._instances.get((place, general))
        if instances:
            return _by_key({key: self._attributes(change) for key, change in instances.items()})
        known = self._read.get((place, general))
        if known:
            return _by_key(known)
        code = self._code(place)
        block = code.resources[general][0] if code and general in code.resources else {}
        if "count" in block:
            return [] if self._expressions.value(block["count"], Scope(place, {})) == 0 else OPAQUE
        if "for_each" in block:
            return {} if self._expressions.value(block["for_each"], Scope(place, {})) in ({}, []) else OPAQUE
        if general.startswith("data."):
            return OPAQUE
        return Members(Computed(lambda name: PLAIN if name in _NAMES else COMPUTED))

    def _attributes(self, change: Change) -> Members:
        def attribute(name: str) -> Value:
            if not change.is_unknown(name) and change.after.get(name) is not None:
                return _marked(change.after[name], change.unknown.get(name), name)
            if change.general.rpartition("data.")[2].startswith("aws_iam_policy_document.") and name in (
                "json",
                "minified_json",
            ):
                return encoded(self.document(change))
            if not change.is_unknown(name):
                return None if name in change.after else OPAQUE
            if change.mode == "data":
                return COMPUTED
            return PLAIN if name in _NAMES else self._planned(change, name)

        return Members(Computed(attribute))

    def _planned(self, change: Change, name: str) -> Value:
        """What is unknown as a whole, as the code has it, where it is a text in JSON (a policy); else unknown."""
        found = self._safely(lambda: self.argument(change, name)) if name == "policy" else COMPUTED
        return found if isinstance(found, Encoded) else COMPUTED

    def document(self, change: Change) -> Value:
        """An ``aws_iam_policy_document`` as JSON has it."""
        place, general, key = split(change.address)
        code = self._code(place)
        written = code.resources.get(general) if code else None
        scope = self._instance(place, written[0], key) if written else Scope(place, {})
        return document(change, written, scope, self._expressions)

    @cached_property
    def _instances(self) -> dict[tuple[str, str], dict[Key, Change]]:
        """What is planned: by place and address without key, the instances by key; without what goes."""
        found: dict[tuple[str, str], dict[Key, Change]] = {}
        for change in (*self._plan.changes, *self._plan.data):
            if change.action not in ("delete", "forget") and not change.deposed:
                place, general, key = split(change.address)
                found.setdefault((place, general), {})[key] = change
        return found

    @cached_property
    def _read(self) -> dict[tuple[str, str], dict[Key, Value]]:
        """The same of data that was read while planning."""
        found: dict[tuple[str, str], dict[Key, Value]] = {}
        for address, values in self._plan.known_data.items():
            place, general, key = split(address)
            found.setdefault((place, general), {})[key] = values
        return found

    def _file(self, scope: Scope, name: Value) -> Node | None:
        """A template file of the module's folder or below."""
        code = self._code(scope.place)
        if code is None or not isinstance(name, str):
            return None
        folder = code.module.path
        path = (folder / name).resolve()
        try:
            if not path.is_relative_to(folder) or path.stat().st_size > 100_000:
                return None
            return template(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, IndexError):
            return None


def _by_key(instances: Mapping[Key, Value]) -> Value:
    """As an expression sees them: one, a list (``count``), or by key (``for_each``)."""
    if None in instances:
        return instances[None]
    numbers = [key for key in instances if isinstance(key, int)]
    if len(numbers) == len(instances):
        return [instances[key] for key in sorted(numbers)]
    return {str(key): value for key, value in instances.items()}


def _nullable(declared: Mapping[str, Node]) -> bool:
    return "nullable" not in declared or (declared["nullable"].text or b"") != b"false"


def _marked(value: Any, mask: Any, name: str = "") -> Value:
    """A value of the plan with what is unknown in it."""
    if mask is True:
        return PLAIN if name in _NAMES else COMPUTED
    if isinstance(value, dict) and isinstance(mask, dict):
        names = {*value, *(key for key, part in mask.items() if part is True)}
        return {key: _marked(value.get(key), mask.get(key), key) for key in names}
    if isinstance(value, list) and isinstance(mask, list):
        length = max(len(value), len(mask))
        return [
            _marked(value[at] if at < len(value) else None, mask[at] if at < len(mask) else None)
            for at in range(length)
        ]
    return value
