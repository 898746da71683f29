"""What is to be imported: addresses and ids, from a mapping that people write, checked before anything is started."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.addresses import without_keys
from orchestrator.config.environment import Environment, Layer
from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.module import Module
from orchestrator.modules.types import suggest
from orchestrator.yaml_tree import Node, Origin, parse_yaml

_ADDRESS = re.compile(r'[A-Za-z_][\w-]*(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?')


@dataclass(frozen=True)
class Wanted:
    """One object that is there, and the address it is wanted at.

    ``address`` is the environment's (``module.data.aws_sqs_queue.this["orders"]``), ``id`` what the provider imports
    that type by; ``origin`` where it was written, None for what was found.
    """

    address: str
    id: str
    origin: Origin | None = None

    @property
    def type(self) -> str:
        """The resource's type."""
        return type_of(self.address)

    @property
    def where(self) -> Where:
        """For errors: the mapping's line, and the address."""
        if self.origin is None:
            return Where(address=self.address)
        return Where(file=self.origin.file, line=self.origin.line, address=self.address)


def type_of(address: str) -> str:
    """``module.data.aws_s3_bucket.this["a.b"]`` → ``aws_s3_bucket``."""
    return without_keys(address).split(".")[-2]


def read_mapping(content: bytes, shown: Path, environment: Environment, layer: Layer) -> tuple[Wanted, ...]:
    """A mapping (YAML or JSON) of address, with or without ``module.<layer>.``, to import id.

    Raises:
        OrchestratorError: it is empty or no mapping; an address is none, is not of this layer or is there twice; an id is
            no text.
    """
    tree = parse_yaml(content, shown)
    if not isinstance(tree.value, dict):
        raise OrchestratorError(
            "the mapping is no map",
            where=tree.origin.where(),
            remedy="write one line for each: ADDRESS: ID",
        )
    if not tree.value:
        raise OrchestratorError(
            "the mapping is empty", where=Where(file=shown), remedy="write one line for each: ADDRESS: ID"
        )
    found: dict[str, Wanted] = {}
    for key, node in tree.value.items():
        wanted = Wanted(_full_address(key, node.origin, environment, layer), _id(key, node), node.origin)
        if wanted.address in found:
            first = found[wanted.address].origin
            raise OrchestratorError(
                f"the address is there twice (first on line {first.line if first else '?'})",
                where=wanted.where,
                remedy="leave one of them out",
            )
        found[wanted.address] = wanted
    return tuple(found.values())


def _id(key: str, node: Node) -> str:
    if isinstance(node.value, str) and node.value.strip():
        return node.value.strip()
    what = (
        "is empty"
        if node.value in (None, "") or isinstance(node.value, str)
        else f"is no text: {node.plain()!r}"
    )
    raise OrchestratorError(
        f"the id of {key} {what}", where=node.origin.where(), remedy="write the import id in quotes"
    )


def _full_address(key: str, origin: Origin, environment: Environment, layer: Layer) -> str:
    where = origin.where(key)
    parts = _parts(key)
    if parts is None or len(parts) < 2:
        raise OrchestratorError(
            f"{key!r} is no resource's address",
            where=origin.where(),
            remedy='write it as in `aws_sqs_queue.this["orders"]`',
        )
    names = [without_keys(part) for part in parts]
    if names[0] == "module" and parts[1] == layer.name:
        parts, names = parts[2:], names[2:]
    elif names[0] == "module" and names[1] in environment.layers and names[1] not in layer.module.calls:
        raise OrchestratorError(
            f"it is of the layer {names[1]}, not {layer.name}",
            where=where,
            remedy=f"import it with --layer {names[1]}",
        )
    relative = ".".join(parts)
    if names[-3:-2] == ["data"]:
        raise OrchestratorError("data is read, and can't be imported", where=where, remedy="leave it out")
    _check_configured(names, where, layer)
    return f"module.{layer.name}.{relative}"


def _parts(address: str) -> list[str] | None:
    """``module.a["x.y"].aws_vpc.this`` → its words, keys kept; None when it is no address."""
    parts, place = [], 0
    while place < len(address):
        match = _ADDRESS.match(address, place)
        if match is None or (match.end() < len(address) and address[match.end()] != "."):
            return None
        parts.append(match[0])
        place = match.end() + 1
    return None if address.endswith(".") else parts


def _check_configured(names: list[str], where: Where, layer: Layer) -> None:
    """That the layer's module has such a block, as far as its code is at hand."""
    general = ".".join(names)
    if layer.module.resource_at(general) is not None:
        return
    module, words = layer.module, names
    while len(words) > 2 and words[0] == "module" and words[1] in module.calls:
        inner = module.child(words[1])
        if inner is None:
            return  # a module from elsewhere: Terraform knows
        module, words = inner, words[2:]
    known = sorted(_blocks(layer.module))
    raise OrchestratorError(
        f"the layer {layer.name} has no {general}", where=where, remedy=_nearest(general, known)
    )


def _nearest(general: str, known: list[str]) -> str:
    kind = general.split(".")[-2] if "." in general else general
    same = [address for address in known if address.split(".")[-2] == kind]
    if len(same) == 1:
        return f'did you mean "{same[0]}"?'
    return suggest(general, same or known)


def _blocks(module: Module, prefix: str = "") -> Iterator[str]:
    yield from (f"{prefix}{address}" for address in module.resources if not address.startswith("data."))
    for call in module.calls:
        inner = module.child(call)
        if inner is not None:
            yield from _blocks(inner, f"{prefix}module.{call}.")


def refuse_twice(
    wanted: Iterable[Wanted], place_of: Callable[[str], tuple[str, str] | None] = lambda _: None
) -> None:
    """Refuse one object at two addresses. ``place_of``: the account and region of an address.

    Raises:
        OrchestratorError: an id is there twice for one type.
    """
    seen: dict[tuple[str, str, tuple[str, str] | None], Wanted] = {}
    for item in wanted:
        other = seen.setdefault((item.type, item.id, place_of(item.address)), item)
        if other is not item:
            raise OrchestratorError(
                f"the id {item.id} is given to {other.address} as well",
                where=item.where,
                remedy="one object can be managed at one address only: leave one of them out",
            )
