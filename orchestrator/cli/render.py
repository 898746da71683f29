"""``orchestrator render``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import env_option, json_option, session_of, slice_options
from orchestrator.errors import EXIT_OK

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection


@click.command()
@env_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write to; created.",
)
@slice_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    out: Path,
    selection: Selection,
    as_json: bool,
) -> int:
    """Write the Terraform roots that a run would use: one a layer, and the environment's.

    What is not known before an upstream layer is applied is left out of the values and listed.
    Values of sensitive variables are never written; a run hands them to Terraform directly.
    """
    from orchestrator.errors import OrchestratorError
    from orchestrator.render.all import render_all
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    target = out.resolve()
    if target.exists() and any(target.iterdir()) and not (target / ".orchestrator-render").is_file():
        raise OrchestratorError(
            f"{out} is not empty, and was not written by render", remedy="name another folder"
        )
    rendered = render_all(session.environment, selection.of(session.graph), target)
    if as_json:
        print_json({"environment": env, "out": str(target), **rendered.as_json()})
        return EXIT_OK
    click.echo(f"{len(rendered.files)} files in {out}")
    for layer, pending in rendered.pending.items():
        for variable, reference in pending.items():
            click.echo(
                f"  {layer}: {variable} is known after {reference.split('.')[0]} is applied ({reference})"
            )
    for layer, names in rendered.secret.items():
        click.echo(f"  {layer}: not written, because sensitive: {', '.join(names)}")
    return EXIT_OK
