"""``orchestrator state``: one file a kind of subcommand."""

from __future__ import annotations

import click

from orchestrator.cli.state import keep, look, migrate, move, moved


@click.group()
def command() -> None:
    """Look at the states of an environment's layers, keep copies and put one back, move resources, migrate to another backend."""


for part in (
    look.list_states,
    look.show,
    keep.backup,
    keep.restore,
    keep.push,
    keep.accept,
    migrate.migrate,
    move.mv,
    move.rename_layer,
    moved.moved,
):
    command.add_command(part)
