"""``orchestrator unlock``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from orchestrator.cli.options import ask, env_option, json_option, session_of
from orchestrator.errors import EXIT_ERROR, EXIT_OK, OrchestratorError


@click.command()
@env_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Remove it although its run seems alive, or it can't be read.")
@json_option
@click.pass_context
def command(ctx: click.Context, env: str, yes: bool, force: bool, as_json: bool) -> int:
    """Remove the lock that a dead run left on an environment, after saying whose it is.

    A run renews its lock every half minute; one that was not renewed for five minutes is dead. What that run
    had in hand may be missing from a state: plan first, and apply with --recover.
    """
    from orchestrator import audit
    from orchestrator.apply.lock import holder
    from orchestrator.views.console import print_json

    store = session_of(ctx, env).store
    try:
        held = holder(store)
    except OrchestratorError:
        if not force:
            raise
        held = None
        store.remove_lock()
    if held is None:
        if as_json:
            print_json({"environment": env, "removed": None})
        else:
            click.echo(f"Nobody holds {env}.")
        return EXIT_OK
    if not as_json:
        click.echo(f"{env} is held by {held}; last heard of at {held.renewed}.")
    if not held.dead() and not force:
        raise OrchestratorError(
            f"its run seems to be alive: it was heard of {held.silent_for(datetime.now(UTC)):.0f} s ago",
            remedy="wait until it has ended; --force removes the lock, and two runs may then harm each other",
        )
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise click.UsageError("there is no terminal to ask on; give --yes.")
        if not ask("Remove its lock? Only `yes` is taken.", "yes"):
            click.echo("Not removed.")
            return EXIT_ERROR
    store.remove_lock()
    audit.append(
        store, {"command": "unlock", "environment": env, "run": held.run, "held_by": held.by, "ok": True}
    )
    if as_json:
        print_json({"environment": env, "removed": held.as_json()})
    else:
        click.echo(f"Removed. Look at `orchestrator plan --env {env}`, then apply with --recover.")
    return EXIT_OK
