"""``policy/drift.yaml``: differences that are known and mean nothing, why, and until when they may be passed over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestrator.addresses import layer_of
from orchestrator.config.problems import schema_error
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.policy.terms import LONGEST, Day, Reason, Text, covers_address, glob
from orchestrator.yaml_tree import Node, dotted, read_yaml

IGNORE_FILE = "drift.yaml"


class Entry(BaseModel):
    """One kind of known noise: attributes of resources, by type or by address.

    ``type``, ``address`` and ``attribute`` are globs (``*``, ``?``). An attribute (``tags.Owner``) covers what is below it.
    ``environments`` left out: every environment.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    type: Text | None = None
    address: Text | None = None
    attribute: Text
    environments: Annotated[list[Text], Field(min_length=1)] | None = None
    owner: Text
    reason: Reason
    expires: Day

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.type is None) == (self.address is None):
            raise ValueError("name the resources by `type` or by `address`, one of the two")
        return self

    @cached_property
    def _resources(self) -> re.Pattern[str]:
        return glob(self.type or self.address or "")

    @cached_property
    def _attributes(self) -> re.Pattern[str]:
        return re.compile(f"(?:{glob(self.attribute).pattern})(?:\\..*)?")

    def covers(self, type: str, address: str, attribute: str) -> bool:
        """Whether it is about an attribute (dotted path) of a resource."""
        about = self._resources.fullmatch(type) if self.type else covers_address(self._resources, address)
        return bool(about and self._attributes.fullmatch(attribute))

    def __str__(self) -> str:
        return f"{self.type or self.address} {self.attribute}"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return self.model_dump(mode="json")


class _IgnoreFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    ignore: list[Entry] = Field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """An entry that should not be there any more, and where it is."""

    entry: Entry
    file: str
    line: int
    message: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "entry": self.entry.as_json(),
            "file": self.file,
            "line": self.line,
            "message": self.message,
        }


@dataclass(frozen=True)
class IgnoreList:
    """The entries as they hold for one environment on one day (UTC)."""

    entries: tuple[tuple[Entry, Node], ...] = ()
    environment: str = ""
    today: date = date.min

    def find(self, type: str, address: str, attribute: str) -> Entry | None:
        """The entry that holds today and covers an attribute."""
        for entry, _ in self.entries:
            if self._holds(entry) and entry.expires >= self.today and entry.covers(type, address, attribute):
                return entry
        return None

    def problems(self, used: Iterable[Entry], layers: Collection[str], *, whole: bool) -> tuple[Problem, ...]:
        """Entries of this environment that have expired, and those that covered nothing.

        ``layers``: those that were looked at; ``whole``: they are all there are. An entry that may be about another layer
        is not judged.
        """
        found = []
        seen = list(used)
        for entry, node in self.entries:
            if not self._holds(entry):
                continue
            layer = layer_of(entry.address) if entry.address else None
            if entry.expires < self.today:
                message = f"the entry for {entry} expired on {entry.expires}, and does not count any more"
            elif entry not in seen and (whole or layer in layers):
                message = f"the entry for {entry} matched nothing this time"
            else:
                continue
            found.append(Problem(entry, str(node.origin.file), node.origin.line, message))
        return tuple(found)

    def _holds(self, entry: Entry) -> bool:
        return entry.environments is None or self.environment in entry.environments


def load_ignore_list(project: Project, environment: str, today: date | None = None) -> IgnoreList:
    """The project's list; empty without the file.

    Raises:
        OrchestratorError: the file is not as it should be; nothing is passed over by a file that can't be read.
    """
    now = today or datetime.now(UTC).date()
    path = project.policy / IGNORE_FILE
    if not path.is_file():
        return IgnoreList((), environment, now)
    tree = read_yaml(path, shown_as=project.shown(path))
    try:
        file = _IgnoreFile.model_validate(tree.plain() or {})
    except ValidationError as error:
        raise schema_error(tree, error, _keys_at) from error
    nodes = tree.child("ignore")
    entries = tuple((entry, (nodes and nodes.child(i)) or tree) for i, entry in enumerate(file.ignore))
    for index, (entry, node) in enumerate(entries):
        if entry.expires > now + LONGEST:
            origin = (node.child("expires") or node).origin
            raise OrchestratorError(
                f"{entry.expires} is more than a year away",
                where=origin.where(dotted(("ignore", index, "expires"))),
                remedy=f"an entry holds for a year at most: until {now + LONGEST}",
            )
    return IgnoreList(entries, environment, now)


def _keys_at(_tree: Node, path: tuple[str | int, ...]) -> list[str]:
    return list((Entry if path else _IgnoreFile).model_fields)
