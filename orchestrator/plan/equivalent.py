"""Whether one plan of an environment does what another one, which was reviewed, does: layer by layer, by refinement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.plan.bundle import Bundle, Manifest
from orchestrator.plan.model import ChangeSet, LayerChanges
from orchestrator.plan.refine import Difference, unreviewed


@dataclass(frozen=True)
class LayerDifference:
    """One thing that the fresh plan does and the reviewed one does not, or the other way round."""

    layer: str
    difference: Difference

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"layer": self.layer, **self.difference.as_json()}

    def __str__(self) -> str:
        return f"{self.layer}: {self.difference}"


class NotEquivalentError(OrchestratorError):
    """The plan as it would be now does something that nobody reviewed."""

    def __init__(self, reviewed: str, environment: str, differences: list[LayerDifference]) -> None:
        super().__init__(
            f"the plan {reviewed} no longer fits, and a new one does not do the same: {differences[0]}",
            remedy=f"nothing was touched; review the new one: `orchestrator plan --env {environment}`",
            details=tuple(map(str, differences[1:50])),
        )
        self.differences = differences

    def as_json(self) -> dict[str, object]:
        """With every difference."""
        return {**super().as_json(), "differences": [one.as_json() for one in self.differences]}


def differences(
    reviewed: ChangeSet, fresh: ChangeSet, *, moved: Collection[str] = ()
) -> list[LayerDifference]:
    """What of the fresh plan was not reviewed, and what of the reviewed one it does not do; empty: it refines it.

    ``moved``: layers whose states have gone on since the review, by an apply of something else. What was reviewed and is
    done there already need not be done again; nothing else may be missing.
    """
    found: list[LayerDifference] = []
    nothing = LayerChanges("", (), ())
    for name in {**reviewed.layers, **fresh.layers}:
        old, new = reviewed.layers.get(name, nothing), fresh.layers.get(name, nothing)
        found += [LayerDifference(name, one) for one in unreviewed(old, new, begun=name in moved)]
    return found


def moved_layers(reviewed: Manifest, fresh: Manifest) -> set[str]:
    """The layers whose states have gone on since: another serial in the same lineage, or a first one."""
    return {
        name
        for name, now in fresh.states.items()
        if now != reviewed.states.get(name) and _same_line(reviewed.states.get(name), now)
    }


def _same_line(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    return old is None or (new is not None and old["lineage"] == new["lineage"])


def check_equivalent(reviewed: Bundle, fresh: Bundle) -> None:
    """Check that a fresh plan may stand for the reviewed one.

    Raises:
        NotEquivalentError: it does something else.
        OrchestratorError: the review of it has a blocking finding that the reviewed one did not have.
    """
    found = differences(
        reviewed.changes, fresh.changes, moved=moved_layers(reviewed.manifest, fresh.manifest)
    )
    if found:
        raise NotEquivalentError(reviewed.manifest.id, reviewed.manifest.environment, found)
    seen = {(finding.id, finding.address) for finding in reviewed.review.findings}
    news = [one for one in fresh.review.blocking if (one.id, one.address) not in seen]
    if news:
        raise OrchestratorError(
            f"the plan {reviewed.manifest.id} no longer fits, and the review of a new one blocks: "
            f"{news[0].id} {news[0].address}: {news[0].message}",
            remedy="nothing was touched; plan and review again",
            details=tuple(f"{one.id} {one.address}: {one.message}" for one in news[1:20]),
        )
