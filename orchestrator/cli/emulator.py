"""``orchestrator emulator``."""

from __future__ import annotations

import click

from orchestrator.cli.options import env_option, json_option, project_of, session_of
from orchestrator.emulator import EmulatorStatus
from orchestrator.errors import EXIT_ERROR, EXIT_OK


@click.group()
def command() -> None:
    """Start and stop the local AWS that environment `local` runs on.

    It is moto's server with extensions, on a free loopback port. It keeps everything in memory: after
    a restart its resources are gone, and `reset` sets the states that speak of them aside.
    """


def _show(status: EmulatorStatus, as_json: bool) -> None:
    if as_json:
        from orchestrator.views.console import print_json

        print_json(status.as_json())
    elif status.running:
        click.echo(
            f"The emulator runs at {status.endpoint} (process {status.pid}, since {status.started_at})."
        )
    else:
        click.echo("The emulator is not running.")


@command.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on; default: a free one.")
@json_option
@click.pass_context
def start(ctx: click.Context, port: int | None, as_json: bool) -> int:
    """Start the emulator, or say that it runs already; returns once it answers."""
    from orchestrator import emulator

    _show(emulator.start(project_of(ctx).emulator, port=port), as_json)
    return EXIT_OK


@command.command()
@json_option
@click.pass_context
def stop(ctx: click.Context, as_json: bool) -> int:
    """Stop the emulator; its resources are gone with it."""
    from orchestrator import emulator

    _show(emulator.stop(project_of(ctx).emulator), as_json)
    return EXIT_OK


@command.command()
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> int:
    """Say whether the emulator runs and where; ends with 1 when it does not."""
    from orchestrator import emulator

    found = emulator.status(project_of(ctx).emulator)
    _show(found, as_json)
    return EXIT_OK if found.running else EXIT_ERROR


@command.command()
@env_option
@json_option
@click.pass_context
def reset(ctx: click.Context, env: str, as_json: bool) -> int:
    """Forget every resource, and set the environment's states aside (they are kept in backups/)."""
    from orchestrator import emulator
    from orchestrator.apply.journal import hold_here
    from orchestrator.errors import OrchestratorError
    from orchestrator.state.store import LocalStateStore
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    if not session.environment.settings.emulator or not isinstance(session.store, LocalStateStore):
        raise OrchestratorError(f"the environment {env} does not run on the emulator with local states")
    with hold_here(session):
        found = emulator.reset(session.project.emulator)
        backup = session.store.set_aside()
    shown = str(session.project.shown(backup)) if backup else None
    if as_json:
        print_json({**found.as_json(), "states_set_aside": shown})
    else:
        click.echo("The emulator is empty." + (f" The states of {env} are in {shown}." if shown else ""))
    return EXIT_OK
