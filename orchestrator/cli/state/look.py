"""``orchestrator state list`` and ``show``."""

from __future__ import annotations

from typing import Any

import click

from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_OK, OrchestratorError


@click.command("list")
@env_option
@json_option
@click.pass_context
def list_states(ctx: click.Context, env: str, as_json: bool) -> int:
    """The layers' states: serial, resources, and where each is; and those that are gone."""
    from orchestrator.state.check import gone
    from orchestrator.views.console import print_json

    store = session_of(ctx, env).store
    layers = store.layers()
    states = store.read_all(layers)
    lost = gone(store, layers, states)
    rows: list[dict[str, Any]] = [
        {
            "layer": layer,
            "serial": state.serial,
            "lineage": state.lineage,
            "resources": len(state.addresses()),
            "terraform": state.terraform_version,
            "place": store.place(layer),
        }
        for layer, state in states.items()
    ]
    if as_json:
        print_json({"environment": env, "states": rows, "gone": lost})
    elif not (rows or lost):
        click.echo(f"Nothing of {env} has been applied.")
    for row in () if as_json else rows:
        click.echo(
            f"{row['layer']:<20} serial {row['serial']:<5} {row['resources']:>4} resources  {row['place']}"
        )
    for layer in () if as_json else lost:
        click.secho(f"{layer:<20} was applied, and its state is gone  {store.place(layer)}", fg="yellow")
    return EXIT_OK


@click.command()
@env_option
@click.argument("layer")
@json_option
@click.pass_context
def show(ctx: click.Context, env: str, layer: str, as_json: bool) -> int:
    """The addresses of the resources in a layer's state. Values are Terraform's to show (`terraform state show`)."""
    from orchestrator.modules.types import suggest
    from orchestrator.state.check import gone
    from orchestrator.views.console import print_json

    store = session_of(ctx, env).store
    state = store.read(layer)
    if state is None:
        known = [name for name in store.layers() if name != layer]
        was = f"it was applied: `orchestrator state restore --env {env} latest --layer {layer}` puts a backup back"
        raise OrchestratorError(
            f"there is no state of the layer {layer}",
            remedy=was if gone(store, [layer], {}) else suggest(layer, known),
        )
    if as_json:
        print_json({"layer": layer, "serial": state.serial, "resources": state.addresses()})
    else:
        click.echo("\n".join(state.addresses()))
    return EXIT_OK
