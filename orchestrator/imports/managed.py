"""What is managed already: nothing is taken into a second state, or twice into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.imports.wanted import Wanted, refuse_twice
from orchestrator.plan.model import Change, ChangeSet
from orchestrator.state.state import State

_IDENTITY = ("id", "arn", "url")
"""Attributes that tell one object from another; which of them is the import id depends on the type."""
Place = tuple[str, str]
"""An account and a region: in another one, the same name is another object's."""


class Managed:
    """The objects that an environment's states hold. ``states``: by layer, all there are."""

    def __init__(self, states: Mapping[str, State]) -> None:
        self._addresses = {layer: set(state.addresses()) for layer, state in states.items()}
        self._owners: dict[tuple[str, str], list[tuple[str, str, Place | None]]] = {}
        for layer, state in states.items():
            for address, type, attributes in state.instances():
                for id in identities(attributes):
                    owner = (layer, address, place_in(attributes))
                    self._owners.setdefault((type, id), []).append(owner)

    def owner(self, type: str, ids: Iterable[str], place: Place | None = None) -> tuple[str, str] | None:
        """The layer and address that manage the object, None when nobody does. ``place``: where it is, as far as that is known."""
        for id in ids:
            for layer, address, of in self._owners.get((type, id), ()):
                if None in (place, of) or place == of:
                    return layer, address
        return None

    def ids_of(self, layer: str) -> set[str]:
        """What the objects of a layer can be known by."""
        return {
            id for (_, id), owners in self._owners.items() if any(owner == layer for owner, _, _ in owners)
        }

    def has(self, id: str) -> bool:
        """Whether something that can be known by this is managed, whatever its type."""
        return any(known == id for _, known in self._owners)

    def holds(self, layer: str, address: str) -> bool:
        """Whether something is at an address of a layer already."""
        return address in self._addresses.get(layer, ())

    def check(
        self, layer: str, wanted: Iterable[Wanted], place_of: Callable[[str], Place | None] = lambda _: None
    ) -> None:
        """Refuse what can be seen to be managed, or wanted twice, before Terraform is asked. ``place_of``: of an address.

        Raises:
            OrchestratorError: an address or an object is in a state already, or an object is wanted twice.
        """
        wanted = tuple(wanted)
        refuse_twice(wanted, place_of)
        for item in wanted:
            if self.holds(layer, item.address):
                raise OrchestratorError(
                    f"the address is in the state of {layer} already",
                    where=item.where,
                    remedy="leave it out; `orchestrator state show` lists what the state has",
                )
            owner = self.owner(item.type, [item.id], place_of(item.address))
            if owner is not None:
                raise _managed(item, owner)

    def check_plan(self, changes: ChangeSet, wanted: Iterable[Wanted]) -> None:
        """The same by what the imported objects turned out to be, whatever they are imported by.

        Raises:
            OrchestratorError: an object is in a state already, or two ids are the same object.
        """
        items = {item.address: item for item in wanted}
        seen: dict[tuple[str, str, Place | None], Change] = {}
        for change in changes.all():
            if change.importing is None:
                continue
            before = change.before if isinstance(change.before, dict) else {}
            owner = self.owner(change.type, identities(before), place_in(before))
            if owner is not None:
                raise _managed(items[change.address], owner)
            key = (change.type, str(before.get("id")), place_in(before))
            other = seen.setdefault(key, change)
            if other is not change:
                raise OrchestratorError(
                    f"{items[change.address].id} is the same object as {other.importing} for {other.address}",
                    where=items[change.address].where,
                    remedy="one object can be managed at one address only: leave one of them out",
                )


def _managed(item: Wanted, owner: tuple[str, str]) -> OrchestratorError:
    layer, address = owner
    return OrchestratorError(
        f"{item.id} is managed already: it is {address} in the state of {layer}",
        where=item.where,
        remedy="leave it out, or take it out of that state first",
    )


def identities(attributes: Mapping[str, Any]) -> Iterator[str]:
    """What an object can be known by."""
    for name in _IDENTITY:
        value = attributes.get(name)
        if isinstance(value, str) and value:
            yield value


def place_in(attributes: Mapping[str, Any]) -> Place | None:
    """The account and region that an object's ARN names; None where it names neither, or there is none."""
    parts = str(attributes.get("arn") or "").split(":", 5)
    return (parts[4], parts[3]) if len(parts) == 6 and parts[3] and parts[4] else None
