"""What ``environment.<name>`` means, in references and in the templates of an environment file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.config.template import render_tree
from orchestrator.yaml_tree import Node

HEAD = ("project", "region", "account_id", "replica_region")


def attributes(name: str, words: Mapping[str, str], home: Mapping[str, str] | None = None) -> dict[str, str]:
    """What ``environment.<name>`` means somewhere: ``words`` has project, region, account_id and replica_region there.

    ``home``: the same words of the environment itself; None where it is just those.
    """
    home = home or words
    return {
        "name": name,
        "project": words["project"],
        "name_prefix": f"{words['project']}-{name}",
        "region": words["region"],
        "account_id": words["account_id"],
        "replica_region": words["replica_region"] or words["region"],
        "home_region": home["region"],
        "home_account_id": home["account_id"],
    }


_PLACE = ("account_id", "region", "replica_region")


def templated(tree: Node, name: str) -> Node:
    """Templates see the environment's attributes; the attributes themselves see only the name.

    In a layer that goes to another account or region, they see where that layer goes.
    """
    assert isinstance(tree.value, dict)
    head = _rendered(tree, HEAD, {"name": name})
    home = {key: _word(head.get(key)) for key in HEAD}
    values = attributes(name, home)
    rest = {key: node for key, node in tree.value.items() if key not in head}
    layers = rest.pop("layers", None)
    rendered = render_tree(Node(rest, tree.origin), {"environment": values})
    assert isinstance(rendered.value, dict)
    merged = {**head, **rendered.value}
    if layers is not None:
        merged["layers"] = _templated_layers(layers, name, home)
    return Node({key: merged[key] for key in tree.value}, tree.origin)


def _templated_layers(layers: Node, name: str, home: Mapping[str, str]) -> Node:
    path = ("layers",)
    if not isinstance(layers.value, dict):
        return render_tree(layers, {"environment": attributes(name, home)}, path)
    rendered: dict[str, Node] = {}
    for layer, node in layers.value.items():
        place = _rendered(node, _PLACE, attributes(name, home), (*path, layer))
        words = {**home, **{key: _word(value) for key, value in place.items() if value.value is not None}}
        values = {"environment": attributes(name, words, home)}
        rendered[layer] = render_tree(node, values, (*path, layer))
        if place:
            assert isinstance(rendered[layer].value, dict)
            rendered[layer] = Node({**rendered[layer].value, **place}, node.origin, node.replaced)  # type: ignore[dict-item]
    return Node(rendered, layers.origin, layers.replaced)


def _rendered(
    node: Node, keys: tuple[str, ...], values: Mapping[str, Any], path: tuple[str, ...] = ()
) -> dict[str, Node]:
    """Those of the keys that a map has, their templates replaced by what they yield."""
    if not isinstance(node.value, dict):
        return {}
    return {
        key: render_tree(node.value[key], {"environment": values}, (*path, key))
        for key in keys
        if key in node.value
    }


def _word(node: Node | None) -> str:
    return "" if node is None or node.value is None else str(node.plain())
