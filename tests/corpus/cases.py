"""The corpus's cases: a configuration that exists, and changes to it with what the review should find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
CASES = FOLDER / "cases"
PLANS = FOLDER / "plans"
NAME_MARK = "CASE"
"""Stands for the case's name in HCL, so that the cases' resources do not collide in one emulator."""


@dataclass(frozen=True)
class Variant:
    """One change, and its labels.

    ``expect``: rule ids with the severity, None where any but ``info`` will do; ``A|B`` where the table of rules has
    two that mean the case. ``also``: rules that may speak too: neither asked for nor wrong.
    """

    case: Case
    name: str
    after: str
    expect: Mapping[str, str | None]
    also: frozenset[str]
    refactoring: bool

    @property
    def title(self) -> str:
        """``case--variant``."""
        return f"{self.case.name}--{self.name}"

    @property
    def path(self) -> Path:
        """Where its plan is stored."""
        return PLANS / self.case.category / f"{self.title}.json"


@dataclass(frozen=True)
class Case:
    """What exists (``before``, empty: nothing), and the changes that are planned from there."""

    category: str
    name: str
    before: str
    init: bool
    """Whether it has modules or providers of its own, and so needs a ``terraform init`` of its own."""
    variants: tuple[Variant, ...]


@cache
def load_cases() -> tuple[Case, ...]:
    """Every case of ``cases/``, in the files' order.

    Raises:
        ValueError: a key is unknown, a replacement replaces nothing, or a name is there twice.
    """
    found: list[Case] = []
    for path in sorted(CASES.glob("*.yaml")):
        found += [_case(path.stem, raw) for raw in yaml.safe_load(path.read_text())]
    titles = [variant.title for case in found for variant in case.variants]
    double = {title for title in titles if titles.count(title) > 1}
    if double:
        raise ValueError(f"there twice: {', '.join(sorted(double))}")
    return tuple(found)


def load_variants() -> list[Variant]:
    """Every variant of every case."""
    return [variant for case in load_cases() for variant in case.variants]


def _case(category: str, raw: Mapping[str, Any]) -> Case:
    _only(raw, {"name", "before", "init", "variants", "refactoring"})
    variants: list[Variant] = []
    before = str(raw.get("before", ""))
    case = Case(category, raw["name"], before.replace(NAME_MARK, raw["name"]), bool(raw.get("init")), ())
    for entry in raw["variants"]:
        _only(entry, {"name", "edit", "after", "expect", "also"})
        after = _edited(before, entry, f"{raw['name']}--{entry['name']}")
        variants.append(
            Variant(
                case=case,
                name=entry["name"],
                after=after.replace(NAME_MARK, raw["name"]),
                expect=dict(entry["expect"]),
                also=frozenset(entry.get("also", ())),
                refactoring=bool(raw.get("refactoring")),
            )
        )
    return Case(case.category, case.name, case.before, case.init, tuple(variants))


def _edited(before: str, entry: Mapping[str, Any], title: str) -> str:
    text = str(entry.get("after", before))
    for old, new in entry.get("edit", ()):
        if old not in text:
            raise ValueError(f"{title}: {old!r} is not there to be replaced")
        text = text.replace(old, new)
    return text


def _only(raw: Mapping[str, Any], known: set[str]) -> None:
    if set(raw) - known:
        raise ValueError(f"{raw.get('name')}: unknown keys {sorted(set(raw) - known)}")
