"""``orchestrator drift accept`` and ``orchestrator drift revert``."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click

from orchestrator.cli.confirm import Consent, can_ask, consent_to
from orchestrator.cli.options import (
    ask,
    concurrency_option,
    env_option,
    json_option,
    outside_window_option,
    safe_interrupts,
    session_of,
    slots_of,
)
from orchestrator.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK

_addresses = click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)


def _check_can_ask(yes: bool, as_json: bool) -> None:
    if not yes and (as_json or not sys.stdin.isatty()):
        raise click.UsageError("there is no terminal to ask on; give --yes.")


@click.command()
@env_option
@_addresses
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@concurrency_option
@json_option
@click.pass_context
def accept(ctx: click.Context, env: str, addresses: tuple[str, ...], yes: bool, as_json: bool) -> int:
    """Take what is really there into the state, for exactly these resources.

    AWS is not changed, and neither is the configuration: where it says otherwise, the next apply puts its values
    back, and this says which. The states are backed up first, and compared afterwards: nothing else in them changes.
    What a resource depends on must not have drifted, or be named as well.

    \b
      orchestrator drift accept --env prod module.compute.aws_ecs_service.api
    """
    from orchestrator.apply.refused import check_may_begin
    from orchestrator.drift.accept import accept as take_in
    from orchestrator.drift.accept import look_at
    from orchestrator.plan.run import new_plan_id
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.drift import lasting_text, show_resources
    from orchestrator.views.progress import PhaseLine

    _check_can_ask(yes, as_json)
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        run = new_plan_id()
        check_may_begin(session, run, "drift accept", outside_windows=True)
        with PhaseLine(progress, f"drift {env}") as line:
            report = look_at(session, tuple(dict.fromkeys(addresses)), on_phase=line.phase)
        if not as_json:
            console = make_console()
            show_resources(console, report.drift.resources, report.severities())
            for layer, outputs in report.outputs.items():
                for output in outputs:
                    console.print(f"  {layer}: its output {output.name} changes with it")
            console.print(lasting_text(report))
        if not yes and not ask(f"\nTake this into the states of {env}? Only `yes` is taken.", "yes"):
            click.echo("Not taken in; nothing was changed.")
            return EXIT_ERROR
        with PhaseLine(progress, f"drift {env}") as line:
            accepted = take_in(session, report, run, on_phase=line.phase)
    if as_json:
        resources = report.as_json()["resources"]
        print_json({"environment": env, "ok": True, **accepted.as_json(), "resources": resources})
    else:
        for layer, (old, new) in accepted.serials.items():
            click.echo(f"{layer}: serial {old} → {new}")
        click.echo(
            f"Taken in: {', '.join(accepted.addresses)}. The states before are kept as {accepted.backup}."
        )
    return EXIT_OK


@click.command()
@env_option
@_addresses
@click.option("--yes", "-y", is_flag=True, help="Do not ask, unless the review blocks.")
@click.option(
    "--confirm",
    "confirmed",
    metavar="ADDRESS",
    multiple=True,
    help="Take what the review says about this address; may be repeated.",
)
@outside_window_option
@concurrency_option
@json_option
@click.pass_context
def revert(
    ctx: click.Context,
    env: str,
    addresses: tuple[str, ...],
    yes: bool,
    confirmed: tuple[str, ...],
    outside_window: str | None,
    as_json: bool,
) -> int:
    """Put exactly these resources back to what the configuration says.

    Plans them alone, scans and reviews that, writes a bundle, asks, and applies it as `apply` does. Refused when
    something else would have to change, too, or when the configuration does not say otherwise. Where plans must be
    approved, the bundle is written and left to `approve` and `apply --plan`.

    \b
      orchestrator drift revert --env prod 'module.data.aws_s3_bucket.this["logs"]'
    """
    from orchestrator.apply.refused import check_may_begin, check_takes_unapproved
    from orchestrator.apply.run import apply_bundle
    from orchestrator.drift.revert import check_reverted, plan_revert
    from orchestrator.plan.authorise import authorise
    from orchestrator.runs.recorder import recorded
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_plan, show_report
    from orchestrator.views.progress import PhaseLine, show_progress

    _check_can_ask(yes, as_json)
    named = tuple(dict.fromkeys(addresses))
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts, ExitStack() as stack:
        session = session_of(ctx, env, interrupts)
        run = stack.enter_context(recorded(session, "drift revert", None, progress.print))
        check_may_begin(session, run.id, "drift revert", outside_windows=outside_window is not None)
        with PhaseLine(progress, f"plan {env}") as line:
            planned = plan_revert(
                session, named, on_event=line.event, on_phase=run.steps(line.phase), plan_id=run.id
            )
        bundle = planned.bundle
        run.planned(bundle)
        if not as_json:
            show_plan(make_console(), bundle, session.project.shown(bundle.path))
        check_takes_unapproved(
            session,
            run.id,
            f"have {bundle.manifest.id} approved, then `orchestrator apply --env {env} --plan {bundle.manifest.id}`",
            "drift revert",
            bundle.manifest.id,
        )
        authorise(session, bundle)
        run.step("asking")
        consent = consent_to(
            bundle.review,
            env,
            f"\nPut this back in {env}? Only `yes` is taken.",
            Consent(yes, set(confirmed), can_ask(as_json)),
        )
        if consent is None:
            run.ended("refused")
            click.echo("Not put back; nothing was changed.")
            return EXIT_ERROR
        interrupts.check()
        slots = slots_of(None, None)
        run.scheduled(slots)
        run.step("checking the plan")
        order = [name for name in bundle.manifest.layers if bundle.changes.layers[name]]
        with show_progress(progress, order) as view:
            report = apply_bundle(
                session,
                bundle,
                run.progress(view),
                parallelism=slots.layers,
                confirmed=consent,
                outside_window=outside_window,
                run_id=run.id,
                command="drift revert",
            )
        run.reported(report)
        if report.ok:
            with PhaseLine(progress, f"drift {env}") as line:
                line.phase("verifying")
                check_reverted(session, named)
    if as_json:
        resources = [item.as_json() for item in planned.drift.resources]
        print_json({"run": run.id, "bundle": bundle.manifest.id, **report.as_json(), "resources": resources})
    else:
        show_report(make_console(), report, run.id)
    if interrupts.requested:
        return EXIT_INTERRUPTED
    return EXIT_OK if report.ok else EXIT_ERROR
