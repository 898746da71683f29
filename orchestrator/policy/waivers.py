"""``policy/waivers.yaml``: risks that somebody has accepted, for a time, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from orchestrator.addresses import layer_of
from orchestrator.config.problems import schema_error
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.modules.types import suggest
from orchestrator.policy.terms import LONGEST, Day, Reason, Text, covers_address, glob
from orchestrator.yaml_tree import Node, dotted, read_yaml

WAIVER_FILE = "waivers.yaml"
EXACT = frozenset({"DL001", "IM001"})
"""Rules whose findings are waived one address at a time: patterns, and addresses without instance keys, are not enough."""
_CHECKOV = re.compile(r"CKV2?_[A-Z0-9]+_[0-9]+\Z")


class Waiver(BaseModel):
    """One accepted risk.

    ``address`` is a glob (``*``, ``?``) over addresses, with or without instance keys; for rules that are waived one
    address at a time it is the address itself. ``environments`` left out: every environment and the modules' code; only
    checks of checkov can be waived there.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^(CKV2?_[A-Z0-9]+_[0-9]+|[A-Z]{2}[0-9]{3})$")]
    address: Text
    environments: Annotated[list[Text], Field(min_length=1)] | None = None
    owner: Text
    reason: Reason
    expires: Day
    ticket: Text

    @property
    def is_checkov(self) -> bool:
        """Whether it is about a check of checkov."""
        return bool(_CHECKOV.match(self.id))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return glob(self.address)

    def covers(self, id: str, address: str) -> bool:
        """Whether it is about this check and address (as the plan has it)."""
        if id in EXACT:
            return id == self.id and address == self.address
        return id == self.id and covers_address(self._pattern, address)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return self.model_dump(mode="json")


class _WaiverFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    waivers: list[Waiver] = Field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """A waiver that should not be there any more."""

    waiver: Waiver
    file: str
    line: int
    message: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "waiver": self.waiver.as_json(),
            "file": self.file,
            "line": self.line,
            "message": self.message,
        }


@dataclass(frozen=True)
class Waivers:
    """The waivers as they hold for one environment (None: the modules' code) on one day (UTC)."""

    entries: tuple[tuple[Waiver, Node], ...] = ()
    environment: str | None = None
    today: date = date.min

    def find(self, id: str, address: str) -> Waiver | None:
        """The waiver that covers a finding today."""
        for waiver, _ in self.entries:
            if self._holds(waiver) and waiver.expires >= self.today and waiver.covers(id, address):
                return waiver
        return None

    def problems(
        self, found: Iterable[tuple[str, str]], layers: Iterable[str] | None = None
    ) -> list[Problem]:
        """Expired waivers, and those that cover none of the findings (id, address) although it is here that they would.

        A waiver with environments is judged by plans of these, one without by the modules' code. ``layers``: those
        that were looked at; a waiver of another layer is not judged. None: all were.
        """
        pairs = list(found)
        looked = None if layers is None else set(layers)
        problems = []
        for waiver, node in self.entries:
            if waiver.expires < self.today:
                message = f"the waiver of {waiver.id} for {waiver.address} expired on {waiver.expires}"
            elif (
                self._is_judged(waiver)
                and (looked is None or layer_of(waiver.address) in (None, *looked))
                and not any(waiver.covers(*pair) for pair in pairs)
            ):
                message = f"the waiver of {waiver.id} for {waiver.address} is not used"
            else:
                continue
            problems.append(Problem(waiver, str(node.origin.file), node.origin.line, message))
        return problems

    def expired(self) -> list[Problem]:
        """Those that hold no more."""
        return [problem for problem in self.problems(()) if problem.waiver.expires < self.today]

    def check(self, rules: Iterable[str]) -> None:
        """Check the waivers of our own rules against their ids.

        Raises:
            OrchestratorError: there is no such rule, or a pattern stands where one address must.
        """
        known = list(rules)
        for index, (waiver, _) in enumerate(self.entries):
            if waiver.is_checkov:
                continue
            if waiver.id not in known:
                raise self.refuse(index, "id", f"there is no rule {waiver.id}", suggest(waiver.id, known))
            if waiver.id in EXACT and re.search(r"[*?]", waiver.address):
                raise self.refuse(
                    index,
                    "address",
                    f"{waiver.id} is waived for one resource at a time, and {waiver.address} is a pattern",
                    "write the exact address, as the plan shows it",
                )

    def refuse(self, index: int, key: str, message: str, remedy: str) -> OrchestratorError:
        """What is wrong with an entry, with its place."""
        node = self.entries[index][1]
        origin = (node.child(key) or node).origin
        return OrchestratorError(message, where=origin.where(dotted(("waivers", index, key))), remedy=remedy)

    def _holds(self, waiver: Waiver) -> bool:
        return waiver.environments is None or self.environment in waiver.environments

    def _is_judged(self, waiver: Waiver) -> bool:
        if self.environment is None:
            return waiver.environments is None
        return waiver.environments is not None and self.environment in waiver.environments


def load_waivers(project: Project, environment: str | None, today: date | None = None) -> Waivers:
    """The project's waivers; see :meth:`Waivers.check` for what only the rules' own room knows.

    Raises:
        OrchestratorError: the file is not as it should be; nothing is waived by a file that can't be read.
    """
    path = project.policy / WAIVER_FILE
    if not path.is_file():
        return Waivers((), environment, today or _today())
    waivers = _read(path, project.shown(path), environment, today or _today())
    known = project.environment_names()
    for index, (waiver, _) in enumerate(waivers.entries):
        if waiver.environments is None and not waiver.is_checkov:
            raise waivers.refuse(
                index,
                "id",
                f"{waiver.id} is about changes of an environment, and the waiver names none",
                "add `environments: [NAME]`",
            )
        for name in waiver.environments or ():
            if name not in known:
                raise waivers.refuse(
                    index, "environments", f"there is no environment {name}", suggest(name, known)
                )
    return waivers


def read_waivers(path: Path, environment: str | None, today: date | None = None) -> Waivers:
    """The waivers of a file for somebody's plan, of which we know no environments but the one that is named.

    One that names no environments holds for every plan that is reviewed with it.

    Raises:
        OrchestratorError: the file is not as it should be, or asks which environment the plan is of.
    """
    waivers = _read(path, path, environment, today or _today())
    for index, (waiver, _) in enumerate(waivers.entries):
        if waiver.environments is not None and environment is None:
            raise waivers.refuse(
                index,
                "environments",
                f"the waiver of {waiver.id} holds for {', '.join(waiver.environments)}, "
                "and nothing says which environment the plan is of",
                "name it with --env",
            )
    return waivers


def _read(path: Path, shown: Path, environment: str | None, today: date) -> Waivers:
    tree = read_yaml(path, shown_as=shown)
    try:
        file = _WaiverFile.model_validate(tree.plain() or {})
    except ValidationError as error:
        raise schema_error(tree, error, _keys_at) from error
    nodes = tree.child("waivers")
    entries = tuple((waiver, (nodes and nodes.child(i)) or tree) for i, waiver in enumerate(file.waivers))
    waivers = Waivers(entries, environment, today)
    for index, (waiver, _) in enumerate(entries):
        if waiver.expires > today + LONGEST:
            raise waivers.refuse(
                index,
                "expires",
                f"{waiver.expires} is more than a year away",
                f"a waiver holds for a year at most: until {today + LONGEST}",
            )
    return waivers


def _today() -> date:
    return datetime.now(UTC).date()


def _keys_at(_tree: Node, path: tuple[str | int, ...]) -> list[str]:
    return list((Waiver if path else _WaiverFile).model_fields)
