"""The order of layers, inferred from their references: names and edges, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from orchestrator.config.environment import Environment
from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.types import suggest


@dataclass(frozen=True)
class LayerGraph:
    """``upstream``: layer → the layers whose outputs it takes. Free of cycles."""

    upstream: Mapping[str, frozenset[str]]

    @property
    def downstream(self) -> dict[str, frozenset[str]]:
        """Layer → the layers that take its outputs."""
        found: dict[str, set[str]] = {name: set() for name in self.upstream}
        for name, sources in self.upstream.items():
            for source in sources:
                found[source].add(name)
        return {name: frozenset(names) for name, names in found.items()}

    def order(self) -> list[str]:
        """Every layer after those it depends on; equals by name."""
        return [name for wave in self.waves() for name in wave]

    def waves(self) -> list[list[str]]:
        """The layers in groups that depend on earlier groups only."""
        sorter = self.sorter()
        waves: list[list[str]] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            waves.append(ready)
            sorter.done(*ready)
        return waves

    def sorter(self, *, reverse: bool = False) -> TopologicalSorter[str]:
        """A prepared queue of the layers; ``reverse`` puts dependents first."""
        edges = self.downstream if reverse else self.upstream
        sorter = TopologicalSorter({name: sorted(edges[name]) for name in sorted(edges)})
        sorter.prepare()
        return sorter

    def depth_below(self) -> dict[str, int]:
        """How long the longest chain of layers is that waits for each."""
        downstream = self.downstream
        depth: dict[str, int] = {}
        for name in reversed(self.order()):
            depth[name] = 1 + max((depth[below] for below in downstream[name]), default=-1)
        return depth

    def dependencies(self, names: Iterable[str]) -> set[str]:
        """All layers that these depend on, however far, themselves left out."""
        return _closure(self.upstream, names)

    def dependents(self, names: Iterable[str]) -> set[str]:
        """All layers that depend on these, however far, themselves left out."""
        return _closure(self.downstream, names)

    def slice(
        self, names: Iterable[str], *, with_dependencies: bool = False, with_dependents: bool = False
    ) -> LayerGraph:
        """The part with these layers (all, when none is named), and what was asked for around them.

        Raises:
            OrchestratorError: a layer that is not there.
        """
        wanted = list(names)
        for name in wanted:
            if name not in self.upstream:
                raise OrchestratorError(
                    f'there is no layer "{name}" in this environment', remedy=suggest(name, self.upstream)
                )
        if not wanted:
            return self
        chosen = set(wanted)
        if with_dependencies:
            chosen |= self.dependencies(wanted)
        if with_dependents:
            chosen |= self.dependents(wanted)
        return LayerGraph({name: self.upstream[name] & chosen for name in self.upstream if name in chosen})


def _closure(edges: Mapping[str, frozenset[str]], names: Iterable[str]) -> set[str]:
    start = set(names)
    found: set[str] = set()
    queue = list(start)
    while queue:
        for following in edges[queue.pop()]:
            if following not in found:
                found.add(following)
                queue.append(following)
    return found - start


def build_graph(environment: Environment) -> LayerGraph:
    """The graph of an environment's layers.

    Raises:
        OrchestratorError: a dependency cycle, shown with the references that make it.
    """
    upstream = {
        name: frozenset(source for source in layer.upstream() if source in environment.layers)
        for name, layer in environment.layers.items()
    }
    graph = LayerGraph(upstream)
    try:
        graph.sorter()
    except CycleError as error:
        raise _cycle_error(environment, list(reversed(error.args[1]))) from error
    return graph


def _cycle_error(environment: Environment, cycle: list[str]) -> OrchestratorError:
    # graphlib lists each node before one that it precedes; reversed, each takes values from the next.
    details: list[str] = []
    where = Where()
    for taker, giver in pairwise(cycle):
        layer = environment.layers[taker]
        variable, ref = next(item for item in sorted(layer.inputs.items()) if item[1].layer == giver)
        details.append(f"{ref.origin.file}:{ref.origin.line}: {taker}.{variable} takes {ref}")
        if where.file is None:
            where = ref.origin.where(f"inputs.{variable}")
    return OrchestratorError(
        f"the layers depend on each other: {' → '.join(cycle)}",
        where=where,
        remedy="remove one of these references, or set the variable in the environment file",
        details=tuple(details),
    )
