"""What a run did, layer by layer, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from orchestrator.errors import OrchestratorError
from orchestrator.terraform.events import Event

Status = Literal["applied", "destroyed", "unchanged", "failed", "skipped", "interrupted"]


@dataclass(frozen=True)
class LayerResult:
    """The end of one layer.

    ``existing`` are, after a failure, the resources the plan touched that the state now has;
    ``missing`` those it was to create that the state does not have. ``retried``: why it was tried again, each time;
    ``adopted``: what an earlier attempt had created without its state hearing of it, and was taken in.
    """

    layer: str
    status: Status
    seconds: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)
    error: OrchestratorError | None = None
    existing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    because_of: str | None = None
    retried: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "layer": self.layer,
            "status": self.status,
            "seconds": round(self.seconds, 2),
            "counts": dict(self.counts),
            "error": self.error.as_json() if self.error else None,
            "existing": list(self.existing),
            "missing": list(self.missing),
            "because_of": self.because_of,
            "retried": list(self.retried),
            "adopted": list(self.adopted),
        }


@dataclass(frozen=True)
class RunReport:
    """A whole run. ``path`` is where its logs lie, relative to the project."""

    id: str
    command: str
    environment: str
    results: tuple[LayerResult, ...]
    seconds: float
    path: str

    @property
    def ok(self) -> bool:
        """Whether every layer ended as it should."""
        return all(result.status in ("applied", "destroyed", "unchanged") for result in self.results)

    @property
    def interrupted(self) -> bool:
        """Whether the user stopped it."""
        return any(result.status == "interrupted" for result in self.results)

    def outcome(self) -> dict[str, Any]:
        """What the audit log keeps of it."""
        layers = {
            item.layer: {
                "status": item.status,
                **({"counts": dict(item.counts)} if item.counts else {}),
                **({"error": str(item.error)} if item.error else {}),
            }
            for item in self.results
        }
        return {"ok": self.ok, "layers": layers}

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "command": self.command,
            "environment": self.environment,
            "ok": self.ok,
            "seconds": round(self.seconds, 2),
            "path": self.path,
            "layers": [result.as_json() for result in self.results],
        }


class Progress(Protocol):
    """Who wants to know how a run goes; called from several threads."""

    def phase(self, layer: str, phase: str, total: int | None = None) -> None:
        """A layer enters a phase; ``total`` resources are to be worked on."""

    def event(self, layer: str, event: Event) -> None:
        """Terraform said something."""

    def finished(self, result: LayerResult) -> None:
        """A layer has ended."""
