"""What is to be applied when a reviewed plan may have been overtaken: itself, the rest of it, or a fresh one that does the same."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestrator.apply.journal import RunRecord, read_journal
from orchestrator.apply.resume import to_resume
from orchestrator.errors import OrchestratorError
from orchestrator.plan.authorise import authorise
from orchestrator.plan.bundle import Bundle
from orchestrator.plan.equivalent import check_equivalent
from orchestrator.plan.run import OvertakenError, Selection, selection_of, verify_bundle
from orchestrator.plan.seal import check_signature
from orchestrator.session import Session

Replan = Callable[[Selection], Bundle]


@dataclass(frozen=True)
class Settled:
    """The bundle to apply, the run of it to go on with, and why it is not simply the reviewed one.

    ``bundle`` is None when the reviewed plan is applied already.
    """

    bundle: Bundle | None
    resume: RunRecord | None = None
    because: str | None = None


def settle(session: Session, reviewed: Bundle, replan: Replan) -> Settled:
    """Decide it; plans anew only when it must.

    Raises:
        OrchestratorError: the bundle may not be applied at all; the fresh plan does something else.
    """
    last = read_journal(session.store)
    if last is not None and last.command == "apply" and last.id == reviewed.manifest.id:
        if last.ended_at is not None and _is_done(reviewed, last):
            return Settled(None, because=f"the run {last.run or last.id} has applied it")
        return Settled(
            reviewed,
            to_resume(session, reviewed.manifest.id),
            "an earlier run of it did not come to its end",
        )
    overtaken = _overtaken(session, reviewed)
    if overtaken is None:
        return Settled(reviewed)
    fresh = replan(selection_of(reviewed.manifest))
    check_equivalent(reviewed, fresh)
    return Settled(fresh, because=overtaken)


def layers_to_apply(bundle: Bundle, known: Collection[str]) -> list[str]:
    """The layers that a bundle changes, in order, each of which somebody must be there to apply.

    Raises:
        OrchestratorError: it changes a layer that is not ``known``, and that would be left out in silence.
    """
    changed = bundle.changes.changed()
    for name in changed:
        if name not in known:
            raise OrchestratorError(
                f"the plan {bundle.manifest.id} changes the layer {name}, which has no job",
                remedy="`orchestrator pipelines generate` makes one; commit it, and plan again",
            )
    return changed


def _is_done(reviewed: Bundle, run: RunRecord) -> bool:
    changed = [name for name, changes in reviewed.changes.layers.items() if changes]
    return all(name in run.layers and run.layers[name].step == "done" for name in changed)


def _overtaken(session: Session, reviewed: Bundle) -> str | None:
    """Why the bundle can't be applied as it is though it was rightly made; None: it can.

    Raises:
        OrchestratorError: it was not rightly made: another environment's, not signed as it must be, not approved.
    """
    plans = session.environment.settings.plans
    if reviewed.seal.expired(datetime.now(UTC)):
        if plans.approvals is not None:
            authorise(session, reviewed)  # an approval is of that very bundle: it says so
        if plans.signer is not None:
            check_signature(reviewed.path, reviewed.seal, session.key(plans.signer))
        return f"it expired at {reviewed.seal.expires_at}"
    authorise(session, reviewed)
    try:
        verify_bundle(session, reviewed)
    except OvertakenError as error:
        if plans.approvals is not None:
            raise
        return error.why
    return None
