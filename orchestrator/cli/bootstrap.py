"""``orchestrator bootstrap``."""

from __future__ import annotations

import click

from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_CHANGES, EXIT_OK, OrchestratorError


@click.command()
@env_option
@click.option("--dry-run", is_flag=True, help="Only look; ends with 2 when something would be changed.")
@json_option
@click.pass_context
def command(ctx: click.Context, env: str, dry_run: bool, as_json: bool) -> int:
    """Create the bucket that keeps an environment's states, or take over one that is there.

    Versions are kept, KMS encrypts, only TLS gets in, public access is blocked, access is logged to a second
    bucket, and old versions end some time. What is right already stays; a second run changes nothing.

    \b
      orchestrator bootstrap --env prod --dry-run
      orchestrator bootstrap --env prod
    """
    from orchestrator.config.schema import S3Backend
    from orchestrator.state.bootstrap import bootstrap_of
    from orchestrator.views.console import print_json

    session = session_of(ctx, env)
    backend, settings = session.environment.backend, session.environment.settings
    if not isinstance(backend, S3Backend):
        raise OrchestratorError(
            f"{env} keeps its states in local files, which need no bucket",
            remedy="name `backend: {type: s3, bucket: …, region: …}` in the environment file",
        )
    steps = []
    for step in bootstrap_of(backend, settings, session.variables, dry_run=dry_run).run():
        steps.append(step)
        if not as_json:
            color = None if step.status == "as it should be" else "yellow" if dry_run else "green"
            click.secho(f"{step.bucket}  {step.what}: {step.status}", fg=color)
    changed = [step for step in steps if step.status != "as it should be"]
    if as_json:
        print_json(
            {"environment": env, "changed": bool(changed), "steps": [step.as_json() for step in steps]}
        )
    elif not changed:
        click.echo(f"Nothing to do: s3://{backend.bucket} is as it should be.")
    return EXIT_CHANGES if dry_run and changed else EXIT_OK
