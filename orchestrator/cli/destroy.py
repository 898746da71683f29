"""``orchestrator destroy``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import (
    ask,
    env_option,
    json_option,
    parallelism_option,
    safe_interrupts,
    session_of,
    slice_options,
)
from orchestrator.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection


@click.command()
@env_option
@slice_options
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--recover", is_flag=True, help="Carry on after a run that was killed.")
@parallelism_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    selection: Selection,
    yes: bool,
    recover: bool,
    parallelism: int,
    as_json: bool,
) -> int:
    """Destroy layers, dependents first.

    Every resource that will go is listed before you are asked to type the environment's name. Each
    layer is destroyed with the inputs recorded at its last apply, so it works when what it depended
    on is gone. An environment with `protected: true` is refused.
    """
    from orchestrator.apply.destroy import destroy, plan_destroy
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_report
    from orchestrator.views.progress import show_progress

    if not yes and (as_json or not sys.stdin.isatty()):
        raise click.UsageError("there is no terminal to ask on; give --yes.")
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        plan = plan_destroy(session, selection)
        if not as_json:
            for layer, addresses in plan.addresses.items():
                click.secho(f"\n{layer}", bold=True)
                for address in addresses:
                    click.secho(f"  - {address}", fg="red")
            click.echo("")
        if not plan.total:
            if as_json:
                print_json({"environment": env, "ok": True, "changed": False, "layers": []})
            else:
                click.echo("There is nothing to destroy.")
            return EXIT_OK
        if not yes:
            question = (
                f"{plan.total} resources of {env} will be destroyed. Type the environment's name to go on."
            )
            if not ask(question, env):
                click.echo("Not destroyed; nothing was changed.")
                return EXIT_ERROR
        with show_progress(progress, plan.order) as view:
            report = destroy(session, plan, view, parallelism=parallelism, recover=recover)
    if as_json:
        print_json({"changed": True, **report.as_json()})
    else:
        show_report(make_console(), report)
    if interrupts.requested:
        return EXIT_INTERRUPTED
    return EXIT_OK if report.ok else EXIT_ERROR
