"""``orchestrator freeze``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_OK


@click.command()
@env_option
@click.option("--reason", help="Why; whoever is refused reads it.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="When it ends by itself, UTC.",
)
@click.option("--thaw", is_flag=True, help="End the freeze.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, env: str, reason: str | None, until: datetime | None, thaw: bool, as_json: bool
) -> int:
    """Let nobody apply or destroy an environment; without --reason, say whether it is frozen.

    Kept beside the states, so it holds on every machine. plan, review and the like go on.

    \b
      orchestrator freeze --env prod --reason "black friday" --until 2026-12-01
      orchestrator freeze --env prod --thaw
    """
    from orchestrator.apply import freeze
    from orchestrator.audit import noted
    from orchestrator.plan.run import new_plan_id
    from orchestrator.views.console import print_json

    if thaw and (reason or until):
        raise click.UsageError("--thaw goes alone.")
    if until and not reason:
        raise click.UsageError("--until needs a --reason.")
    store = session_of(ctx, env).store
    if thaw:
        with noted(store, new_plan_id(), {"command": "thaw", "environment": env}, _say):
            ended = freeze.thaw(store)
        now, text = None, f"{env} is frozen no more." if ended else f"{env} was not frozen."
    elif reason:
        with noted(store, new_plan_id(), {"command": "freeze", "environment": env, "reason": reason}, _say):
            now = freeze.freeze(store, reason, until.replace(tzinfo=UTC) if until else None)
        text = f"{env} is frozen: {now}"
    else:
        now = freeze.current(store)
        text = f"{env} is frozen: {now}" if now else f"{env} is not frozen."
    if as_json:
        print_json({"environment": env, "frozen": now.as_json() if now else None})
    else:
        click.echo(text)
    return EXIT_OK


def _say(text: str) -> None:
    click.echo(text, err=True)
