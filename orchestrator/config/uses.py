"""What services name must exist: the tables, queues, … that layers provide, and each other; no two on one route.

What is deployed by moving traffic has traffic to move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from orchestrator.config.services import Service, is_service_name
from orchestrator.errors import OrchestratorError
from orchestrator.modules.types import suggest
from orchestrator.yaml_tree import Node, dotted

if TYPE_CHECKING:
    from orchestrator.config.environment import Layer

_Path = tuple["str | int", ...]

ALWAYS = {"event_buses": frozenset({"default"})}
"""What an account has without any layer."""


def check_services(tree: Node, services: Mapping[str, Service], layers: Mapping[str, Layer]) -> None:
    """Raises:
    OrchestratorError: a bad name, something a service uses that nobody provides, two services on one route, a
        deployment that moves the traffic of a service without routes.
    """
    for name in services:
        if not is_service_name(name):
            raise OrchestratorError(
                f"{name!r} can't be a service's name",
                where=tree.nearest(("services", name)).origin.where(f"services.{name}"),
                remedy="use 2 to 24 lower-case letters, digits and single hyphens, a letter first",
            )
    for name, service in services.items():
        for kind, wanted, path in _named(service):
            _check_name(tree, ("services", name, *path), kind, wanted, services, layers)
    _check_routes(tree, services)
    _check_deployments(tree, services)


def _named(service: Service) -> Iterator[tuple[str, str, _Path]]:
    """Kind, name and path below the service of everything that it names."""
    for kind in type(service.uses).model_fields:
        wanted = getattr(service.uses, kind)
        for position, name in enumerate(wanted):
            yield kind, name, ("uses", kind, name if isinstance(wanted, dict) else position)
    for name in service.triggers.queues:
        yield "queues", name, ("triggers", "queues", name)
    for name in service.triggers.tables:
        yield "tables", name, ("triggers", "tables", name)
    for name, event in service.triggers.events.items():
        yield "event_buses", event.bus, ("triggers", "events", name, "bus")


def _check_name(
    tree: Node,
    path: _Path,
    kind: str,
    name: str,
    services: Mapping[str, Service],
    layers: Mapping[str, Layer],
) -> None:
    known = set(services) if kind == "services" else _provided(kind, layers)
    if name in known:
        return
    word = kind.replace("_", " ")
    places = sorted(
        f"layers.{layer.name}.variables.{variable}"
        for layer in layers.values()
        for variable in layer.module.provides.get(kind, ())
    )
    if kind == "services":
        places = ["services"]
    if not places:
        message = f"no layer of this environment has {word}"
        remedy = f"add the layer that provides {word}, or remove this"
    else:
        message = f'there is no "{name}" among the {word} of this environment'
        remedy = f"{suggest(name, known)} ({word} are in {' and '.join(places)})"
    raise OrchestratorError(message, where=tree.nearest(path).origin.where(dotted(path)), remedy=remedy)


def _provided(kind: str, layers: Mapping[str, Layer]) -> set[str]:
    names = set(ALWAYS.get(kind, ()))
    for layer in layers.values():
        for variable in layer.module.provides.get(kind, ()):
            node = layer.variables.get(variable)
            if node is not None and isinstance(node.value, dict):
                names |= node.value.keys()
    return names


def _check_routes(tree: Node, services: Mapping[str, Service]) -> None:
    taken: dict[tuple[str, str, str], tuple[str, int]] = {}
    for name, service in services.items():
        for position, route in enumerate(service.routes):
            other, index = taken.setdefault(route.identity, (name, position))
            if (other, index) != (name, position):
                path: _Path = ("services", name, "routes", position)
                first = tree.nearest(("services", other, "routes", index)).origin
                raise OrchestratorError(
                    f"two services answer {route.method} {route.path}: {other} and {name}"
                    if other != name
                    else f"the route {route.method} {route.path} is there twice",
                    where=tree.nearest(path).origin.where(dotted(path)),
                    remedy=f"give one of them another path (the first is at {first.file}:{first.line})",
                )


def _check_deployments(tree: Node, services: Mapping[str, Service]) -> None:
    """CodeDeploy moves an ECS service between two target groups of a load balancer; without routes it has none.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
    """
    for name, service in services.items():
        strategy = service.deployment.strategy
        if service.runtime != "ecs" or strategy in (None, "rolling") or service.routes:
            continue
        path: _Path = ("services", name, "deployment", "strategy")
        raise OrchestratorError(
            f"{strategy} moves a load balancer's traffic, and no route leads to {name}",
            where=tree.nearest(path).origin.where(dotted(path)),
            remedy=f"give {name} `routes`, or take `deployment: {{strategy: rolling}}`",
        )
