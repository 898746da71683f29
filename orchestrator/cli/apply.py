"""``orchestrator apply``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from orchestrator.cli.confirm import Consent, can_ask, consent_to
from orchestrator.cli.options import (
    concurrency_option,
    env_option,
    json_option,
    outside_window_option,
    parallelism_option,
    safe_interrupts,
    session_of,
    slice_options,
)
from orchestrator.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, OrchestratorError

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection


@click.command()
@env_option
@slice_options
@click.option(
    "--plan",
    "plan_id",
    metavar="ID",
    help="Apply this bundle (`latest`: the newest) instead of planning now.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask, unless the review blocks.")
@click.option(
    "--confirm",
    "confirmed",
    metavar="ADDRESS",
    multiple=True,
    help="Take what the review says about this address; may be repeated.",
)
@outside_window_option
@click.option("--recover", is_flag=True, help="Carry on after a run that was killed.")
@parallelism_option
@concurrency_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    selection: Selection,
    plan_id: str | None,
    yes: bool,
    confirmed: tuple[str, ...],
    outside_window: str | None,
    recover: bool,
    parallelism: int,
    as_json: bool,
) -> int:
    """Apply exactly what was reviewed, layer by layer in dependency order.

    Without --plan: plans, scans, shows and asks. Before a layer is changed its plan is made again
    with what its upstream layers really are by then; it must refine the reviewed one, or the run stops
    and shows the difference. Layers without changes are not touched. A layer that fails stops those
    that depend on it; the others are finished.

    What the review calls critical or high must be waived (policy/waivers.yaml), approved (`approve`), or
    confirmed: on the terminal, or with --confirm. --yes does not do that. A bundle is refused when it was
    touched, is too old, or lacks the signature or the approvals that the environment asks for.

    Ctrl-C lets Terraform finish the resource in hand and save its state; the next apply carries on.

    \b
      orchestrator apply --env local
      orchestrator apply --env prod --plan 20260930T120000Z-1f2e
    """
    from orchestrator.apply.freeze import check_open
    from orchestrator.apply.journal import interrupted_run, read_journal
    from orchestrator.apply.lock import check_free
    from orchestrator.apply.run import apply_bundle
    from orchestrator.plan.authorise import authorise
    from orchestrator.plan.bundle import load_bundle
    from orchestrator.plan.run import plan_environment
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_plan, show_report
    from orchestrator.views.progress import PhaseLine, show_progress

    if plan_id and selection.layers:
        raise click.UsageError("--plan has its own slice; leave out --layer.")
    if as_json and not (yes or plan_id):
        raise click.UsageError("--json can't ask; give --yes or --plan.")
    if not (yes or plan_id or sys.stdin.isatty()):
        raise click.UsageError(
            "there is no terminal to ask on; give --yes, or --plan with a reviewed bundle."
        )
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        killed = read_journal(session.work)
        if killed is not None and not recover and not _is_running(killed):
            raise interrupted_run(session.work, killed)
        check_free(session.store)
        check_open(session, outside_windows=outside_window is not None)
        if plan_id:
            bundle = load_bundle(session.work, plan_id)
            approvals = authorise(session, bundle)
        else:
            if session.environment.settings.plans.approvals:
                raise OrchestratorError(
                    f"{env} takes approved plans only",
                    remedy=f"`orchestrator plan --env {env}`, have it approved, then apply it with --plan",
                )
            with PhaseLine(progress, f"plan {env}") as line:
                bundle = plan_environment(session, selection, on_event=line.event, on_phase=line.phase)
            approvals = authorise(session, bundle)
        if not as_json:
            show_plan(make_console(), bundle, session.project.shown(bundle.path))
        if not bundle.changes:
            if as_json:
                print_json(
                    {"id": bundle.manifest.id, "environment": env, "ok": True, "changed": False, "layers": []}
                )
            return EXIT_OK
        said = {address for approval in approvals for address in approval.confirmed}
        consent = consent_to(
            bundle.review,
            env,
            f"\nApply this to {env}? Only `yes` is taken.",
            Consent(bool(yes or plan_id), {*confirmed, *said}, can_ask(as_json)),
            approved=bool(approvals),
        )
        if consent is None:
            click.echo("Not applied; nothing was changed.")
            return EXIT_ERROR
        interrupts.check()
        order = [name for name in bundle.manifest.layers if bundle.changes.layers[name]]
        with show_progress(progress, list(bundle.manifest.layers) if len(order) < 30 else order) as view:
            report = apply_bundle(
                session,
                bundle,
                view,
                parallelism=parallelism,
                recover=recover,
                confirmed=consent,
                outside_window=outside_window,
            )
    if as_json:
        print_json({"changed": True, **report.as_json()})
    else:
        show_report(make_console(), report)
    if interrupts.requested:
        return EXIT_INTERRUPTED
    return EXIT_OK if report.ok else EXIT_ERROR


def _is_running(run: dict[str, object]) -> bool:
    from orchestrator.session import process_alive

    pid = run.get("pid")
    return isinstance(pid, int) and pid > 0 and process_alive(pid)
