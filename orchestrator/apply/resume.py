"""Which run may be gone on with."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from orchestrator.apply.journal import RunRecord, read_journal
from orchestrator.apply.lock import HeldError, Part, check_free, holder
from orchestrator.errors import OrchestratorError
from orchestrator.plan.bundle import bundle_ids, plans_folder
from orchestrator.session import Session


def to_resume(session: Session, run: str, part: Part | None = None) -> RunRecord:
    """The last run of the environment, which is the only one that can be gone on with. ``run``: its id, its bundle's, or ``latest``.

    ``part``: only these layers of it, beside others that go on with other layers.

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
    if run not in ("latest", last.id, last.run, *(one.run for one in last.parts)):
        raise OrchestratorError(
            f"the run {run} is not the last one on {env}: that is {last}",
            remedy="only the last run can be gone on with; plan what is left, and apply that",
        )
    if last.command != "apply":
        raise OrchestratorError(
            f"the last run on {env} is no apply: {last}",
            remedy=f"`orchestrator {last.command} --env {env}` again",
        )
    there = holder(session.store) if session.store.is_shared and part is None else None
    if there is not None and not (there.dead() and there.run == last.id):
        dead = there.dead()
        raise HeldError(
            f"a run {'that is dead ' if dead else ''}holds {env}: {there}",
            remedy=f"`orchestrator unlock --env {env}`" if dead else "wait until it has ended",
        )
    if part is not None:
        check_free(session.store, part)
    elif last.id not in bundle_ids(session.work):
        raise OrchestratorError(
            f"the plan {last.id}, which the last run applied, is not on this machine ({last.by} ran it on {last.host})",
            remedy=f"bring its folder into {plans_folder(session.work)}, or look at `orchestrator plan --env {env}` and begin "
            "anew: `apply --recover`",
        )
    locks = session.store.terraform_locks()
    for lock in (one for one in locks if part is None or one.layer in part.layers):
        raise OrchestratorError(
            f"the state of the layer {lock.layer} is locked: {lock}",
            remedy=f"`orchestrator unlock --env {env}` removes it when its Terraform is gone",
        )
    return last


def bundle_of(session: Session, run: str) -> str:
    """The bundle of the run that is to be gone on with, for the record of a refusal; ``run`` itself where nothing says it."""
    with suppress(OrchestratorError):
        last = read_journal(session.store)
        if last is not None and run in ("latest", last.id, last.run):
            return last.id
    return run


def begun(session: Session, bundle: str, layers: Collection[str] = ()) -> RunRecord | None:
    """What runs have done of this bundle already, when they were the last ones; None: nothing.

    Raises:
        OrchestratorError: one still runs (where ``layers`` are named: that has one of them in hand), or has left locks.
    """
    last = read_journal(session.store)
    if last is None or last.command != "apply" or last.id != bundle:
        return None
    return to_resume(session, bundle, Part(bundle, frozenset(layers)) if layers else None)
