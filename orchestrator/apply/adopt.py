"""Finds what an attempt created without its state hearing of it: Terraform or its provider was killed, or an answer got lost.

Terraform's own event log says what was begun, and the ids of what was completed. What has an id is taken in by it; what was
only begun, or is "there already", is looked for in the account (:mod:`orchestrator.imports`), or where its type can't be, tried
by the name that the reviewed plan gives it; and it is taken in only if it bears all the tags of that plan.
It is done by ``import`` blocks in the layer's root, so that the fresh plan shows it and must still refine the reviewed one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.imports.account import Account
from orchestrator.imports.catalogue import catalogue
from orchestrator.imports.managed import Managed, Place
from orchestrator.imports.match import Candidate, known, match, without_doubles
from orchestrator.plan.model import Change, LayerChanges
from orchestrator.terraform.events import TerraformError, named_in, parse_line

_NAMES = (
    "bucket",
    "function_name",
    "cluster_identifier",
    "identifier",
    "replication_group_id",
    "key_name",
    "domain",
    "repository",
    "name",
    "id",
)
"""Arguments that are the id to import by, in the AWS provider's documentation, for what has a name of its own."""


def read_log(log: Path) -> dict[str, str | None]:
    """Creations in a log of ``terraform apply -json``: address → id; None where none was told.

    An address that was deleted after that is not among them.
    """
    found: dict[str, str | None] = {}
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    for line in lines:
        event = parse_line(line)
        hook = event.raw.get("hook")
        if not isinstance(hook, dict) or not event.address:
            continue
        action = hook.get("action")
        if event.kind == "apply_start" and action == "create":
            found.setdefault(event.address, None)
        elif event.kind == "apply_complete" and action == "create":
            found[event.address] = str(hook["id_value"]) if hook.get("id_key") == "id" else None
        elif event.kind == "apply_complete" and action == "delete":
            found.pop(event.address, None)
    return found


def look_for(changes: Iterable[Change], account: Account, managed: Managed) -> dict[str, str | None]:
    """What of these creations exists: address → id, None of what does not, or can't be told from something else.

    Addresses of types that can't be looked for, or that may not be, are left out.
    """
    looked: dict[str, str | None] = {}
    matches = []
    for change in changes:
        rule = catalogue().get(change.type)
        if rule is None or rule.is_part or not rule.needs() <= known(change).keys():
            continue
        try:
            candidates = account.candidates(rule, known(change), change.address)
        except OrchestratorError:
            continue
        looked[change.address] = None
        place = account.place_of(change.address)
        found = match(change, rule, [item for item in candidates if _is_ours(item, change, managed, place)])
        if found is not None:
            alone = found.candidates[0].id if len(found.candidates) == 1 else None
            matches.append(replace(found, id=alone))
    return looked | {item.address: item.id for item in without_doubles(matches, account.place_of)}


def _is_ours(item: Candidate, change: Change, managed: Managed, place: Place) -> bool:
    """Whether nobody manages it, and all tags that it was to get are on it, as far as they can be seen."""
    tags = known(change).get("tags_all") or {}
    seen = item.tags is None or tags.items() <= item.tags.items()
    return seen and managed.owner(change.type, [item.id], place) is None


class Adoption:
    """The import blocks of one layer's attempt, and what becomes of them.

    ``begun``: what :func:`read_log` says; ``present``: the addresses in the layer's state; ``look``: see :func:`look_for`.
    """

    def __init__(
        self,
        reviewed: LayerChanges,
        begun: Mapping[str, str | None],
        present: Collection[str],
        look: Callable[[list[Change]], Mapping[str, str | None]] = lambda _: {},
    ) -> None:
        self._reviewed = {
            change.address: change
            for change in reviewed.changes
            if change.action in ("create", "replace")
            and change.deposed is None
            and change.address not in present
        }
        self._sure = {address for address, id in begun.items() if id}
        wanted = {address: id for address, id in begun.items() if address in self._reviewed}
        looked = look([self._reviewed[address] for address, id in wanted.items() if not id])
        self._guesses: dict[str, list[str]] = {}
        self._by_name = {address for address, id in wanted.items() if not id and address not in looked}
        for address, id in wanted.items():
            if address in self._by_name:
                self._guesses[address] = _names(self._reviewed[address])
            else:
                self._guesses[address] = [found] if (found := id or looked[address]) else []
        self.not_found: list[str] = []
        self._drop_hopeless()

    @property
    def addresses(self) -> frozenset[str]:
        """What is to be taken in."""
        return frozenset(self._guesses)

    def ids(self) -> dict[str, str]:
        """By which id each is tried next."""
        return {address: ids[0] for address, ids in self._guesses.items()}

    def refused(self, error: TerraformError) -> bool:
        """Take a failed plan's word for what is not there; whether that changes anything.

        Not every error says which id it is about: all those that are only names are given up then.
        """
        named = named_in(error, self._guesses) or (self.addresses & self._by_name)
        for address in named:
            self._guesses[address].pop(0)
        self._drop_hopeless()
        return bool(named)

    def foreign(self, raw: Mapping[str, Any]) -> list[str]:
        """Drop what was found by its name and lacks a tag of the reviewed plan, or would be changed in more than its tags."""
        found = {item["address"]: item["change"] for item in raw.get("resource_changes", ())}
        dropped = []
        for address in sorted(self.addresses - self._sure):
            change = found.get(address, {})
            before, after = change.get("before") or {}, self._reviewed[address].after or {}
            tags = after.get("tags_all")
            if not tags or before.get("tags_all") != tags or list(change.get("actions", ())) != ["no-op"]:
                dropped.append(address)
                del self._guesses[address]
        self.not_found += dropped
        return dropped

    def _drop_hopeless(self) -> None:
        for address in [address for address, ids in self._guesses.items() if not ids]:
            del self._guesses[address]
            self.not_found.append(address)


def _names(change: Change) -> list[str]:
    after = change.after if isinstance(change.after, dict) else {}
    return list(
        dict.fromkeys(after[name] for name in _NAMES if isinstance(after.get(name), str) and after[name])
    )


def there_already(error: TerraformError, addresses: Iterable[str]) -> set[str]:
    """The addresses whose creation failed, by the error's own word, because something of that name exists."""
    from orchestrator.terraform.transient import is_there

    known = set(addresses)
    return {item.address for item in error.diagnostics if item.address in known and is_there(item)}
