"""Which run may be gone on with."""

from __future__ import annotations

from orchestrator.apply.journal import RunRecord, read_journal
from orchestrator.apply.lock import holder
from orchestrator.errors import OrchestratorError
from orchestrator.session import Session


def to_resume(session: Session, run: str) -> RunRecord:
    """The last run of the environment, which is the only one that can be gone on with. ``run``: its id, its bundle's, or ``latest``.

    Raises:
        OrchestratorError: there was none, another one came after it, or it was no apply; it is not dead; its Terraform has left
            locks on states.
    """
    env = session.environment.name
    last = read_journal(session.store)
    if last is None:
        raise OrchestratorError(
            f"nothing was applied to {env} yet", remedy=f"`orchestrator apply --env {env}`"
        )
    if run not in ("latest", last.id, last.run):
        raise OrchestratorError(
            f"the run {run} is not the last one on {env}: that is {last}",
            remedy="only the last run can be gone on with; plan what is left, and apply that",
        )
    if last.command != "apply":
        raise OrchestratorError(
            f"the last run on {env} is no apply: {last}",
            remedy=f"`orchestrator {last.command} --env {env}` again",
        )
    there = holder(session.store) if session.store.is_shared else None
    if there is not None and not (there.dead() and there.run == last.id):
        raise OrchestratorError(
            f"a run holds {env}: {there}", remedy="wait until it has ended, or see `orchestrator unlock`"
        )
    locks = session.store.terraform_locks()
    for lock in locks:
        raise OrchestratorError(
            f"the state of the layer {lock.layer} is locked: {lock}",
            remedy=f"`orchestrator unlock --env {env}` removes it when its Terraform is gone",
        )
    return last


def begun(session: Session, bundle: str) -> RunRecord | None:
    """What a run has done of this bundle already, when it was the last one; None: nothing.

    Raises:
        OrchestratorError: it still runs, or has left locks.
    """
    last = read_journal(session.store)
    if last is None or last.command != "apply" or last.id != bundle:
        return None
    return to_resume(session, bundle)
