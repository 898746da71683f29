"""References from a layer's inputs to what fills them: ``network.vpc_id``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orchestrator.errors import OrchestratorError
from orchestrator.yaml_tree import Node, Origin

ENVIRONMENT = "environment"
"""The first word of references to the environment itself (``environment.region``)."""

_REFERENCE = re.compile(
    r"(?P<layer>[a-z][a-z0-9_-]*)\.(?P<output>[A-Za-z_][A-Za-z0-9_-]*)(?P<path>(?:\.[A-Za-z0-9_/-]+)*)(?P<optional>\?)?\Z"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """``<layer>.<output>[.<key> …][?]``; with ``?`` null when the layer is not in the environment.

    ``when`` are paths into the variables of the referring layer, such as ``pipes.*.source.table``: the reference counts
    only where one of them is set to something, so that a layer waits for another one in those environments that need it.
    """

    layer: str
    output: str
    path: tuple[str, ...]
    optional: bool
    origin: Origin
    when: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.layer, self.output, *self.path)) + ("?" if self.optional else "")


def parse_reference(node: Node, key: str) -> Reference:
    """Read a reference.

    Raises:
        OrchestratorError: it has another form.
    """
    match = _REFERENCE.match(node.value) if isinstance(node.value, str) else None
    if match is None:
        raise OrchestratorError(
            f"{node.plain()!r} is not a reference",
            where=node.origin.where(key),
            remedy="write <layer>.<output>, <layer>.<output>.<map key> or environment.<name>",
        )
    keys = tuple(match["path"].split(".")[1:]) if match["path"] else ()
    return Reference(match["layer"], match["output"], keys, bool(match["optional"]), node.origin)
