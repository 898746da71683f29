"""Applies that were refused are in the audit log, too: who tried what, and why it was not done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from orchestrator.apply.journal import hold_states
from orchestrator.audit import append
from orchestrator.errors import OrchestratorError
from orchestrator.plan.bundle import bundle_ids
from orchestrator.session import Session


@contextmanager
def refusals_audited(session: Session, plan_id: str | None, run_id: str) -> Iterator[None]:
    """Record an error within as a refused apply.

    The log is appended to by who holds the environment; while another run does, the refusal is not recorded.
    """
    try:
        yield
    except OrchestratorError as error:
        record_refusal(session, plan_id, run_id, str(error))
        raise


def record_refusal(session: Session, plan_id: str | None, run_id: str, why: str) -> None:
    """Append the record; a log that can't be written does not hide why the apply was refused.

    A plan that is not there is a slip of the hand, and not recorded.
    """
    known = bundle_ids(session.work)
    plan_id = known[-1] if plan_id == "latest" and known else plan_id
    if plan_id not in known:
        return
    about = {"command": "apply", "environment": session.environment.name, "bundle": plan_id, "run": run_id}
    with suppress(OrchestratorError), hold_states(session, "apply", run_id):
        append(session.store, {**about, "ok": False, "refused": True, "error": why})
