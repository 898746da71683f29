"""The reviewed plan as plain data: what will change, layer by layer.

Source of the fields: Terraform's JSON plan format,
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from orchestrator.addresses import without_keys

Action: TypeAlias = (
    'Literal["create", "update", "delete", "replace", "forget", "move", "import", "read", "no-op"]'
)

_ACTIONS: dict[tuple[str, ...], Action] = {
    ("no-op",): "no-op",
    ("create",): "create",
    ("read",): "read",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
    ("create", "forget"): "replace",
}


@dataclass(frozen=True)
class Change:
    """One resource instance that the plan touches. Values are redacted.

    ``actions`` are Terraform's own, in order; ``action`` is their one name. ``replace_paths`` are the
    attribute paths that force a replacement, ``unknown`` mirrors ``after`` with True where a value is
    known only after apply. ``importing`` is the id by which an object that is there is taken into the state first; then
    ``before`` is what that object really is.
    """

    address: str
    layer: str
    type: str
    action: Action
    actions: tuple[str, ...]
    before: Any
    after: Any
    unknown: Any
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    reason: str | None = None
    previous_address: str | None = None
    deposed: str | None = None
    importing: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What identifies the change: the address, and the deposed object if it is about one."""
        return (self.address, self.deposed)

    def as_json(self) -> dict[str, Any]:
        """Plain data, read back by :func:`change_from_json`."""
        return {
            "address": self.address,
            "layer": self.layer,
            "type": self.type,
            "action": self.action,
            "actions": list(self.actions),
            "before": self.before,
            "after": self.after,
            "unknown": self.unknown,
            "replace_paths": [list(path) for path in self.replace_paths],
            "reason": self.reason,
            "previous_address": self.previous_address,
            "deposed": self.deposed,
            "importing": self.importing,
        }


@dataclass(frozen=True)
class OutputChange:
    """A layer's output that changes; ``unknown`` when its new value is known only after apply."""

    name: str
    action: Action
    before: Any
    after: Any
    unknown: Any

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "action": self.action,
            "before": self.before,
            "after": self.after,
            "unknown": self.unknown,
        }


@dataclass(frozen=True)
class LayerChanges:
    """What the plan does to one layer. ``drift``: what was found changed outside Terraform."""

    layer: str
    changes: tuple[Change, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    drift: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.outputs)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "changes": [change.as_json() for change in self.changes],
            "outputs": [output.as_json() for output in self.outputs],
            "drift": [change.as_json() for change in self.drift],
        }


@dataclass(frozen=True)
class ChangeSet:
    """The whole environment's changes; every layer of the plan has an entry, in dependency order."""

    layers: dict[str, LayerChanges] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.layers.values())

    def changed(self) -> list[str]:
        """The layers that something happens to."""
        return [name for name, changes in self.layers.items() if changes]

    def all(self) -> Iterator[Change]:
        """Every resource change."""
        for changes in self.layers.values():
            yield from changes.changes

    def counts(self) -> dict[str, int]:
        """How many resources are created, updated, replaced, deleted, imported, …; zeros left out but for the main four.

        As in Terraform's own summary, what is imported and then changed counts as both.
        """
        return count(list(self.all()))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"layers": {name: changes.as_json() for name, changes in self.layers.items()}}


def count(changes: list[Change]) -> dict[str, int]:
    """Number of changes by action; ``import`` has all that is imported, also what is changed after that."""
    found = {"create": 0, "update": 0, "replace": 0, "delete": 0}
    for change in changes:
        actions = {change.action, "import"} if change.importing is not None else {change.action}
        for action in actions:
            found[action] = found.get(action, 0) + 1
    return found


def action_of(actions: list[str], raw: Mapping[str, Any] | None = None) -> Action:
    """The one name of Terraform's list of actions.

    Raises:
        ValueError: it is none of Terraform's, so that nobody can say what it does.
    """
    action = _ACTIONS.get(tuple(actions))
    if action is None:
        raise ValueError(f"actions {actions!r}, which mean nothing known")
    if action == "no-op" and raw is not None:
        if raw.get("previous_address"):
            return "move"
        if importing_of(raw) is not None:
            return "import"
    return action


def importing_of(raw: Mapping[str, Any]) -> str | None:
    """The id that a resource change of the JSON plan imports by; None when it imports nothing."""
    importing = (raw.get("change") or {}).get("importing")
    return str(importing.get("id") or "") if isinstance(importing, Mapping) else None


def change_from_json(raw: Mapping[str, Any]) -> Change:
    """The inverse of :meth:`Change.as_json`."""
    return Change(
        address=raw["address"],
        layer=raw["layer"],
        type=raw["type"],
        action=cast("Action", raw["action"]),
        actions=tuple(raw["actions"]),
        before=raw["before"],
        after=raw["after"],
        unknown=raw["unknown"],
        replace_paths=tuple(tuple(path) for path in raw["replace_paths"]),
        reason=raw["reason"],
        previous_address=raw["previous_address"],
        deposed=raw["deposed"],
        importing=raw.get("importing"),
    )


def change_set_from_json(raw: Mapping[str, Any]) -> ChangeSet:
    """The inverse of :meth:`ChangeSet.as_json`."""
    return ChangeSet(
        {
            name: LayerChanges(
                name,
                tuple(change_from_json(item) for item in layer["changes"]),
                tuple(OutputChange(**item) for item in layer["outputs"]),
                tuple(change_from_json(item) for item in layer["drift"]),
            )
            for name, layer in raw["layers"].items()
        }
    )


def split_plan(
    plan: Mapping[str, Any], layers: list[str], output_names: Mapping[str, tuple[str, str]]
) -> ChangeSet:
    """A (redacted) JSON plan of an environment root, or of one layer's root, as changes by layer.

    ``layers`` are those of the root in dependency order; ``output_names`` maps root outputs to
    (layer, output).
    """
    changes: dict[str, list[Change]] = {name: [] for name in layers}
    drift: dict[str, list[Change]] = {name: [] for name in layers}
    outputs: dict[str, list[OutputChange]] = {name: [] for name in layers}
    for raw in plan.get("resource_changes", ()):
        change = _change(raw)
        if raw.get("mode") == "managed" and change.action not in ("no-op", "read"):
            changes[change.layer].append(change)
    relevant = {
        (raw["resource"], str(raw["attribute"][0]))
        for raw in plan.get("relevant_attributes") or ()
        if raw["attribute"]
    }
    for raw in plan.get("resource_drift", ()):
        change = _change(raw)
        # As Terraform shows it: what is gone, and what the plan depends on. The rest is mostly
        # attributes that mirror other resources (a route table's routes).
        general = without_keys(change.address)
        if change.action == "delete" or any(
            (general, name) in relevant for name in changed_attributes(change)
        ):
            drift[change.layer].append(change)
    for name, raw in (plan.get("output_changes") or {}).items():
        action = action_of(list(raw["actions"]))
        if name in output_names and action != "no-op":
            layer, output = output_names[name]
            outputs[layer].append(
                OutputChange(
                    output, action, raw.get("before"), raw.get("after"), raw.get("after_unknown", False)
                )
            )
    return ChangeSet(
        {
            name: LayerChanges(name, tuple(changes[name]), tuple(outputs[name]), tuple(drift[name]))
            for name in layers
        }
    )


def changed_attributes(change: Change) -> list[str]:
    """The top-level attributes that differ before and after."""
    before = change.before if isinstance(change.before, dict) else {}
    after = change.after if isinstance(change.after, dict) else {}
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _layer_of(address: str) -> str:
    return address.split(".", 2)[1].split("[", 1)[0]


def _change(raw: Mapping[str, Any]) -> Change:
    change = raw["change"]
    return Change(
        address=raw["address"],
        layer=_layer_of(raw["address"]),
        type=raw["type"],
        action=action_of(list(change["actions"]), raw),
        actions=tuple(change["actions"]),
        before=change.get("before"),
        after=change.get("after"),
        unknown=change.get("after_unknown", False),
        replace_paths=tuple(tuple(path) for path in change.get("replace_paths", ())),
        reason=raw.get("action_reason"),
        previous_address=raw.get("previous_address"),
        deposed=raw.get("deposed"),
        importing=importing_of(raw),
    )
