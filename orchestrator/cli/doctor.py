"""``orchestrator doctor``."""

from __future__ import annotations

import click

from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_ERROR, EXIT_OK

_COLORS = {"ok": "green", "warning": "yellow", "failed": "red"}


@click.command()
@env_option
@json_option
@click.pass_context
def command(ctx: click.Context, env: str, as_json: bool) -> int:
    """Check all that a run needs, and say how to mend what is not as it should be.

    Terraform, packages, providers, disk, an earlier run that was killed, locks, a freeze, the audit log, credentials,
    each account, the clock, the states, the state bucket. Ends with 1 when something has failed. Nothing is changed.
    """
    from orchestrator.doctor import examine
    from orchestrator.views.console import print_json

    results = []
    for result in examine(session_of(ctx, env)):
        results.append(result)
        if not as_json:
            mark = click.style(f"{result.status:<8}", fg=_COLORS[result.status])
            click.echo(f"{mark} {result.name}: {result.found}")
            if result.remedy:
                click.echo(f"         {result.remedy}")
    failed = any(result.status == "failed" for result in results)
    if as_json:
        print_json({"environment": env, "ok": not failed, "looks": [result.as_json() for result in results]})
    return EXIT_ERROR if failed else EXIT_OK
