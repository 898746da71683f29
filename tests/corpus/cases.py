"""Reads ``cases/*.yaml``: what is there before, the variants of it, and what the review should find in each.

An entry has ``name``, ``before`` (HCL that is applied first; left out: nothing is there) and ``variants``, each with
``name``, ``edit`` (pairs of old and new text) or ``after`` (HCL), and ``expect``: rule → severity, or null for any.
What is not expected must not be found, save findings that are ``info``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
PLANS = FOLDER / "plans"


@dataclass(frozen=True)
class Case:
    """One plan: from ``before`` to ``after``. ``expect``: rule → severity (None: any)."""

    category: str
    name: str
    before: str
    after: str
    expect: dict[str, str | None]

    @property
    def plan(self) -> Path:
        """Where its plan is stored."""
        return self.plan_below(PLANS)

    def plan_below(self, folder: Path) -> Path:
        """Where its plan is below another folder of plans."""
        return folder / self.category / f"{self.name}.json"


def cases() -> Iterator[Case]:
    """All of them, in the files' order."""
    for file in sorted((FOLDER / "cases").glob("*.yaml")):
        for entry in yaml.safe_load(file.read_text()):
            yield from _of(file.stem, entry)


def _of(category: str, entry: dict[str, Any]) -> Iterator[Case]:
    before = entry.get("before") or ""
    for variant in entry["variants"]:
        after = variant.get("after")
        if after is None:
            after = before
            for old, new in variant["edit"]:
                if old not in after:
                    raise ValueError(f"{category}: {entry['name']}--{variant['name']}: {old!r} is not in it")
                after = after.replace(old, new)
        yield Case(category, f"{entry['name']}--{variant['name']}", before, after, variant["expect"] or {})
