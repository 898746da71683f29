"""Looks in the account for what a layer's plan would create."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.imports.account import Account
from orchestrator.imports.catalogue import Rule, arn_key, catalogue, fill
from orchestrator.imports.managed import Managed
from orchestrator.imports.match import Candidate, Match, known, match, without_doubles
from orchestrator.imports.wanted import Wanted
from orchestrator.plan.model import Change, ChangeSet
from orchestrator.plan.run import OnPhase, Selection, changes_ahead
from orchestrator.session import Session
from orchestrator.terraform.client import OnEvent
from orchestrator.terraform.events import TerraformError, named_in

_TAKES_OVER = "aws_default_"
"""Types whose creation takes over what each VPC has anyway: nothing is to be imported."""


@dataclass(frozen=True)
class Found:
    """What was found for a layer.

    ``without_rule``: type → planned addresses that can't be looked for; ``left``: what has the tags, and is not in the plan;
    ``creates``: whether the plan would create anything.
    """

    layer: str
    matches: tuple[Match, ...]
    without_rule: Mapping[str, tuple[str, ...]]
    left: tuple[str, ...] = ()
    creates: bool = True

    def decided(self) -> tuple[Wanted, ...]:
        """What is to be imported.

        Raises:
            OrchestratorError: nothing was found, or something has to be chosen first (it would be made anew otherwise).
        """
        open_ones = [item for item in self.matches if item.id is None]
        if open_ones:
            raise OrchestratorError(
                f"{len(open_ones)} of what exists could be more than one thing: {open_ones[0].address}: {open_ones[0].how}",
                remedy="write what was found with --write-mapping FILE, choose there, and import with --mapping FILE",
                details=tuple(
                    f"{item.address}: {candidate}" for item in open_ones for candidate in item.candidates
                ),
            )
        if not self.creates and not self.matches:
            raise OrchestratorError(
                f"the layer {self.layer} would create nothing: all that its configuration has is in its state",
                remedy="there is nothing to import; `orchestrator state show` lists what the state has",
            )
        if not self.matches:
            raise OrchestratorError(
                f"nothing of what the layer {self.layer} would create was found in the account",
                remedy="look at the region, at the tags, and at the names in the configuration; or give a mapping",
            )
        return tuple(Wanted(item.address, item.id) for item in self.matches if item.id is not None)

    def mapping(self) -> str:
        """A mapping to be edited: what is beyond doubt, and as comments what has to be chosen or given."""
        lines = [f"# What exists of the layer {self.layer}: address, and the id that it is imported by."]
        for item in self.matches:
            if item.id is not None:
                lines.append(f"{_quoted(item.address)}: {_quoted(item.id)} # {item.how}")
                continue
            lines.append(f"# {item.how}:")
            lines += [
                f"# {_quoted(item.address)}: {_quoted(candidate.id)} # {_told(candidate)}"
                for candidate in item.candidates
            ]
        for type, addresses in self.without_rule.items():
            lines.append(f"# {type} can't be looked for; if these exist, give their ids:")
            lines += [f"# {_quoted(address)}: ''" for address in addresses]
        return "\n".join(lines) + "\n"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "matches": [item.as_json() for item in self.matches],
            "without_rule": {type: list(addresses) for type, addresses in self.without_rule.items()},
            "left": list(self.left),
        }


def _quoted(text: str) -> str:
    """A scalar that YAML takes for just this text."""
    return "'" + text.replace("'", "''") + "'" if "\n" not in text else json.dumps(text)


def _told(candidate: Candidate) -> str:
    return " ".join(str(candidate).removeprefix(candidate.id).split())


def find_imports(
    session: Session,
    layer: str,
    tags: Mapping[str, str],
    account: Account,
    managed: Managed,
    *,
    on_event: OnEvent | None = None,
    on_phase: OnPhase = lambda _: None,
) -> Found:
    """What exists of a layer, among what bears all of ``tags``.

    What is found is planned with, so that what depends on it becomes known (a subnet's VPC), until nothing more is found.

    Raises:
        OrchestratorError: Terraform failed, or AWS refuses a call.
    """
    search = _Search(session, layer, tags, account, managed)
    while True:
        changes = search.ahead(on_event, on_phase)
        on_phase("looking into the account")
        if not search.look(changes):
            return search.found(changes)


class _Search:
    """One search: what was found so far, and what was refused."""

    def __init__(
        self, session: Session, layer: str, tags: Mapping[str, str], account: Account, managed: Managed
    ) -> None:
        self._session = session
        self._layer = layer
        self._tags = tags
        self._managed = managed
        self._account = account
        self._tagged: dict[str, dict[str, str]] = {}
        for region in self._account.regions if tags else ():
            self._tagged |= self._account.tagged(tags, region)
        self._keys = {(arn.split(":")[3], arn_key(arn)) for arn in self._tagged}
        self._sure: dict[str, Match] = {}
        self._parts: dict[str, Match] = {}
        self._gone: set[str] = set()
        self._open: list[Match] = []

    def ahead(self, on_event: OnEvent | None, on_phase: OnPhase) -> ChangeSet:
        """The plan with what was found so far; parts that Terraform does not find are dropped on the way."""
        while True:
            ids = {item.address: item.id or "" for item in (*self._sure.values(), *self._parts.values())}
            try:
                return changes_ahead(
                    self._session,
                    Selection((self._layer,)),
                    imports=ids,
                    on_event=on_event,
                    on_phase=on_phase,
                )
            except TerraformError as error:
                refused = named_in(error, self._parts)
                if not refused:
                    raise
                self._gone |= refused
                self._parts = {
                    address: item for address, item in self._parts.items() if address not in refused
                }

    def look(self, changes: ChangeSet) -> bool:
        """Look for what is still to be created; whether a further plan can tell more."""
        todo = [
            (change, rule)
            for change in changes.all()
            if change.action == "create"
            and change.address not in self._gone
            and (rule := catalogue().get(change.type)) is not None
        ]
        matched = [
            item
            for change, rule in todo
            if not rule.is_part and (item := self._match(change, rule)) is not None
        ]
        matches = without_doubles(matched, self._account.place_of)
        self._open = [item for item in matches if item.id is None]
        new = {item.address: item for item in matches if item.id is not None}
        self._sure |= new
        parts = {
            change.address: item
            for change, rule in todo
            if rule.is_part and (item := self._part(change, rule)) is not None
        }
        self._parts |= parts
        waiting = any(
            change.address not in new and not rule.needs() <= known(change).keys() | _unset(change)
            for change, rule in todo
        )
        return bool(parts) or (bool(new) and waiting)

    def _match(self, change: Change, rule: Rule) -> Match | None:
        place = self._account.place_of(change.address)
        candidates = [
            item
            for item in self._account.candidates(rule, known(change), change.address)
            if self._bears(item, place[1]) and self._managed.owner(change.type, [item.id], place) is None
        ]
        return match(change, rule, candidates)

    def _bears(self, candidate: Candidate, region: str) -> bool:
        if not self._tags:
            return True
        if candidate.tags and self._tags.items() <= candidate.tags.items():
            return True
        return candidate.id in self._tagged or any((of, candidate.key) in self._keys for of in (region, ""))

    def _part(self, change: Change, rule: Rule) -> Match | None:
        """A part of what is taken in or is in a state: its id follows from the plan, and Terraform says whether it is there."""
        planned = known(change)
        id = fill(rule.id, planned)
        owners = {item.id for item in self._sure.values()} | self._managed.ids_of(self._layer)
        whole = [name for name in rule.needs() if planned.get(name) in owners]
        place = self._account.place_of(change.address)
        if id is None or not whole or self._managed.owner(change.type, [id], place) is not None:
            return None
        return Match(change.address, change.type, id, f"by its {', '.join(sorted(whole))}")

    def found(self, changes: ChangeSet) -> Found:
        """All of it."""
        without: dict[str, list[str]] = {}
        for change in changes.all():
            known_one = change.type in catalogue() or change.type.startswith(_TAKES_OVER)
            if change.action == "create" and not known_one:
                without.setdefault(change.type, []).append(change.address)
        sure = [*self._sure.values(), *self._parts.values()]
        matches = sorted([*sure, *self._open], key=lambda item: item.address)
        return Found(
            self._layer,
            tuple(matches),
            {type: tuple(addresses) for type, addresses in sorted(without.items())},
            tuple(self._left(matches)),
            any(change.action == "create" for change in changes.all()),
        )

    def _left(self, matches: Iterable[Match]) -> Iterable[str]:
        """What has the tags and is none of these."""
        used = {word for item in matches for one in item.candidates for word in (one.id, one.key)}
        for arn in sorted(self._tagged):
            if arn not in used and arn_key(arn) not in used and not self._managed.has(arn):
                yield arn


def _unset(change: Change) -> set[str]:
    """What the plan knows to be left out, so that a further plan won't tell more of it."""
    after = change.after if isinstance(change.after, dict) else {}
    unknown = change.unknown if isinstance(change.unknown, dict) else {}
    return {name for name, value in after.items() if value is None and unknown.get(name) is not True}
