"""``orchestrator state moved``."""

from __future__ import annotations

import click

from orchestrator.cli.options import env_option, json_option, safe_interrupts, session_of
from orchestrator.cli.state.outcome import planned, show_planned
from orchestrator.errors import EXIT_OK


@click.command()
@env_option
@click.option("--layer", "-l", required=True, metavar="NAME", help="The layer whose module it is.")
@click.argument("old")
@click.argument("new")
@click.option("--plan", is_flag=True, help="Plan the layer afterwards, and show what is left to do.")
@json_option
@click.pass_context
def moved(ctx: click.Context, env: str, layer: str, old: str, new: str, plan: bool, as_json: bool) -> int:
    """Write a `moved` block into a layer's module, so that every environment follows a rename at its next apply.

    Rename the resource or module in the code first. No state is touched here.

    \b
      orchestrator state moved --env dev --layer data aws_sqs_queue.jobs aws_sqs_queue.work --plan
    """
    from orchestrator.state.address import Place, check_address
    from orchestrator.state.moved import add_moved
    from orchestrator.views.console import make_console, print_json

    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        there = session.environment.layer(layer)
        first = f"module.{layer}."
        places = [Place(layer, check_address(text.removeprefix(first))) for text in (old, new)]
        path = session.project.shown(add_moved(there, (places[0], places[1])))
        outcome = planned(session_of(ctx, env, interrupts), [layer], progress) if plan else None
    if as_json:
        print_json(
            {
                "environment": env,
                "layer": layer,
                "from": places[0].address,
                "to": places[1].address,
                "file": str(path),
                "plan": outcome,
            }
        )
        return EXIT_OK
    click.echo(
        f"{path}: {places[0].address} → {places[1].address}. Each environment follows at its next apply."
    )
    show_planned(outcome, env)
    return EXIT_OK
