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
    """Remove the locks that a dead run left on an environment, after saying whose they are.

    A run renews its lock every half minute; one that was not renewed for five minutes, or whose process on this
    machine is gone, is dead. Terraform's own locks on single states stay when it was killed. What such a run had in
    hand may be missing from a state: go on with `apply --resume latest`, which looks for it.
    """
    from orchestrator import audit
    from orchestrator.apply.lock import holder
    from orchestrator.terraform.client import terraform_in
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    store = session.store
    try:
        held = holder(store)
    except OrchestratorError:
        if not force:
            raise
        held = None
        store.remove_lock()
    locks = store.terraform_locks()
    if held is None and not locks:
        if as_json:
            print_json({"environment": env, "removed": None, "terraform": []})
        else:
            click.echo(f"Nobody holds {env}.")
        return EXIT_OK
    if not as_json:
        if held is not None:
            click.echo(f"{env} is held by {held}; last heard of at {held.renewed}.")
        for lock in locks:
            click.echo(f"Terraform has locked a state: {lock}.")
    if held is not None and not held.dead() and not force:
        raise OrchestratorError(
            f"its run seems to be alive: it was heard of {held.silent_for(datetime.now(UTC)):.0f} s ago",
            remedy="wait until it has ended; --force removes the lock, and two runs may then harm each other",
        )
    alive = [lock.layer for lock in locks if terraform_in(session.workspace(lock.layer))]
    if alive and not force:
        raise OrchestratorError(
            f"Terraform is still at work on {', '.join(alive)} on this machine",
            remedy="it saves the state and gives the lock back when it ends; wait for it",
        )
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise click.UsageError("there is no terminal to ask on; give --yes.")
        if locks:
            click.echo("Be sure that no Terraform is at work on these states anywhere.")
        if not ask("Remove these locks? Only `yes` is taken.", "yes"):
            click.echo("Not removed.")
            return EXIT_ERROR
    for lock in locks:
        store.remove_terraform_lock(lock)
    if held is not None:
        store.remove_lock()
    audit.append(
        store,
        {
            "command": "unlock",
            "environment": env,
            "run": held.run if held else None,
            "held_by": held.by if held else None,
            "terraform": [lock.as_json() for lock in locks],
            "ok": True,
        },
    )
    if as_json:
        terraform = [lock.as_json() for lock in locks]
        print_json({"environment": env, "removed": held.as_json() if held else None, "terraform": terraform})
    else:
        click.echo(f"Removed. Go on with `orchestrator apply --env {env} --resume latest`.")
    return EXIT_OK
