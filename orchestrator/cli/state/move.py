"""``orchestrator state mv`` and ``rename-layer``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestrator.cli.options import env_option, json_option, safe_interrupts, session_of
from orchestrator.cli.state.consent import may_go_on
from orchestrator.cli.state.outcome import planned, show_planned
from orchestrator.errors import EXIT_ERROR, EXIT_OK

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.session import Session
    from orchestrator.state.mv import Move

plan_option = click.option(
    "--plan/--no-plan",
    default=True,
    show_default=True,
    help="Plan the layers afterwards, and show what is left to do.",
)


@click.command()
@env_option
@click.argument("address", required=False)
@click.argument("new_address", required=False)
@click.option(
    "--from-layer", metavar="NAME", help="The layer ADDRESS is in. Default: the one it begins with."
)
@click.option(
    "--to-layer",
    metavar="NAME",
    help="The layer NEW_ADDRESS is in. Default: the one it begins with, or the same.",
)
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file of old addresses and new ones (`module.a.aws_x.y: module.b.aws_x.y`), instead of arguments.",
)
@click.option("--resume", is_flag=True, help="End a move that was cut off.")
@plan_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def mv(
    ctx: click.Context,
    env: str,
    address: str | None,
    new_address: str | None,
    from_layer: str | None,
    to_layer: str | None,
    mapping: Path | None,
    resume: bool,
    plan: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Move resources, or whole modules, to another layer's state or another address. Nothing deployed is touched.

    Move the code first: then the plan that is shown afterwards has nothing to create or destroy. NEW_ADDRESS may be left
    out with --to-layer. For a rename inside one module, `state moved` serves all environments at once.

    \b
      orchestrator state mv --env dev module.data.aws_sqs_queue.jobs module.messaging.aws_sqs_queue.jobs
      orchestrator state mv --env dev --from-layer data module.bucket --to-layer storage
      orchestrator state mv --env dev --mapping moves.yaml
    """
    from orchestrator.apply.journal import check_free, hold_states
    from orchestrator.audit import audited
    from orchestrator.plan.run import new_plan_id
    from orchestrator.state import mv as moving
    from orchestrator.views.console import make_console, print_json

    if sum((resume, mapping is not None, address is not None)) != 1:
        raise click.UsageError("say ADDRESS and NEW_ADDRESS, or --mapping, or --resume.")
    if address and not (new_address or to_layer):
        raise click.UsageError("say where to: NEW_ADDRESS, or --to-layer.")
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        run = new_plan_id()
        about: dict[str, Any] = {"command": "state mv", "environment": env, "run": run}
        if resume:
            with hold_states(session, "state mv", run), audited(session.store, about) as record:
                mark = moving.resume(session)
                record.update({"ok": True, "resumed": mark["run"] if mark else None})
            layers = list(mark["layers"]) if mark else []
            pairs = [pair for group in mark["groups"] for pair in group] if mark else []
            kept = mark["backup"] if mark else None
        else:
            check_free(session)
            moves = _moves(session, address, new_address, from_layer, to_layer, mapping)
            prepared = moving.prepare_moves(session, moves)
            lines = [f"{old} → {new}" for old, new in sorted(prepared.names.items())]
            if not may_go_on(env, [*lines, f"{len(lines)} to move."], yes, as_json):
                click.echo("Not moved.")
                return EXIT_ERROR
            with hold_states(session, "state mv", run), audited(session.store, about) as record:
                prepared = moving.prepare_moves(session, moves)
                kept = moving.move(session, prepared, run).id
                pairs = [list(pair) for pair in sorted(prepared.names.items())]
                record.update({"ok": True, "moved": pairs, "backup": kept})
            layers = list(prepared.layers)
        outcome = planned(session, layers, progress) if plan and layers else None
    if as_json:
        print_json({"environment": env, "moved": pairs, "layers": layers, "kept": kept, "plan": outcome})
        return EXIT_OK
    click.echo(
        f"Moved: {len(pairs)}. The states from before are kept as {kept}."
        if pairs
        else "No move was cut off."
    )
    show_planned(outcome, env)
    return EXIT_OK


def _moves(
    session: Session,
    address: str | None,
    new_address: str | None,
    from_layer: str | None,
    to_layer: str | None,
    mapping: Path | None,
) -> list[Move]:
    from orchestrator.state.address import place_of
    from orchestrator.state.mv import move_of, moves_in

    layers = {*session.environment.layers, *session.store.layers()}
    if mapping is not None:
        return moves_in(mapping, from_layer, to_layer, layers)
    assert address is not None
    new = new_address or place_of(address, from_layer, layers).address
    return [move_of(address, new, from_layer, to_layer, layers)]


@click.command("rename-layer")
@env_option
@click.argument("old")
@click.argument("new")
@plan_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def rename_layer(
    ctx: click.Context, env: str, old: str, new: str, plan: bool, yes: bool, as_json: bool
) -> int:
    """Carry the state of a layer over to its new name, after it was renamed in the environment file.

    Addresses, dependencies, the state's name and the record change; the lineage stays. Cut off in the middle, the same
    command goes on.

    \b
      git mv terraform/modules/queue terraform/modules/messaging    # and in the environment file, and in references to it
      orchestrator state rename-layer --env dev queue messaging
    """
    from orchestrator.apply.journal import check_free, hold_states
    from orchestrator.audit import audited
    from orchestrator.plan.run import new_plan_id
    from orchestrator.state import rename
    from orchestrator.views.console import make_console, print_json

    progress: Console = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        check_free(session)
        state = rename.prepare_rename(session, old, new)
        lines = [f"module.{old} → module.{new}: {len(state.addresses())} resources, serial {state.serial}"]
        if not may_go_on(env, lines, yes, as_json):
            click.echo("Not renamed.")
            return EXIT_ERROR
        run = new_plan_id()
        about = {"command": rename.COMMAND, "environment": env, "run": run, "from": old, "to": new}
        with hold_states(session, rename.COMMAND, run), audited(session.store, about) as record:
            rename.prepare_rename(session, old, new)
            kept = rename.rename_layer(session, old, new, run)
            record.update({"ok": True, "backup": kept.id if kept else None})
        outcome = planned(session, [new], progress) if plan else None
    if as_json:
        print_json(
            {"environment": env, "from": old, "to": new, "kept": kept.id if kept else None, "plan": outcome}
        )
        return EXIT_OK
    click.echo(
        f"The state of {old} is now that of {new}." + (f" It is kept as {kept.id}, too." if kept else "")
    )
    show_planned(outcome, env)
    return EXIT_OK
