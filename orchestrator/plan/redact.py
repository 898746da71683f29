"""Takes secrets out of a plan before anything is written or shown.

What is secret: everything that Terraform marks (``*_sensitive`` masks, which have the provider's schema in them;
sensitive outputs and variables), what looks like a secret although nobody marked it (``plan.secret``), and
any other text that contains such a value. A secret is replaced by a keyed digest, ``(sensitive:…)`` or
``(secret:<what it looks like>:…)``, so that two plans can still be compared value by value. The key stays
beside the states; without it a digest says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.plan.secret import encoded_secret, known_secrets, leaves, mark, named_values, secret_in

MINIMUM_LENGTH = 8
"""Shorter secrets (in characters) are replaced where they are marked, but not searched for elsewhere."""

_TOKENS = ("(sensitive:", "(secret:")
_KEPT = ("format_version", "terraform_version", "planned_values", "resource_changes", "resource_drift")
_KEPT_OUTSIDE = (
    "output_changes",
    "configuration",
    "relevant_attributes",
    "applyable",
    "complete",
    "errored",
    "timestamp",
)
_STRUCTURE = {
    "address",
    "previous_address",
    "module_address",
    "mode",
    "type",
    "name",
    "index",
    "provider_name",
    "provider_config_key",
    "full_name",
    "version_constraint",
    "source",
    "action_reason",
    "actions",
    "replace_paths",
    "references",
    "depends_on",
    "deposed",
    "resource",
    "attribute",
}
"""What is Terraform's own word in a plan, never a value: a secret that reads like one must not change what the plan says."""
_VALUES = {"values", "value", "before", "after", "constant_value", "default"}


class Redactor:
    """Knows an environment's secrets as they are met. ``key``: see ``StateStore.fingerprint_key``."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def _digest(self, value: Any) -> str:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:24]

    def token(self, value: Any) -> str:
        """What stands for a secret value."""
        return f"(sensitive:{self._digest(value)})"

    def learn(self, value: Any) -> None:
        """Every text in ``value`` is secret from now on, wherever it occurs."""
        for text in _texts(value):
            self._learn_text(text)

    def _learn_text(self, text: str, kind: str | None = None) -> None:
        with self._lock:
            if len(text) >= MINIMUM_LENGTH and text not in self._known and not text.startswith(_TOKENS):
                token = mark(kind, self._digest(text)) if kind else self.token(text)
                self._known[text] = token
                escaped = json.dumps(text)[1:-1]
                self._known.setdefault(escaped, token)
                self._pattern = None

    def text(self, text: str) -> str:
        """The text without any secret that is known so far, or whose form gives it away."""
        for kind, secret in known_secrets(text):
            self._learn_text(secret, kind)
        with self._lock:
            if not self._known:
                return text
            if self._pattern is None:
                longest_first = sorted(self._known, key=len, reverse=True)
                self._pattern = re.compile("|".join(re.escape(secret) for secret in longest_first))
            pattern = self._pattern
        return pattern.sub(lambda match: self._known[match[0]], text)

    def value(self, value: Any) -> Any:
        """The same for every text in a value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.value(child) for key, child in value.items()}
        if isinstance(value, list):
            return [self.value(child) for child in value]
        return value

    def masked(self, value: Any, mask: Any) -> Any:
        """``value`` with what ``mask`` marks replaced; the texts replaced are learnt."""
        if mask is True:
            if value is None:
                return None
            self.learn(value)
            return self.token(value)
        if isinstance(mask, dict) and isinstance(value, dict):
            return {key: self.masked(child, mask.get(key)) for key, child in value.items()}
        if isinstance(mask, list) and isinstance(value, list):
            padded = [*mask, *([None] * (len(value) - len(mask)))]
            return [self.masked(child, part) for child, part in zip(value, padded, strict=False)]
        return value

    def plan(self, plan: dict[str, Any], secret_variables: Iterable[str] = ()) -> dict[str, Any]:
        """A JSON plan without secrets, prior state and variables (a new value; the old one is raw)."""
        for name in secret_variables:
            self.learn((plan.get("variables") or {}).get(name, {}).get("value"))
        kept = {key: plan[key] for key in (*_KEPT, *_KEPT_OUTSIDE) if key in plan}
        kept["prior_state"] = _providers_of(plan.get("prior_state") or {})
        for part in ("resource_changes", "resource_drift"):
            if part in kept:
                kept[part] = [self._resource_change(raw) for raw in kept[part]]
        if "output_changes" in kept:
            kept["output_changes"] = {name: self._change(raw) for name, raw in kept["output_changes"].items()}
        if "planned_values" in kept:
            kept["planned_values"] = self._planned(kept["planned_values"])
        for part in ("resource_changes", "resource_drift"):
            for raw in kept.get(part, ()):
                self._learn_unmarked(raw)
        self._learn_configured(kept.get("configuration"))
        return self.again(kept)

    def again(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        """A plan without the secrets that are known by now; what is Terraform's own word in it stays."""
        return {name: self._structure(value) for name, value in plan.items()}

    def _structure(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: child
                if key in _STRUCTURE and not isinstance(child, dict)
                else self.value(child)
                if key in _VALUES
                else self._structure(child)
                for key, child in value.items()
            }
        if isinstance(value, list):
            return [self._structure(child) for child in value]
        return self.value(value)

    def _learn_unmarked(self, raw: Mapping[str, Any]) -> None:
        """What looks like a secret in a resource, although nothing marks it."""
        for side in ("before", "after"):
            values = raw["change"].get(side)
            if isinstance(values, dict):
                for _, name, value in named_values(raw.get("type", ""), values):
                    self._learn_named(name, value)
                self._learn_leaves(values)

    def _learn_named(self, name: str, value: Any, *, random: bool = True) -> None:
        kind = secret_in(name, value, random=random)
        if kind:
            self._learn_text(value, kind)

    def _learn_leaves(self, values: Any, name: str = "") -> None:
        for _, leaf, text in leaves(values, name):
            self._learn_named(leaf, text, random=False)
            if kind := encoded_secret(leaf, text):
                self._learn_text(text, kind)

    def _learn_configured(self, configuration: Any) -> None:
        """Secrets that stand in the code: constants of resources and providers, defaults of variables, commands."""
        todo: list[tuple[str, Any]] = [("", configuration)]
        while todo:
            name, node = todo.pop()
            if isinstance(node, list):
                todo += [(name, child) for child in node]
            elif isinstance(node, dict):
                if "constant_value" in node:
                    self._learn_leaves(node["constant_value"], name)
                elif "default" in node and name:
                    if node.get("sensitive"):
                        self.learn(node["default"])
                    self._learn_leaves(node["default"], name)
                todo += [
                    (key, child) for key, child in node.items() if key not in ("constant_value", "default")
                ]

    def _resource_change(self, raw: dict[str, Any]) -> dict[str, Any]:
        return {**raw, "change": self._change(raw["change"])}

    def _change(self, change: dict[str, Any]) -> dict[str, Any]:
        return {
            **change,
            "before": self.masked(change.get("before"), change.get("before_sensitive")),
            "after": self.masked(change.get("after"), change.get("after_sensitive")),
        }

    def _planned(self, values: dict[str, Any]) -> dict[str, Any]:
        outputs = {
            name: {**output, "value": self.masked(output.get("value"), output.get("sensitive") or None)}
            for name, output in (values.get("outputs") or {}).items()
        }
        return {**values, "outputs": outputs, "root_module": self._module(values.get("root_module") or {})}

    def _module(self, module: dict[str, Any]) -> dict[str, Any]:
        resources = [
            {**raw, "values": self.masked(raw["values"], raw.get("sensitive_values"))}
            if "values" in raw
            else raw
            for raw in module.get("resources", ())
        ]
        children = [self._module(child) for child in module.get("child_modules", ())]
        return {**module, "resources": resources, "child_modules": children}


def _providers_of(prior_state: Mapping[str, Any]) -> dict[str, Any]:
    """A prior state with nothing but which providers it knows."""
    names: set[str] = set()
    todo = [(prior_state.get("values") or {}).get("root_module") or {}]
    while todo:
        module = todo.pop()
        names |= {
            str(item["provider_name"])
            for item in module.get("resources", ())
            if item.get("provider_name") and item.get("mode") == "managed"
        }
        todo += module.get("child_modules", ())
    resources = [{"mode": "managed", "provider_name": name} for name in sorted(names)]
    return {"values": {"root_module": {"resources": resources}}}


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
