"""Addresses of resources and modules as people give them to commands about states.

https://developer.hashicorp.com/terraform/cli/state/resource-addressing
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.types import suggest

_KEY = r'(?:\[(?:"(?:[^"\\]|\\.)*"|[0-9]+)\])?'
_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_MODULE = rf"module\.{_NAME}{_KEY}"
_RESOURCE = rf"(?!module\.|data\.){_NAME}\.{_NAME}{_KEY}"
_ADDRESS = re.compile(rf"(?:{_MODULE}\.)*(?:{_MODULE}|{_RESOURCE})\Z")


@dataclass(frozen=True)
class Place:
    """What is moved, or where to: the layer, and the address within its module."""

    layer: str
    address: str

    @property
    def full(self) -> str:
        """As the layer's state has it."""
        return f"module.{self.layer}.{self.address}"

    @property
    def is_module(self) -> bool:
        """Whether it is all of a child module (or of one instance of it)."""
        return re.search(rf"(?:\A|\.){_MODULE}\Z", self.address) is not None

    def covers(self, address: str) -> bool:
        """Whether the full address of an instance is this, or lies within it."""
        return address == self.full or address.startswith(
            (f"{self.full}.", f"{self.full}[", f"{self.full} (")
        )

    def __str__(self) -> str:
        return self.full


def general(address: str) -> str:
    """The address without the keys of instances: the block in the code."""
    return re.sub(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]', "", address)


def check_address(text: str, where: Where | None = None) -> str:
    """An address of managed resources or a module, as it is.

    Raises:
        OrchestratorError: it can't be one.
    """
    if not _ADDRESS.match(text):
        raise OrchestratorError(
            f"{text!r} is no address of a resource or module",
            where=where,
            remedy="""write it as Terraform does: aws_sqs_queue.this, aws_sqs_queue.this["a"], module.bucket""",
        )
    return text


def place_of(text: str, layer: str | None, layers: Collection[str], where: Where | None = None) -> Place:
    """What an address names: with the layer as its first module, or within ``layer``.

    ``layers`` are those there are. A ``layer`` that is given is meant, whatever the address begins with.

    Raises:
        OrchestratorError: no address, or no layer is said.
    """
    check_address(text, where)
    first = re.match(rf"module\.({_NAME})\.(.+)\Z", text, re.DOTALL)
    named = first.group(1) if first else None
    if layer is not None and layer not in layers:
        raise OrchestratorError(
            f"there is no layer {layer}", where=where, remedy=suggest(layer, sorted(layers))
        )
    if first and layer is not None and named == layer:
        return Place(layer, first.group(2))
    if layer is not None:
        return Place(layer, text)
    if first and named in layers:
        return Place(str(named), first.group(2))
    raise OrchestratorError(
        f"{text} does not say which layer it is in",
        where=where,
        remedy="begin it with module.LAYER., or name the layer (--from-layer, --to-layer)",
    )
