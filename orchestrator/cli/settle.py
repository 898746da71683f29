"""What commands that apply some time after a review begin with: the reviewed bundle, or one that does the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from rich.console import Console

    from orchestrator.apply.settle import Settled
    from orchestrator.plan.bundle import Bundle
    from orchestrator.plan.run import Selection
    from orchestrator.session import Session


def settle_reviewed(
    session: Session,
    reviewed: Bundle,
    progress: Console,
    plan_id: str,
    steps: Callable[[Callable[[str], None]], Callable[[str], None]] = lambda forward: forward,
) -> Settled:
    """Settle it, and say what came of that. ``plan_id``: of the bundle that is made when the reviewed one no longer fits.

    Raises:
        OrchestratorError: see ``settle``.
    """
    from orchestrator.apply.settle import settle
    from orchestrator.plan.run import plan_environment
    from orchestrator.views.progress import PhaseLine

    def replan(chosen: Selection) -> Bundle:
        with PhaseLine(progress, f"plan {session.environment.name} again") as line:
            return plan_environment(
                session, chosen, on_event=line.event, on_phase=steps(line.phase), plan_id=plan_id
            )

    settled = settle(session, reviewed, replan)
    if settled.because:
        progress.print(f"The plan {reviewed.manifest.id}: {settled.because}.")
    if settled.bundle is not None and settled.bundle is not reviewed:
        progress.print(f"A new plan, {settled.bundle.manifest.id}, does the same and is applied instead.")
    return settled


@dataclass(frozen=True)
class ForJobs:
    """The bundle that jobs are to apply, the layers that it changes, and what was reviewed."""

    plan: str
    layers: list[str]
    reviewed: str


def settle_for_jobs(session: Session, plan_id: str, known: Collection[str], progress: Console) -> ForJobs:
    """Settle it where others apply: checks before they start all that an apply checks, and applies nothing.

    Raises:
        OrchestratorError: see ``settle`` and ``layers_to_apply``; another run holds the environment; an earlier one was killed.
    """
    from orchestrator.apply.freeze import check_open
    from orchestrator.apply.journal import check_ended, check_free
    from orchestrator.apply.refused import refusals_audited
    from orchestrator.apply.resume import begun
    from orchestrator.apply.settle import layers_to_apply
    from orchestrator.plan.authorise import authorise
    from orchestrator.plan.bundle import load_bundle
    from orchestrator.plan.run import new_plan_id

    ours = new_plan_id()
    with refusals_audited(session, plan_id, ours):
        reviewed = load_bundle(session.work, plan_id)
        if (
            begun(session, reviewed.manifest.id) is None
        ):  # else the lock of a run of it that is dead gives way
            check_free(session, recover=True)
        check_open(session)
        settled = settle_reviewed(session, reviewed, progress, ours)
        if settled.bundle is None:
            return ForJobs(reviewed.manifest.id, [], reviewed.manifest.id)
        if settled.resume is None:
            check_ended(session, session.store)
        authorise(session, settled.bundle)
        layers = layers_to_apply(settled.bundle, known)
    if settled.bundle is not reviewed:
        _record(session, ours, settled.bundle, reviewed)
    return ForJobs(settled.bundle.manifest.id, layers, reviewed.manifest.id)


def _record(session: Session, run: str, fresh: Bundle, reviewed: Bundle) -> None:
    """Note in the audit log which reviewed bundle the fresh one stands for: the jobs that apply it do not know."""
    from orchestrator.apply.journal import hold_states
    from orchestrator.audit import append

    about = {"command": "settle", "environment": session.environment.name, "run": run}
    with hold_states(session, "settle", run):
        append(
            session.store,
            {
                **about,
                "bundle": fresh.manifest.id,
                "seal": fresh.seal.digest,
                "git": fresh.manifest.git,
                "reviewed_as": reviewed.manifest.id,
                "ok": True,
            },
        )
