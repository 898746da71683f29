"""What a look for drift has found, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestrator.drift.classify import Drift
from orchestrator.drift.findings import CHANGED, DELETED, NOISE
from orchestrator.drift.ignore import Problem
from orchestrator.plan.model import OutputChange

if TYPE_CHECKING:
    from orchestrator.drift.classify import ResourceDrift
    from orchestrator.review.plan import ReviewedPlan
    from orchestrator.review.review import Review

FORMAT = 1


@dataclass(frozen=True)
class DriftReport:
    """One look. ``looked_at`` is ISO 8601 in UTC; ``reviewed`` counts the resources; values are redacted.

    ``outputs``: the layers' outputs that follow from what drifted; ``plan``: the drift as a plan from the states to reality.
    """

    environment: str
    looked_at: str
    layers: tuple[str, ...]
    reviewed: int
    drift: Drift
    outputs: dict[str, tuple[OutputChange, ...]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    review: Review
    plan: ReviewedPlan

    def __bool__(self) -> bool:
        """Whether anything drifted that is no known noise."""
        return bool(self.drift.counted)

    def counts(self) -> dict[str, int]:
        """How many resources of each kind."""
        return {kind: len(self.drift.of(kind)) for kind in ("changed", "deleted", "noise")}

    def severities(self) -> dict[str, str]:
        """How bad it is that a resource drifted, by address."""
        return {found.address: found.severity for found in self.review.findings if found.category == "drift"}

    def as_json(self) -> dict[str, Any]:
        """Plain data; ``review`` is as in ``review.json``. Described in ``docs/drift.md``."""
        return {
            "format": FORMAT,
            "environment": self.environment,
            "looked_at": self.looked_at,
            "layers": list(self.layers),
            "reviewed": self.reviewed,
            "drifted": bool(self),
            "counts": {**self.counts(), "alike": self.drift.alike},
            "resources": [
                {**resource_json(item), "severity": self.severities().get(item.address)}
                for item in self.drift.resources
            ],
            "outputs": {
                layer: [output.as_json() for output in outputs]
                for layer, outputs in self.outputs.items()
                if outputs
            },
            "problems": [problem.as_json() for problem in self.problems],
            "notes": list(self.notes),
            "review": self.review.as_json(),
        }


def resource_json(item: ResourceDrift) -> dict[str, Any]:
    """A resource with the id of its finding."""
    ids = {"changed": CHANGED, "deleted": DELETED, "noise": NOISE}
    return {"id": ids[item.kind], **item.as_json()}
