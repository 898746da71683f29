"""Applies that were refused are in the audit log, too: who tried what, and why it was not done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from orchestrator.apply.freeze import check_open
from orchestrator.apply.journal import check_free, hold_states, read_journal
from orchestrator.apply.lock import HeldError, holder
from orchestrator.audit import append, leave_note
from orchestrator.errors import InterruptedRunError, OrchestratorError
from orchestrator.plan.bundle import bundle_ids
from orchestrator.session import Session
from orchestrator.state.store import StateStore


@contextmanager
def refusals_audited(
    session: Session, plan_id: str | None, run_id: str, command: str = "apply"
) -> Iterator[None]:
    """Record an error within as a refused apply, unless somebody stopped it; see :func:`record_refusal`."""
    try:
        yield
    except InterruptedRunError:
        raise
    except OrchestratorError as error:
        record_refusal(session, plan_id, run_id, str(error), command)
        raise


def check_may_begin(
    session: Session, run_id: str, command: str, *, recover: bool = False, outside_windows: bool = False
) -> None:
    """Check that a command may change the environment now; that it may not is recorded.

    Raises:
        OrchestratorError: see ``check_free`` and ``check_open``.
    """
    with refusals_audited(session, None, run_id, command):
        check_free(session, recover=recover)
        check_open(session, outside_windows=outside_windows)


def check_takes_unapproved(
    session: Session, run_id: str, remedy: str, command: str = "apply", plan_id: str | None = None
) -> None:
    """Check that an environment takes plans that nobody approved; that it does not is recorded.

    Raises:
        OrchestratorError: it takes approved ones only; ``remedy`` says how to get one.
    """
    with refusals_audited(session, plan_id, run_id, command):
        if session.environment.settings.plans.approvals:
            raise OrchestratorError(f"{session.environment.name} takes approved plans only", remedy=remedy)


def record_refusal(
    session: Session, plan_id: str | None, run_id: str, why: str, command: str = "apply"
) -> None:
    """Append the record, also while others apply; a log that can't be written does not hide why the apply was refused.

    ``plan_id``: None where the apply would have made its own. One that is not there is a slip of the hand, and not recorded. Where
    the environment can't be held (a dead run's lock is there, states are on their way), a note is left instead. What is in the
    log already, because the run got as far as that, is not recorded twice.
    """
    known = bundle_ids(session.work)
    plan_id = known[-1] if plan_id == "latest" and known else plan_id
    if plan_id is not None and plan_id not in known:
        return
    record = {
        "command": command,
        "environment": session.environment.name,
        "bundle": plan_id,
        "run": run_id,
        "ok": False,
        "refused": True,
        "error": why,
    }
    with suppress(OrchestratorError):
        if run_id in session.store.audited:
            return
        try:
            with hold_states(session, command, run_id):
                append(session.store, record)
        except HeldError:
            if _others_apply(session.store):
                append(session.store, record)
            else:
                leave_note(session.store, run_id, record)
        except OrchestratorError:
            leave_note(session.store, run_id, record)


def _others_apply(store: StateStore) -> bool:
    """Whether who holds the environment does no more to the log than append to it."""
    there = holder(store)
    if there is not None:
        return there.command in ("apply", "destroy")
    last = read_journal(store)
    return last is not None and last.ended_at is None
