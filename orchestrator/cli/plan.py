"""``orchestrator plan``."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from orchestrator.cli.options import (
    concurrency_option,
    env_option,
    events_option,
    json_option,
    safe_interrupts,
    session_of,
    slice_options,
)
from orchestrator.errors import EXIT_CHANGES, EXIT_OK

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection


@click.command()
@env_option
@slice_options
@click.option(
    "--detailed-exitcode", is_flag=True, help="End with 2 when there are changes, as Terraform does."
)
@concurrency_option
@events_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    selection: Selection,
    detailed_exitcode: bool,
    events: IO[str] | None,
    as_json: bool,
) -> int:
    """Plan the whole environment as one graph, scan and review it, and write a bundle.

    Each layer keeps its own state, yet a change in one is followed into those that depend on it:
    what they will get is planned, or honestly unknown. Nothing is changed or locked.

    \b
      orchestrator plan --env prod
      orchestrator plan --env prod --layer data --with-dependents
      orchestrator apply --env prod --plan ID

    The bundle is .orchestrator/<env>/plans/<id>/: manifest.json, changes.json, plan.json (redacted),
    findings.json, review.json, summary.md, logs/.
    """
    from orchestrator.plan.run import plan_environment
    from orchestrator.runs.recorder import recorded
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_plan
    from orchestrator.views.progress import PhaseLine

    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        with recorded(session, "plan", events, progress.print) as run:
            with PhaseLine(progress, f"plan {env}") as line:
                bundle = plan_environment(
                    session, selection, on_event=line.event, on_phase=run.steps(line.phase), plan_id=run.id
                )
            run.planned(bundle)
    shown = session.project.shown(bundle.path)
    if as_json:
        print_json(
            {
                "id": bundle.manifest.id,
                "environment": env,
                "bundle": str(shown),
                "changed": bool(bundle.changes),
                "counts": bundle.manifest.counts,
                "layers": bundle.changes.as_json()["layers"],
                "policy": bundle.scan.as_json(),
                "review": bundle.review.as_json(),
                "notes": list(bundle.notes),
            }
        )
    else:
        show_plan(make_console(), bundle, shown)
        if bundle.changes and not bundle.scan.blocks:
            click.echo(f"Apply it: orchestrator apply --env {env} --plan {bundle.manifest.id}")
        elif bundle.scan.blocks:
            click.echo("Policy: apply will refuse this plan.")
    return EXIT_CHANGES if detailed_exitcode and bundle.changes else EXIT_OK
