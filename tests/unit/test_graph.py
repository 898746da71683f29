"""The layer graph: order, slices, drawings."""

from __future__ import annotations

import pytest

from orchestrator.graph import draw
from orchestrator.graph.graph import LayerGraph
from tests.conftest import Cli
from tests.project import ProjectFolder

DIAMOND = LayerGraph(
    {
        "network": frozenset(),
        "data": frozenset({"network"}),
        "queue": frozenset({"network"}),
        "app": frozenset({"data", "queue"}),
        "other": frozenset(),
    }
)


def test_a_layer_comes_after_all_that_it_depends_on() -> None:
    assert DIAMOND.waves() == [["network", "other"], ["data", "queue"], ["app"]]


def test_destroy_order_puts_dependents_first() -> None:
    sorter = DIAMOND.sorter(reverse=True)
    assert sorted(sorter.get_ready()) == ["app", "other"]


@pytest.mark.parametrize(
    ("names", "dependencies", "dependents", "expected"),
    [
        ([], False, False, {"network", "data", "queue", "app", "other"}),
        (["data"], False, False, {"data"}),
        (["data"], True, False, {"data", "network"}),
        (["data"], False, True, {"data", "app"}),
        (["app", "other"], True, False, {"network", "data", "queue", "app", "other"}),
    ],
)
def test_a_slice_has_what_was_asked_for(
    names: list[str], dependencies: bool, dependents: bool, expected: set[str]
) -> None:
    part = DIAMOND.slice(names, with_dependencies=dependencies, with_dependents=dependents)
    assert set(part.upstream) == expected
    assert all(ups <= expected for ups in part.upstream.values())


def test_the_tree_shows_each_layer_under_each_that_it_needs_but_what_follows_only_once() -> None:
    assert draw.tree(DIAMOND).splitlines() == [
        "network",
        "├─ data",
        "│  └─ app",
        "└─ queue",
        "   └─ app",
        "other",
    ]


def test_mermaid_ids_are_safe_for_any_layer_name() -> None:
    text = draw.mermaid(LayerGraph({"end": frozenset(), "a-b": frozenset({"end"})}))
    assert text.splitlines() == ["flowchart LR", '  n0["end"]', '  n1["a-b"]', "  n0 --> n1"]


def test_formats_of_the_command(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    assert cli("graph", "--env", "dev").out == "base\n└─ app\n"
    assert '"base" -> "app";' in cli("graph", "--env", "dev", "--format", "dot").out
    assert cli("graph", "--env", "dev", "--format", "json").json()["waves"] == [["base"], ["app"]]
    assert cli("graph", "--env", "dev", "--layer", "app").out == "app\n"


@pytest.mark.parametrize(
    ("queues", "edge"),
    [
        ("{}", False),
        ("{jobs: {fifo: true, delay: 0}}", False),
        ("{jobs: {fifo: true, delay: 5}}", True),
        ("{jobs: {fifo: true}, mail: {fifo: true, delay: 5}}", True),
    ],
)
def test_a_layer_waits_for_another_one_only_where_its_variables_need_it(
    folder: ProjectFolder, cli: Cli, queues: str, edge: bool
) -> None:
    folder.simple()
    folder.write("terraform/modules/first/main.tf", 'output "tags" {\n  value = {}\n}\n')
    folder.write("terraform/modules/first/layer.yaml", "description: comes first\n")
    folder.write(
        "terraform/modules/base/layer.yaml",
        "inputs:\n  tags: {from: first.tags, when: queues.*.delay}\n",
    )
    folder.environment("dev", f"first: {{}}\nbase: {{variables: {{name: x, queues: {queues}}}}}\n")
    edges = cli("graph", "--env", "dev", "--format", "dot").out
    assert ('"first" -> "base";' in edges) is edge


def test_a_chain_longer_than_python_recurses_is_drawn() -> None:
    names = [f"l{index:05d}" for index in range(3000)]
    chain = LayerGraph(
        {name: frozenset(names[i - 1 : i]) if i else frozenset() for i, name in enumerate(names)}
    )
    assert len(draw.tree(chain).splitlines()) == 3000
