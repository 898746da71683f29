"""``orchestrator output``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from orchestrator.cli.options import env_option, json_option, session_of, slice_options
from orchestrator.errors import EXIT_OK

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection


@click.command()
@env_option
@slice_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "env", "tfvars"]),
    default="text",
    show_default=True,
    help="env: NAME='value' lines for a shell; tfvars: a variables file for Terraform.",
)
@click.option("--show-sensitive", is_flag=True, help="Print sensitive values instead of (sensitive).")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    selection: Selection,
    form: str,
    show_sensitive: bool,
    as_json: bool,
) -> int:
    """Print the outputs of applied layers, read straight from their states.

    \b
      orchestrator output --env local --layer network
      eval "$(orchestrator output --env local --format env)"   # sets NETWORK_VPC_ID, …
    """
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    graph = selection.of(session.graph)
    states = session.store.read_all(graph.order())
    values = {
        name: {
            key: output.get("value") if show_sensitive or not output.get("sensitive") else "(sensitive)"
            for key, output in sorted(states[name].outputs.items())
        }
        for name in graph.order()
        if name in states
    }
    if as_json or form == "json":
        print_json(values)
    elif form == "env":
        for layer, outputs in values.items():
            for key, value in outputs.items():
                click.echo(f"{_shell_name(layer, key)}={_shell_quote(value)}")
    elif form == "tfvars":
        for layer, outputs in values.items():
            for key, value in outputs.items():
                click.echo(f"{layer.replace('-', '_')}_{key} = {_hcl(value)}")
    else:
        if not values:
            click.echo("No layer has been applied.")
        for layer, outputs in values.items():
            click.secho(layer, bold=True)
            for key, value in outputs.items():
                click.echo(f"  {key} = {json.dumps(value, ensure_ascii=False)}")
    return EXIT_OK


def _shell_name(layer: str, key: str) -> str:
    return re.sub(r"[^A-Z0-9_]", "_", f"{layer}_{key}".upper())


def _shell_quote(value: Any) -> str:
    import shlex

    return shlex.quote(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _hcl(value: Any) -> str:
    from orchestrator.render.providers import escape_template

    return escape_template(json.dumps(value, ensure_ascii=False))
