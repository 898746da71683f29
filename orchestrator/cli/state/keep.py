"""``orchestrator state backup``, ``restore``, ``push`` and ``accept``."""

from __future__ import annotations

import click

from orchestrator.cli.options import env_option, json_option, safe_interrupts, session_of
from orchestrator.cli.state.consent import may_go_on
from orchestrator.errors import EXIT_ERROR, EXIT_OK


@click.command()
@env_option
@click.option("--layer", "layers", multiple=True, metavar="NAME", help="Only this layer; may be repeated.")
@json_option
@click.pass_context
def backup(ctx: click.Context, env: str, layers: tuple[str, ...], as_json: bool) -> int:
    """Copy the states, and what their layers were applied with, to `.orchestrator/ENV/backups/`."""
    from orchestrator.state.backup import back_up
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    made = back_up(session.store, session.work, list(layers) or session.store.layers())
    if as_json:
        print_json({"id": made.id, "path": str(session.project.shown(made.path)), "layers": made.layers})
    else:
        click.echo(f"Kept {', '.join(made.layers)} as {made.id} in {session.project.shown(made.path)}.")
    return EXIT_OK


@click.command()
@env_option
@click.argument("backup_id", metavar="ID")
@click.option("--layer", "layers", multiple=True, metavar="NAME", help="Only this layer; may be repeated.")
@click.option("--force", is_flag=True, help="Although the state there is of another lineage.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def restore(
    ctx: click.Context,
    env: str,
    backup_id: str,
    layers: tuple[str, ...],
    force: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Put states of a backup (`latest`: the newest) back, after keeping those that are there.

    What was created since is not in the restored state; plan before you apply anything.
    """
    from orchestrator.apply.journal import hold_states
    from orchestrator.audit import audited
    from orchestrator.plan.run import new_plan_id
    from orchestrator.state import backup as backups
    from orchestrator.views.console import make_console, print_json

    progress = make_console(stderr=True)
    with safe_interrupts(
        lambda _: progress.print("The states are written; Ctrl-C waits for that.")
    ) as interrupts:
        session = session_of(ctx, env, interrupts)
        chosen = backups.open_backup(session.work, backup_id)
        wanted = list(layers) or chosen.layers
        lines = [f"The states of {', '.join(wanted)} will be those of {chosen.created_at}."]
        lost = backups.forgotten(session.store, chosen, wanted)
        if lost:
            lines.append("What came into them since goes on to exist, and no state will know it:")
            lines += [f"  {address}" for address in lost]
        if not may_go_on(env, lines, yes, as_json):
            click.echo("Not restored.")
            return EXIT_ERROR
        interrupts.check()
        run = new_plan_id()
        about = {"command": "state restore", "environment": env, "run": run, "backup": chosen.id}
        with (
            hold_states(session, "state restore", run),
            session.store.locked(wanted, "state restore"),
            audited(session.store, about) as record,
        ):
            damaged = backups.set_damaged_aside(session.store, session.work, wanted)
            there = [
                layer for layer in wanted if layer not in damaged and session.store.read(layer) is not None
            ]
            kept = backups.back_up(session.store, session.work, there) if there else None
            serials = backups.restore(session.store, chosen, wanted, force=force)
            record.update({"ok": True, "layers": {layer: list(pair) for layer, pair in serials.items()}})
    if as_json:
        print_json(
            {
                "restored": {layer: new for layer, (_, new) in serials.items()},
                "kept": kept.id if kept else None,
                "damaged": {layer: str(session.project.shown(path)) for layer, path in damaged.items()},
                "forgotten": lost,
            }
        )
    else:
        for layer, (old, new) in serials.items():
            click.echo(f"{layer}: serial {old if old is not None else 'none'} → {new}")
        for layer, path in damaged.items():
            click.echo(
                f"What was there of {layer}, and could not be read, is in {session.project.shown(path)}."
            )
        if kept or not damaged:
            click.echo(f"What was there is kept as {kept.id}." if kept else "There was nothing before.")
    return EXIT_OK


@click.command()
@env_option
@json_option
@click.pass_context
def push(ctx: click.Context, env: str, as_json: bool) -> int:
    """Save the states that Terraform could not save, and left beside the layers' roots (errored.tfstate).

    `apply --resume` does this first. What is saved is backed up before, and nothing newer is written over.
    """
    from orchestrator.apply.journal import hold_states
    from orchestrator.audit import audited
    from orchestrator.plan.run import new_plan_id
    from orchestrator.state.errored import errored, push_errored
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    waiting = errored(session)
    if waiting:
        run = new_plan_id()
        with (
            hold_states(session, "state push", run),
            audited(session.store, {"command": "state push", "environment": env, "run": run}) as record,
        ):
            for layer in waiting:
                push_errored(session, layer)
            record.update({"ok": True, "layers": waiting})
    if as_json:
        print_json({"environment": env, "pushed": waiting})
    else:
        click.echo(f"Saved: {', '.join(waiting)}." if waiting else f"All states of {env} are saved.")
    return EXIT_OK


@click.command()
@env_option
@click.argument("layer")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def accept(ctx: click.Context, env: str, layer: str, yes: bool, as_json: bool) -> int:
    """Say that a layer's state is right as it is, although it is gone, older, or another than the one applied last.

    Until then nothing is planned for that layer: what is not in its state would be created again. Where the state is
    gone for good (all that was in it is deleted), this forgets that the layer was applied.
    """
    from orchestrator.apply.journal import hold_states
    from orchestrator.audit import audited
    from orchestrator.plan.run import new_plan_id
    from orchestrator.state import check
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    there = session.store.read(layer)
    what = f"serial {there.serial} with {len(there.addresses())} resources" if there else "that there is none"
    if not may_go_on(env, [f"The right state of {layer} is {what}."], yes, as_json):
        click.echo("Not accepted.")
        return EXIT_ERROR
    run = new_plan_id()
    about = {"command": "state accept", "environment": env, "run": run, "layer": layer}
    with hold_states(session, "state accept", run), audited(session.store, about) as record:
        state = check.accept(session.store, layer)
        record.update({"ok": True, "state": state})
    if as_json:
        print_json({"environment": env, "layer": layer, "state": state})
    else:
        click.echo(f"Taken for right: {what}. See what `orchestrator plan --env {env}` makes of it.")
    return EXIT_OK
