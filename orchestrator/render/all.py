"""Every root of an environment, written to a folder for people to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.config.environment import Environment
from orchestrator.files import write_atomic
from orchestrator.graph.graph import LayerGraph
from orchestrator.render.workspace import environment_root, layer_workspace, resolve_inputs

MARK = ".orchestrator-render"


@dataclass
class Rendered:
    """What was written: paths below the folder, and what could not be, by layer."""

    files: list[str] = field(default_factory=list)
    pending: dict[str, dict[str, str]] = field(default_factory=dict)
    secret: dict[str, list[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"files": self.files, "pending": self.pending, "not_written": self.secret}


def render_all(environment: Environment, graph: LayerGraph, out: Path) -> Rendered:
    """Write ``out/environment`` and ``out/layers/<layer>``.

    Only configuration is used, no state: what comes from another layer is pending in a layer's own root.
    """
    rendered = Rendered()
    write_atomic(out / MARK, b"written by orchestrator render\n")
    closed = graph.upstream.keys() >= {
        up for name in graph.upstream for up in environment.layers[name].upstream()
    }
    if closed:
        root = environment_root(environment, graph, {}, out / "environment")
        root.workspace.write()
        rendered.files += [f"environment/{name}" for name in root.workspace.files]
    for name in graph.order():
        layer = environment.layers[name]
        inputs = resolve_inputs(environment, layer, {})
        workspace = layer_workspace(environment, layer, inputs, out / "layers" / name)
        workspace.write()
        rendered.files += [f"layers/{name}/{file}" for file in workspace.files]
        if inputs.pending:
            rendered.pending[name] = {variable: str(ref) for variable, ref in sorted(inputs.pending.items())}
        if workspace.secrets:
            rendered.secret[name] = sorted(workspace.secrets)
    return rendered
