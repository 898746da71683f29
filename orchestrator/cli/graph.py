"""``orchestrator graph``."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    type=click.Choice(["tree", "dot", "mermaid", "json"]),
    default="tree",
    show_default=True,
    help="tree: each layer under those it depends on; dot: Graphviz; mermaid: for Markdown.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    selection: Selection,
    form: str,
    as_json: bool,
) -> int:
    """Draw the layers and what each depends on.

    The graph is inferred from the references in layer.yaml and the environment file.

    \b
      orchestrator graph --env prod
      orchestrator graph --env prod --format dot | dot -Tsvg > layers.svg
      orchestrator graph --env prod --layer data --with-dependents
    """
    from orchestrator.graph import draw
    from orchestrator.views.console import print_json

    graph = selection.of(session_of(ctx, env).graph)
    if as_json or form == "json":
        print_json({"environment": env, **draw.data(graph)})
    else:
        click.echo({"tree": draw.tree, "dot": draw.dot, "mermaid": draw.mermaid}[form](graph))
    return EXIT_OK
