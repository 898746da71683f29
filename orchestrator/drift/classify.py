"""What each difference between a state and reality is, and what the next apply would do about it.

Of a refresh-only plan ``resource_drift`` is read; of an ordinary plan upon what it found, ``resource_changes``.
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from orchestrator.drift.difference import AttributePath, differences, same, shown
from orchestrator.drift.ignore import Entry, IgnoreList
from orchestrator.plan.model import Action
from orchestrator.review.plan import Change, ReviewedPlan, at, plan_of

Kind: TypeAlias = Literal["changed", "deleted", "noise"]
Fate: TypeAlias = Literal[
    "reverted", "set", "follows", "destroyed", "ignored", "unconfigured", "configured", "kept", "unknown"
]
"""What the next apply does with an attribute.

=============  =======================================================================================
reverted       it puts back what the state has
set            it sets another value: the configuration has been changed as well
follows        AWS gives the value anew
destroyed      it destroys the resource
ignored        it leaves it: ``lifecycle.ignore_changes``
unconfigured   it leaves it: the configuration does not set it
configured     it leaves it: the provider takes it for what the configuration says
kept           it leaves it, and the code that would tell why is not at hand
unknown        no plan could be made
=============  =======================================================================================
"""

STAYS: frozenset[Fate] = frozenset({"ignored", "unconfigured", "configured", "kept"})
PUT_BACK: frozenset[Fate] = frozenset({"reverted", "set"})

Ignores: TypeAlias = "Callable[[str], tuple[str, ...] | None]"
"""The ``ignore_changes`` of the resource at an address, as dotted paths; None where its code is not at hand."""


@dataclass(frozen=True)
class AttributeDrift:
    """One attribute that is not what the state says. ``noise``: the entry of the ignore list that covers it."""

    path: str
    state: Any
    real: Any
    fate: Fate
    noise: Entry | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "path": self.path,
            "state": self.state,
            "real": self.real,
            "next_apply": self.fate,
            "noise": self.noise.as_json() if self.noise else None,
        }


@dataclass(frozen=True)
class ResourceDrift:
    """One resource that is not what the state says. ``change``: from the state to reality; ``next``: what an apply does with it.

    ``next`` is None where no plan could be made, and ``no-op`` for what stays as it is.
    """

    change: Change
    kind: Kind
    attributes: tuple[AttributeDrift, ...]
    next: Action | None

    @property
    def address(self) -> str:
        """Its address."""
        return self.change.address

    @property
    def told(self) -> tuple[AttributeDrift, ...]:
        """The attributes that are no known noise."""
        return tuple(item for item in self.attributes if item.noise is None)

    @property
    def can_be_reverted(self) -> bool:
        """Whether the next apply does something against it."""
        if self.kind == "deleted":
            return self.next == "create"
        return any(item.fate in PUT_BACK for item in self.attributes)

    @property
    def fingerprint(self) -> str:
        """The same for the same drift in every run, whatever the values: address, kind, and which attributes."""
        paths = [item.path for item in self.attributes]
        words = (self.address, self.change.deposed or "", self.kind, *paths)
        return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "fingerprint": self.fingerprint,
            "address": self.address,
            "deposed": self.change.deposed,
            "layer": self.change.layer,
            "type": self.change.type,
            "kind": self.kind,
            "next_apply": self.next,
            "attributes": [item.as_json() for item in self.attributes],
        }


@dataclass(frozen=True)
class Drift:
    """All that drifted, by address, and how many resources differ in notation only (null and empty)."""

    resources: tuple[ResourceDrift, ...]
    alike: int = 0

    def of(self, kind: Kind) -> list[ResourceDrift]:
        """Those of a kind."""
        return [item for item in self.resources if item.kind == kind]

    @property
    def counted(self) -> list[ResourceDrift]:
        """All but known noise."""
        return [item for item in self.resources if item.kind != "noise"]

    def used(self) -> list[Entry]:
        """The entries of the ignore list that covered something."""
        return [
            attribute.noise for item in self.resources for attribute in item.attributes if attribute.noise
        ]


def drift_plan(refreshed: Mapping[str, Any]) -> ReviewedPlan:
    """The drift in a (redacted) plan, as if it were a plan: from the state to reality."""
    return plan_of({**refreshed, "resource_changes": refreshed.get("resource_drift") or []})


def classify(
    drifted: ReviewedPlan, following: ReviewedPlan | None, ignores: Ignores, known: IgnoreList
) -> Drift:
    """Say what every difference is. ``drifted``: see :func:`drift_plan`; ``following``: the next apply's plan, if there is one."""
    changes = {(item.address, item.deposed): item for item in following.changes} if following else None
    found: list[ResourceDrift] = []
    alike = 0
    for change in sorted(drifted.changes, key=lambda item: (item.address, item.deposed or "")):
        upcoming = changes.get((change.address, change.deposed)) if changes is not None else None
        does: Action | None = None if changes is None else upcoming.action if upcoming else "no-op"
        if change.action == "delete":
            found.append(ResourceDrift(change, "deleted", (), does))
            continue
        if change.action != "update":
            continue  # an address that moved, and nothing else
        judge = _Judge(change, drifted, upcoming, does, ignores(change.address))
        attributes = tuple(
            AttributeDrift(
                shown(path),
                state,
                real,
                judge.fate(path, state, real),
                known.find(change.type, change.address, shown(path)),
            )
            for path, state, real in _own_differences(change)
        )
        if not attributes:
            alike += 1
            continue
        kind: Kind = "noise" if all(item.noise for item in attributes) else "changed"
        found.append(ResourceDrift(change, kind, attributes, does))
    return Drift(tuple(found), alike)


def _own_differences(change: Change) -> list[tuple[AttributePath, Any, Any]]:
    """The differences, without those of ``tags_all`` that ``tags`` has as well."""
    found = list(differences(change.before, change.after))
    own = {path for path, _, _ in found}
    return [item for item in found if not (item[0][0] == "tags_all" and ("tags", *item[0][1:]) in own)]


@dataclass(frozen=True)
class _Judge:
    """Says what the next apply does with the attributes of one resource."""

    change: Change
    drifted: ReviewedPlan
    upcoming: Change | None
    does: Action | None
    ignores: tuple[str, ...] | None

    def fate(self, path: AttributePath, state: Any, real: Any) -> Fate:
        if self.does is None:
            return "unknown"
        if self.does == "delete":
            return "destroyed"
        if self.upcoming is None:
            return "kept"
        if _is_unknown(self.upcoming.unknown, path):
            return "follows"
        after = at(self.upcoming.after, *path)
        if same(after, real):
            return self._why_it_stays(path)
        return "reverted" if same(after, state) else "set"

    def _why_it_stays(self, path: AttributePath) -> Fate:
        if self.ignores is None:
            return "kept"
        words = tuple(map(str, path))
        for item in self.ignores:
            named = tuple(item.split("."))
            if item == "all" or named == words[: len(named)] or words == named[: len(words)]:
                return "ignored"
        configured = self.drifted.sets(self.change, words[0])
        if configured is None:
            return "kept"
        return "configured" if configured else "unconfigured"


def _is_unknown(unknown: Any, path: AttributePath) -> bool:
    flag = at(unknown, *path)
    return flag is True or _any(flag)


def _any(flag: Any) -> bool:
    if isinstance(flag, Mapping):
        return any(map(_any, flag.values()))
    return any(map(_any, flag)) if isinstance(flag, list) else flag is True
