"""Whether a bundle may be applied at all: its environment, its age, its signature and its approvals."""

from __future__ import annotations

from datetime import UTC, datetime

from orchestrator.config.schema import Approvals
from orchestrator.errors import OrchestratorError, Where
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
    given = read_approvals(bundle.path, seal, keys)
    own = session.key(signer).name if signer and not wanted.allow_self else None
    counted = {keys[approval.by].name: approval for approval in given if keys[approval.by].name != own}
    if len(counted) < wanted.required:
        by = ", ".join(approval.by for approval in counted.values()) or "nobody"
        left_out = [approval.by for approval in given if keys[approval.by].name == own]
        raise OrchestratorError(
            f"the plan {seal.id} needs {wanted.required} approvals and has {len(counted)} (by {by})",
            remedy=f"have it approved: `orchestrator approve --env {seal.environment} --plan {seal.id}`",
            details=tuple(f"{name} planned it, and their own approval does not count" for name in left_out),
        )
    return list(counted.values())
