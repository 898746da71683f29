"""Whether a bundle may be applied at all: its environment, its age, its signature and its approvals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from orchestrator.config.schema import Approvals
from orchestrator.errors import OrchestratorError, Where
from orchestrator.identity import shared
from orchestrator.plan.bundle import Bundle
from orchestrator.plan.seal import Approval, check_signature, read_approvals
from orchestrator.session import Session


def authorise(session: Session, bundle: Bundle) -> list[Approval]:
    """The approvals of a bundle that may be applied.

    Raises:
        OrchestratorError: it is another environment's, expired, not signed with the environment's key, or lacks approvals.
    """
    seal, plans = bundle.seal, session.environment.settings.plans
    if seal.environment != session.environment.name:
        raise OrchestratorError(
            f"the plan {seal.id} is for environment {seal.environment}, not {session.environment.name}",
            where=Where(file=session.project.shown(bundle.path)),
        )
    if seal.expired(datetime.now(UTC)):
        raise OrchestratorError(
            f"the plan {seal.id} expired at {seal.expires_at}: {seal.environment} takes plans for {plans.valid_hours} hours",
            remedy="plan again and review that",
        )
    if plans.signer is not None:
        check_signature(bundle.path, seal, session.key(plans.signer))
    return _approvals(session, bundle, plans.approvals) if plans.approvals else []


def _approvals(session: Session, bundle: Bundle, wanted: Approvals) -> list[Approval]:
    seal, signer = bundle.seal, session.environment.settings.plans.signer
    keys = {name: session.key(settings) for name, settings in wanted.approvers.items()}
    counted, left_out = of_different_people(
        read_approvals(bundle.path, seal, keys),
        {name: key.name for name, key in keys.items()},
        None
        if wanted.allow_self
        else (session.key(signer).name if signer else "", bundle.manifest.planned_as),
    )
    if len(counted) < wanted.required:
        by = ", ".join(approval.by for approval in counted) or "nobody"
        raise OrchestratorError(
            f"the plan {seal.id} needs {wanted.required} approvals and has {len(counted)} (by {by})",
            remedy=f"have it approved: `orchestrator approve --env {seal.environment} --plan {seal.id}`",
            details=tuple(left_out),
        )
    return counted


def of_different_people(
    given: Iterable[Approval], keys: Mapping[str, str], planner: tuple[str, tuple[str, ...]] | None
) -> tuple[list[Approval], list[str]]:
    """The approvals that count, and why the others do not.

    ``keys``: the name of each approver's key. ``planner``: the key that signed the plan, and what tells who made it; None
    where own approvals count.
    """
    counted: list[Approval] = []
    left_out: list[str] = []
    for approval in given:
        key = keys[approval.by]
        same = next(
            (one for one in counted if keys[one.by] == key or shared(one.person, approval.person)), None
        )
        own = own_approval(approval.person, key, *planner) if planner else None
        if own:
            left_out.append(f"{approval.by}'s does not count: {own}")
        elif same is not None:
            left_out.append(f"{approval.by}'s does not count: it is by the same person as {same.by}'s")
        else:
            counted.append(approval)
    return counted, left_out


def own_approval(person: Iterable[str], key: str, signer: str, planned_as: tuple[str, ...]) -> str | None:
    """Why an approval would be of one's own plan; None when it is somebody else's. ``key``: the approver's."""
    if key == signer:
        return f"{key} signed the plan"
    same = shared(person, planned_as)
    return f"{same.partition(':')[2]} made the plan, whatever the key" if same else None
