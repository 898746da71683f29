"""``orchestrator drift``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.cli.drift_change import accept, revert
from orchestrator.cli.options import (
    concurrency_option,
    json_option,
    safe_interrupts,
    session_of,
    slice_options,
)
from orchestrator.errors import EXIT_CHANGES, EXIT_OK

if TYPE_CHECKING:
    from orchestrator.plan.run import Selection


@click.group(invoke_without_command=True)
@click.option(
    "--env",
    "-e",
    envvar="ORCHESTRATOR_ENV",
    metavar="NAME",
    help="The environment: a folder of terraform/envs. Also ORCHESTRATOR_ENV.",
)
@slice_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "sarif", "html"]),
    default="text",
    help="How to answer.",
    show_default=True,
)
@click.option(
    "--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Write it there instead."
)
@concurrency_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str | None,
    selection: Selection,
    form: str,
    output: Path | None,
    as_json: bool,
) -> int:
    """Say what is really there and not what the states say.

    Looks at the whole environment as one graph, refresh-only; nothing is changed or locked. Each difference is
    something that was changed or deleted outside Terraform, or known noise (policy/drift.yaml), with what the next
    apply would do about it; the review's rules say what is dangerous.

    Ends with 0 when there is no drift (or known noise only), 2 when there is, 1 when it could not be found out.

    \b
      orchestrator drift --env prod
      orchestrator drift --env prod --format html -o drift.html
      orchestrator drift revert --env prod 'module.data.aws_s3_bucket.this["logs"]'
      orchestrator drift accept --env prod module.compute.aws_ecs_service.api
    """
    if ctx.invoked_subcommand is not None:
        if selection.layers or output or as_json or form != "text":
            raise click.UsageError(f"write the options after `{ctx.invoked_subcommand}`.")
        if env:
            ctx.default_map = {name: {"env": env} for name in ("accept", "revert")}
        return EXIT_OK
    if not env:
        raise click.UsageError("Missing option '--env' / '-e'.")
    return _detect(ctx, env, selection, "json" if as_json else form, output)


def _detect(ctx: click.Context, env: str, selection: Selection, form: str, output: Path | None) -> int:
    from orchestrator.audit import noted
    from orchestrator.drift.run import look_for_drift
    from orchestrator.files import write_atomic
    from orchestrator.plan.run import new_plan_id
    from orchestrator.views.console import make_console
    from orchestrator.views.drift import show_drift, verdict_of, written
    from orchestrator.views.progress import PhaseLine

    progress = make_console(stderr=form != "text" and output is None)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        store, run, about = session.store, new_plan_id(), {"command": "drift", "environment": env}
        with noted(store, run, about, progress.print) as record, PhaseLine(progress, f"drift {env}") as line:
            report = look_for_drift(session, selection, on_event=line.event, on_phase=line.phase)
            record["found"] = len(report.drift.counted)
    if output is not None:
        write_atomic(output, written(report, form).encode())
        progress.print(f"{env}: {verdict_of(report)}")
    elif form == "text":
        show_drift(make_console(), report)
    else:
        click.echo(written(report, form), nl=False)
    return EXIT_CHANGES if report else EXIT_OK


command.add_command(accept)
command.add_command(revert)
