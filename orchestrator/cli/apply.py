"""``orchestrator apply``."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

import click

from orchestrator.cli.carry_out import Said, carry_out
from orchestrator.cli.options import (
    concurrency_option,
    env_option,
    events_option,
    json_option,
    outside_window_option,
    parallelism_option,
    safe_interrupts,
    session_of,
    slice_options,
)
from orchestrator.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection
    from orchestrator.runs.recorder import Recorder


@click.command()
@env_option
@slice_options
@click.option(
    "--plan",
    "plan_id",
    metavar="ID",
    help="Apply this bundle (`latest`: the newest) instead of planning now.",
)
@click.option(
    "--or-equivalent",
    is_flag=True,
    help="With --plan: when it no longer fits or was begun, go on with it, or plan again and apply that if it does the same.",
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
@click.option(
    "--resume",
    "resumed",
    metavar="RUN",
    help="Go on with what is left of the last run (its id, or `latest`), bound to the same bundle.",
)
@click.option(
    "--retries",
    metavar="N",
    type=click.IntRange(0, 20),
    default=3,
    show_default=True,
    help="How often a layer is tried again after a failure that may pass (throttling, a connection that failed, …).",
)
@click.option("--recover", is_flag=True, help="Begin anew after a run that was killed.")
@parallelism_option
@concurrency_option
@events_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    selection: Selection,
    plan_id: str | None,
    or_equivalent: bool,
    yes: bool,
    confirmed: tuple[str, ...],
    outside_window: str | None,
    resumed: str | None,
    retries: int,
    recover: bool,
    parallelism: int | None,
    memory: float | None,
    events: IO[str] | None,
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

    With --plan, --layer applies some layers of the bundle, as the jobs of a pipeline do, one after the other or side by side,
    also on different machines. What they wait for must have been applied from the same bundle; the others can follow from it.

    Ctrl-C lets Terraform finish the resource in hand and save its state. A run that failed, was stopped or was
    killed is gone on with by --resume: the same bundle, and only what is left of it. States that could not be
    saved are saved first, and what was created without its state hearing of it is taken in.

    --or-equivalent is for runs that come after a review, as in CI. A reviewed plan that other applies have overtaken, or
    that is too old, is made again and must refine the reviewed one, layer by layer; one that failed half-way is gone on with.

    \b
      orchestrator apply --env local
      orchestrator apply --env prod --resume latest
      orchestrator apply --env prod --plan 20260930T120000Z-1f2e
      orchestrator apply --env prod --plan 20260930T120000Z-1f2e --layer network --layer security
    """
    from orchestrator.apply.ahead import planning_ahead
    from orchestrator.apply.freeze import check_open
    from orchestrator.apply.journal import check_free
    from orchestrator.apply.lock import Part
    from orchestrator.apply.refused import check_takes_unapproved, refusals_audited
    from orchestrator.apply.resume import begun, bundle_of, to_resume
    from orchestrator.cli.settle import settle_reviewed
    from orchestrator.plan.authorise import authorise
    from orchestrator.plan.bundle import load_bundle, part_of
    from orchestrator.plan.run import plan_environment
    from orchestrator.runs.recorder import recorded
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_plan, show_report
    from orchestrator.views.progress import PhaseLine

    if resumed and (plan_id or selection.layers or recover):
        raise click.UsageError(
            "--resume has its own plan and slice; leave out --plan, --layer and --recover."
        )
    if plan_id and (selection.with_dependencies or selection.with_dependents):
        raise click.UsageError("--plan has its own slice; --layer names the layers of it that are applied.")
    if or_equivalent and not plan_id:
        raise click.UsageError("--or-equivalent goes with --plan: it names what was reviewed.")
    if or_equivalent and selection.layers:
        raise click.UsageError("--or-equivalent is for the whole plan; leave out --layer.")
    if as_json and not (yes or plan_id or resumed):
        raise click.UsageError("--json can't ask; give --yes, --plan or --resume.")
    if not (yes or plan_id or resumed or sys.stdin.isatty()):
        raise click.UsageError(
            "there is no terminal to ask on; give --yes, or --plan with a reviewed bundle."
        )
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts, ExitStack() as stack:
        session = session_of(ctx, env, interrupts)
        run = stack.enter_context(recorded(session, "apply", events, progress.print))
        earlier, named = None, None
        with refusals_audited(session, bundle_of(session, resumed) if resumed else plan_id, run.id):
            if resumed:
                earlier = to_resume(session, resumed)
                plan_id = earlier.id
            elif plan_id and selection.layers:
                named = Part(load_bundle(session.work, plan_id).manifest.id, frozenset(selection.layers))
                earlier = begun(session, named.bundle, named.layers)
            if earlier is None:
                # Whether a run that was killed can be gone on with is settled below, when the bundle is known.
                check_free(session, recover=recover or or_equivalent, part=named)
            check_open(session, outside_windows=outside_window is not None)
        reviewed_as = ahead = None
        if plan_id:
            with refusals_audited(session, plan_id, run.id):
                bundle = load_bundle(session.work, plan_id)
                if or_equivalent:
                    settled = settle_reviewed(session, bundle, progress, run.id, run.steps)
                    if settled.bundle is None:
                        return _nothing_to_do(run, bundle.manifest.id, env, as_json)
                    if settled.bundle is not bundle:
                        reviewed_as = bundle.manifest.id
                    bundle, earlier = settled.bundle, settled.resume
                part = part_of(bundle, selection.layers)
                approvals = authorise(session, bundle)
        else:
            part = None
            check_takes_unapproved(
                session,
                run.id,
                f"`orchestrator plan --env {env}`, have it approved, then apply it with --plan",
            )
            ahead = stack.enter_context(planning_ahead(session))
            with PhaseLine(progress, f"plan {env}") as line:
                bundle = plan_environment(
                    session,
                    selection,
                    on_event=line.event,
                    on_phase=run.steps(line.phase),
                    plan_id=run.id,
                    begun=ahead.begin_new,
                    check=ahead.begin,
                )
            approvals = authorise(session, bundle)
        run.planned(bundle)
        if not as_json:
            show_plan(make_console(), bundle, session.project.shown(bundle.path))
        if not bundle.changes:
            return _nothing_to_do(run, bundle.manifest.id, env, as_json)
        report = carry_out(
            session,
            bundle,
            run,
            Said(
                bool(yes or plan_id),
                confirmed,
                as_json,
                parallelism,
                memory,
                retries,
                recover,
                outside_window,
            ),
            progress,
            question=f"\nApply this to {env}? Only `yes` is taken.",
            approvals=approvals,
            earlier=earlier,
            reviewed_as=reviewed_as,
            only=part,
            ahead=ahead,
        )
        if report is None:
            return EXIT_ERROR
    if as_json:
        print_json({"changed": True, "run": run.id, **report.as_json()})
    else:
        show_report(make_console(), report, run.id)
    if interrupts.requested:
        return EXIT_INTERRUPTED
    return EXIT_OK if report.ok else EXIT_ERROR


def _nothing_to_do(run: Recorder, bundle: str, env: str, as_json: bool) -> int:
    from orchestrator.views.console import print_json

    run.ended("no_changes")
    if as_json:
        nothing = {"environment": env, "ok": True, "changed": False, "layers": []}
        print_json({"id": bundle, "run": run.id, **nothing})
    return EXIT_OK
