"""The layers as a drawing: columns by depth, an arrow from each layer to those that take values from it.

Sugiyama's method in short: an arrow that passes a column gets a lane there, lanes and boxes are ordered so that few
arrows cross, and each is moved towards those that it is joined to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

WIDTH, HEIGHT, GAP_X, GAP_Y = 150, 66, 48, 14
"""Of a node at least, and between nodes, in CSS pixels."""
LANE = 4
"""What an arrow takes of a column that it passes."""
SWEEPS = 8
SLACK = 1.15
"""How much taller than its fullest column the drawing may become so that arrows are straighter."""

_Slot: TypeAlias = tuple[str, int]
"""A layer in its column, or the lane of its arrows in a later one."""


@dataclass(frozen=True)
class Node:
    """A layer's box, its upper left corner in CSS pixels."""

    layer: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Boxes (all as wide as ``node_width``), arrows as SVG paths (with the two layers), and the size of it all."""

    nodes: tuple[Node, ...]
    arrows: tuple[tuple[str, str, str], ...]
    width: int
    height: int
    node_width: int = WIDTH


def draw(upstream: Mapping[str, set[str]], node_width: int = WIDTH) -> Drawing:
    """Lay out the layers. ``upstream``: layer → the layers that it takes values from."""
    depth = _depths(upstream)
    arrows = [(source, target) for target in upstream for source in sorted(_nearest(upstream, target))]
    columns, joints = _slots(depth, arrows)
    columns = _ordered(columns, joints)
    top = _placed(columns, joints, depth)

    def left(column: int) -> int:
        return column * (node_width + GAP_X)

    nodes = tuple(Node(name, left(depth[name]), top[name, depth[name]]) for name in upstream)
    paths = []
    for source, target in arrows:
        y = top[source, depth[source]] + HEIGHT // 2
        path = f"M{left(depth[source]) + node_width} {y}"
        for column in range(depth[source] + 1, depth[target] + 1):
            arrives = column == depth[target]
            middle = top[target, column] + HEIGHT // 2 if arrives else top[source, column] + LANE // 2
            path += _bend(left(column) - GAP_X, y, left(column) - (5 if arrives else 0), middle)
            path += "" if arrives else f"H{left(column) + node_width}"
            y = middle
        paths.append((source, target, path))
    height = max((node.y + HEIGHT for node in nodes), default=0)
    lowest = max([height, *(y + LANE for (name, column), y in top.items() if depth[name] != column)])
    width = max((node.x + node_width for node in nodes), default=0)
    return Drawing(nodes, tuple(paths), width, lowest, node_width)


def _depths(upstream: Mapping[str, set[str]]) -> dict[str, int]:
    """Column of each layer: right of all that it needs. A cycle can't be, and must not hang."""
    depth = dict.fromkeys(upstream, 0)
    for _ in upstream:
        moved = {
            name: below
            for name, sources in upstream.items()
            if (below := max((depth[source] + 1 for source in sources if source in depth), default=0))
            > depth[name]
        }
        if not moved:
            break
        depth |= moved
    return depth


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


def _slots(
    depth: Mapping[str, int], arrows: Iterable[tuple[str, str]]
) -> tuple[list[list[_Slot]], set[tuple[_Slot, _Slot]]]:
    """What stands in each column, and what is joined across a gap. Arrows of one layer share their lanes."""
    columns: list[list[_Slot]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sorted(depth):
        columns[depth[name]].append((name, depth[name]))
    joints: set[tuple[_Slot, _Slot]] = set()
    for source, target in arrows:
        lanes = [(source, column) for column in range(depth[source], depth[target])]
        for lane in lanes[1:]:
            if lane not in columns[lane[1]]:
                columns[lane[1]].append(lane)
        joints |= set(pairwise([*lanes, (target, depth[target])]))
    return columns, joints


def _ordered(columns: list[list[_Slot]], joints: set[tuple[_Slot, _Slot]]) -> list[list[_Slot]]:
    """Each column by the middle of its neighbours, to and fro; the order with the fewest crossings is kept."""
    best, fewest = columns, _crossings(columns, joints)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        columns = [list(column) for column in columns]
        for number in range(len(columns)) if forth else reversed(range(len(columns))):
            place = {slot: float(row) for column in columns for row, slot in enumerate(column)}
            near = _neighbours(joints, forth)
            columns[number].sort(key=lambda slot: (_middle(near.get(slot, ()), place, place[slot]), slot))
        crossings = _crossings(columns, joints)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _neighbours(joints: set[tuple[_Slot, _Slot]], left: bool) -> dict[_Slot, list[_Slot]]:
    found: dict[_Slot, list[_Slot]] = {}
    for source, target in joints:
        if left:
            found.setdefault(target, []).append(source)
        else:
            found.setdefault(source, []).append(target)
    return found


def _middle(slots: Iterable[_Slot], place: Mapping[_Slot, float], otherwise: float) -> float:
    rows = [place[slot] for slot in slots]
    return sum(rows) / len(rows) if rows else otherwise


def _crossings(columns: list[list[_Slot]], joints: set[tuple[_Slot, _Slot]]) -> int:
    row = {slot: number for column in columns for number, slot in enumerate(column)}
    gaps: dict[int, list[tuple[int, int]]] = {}
    for source, target in joints:
        gaps.setdefault(source[1], []).append((row[source], row[target]))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0
        for lines in gaps.values()
        for number, a in enumerate(lines)
        for b in lines[:number]
    )


def _placed(
    columns: list[list[_Slot]], joints: set[tuple[_Slot, _Slot]], depth: Mapping[str, int]
) -> dict[_Slot, int]:
    """The upper edge of each slot: near the middle of its neighbours, in order, without overlap, not much taller than need be."""
    tall = {slot: HEIGHT if depth[slot[0]] == slot[1] else LANE for column in columns for slot in column}
    stacked = [sum(tall[slot] + GAP_Y for slot in column) for column in columns]
    room = max(stacked, default=0) * SLACK
    top: dict[_Slot, float] = {}
    for column, height in zip(columns, stacked, strict=True):
        y = (room - height) / 2
        for slot in column:
            top[slot] = y
            y += tall[slot] + GAP_Y
    for sweep in range(SWEEPS):
        near = _neighbours(joints, sweep % 2 == 0)
        for column in columns if sweep % 2 == 0 else reversed(columns):
            centre = {slot: y + tall[slot] / 2 for slot, y in top.items()}
            wanted = [_middle(near.get(slot, ()), centre, centre[slot]) - tall[slot] / 2 for slot in column]
            places = _spread(wanted, [tall[slot] + GAP_Y for slot in column], room)
            top.update(zip(column, places, strict=True))
    highest = min(top.values(), default=0.0)
    return {slot: round(y - highest) for slot, y in top.items()}


def _spread(wanted: list[float], heights: list[int], room: float) -> list[float]:
    """Upper edges close to those that are wanted, in order, within the room: halfway between pushing down and pushing up."""
    above = [sum(heights[:number]) for number in range(len(heights))]
    below = [sum(heights[number:]) for number in range(len(heights))]
    within = [min(max(y, least), room - rest) for y, least, rest in zip(wanted, above, below, strict=True)]
    down, up = list(within), list(within)
    for number in range(1, len(within)):
        down[number] = max(within[number], down[number - 1] + heights[number - 1])
    for number in reversed(range(len(within) - 1)):
        up[number] = min(within[number], up[number + 1] - heights[number])
    return [(low + high) / 2 for low, high in zip(down, up, strict=True)]


def _bend(x1: int, y1: int, x2: int, y2: int) -> str:
    half = (x2 - x1) // 2
    return f"C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
