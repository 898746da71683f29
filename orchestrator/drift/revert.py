"""Puts back what the configuration says, for named resources only: an ordinary plan of these, reviewed, bound and applied as any."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass

from orchestrator.addresses import layer_of
from orchestrator.drift.classify import Drift, classify, drift_plan
from orchestrator.drift.ignore import load_ignore_list
from orchestrator.drift.run import ignored_by, ordinary_plan, selection_of_addresses
from orchestrator.errors import OrchestratorError, Where
from orchestrator.plan.bundle import PLAN, Bundle
from orchestrator.plan.model import ChangeSet
from orchestrator.plan.run import OnPhase, plan_environment
from orchestrator.review.plan import plan_of
from orchestrator.session import Session
from orchestrator.terraform.client import OnEvent


@dataclass(frozen=True)
class RevertPlan:
    """The bundle that puts these resources back, and what drifted of them."""

    bundle: Bundle
    drift: Drift


def plan_revert(
    session: Session,
    addresses: tuple[str, ...],
    *,
    on_event: OnEvent | None = None,
    on_phase: OnPhase = lambda _: None,
    plan_id: str | None = None,
) -> RevertPlan:
    """Plan to put these resources back, and write the bundle.

    Raises:
        OrchestratorError: one of them is in no state, has not drifted, or is left as it is by the configuration; or something
            else would have to be changed as well. No bundle is left then.
    """
    selection = selection_of_addresses(session, addresses)
    bundle = plan_environment(session, selection, on_event=on_event, on_phase=on_phase, plan_id=plan_id)
    try:
        drift = _drift_in(session, json.loads((bundle.path / PLAN).read_bytes()))
        check_revertible(drift, bundle.changes, selection.addresses)
    except BaseException:
        shutil.rmtree(bundle.path, ignore_errors=True)
        raise
    named = tuple(item for item in drift.resources if item.address in selection.addresses)
    return RevertPlan(bundle, Drift(named))


def _drift_in(session: Session, plan: dict[str, object]) -> Drift:
    known = load_ignore_list(session.project, session.environment.name)
    return classify(drift_plan(plan), plan_of(plan), ignored_by(session), known)


def check_revertible(drift: Drift, changes: ChangeSet, addresses: tuple[str, ...]) -> None:
    """Check that a plan puts back each of these resources, and changes nothing else.

    Raises:
        OrchestratorError: see :func:`plan_revert`.
    """
    drifted = {item.address: item for item in drift.resources}
    for address in addresses:
        where = Where(layer=layer_of(address), address=address)
        if address not in drifted:
            raise OrchestratorError(
                "it has not drifted: the state says what is there", where=where, remedy="leave it out"
            )
        if not drifted[address].can_be_reverted:
            raise OrchestratorError(
                "the configuration does not say otherwise, so there is nothing to put back",
                where=where,
                remedy="set it in the configuration, or take it into the state with `orchestrator drift accept`",
            )
    more = sorted({change.address for change in changes.all()} - set(addresses))
    if more:
        raise OrchestratorError(
            f"{more[0]}, which one of these depends on, would be changed as well",
            remedy=f"name it, too, or apply the environment as a whole: {' '.join(map(repr, more))}",
        )


def check_reverted(session: Session, addresses: tuple[str, ...]) -> None:
    """Check that these resources are what the state and the configuration say.

    Raises:
        OrchestratorError: one of them is not.
    """
    plan = ordinary_plan(session, selection_of_addresses(session, addresses))
    drift = {item.address for item in _drift_in(session, dict(plan)).counted}
    changes = {item.address for item in plan_of(plan).changes if item.action not in ("no-op", "read")}
    for address in addresses:
        if address in drift | changes:
            raise OrchestratorError(
                "it was applied, and still is not what the configuration says",
                where=Where(layer=layer_of(address), address=address),
                remedy="somebody is changing it right now, or AWS does not keep the value: look again with `orchestrator drift`",
            )
