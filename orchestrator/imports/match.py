"""Which of the objects that exist is the one that a plan would make. Values from values: nobody is asked here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.imports.catalogue import Rule
from orchestrator.plan.model import Change


@dataclass(frozen=True)
class Candidate:
    """Something that exists. ``attributes`` by the names of the planned resource; ``tags``: None when they are not known.

    ``key``: service and resource of its ARN, for comparison with what has the tags that were asked for.
    """

    id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None
    key: str | None = None

    def __str__(self) -> str:
        told = [f"{name} {value}" for name, value in self.attributes.items() if value not in (None, "")]
        told += [f"{key}={value}" for key, value in sorted((self.tags or {}).items())]
        return f"{self.id}  {', '.join(told)}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"id": self.id, "attributes": dict(self.attributes), "tags": dict(self.tags or {})}


@dataclass(frozen=True)
class Match:
    """What was found for one planned resource: ``id`` when it is beyond doubt, else the ``candidates``. ``how``: by what."""

    address: str
    type: str
    id: str | None
    how: str
    candidates: tuple[Candidate, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "address": self.address,
            "id": self.id,
            "how": self.how,
            "candidates": [candidate.as_json() for candidate in self.candidates],
        }


def known(change: Change) -> dict[str, Any]:
    """The attributes of a planned resource that are known before it is made."""
    after = change.after if isinstance(change.after, dict) else {}
    unknown = change.unknown if isinstance(change.unknown, dict) else {}
    return {
        name: value for name, value in after.items() if value is not None and unknown.get(name) is not True
    }


def match(change: Change, rule: Rule, candidates: Iterable[Candidate]) -> Match | None:
    """The match of a planned resource; None when nothing that exists could be it.

    By name where the type has one. Else by the tag ``Name``, by all of its own tags, or by its attributes: what differs in
    an attribute that is known, or bears another ``Name``, is not it. Two that fit equally well are both shown. What lies in
    something that is to be made (a subnet in a new VPC) can't exist.
    """
    planned = known(change)
    if _is_inside_the_unknown(change, rule):
        return None
    compared = [name for name in rule.attributes if name in planned]
    fitting = [
        item for item in candidates if all(item.attributes.get(name) == planned[name] for name in compared)
    ]
    if rule.is_named:
        return _decided(change, fitting, "by its name", sure=True)
    own = {str(key): str(value) for key, value in (planned.get("tags") or {}).items()}
    name = own.get("Name")
    named = [item for item in fitting if name and (item.tags or {}).get("Name") == name]
    pool = named or [item for item in fitting if not (name and (item.tags or {}).get("Name"))]
    tagged = [item for item in pool if own and own.items() <= (item.tags or {}).items()]
    pool = tagged or pool
    how = "by its tags" if tagged else f"by {', '.join(compared)}"
    if named:
        how = "by its name tag" + (f" and {', '.join(compared)}" if compared else "")
    return _decided(change, pool, how, sure=bool(named or tagged or (compared and rule.suffices)))


def _is_inside_the_unknown(change: Change, rule: Rule) -> bool:
    """Whether it lies in something that has no id yet: nothing can be there."""
    unknown = change.unknown if isinstance(change.unknown, dict) else {}
    return any(name.endswith("_id") and unknown.get(name) is True for name in rule.attributes)


def _decided(change: Change, pool: list[Candidate], how: str, *, sure: bool) -> Match | None:
    if not pool:
        return None
    if len(pool) == 1 and sure:
        return Match(change.address, change.type, pool[0].id, how, (pool[0],))
    why = "choose one of these" if len(pool) > 1 else "nothing but its type says that it is this one"
    return Match(change.address, change.type, None, why, tuple(pool))


def without_doubles(
    matches: Iterable[Match], place_of: Callable[[str], tuple[str, str] | None] = lambda _: None
) -> list[Match]:
    """The matches, where an object that is meant by two addresses is left to be chosen. ``place_of``: of an address."""
    matches = list(matches)
    takers = Counter((item.type, item.id, place_of(item.address)) for item in matches if item.id is not None)
    return [
        Match(item.address, item.type, None, "several addresses fit it", item.candidates)
        if item.id is not None and takers[item.type, item.id, place_of(item.address)] > 1
        else item
        for item in matches
    ]
