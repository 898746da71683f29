"""``orchestrator destroy``."""

from __future__ import annotations

from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

import click

from orchestrator.cli.confirm import Consent, can_ask, consent_to_destroy
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
    slots_of,
)
from orchestrator.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection


@click.command()
@env_option
@slice_options
@click.option("--yes", "-y", is_flag=True, help="Do not ask, unless what holds data would go.")
@click.option(
    "--confirm", "confirmed", metavar="ENV", help="The environment's name again: do not ask at all."
)
@outside_window_option
@click.option("--recover", is_flag=True, help="Carry on after a run that was killed.")
@parallelism_option
@concurrency_option
@events_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    selection: Selection,
    yes: bool,
    confirmed: str | None,
    outside_window: str | None,
    recover: bool,
    parallelism: int | None,
    memory: float | None,
    events: IO[str] | None,
    as_json: bool,
) -> int:
    """Destroy layers, dependents first.

    Every resource that will go is listed before you are asked to type the environment's name. --yes is
    enough on the emulator, and where nothing goes that holds data; else give --confirm ENV. Each
    layer is destroyed with the inputs recorded at its last apply, so it works when what it depended
    on is gone. An environment with `protected: true` is refused.
    """
    from orchestrator.apply.destroy import destroy, plan_destroy
    from orchestrator.apply.refused import check_may_begin, refusals_audited
    from orchestrator.runs.recorder import recorded
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_report
    from orchestrator.views.progress import show_progress

    may_ask = can_ask(as_json)
    if not (yes or confirmed or may_ask):
        raise click.UsageError("there is no terminal to ask on; give --yes.")
    if confirmed not in (None, env):
        raise click.UsageError(f"--confirm {confirmed} is not the environment {env}.")
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts, ExitStack() as stack:
        session = session_of(ctx, env, interrupts)
        run = stack.enter_context(recorded(session, "destroy", events, progress.print))
        check_may_begin(
            session, run.id, "destroy", recover=recover, outside_windows=outside_window is not None
        )
        plan = plan_destroy(session, selection)
        if not as_json:
            for layer, addresses in plan.addresses.items():
                click.secho(f"\n{layer}", bold=True)
                for address in addresses:
                    click.secho(f"  - {address}", fg="red")
            click.echo("")
        if not plan.total:
            run.ended("no_changes")
            if as_json:
                print_json({"run": run.id, "environment": env, "ok": True, "changed": False, "layers": []})
            else:
                click.echo("There is nothing to destroy.")
            return EXIT_OK
        run.step("asking")
        addresses = [address for layer in plan.addresses.values() for address in layer]
        given = Consent(yes, {confirmed} if confirmed else set(), may_ask)
        if not consent_to_destroy(env, addresses, given, emulated=session.environment.settings.emulator):
            run.ended("refused")
            click.echo("Not destroyed; nothing was changed.")
            return EXIT_ERROR
        slots = slots_of(parallelism, memory)
        run.scheduled(slots)
        if slots.limit == "memory" and slots.layers < len(plan.states):
            progress.print(str(slots))
        with (
            refusals_audited(session, None, run.id, "destroy"),
            show_progress(progress, plan.order) as view,
        ):
            report = destroy(
                session,
                plan,
                run.progress(view),
                parallelism=slots.layers,
                recover=recover,
                outside_window=outside_window,
                run_id=run.id,
            )
        run.reported(report)
    if as_json:
        print_json({"changed": True, "run": run.id, **report.as_json()})
    else:
        show_report(make_console(), report, run.id)
    if interrupts.requested:
        return EXIT_INTERRUPTED
    return EXIT_OK if report.ok else EXIT_ERROR
