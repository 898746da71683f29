"""The layers as a drawing: columns by depth, an arrow from each layer to those that take values from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT, GAP_X, GAP_Y = 150, 52, 40, 16
"""Of a node, and between nodes, in CSS pixels."""


@dataclass(frozen=True)
class Node:
    """A layer's box, its upper left corner in CSS pixels."""

    layer: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Boxes, arrows as SVG paths (with the two layers), and the size of it all."""

    nodes: tuple[Node, ...]
    arrows: tuple[tuple[str, str, str], ...]
    width: int
    height: int


def draw(upstream: Mapping[str, set[str]]) -> Drawing:
    """Lay out the layers. ``upstream``: layer → the layers that it takes values from."""
    depth: dict[str, int] = {}

    def depth_of(layer: str) -> int:
        if layer not in depth:
            depth[layer] = 0  # a cycle can't be, and must not hang
            depth[layer] = max(
                (depth_of(name) + 1 for name in upstream[layer] if name in upstream), default=0
            )
        return depth[layer]

    columns: dict[int, list[str]] = {}
    for layer in upstream:
        columns.setdefault(depth_of(layer), []).append(layer)
    tallest = max((len(column) for column in columns.values()), default=0)
    height = tallest * (HEIGHT + GAP_Y) - GAP_Y
    place: dict[str, Node] = {}
    for number, column in sorted(columns.items()):
        ordered = sorted(column, key=lambda layer: (_middle(place, upstream[layer]), layer))
        top = (height - (len(ordered) * (HEIGHT + GAP_Y) - GAP_Y)) // 2
        for row, layer in enumerate(ordered):
            place[layer] = Node(layer, number * (WIDTH + GAP_X), top + row * (HEIGHT + GAP_Y))
    arrows = tuple(
        (source, target, _path(place[source], place[target]))
        for target in upstream
        for source in sorted(_nearest(upstream, target))
        if source in place
    )
    width = len(columns) * (WIDTH + GAP_X) - GAP_X
    return Drawing(tuple(place.values()), arrows, max(width, 0), max(height, 0))


def _middle(place: Mapping[str, Node], before: set[str]) -> float:
    rows = [place[name].y for name in before if name in place]
    return sum(rows) / len(rows) if rows else 0.0


def _nearest(upstream: Mapping[str, set[str]], layer: str) -> set[str]:
    """Upstream layers that are not reached through another one anyway: fewer arrows, the same order."""
    direct = {name for name in upstream[layer] if name in upstream}
    further: set[str] = set()
    todo = [inner for name in direct for inner in upstream[name]]
    while todo:
        name = todo.pop()
        if name not in further and name in upstream:
            further.add(name)
            todo += upstream[name]
    return direct - further


def _path(source: Node, target: Node) -> str:
    x1, y1 = source.x + WIDTH, source.y + HEIGHT // 2
    x2, y2 = target.x - 5, target.y + HEIGHT // 2
    bend = max((x2 - x1) // 2, 18)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
