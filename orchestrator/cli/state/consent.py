"""What is asked before a state is touched."""

from __future__ import annotations

import click

from orchestrator.cli.confirm import can_ask
from orchestrator.cli.options import ask


def may_go_on(env: str, lines: list[str], yes: bool, as_json: bool) -> bool:
    """Say what will be done, and ask for the environment's name; ``yes``: nobody is asked.

    Raises:
        UsageError: nobody is there to ask.
    """
    if not as_json:
        for line in lines:
            click.echo(line)
    if yes:
        return True
    if not can_ask(as_json):
        raise click.UsageError("there is no terminal to ask on; give --yes.")
    return ask("Type the environment's name to go on.", env)
