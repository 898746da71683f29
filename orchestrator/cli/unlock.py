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
    machine is gone, is dead. Where runs apply parts of one plan side by side, only the dead ones' locks are removed.
    Terraform's own locks on single states stay when it was killed. What such a run had in hand may be missing from a
    state: go on with `apply --resume latest`, which looks for it.
    """
    from orchestrator import audit
    from orchestrator.apply.lock import DamagedLockError, Holder, holders, release
    from orchestrator.terraform.client import terraform_in
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    store = session.store
    held: tuple[Holder, ...] = ()
    damaged: DamagedLockError | None = None
    try:
        held = holders(store)
    except DamagedLockError as error:
        if not force:
            raise
        damaged = error
    gone = held if force else tuple(one for one in held if one.dead())
    kept = [one for one in held if one not in gone]
    at_work = {layer for one in kept for layer in one.layers or ()}
    locks = [lock for lock in store.terraform_locks() if lock.layer not in at_work]
    if not held and not locks and not damaged:
        if as_json:
            print_json({"environment": env, "removed": [], "terraform": []})
        else:
            click.echo(f"Nobody holds {env}.")
        return EXIT_OK
    if not as_json:
        if damaged:
            click.echo(f"Nobody can say who holds {env}: {damaged.message}.")
        for one in held:
            click.echo(f"{env} is held by {one}; last heard of at {one.renewed}.")
        for lock in locks:
            click.echo(f"Terraform has locked a state: {lock}.")
    if kept and not gone:
        raise OrchestratorError(
            f"its run seems to be alive: it was heard of {kept[0].silent_for(datetime.now(UTC)):.0f} s ago",
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
        what = "the locks of the dead" if kept else "these locks"
        if not ask(f"Remove {what}? Only `yes` is taken.", "yes"):
            click.echo("Not removed.")
            return EXIT_ERROR
    for lock in locks:
        store.remove_terraform_lock(lock)
    if damaged:
        store.remove_lock()
    else:
        release(store, gone)
    for about in gone or (None,):
        audit.append(
            store,
            {
                "command": "unlock",
                "environment": env,
                "run": about.run if about else None,
                "held_by": about.by if about else None,
                **({"damaged": True} if damaged else {}),
                **({"part": list(about.layers)} if about and about.layers else {}),
                "terraform": [lock.as_json() for lock in locks],
                "ok": True,
            },
        )
    if as_json:
        print_json(
            {
                "environment": env,
                "removed": [one.as_json() for one in gone],
                "damaged": damaged is not None,
                "terraform": [lock.as_json() for lock in locks],
            }
        )
    else:
        click.echo(f"Removed. {_what_next(env, {one.command for one in gone})}")
    return EXIT_OK


def _what_next(env: str, commands: set[str]) -> str:
    """What is to be done about what the dead had in hand."""
    if commands and not commands & {"apply", "destroy"}:
        return f"It changed states only; see what `orchestrator plan --env {env}` says."
    if commands == {"destroy"}:
        return f"Go on with `orchestrator destroy --env {env} --recover`."
    return f"Go on with `orchestrator apply --env {env} --resume latest`."
