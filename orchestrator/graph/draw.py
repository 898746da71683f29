"""A layer graph as text: tree, DOT, Mermaid, and plain data."""

from __future__ import annotations

from orchestrator.graph.graph import LayerGraph


def tree(graph: LayerGraph) -> str:
    """Each layer under those it waits for; a layer shown before is marked ``…``.

    The roots depend on nothing; indentation reads "is needed by".
    """
    downstream = graph.downstream
    lines: list[str] = []
    seen: set[str] = set()
    # an explicit stack: a chain of layers may be longer than Python recurses
    stack = [
        (name, "", "", "") for name in reversed([n for n in sorted(graph.upstream) if not graph.upstream[n]])
    ]
    while stack:
        name, branch, indent, _ = stack.pop()
        again = name in seen and bool(downstream[name])
        lines.append(f"{indent}{branch}{name}{' …' if again else ''}")
        if again:
            continue
        seen.add(name)
        following = sorted(downstream[name])
        deeper = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        for position, child in enumerate(reversed(following)):
            stack.append((child, "└─ " if position == 0 else "├─ ", deeper, name))
    return "\n".join(lines)


def dot(graph: LayerGraph) -> str:
    """Graphviz; an arrow goes from a layer to what needs it."""
    lines = ["digraph layers {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f'  "{name}";' for name in graph.order()]
    lines += [
        f'  "{source}" -> "{name}";' for name in graph.order() for source in sorted(graph.upstream[name])
    ]
    return "\n".join([*lines, "}"])


def mermaid(graph: LayerGraph) -> str:
    """Mermaid; node ids are numbered because hyphens and words such as ``end`` are not allowed in them."""
    ids = {name: f"n{index}" for index, name in enumerate(graph.order())}
    lines = ["flowchart LR"]
    lines += [f'  {ids[name]}["{name}"]' for name in graph.order()]
    lines += [
        f"  {ids[source]} --> {ids[name]}"
        for name in graph.order()
        for source in sorted(graph.upstream[name])
    ]
    return "\n".join(lines)


def data(graph: LayerGraph) -> dict[str, object]:
    """``layers`` (name → what it depends on) and ``waves``."""
    return {"layers": {name: sorted(graph.upstream[name]) for name in graph.order()}, "waves": graph.waves()}
