"""What stands in the drawing of the layers: each one's changes, and the worst that was found in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from orchestrator.plan.model import ChangeSet, count
from orchestrator.plan.summary import SIGNS, VERBS
from orchestrator.review.page.graph import HEIGHT, WIDTH, draw
from orchestrator.review.review import Review

LONGEST_NAME = 24
"""Characters of a layer's name that a box shows; the whole name is its title."""
_LETTER, _MARGINS = 8.4, 30
"""Pixels: of a letter of the names, generously, and what a box needs beside its name."""


def drawn(upstream: Mapping[str, set[str]], review: Review, changes: ChangeSet) -> dict[str, Any]:
    """The drawing, and for each box its texts."""
    names = {layer: _short(layer) for layer in upstream}
    width = max([WIDTH, *(round(len(name) * _LETTER) + _MARGINS for name in names.values())])
    drawing = draw(upstream, width)
    found: dict[str, Counter[str]] = {layer: Counter() for layer in upstream}
    for finding in review.findings:  # worst first
        if not finding.waiver and finding.layer in found:
            found[finding.layer][finding.severity] += 1
    boxes = [
        {
            "layer": node.layer,
            "name": names[node.layer],
            "x": node.x,
            "y": node.y,
            **_texts(node.layer, found[node.layer], changes),
        }
        for node in drawing.nodes
    ]
    return {"drawing": drawing, "height": HEIGHT, "boxes": boxes}


def _texts(layer: str, found: Counter[str], changes: ChangeSet) -> dict[str, Any]:
    what = changes.layers.get(layer)
    numbers = count(list(what.changes)) if what else {}
    worst = next(iter(found.items()), None)
    spoken = ", ".join(
        f"{number} {VERBS.get(action, action)}" for action, number in numbers.items() if number
    )
    return {
        "changes": [(action, SIGNS[action], number) for action, number in numbers.items() if number],
        "severity": worst[0] if worst else None,
        "number": worst[1] if worst else 0,
        "spoken": f"{layer}: {spoken or 'no changes'}" + (f"; {worst[1]} {worst[0]}" if worst else ""),
    }


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
