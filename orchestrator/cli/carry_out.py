"""From a bundle that was shown to its apply: consent, the slots, the progress and the report."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from orchestrator.cli.confirm import Consent, can_ask, consent_to
from orchestrator.cli.options import slots_of

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.apply.ahead import Ahead
    from orchestrator.apply.journal import RunRecord
    from orchestrator.apply.report import RunReport
    from orchestrator.plan.bundle import Bundle
    from orchestrator.plan.seal import Approval
    from orchestrator.runs.recorder import Recorder
    from orchestrator.session import Session


@dataclass(frozen=True)
class Said:
    """What the command line said. ``yes`` also where a reviewed bundle was named."""

    yes: bool
    confirmed: Collection[str] = ()
    as_json: bool = False
    parallelism: int | None = None
    memory: float | None = None
    retries: int = 3
    recover: bool = False
    outside_window: str | None = None


def carry_out(
    session: Session,
    bundle: Bundle,
    run: Recorder,
    said: Said,
    progress: Console,
    *,
    question: str,
    approvals: Collection[Approval] = (),
    earlier: RunRecord | None = None,
    reviewed_as: str | None = None,
    only: frozenset[str] | None = None,
    ahead: Ahead | None = None,
) -> RunReport | None:
    """Ask, and apply; None when consent was refused. ``reviewed_as``, ``only`` and ``ahead``: see ``apply_bundle``.

    Raises:
        OrchestratorError: see ``consent_to`` and ``apply_bundle``.
    """
    from orchestrator.apply.refused import record_refusal, refusals_audited
    from orchestrator.apply.run import apply_bundle
    from orchestrator.views.progress import show_progress

    confirmed = set(said.confirmed) | (set(earlier.confirmed) if earlier else set())
    confirmed |= {address for approval in approvals for address in approval.confirmed}
    run.step("asking")
    consent = None
    with refusals_audited(session, bundle.manifest.id, run.id):
        try:
            consent = consent_to(
                bundle.review,
                session.environment.name,
                question,
                Consent(said.yes, confirmed, can_ask(said.as_json)),
                approved=bool(approvals),
            )
        finally:
            if consent is None and ahead is not None:
                ahead.stop()
    if consent is None:
        run.ended("refused")
        record_refusal(session, bundle.manifest.id, run.id, "the one who was asked did not agree")
        click.echo("Not applied; nothing was changed.")
        return None
    session.interrupts.check()
    named = [name for name in bundle.manifest.layers if only is None or name in only]
    order = [name for name in named if bundle.changes.layers[name]]
    slots = slots_of(said.parallelism, said.memory)
    run.scheduled(slots)
    if slots.limit == "memory" and slots.layers < len(order):
        progress.print(str(slots))
    run.step("checking the plan")
    if ahead is not None:
        ahead.settle()
    with (
        refusals_audited(session, bundle.manifest.id, run.id),
        show_progress(progress, named if len(order) < 30 else order) as view,
    ):
        report = apply_bundle(
            session,
            bundle,
            run.progress(view),
            parallelism=slots.layers,
            recover=said.recover,
            resume=earlier,
            retries=said.retries,
            confirmed=consent,
            outside_window=said.outside_window,
            run_id=run.id,
            reviewed_as=reviewed_as,
            only=only,
            ahead=ahead,
        )
    run.reported(report)
    return report
