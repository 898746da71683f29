"""``orchestrator runs``."""

from __future__ import annotations

from importlib.resources import files

import click

from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_OK, OrchestratorError

LISTED = (
    *("id", "command", "environment", "by", "host", "started_at", "finished_at", "seconds"),
    *("outcome", "counts", "bundle", "trace"),
)
"""What of a report is in the list's JSON."""


@click.group()
def command() -> None:
    """What runs did and when: list them, or show one with its timeline.

    Every plan, apply and destroy writes its events to .orchestrator/ENV/runs/ID/events.jsonl as they come, and
    report.json at its end. The newest 200 runs of an environment are kept. Who applied what is in the audit
    log (`audit show`), which nothing removes.
    """


@command.command("list")
@env_option
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    default=20,
    show_default=True,
    help="Only the newest.",
)
@json_option
@click.pass_context
def list_runs(ctx: click.Context, env: str, limit: int, as_json: bool) -> int:
    """The newest runs, the latest last: id, command, start, duration, outcome, changes, who."""
    from orchestrator.runs.history import report_of, run_ids
    from orchestrator.views import runs as view
    from orchestrator.views.console import make_console, print_json

    work = session_of(ctx, env).work
    reports = []
    for run_id in run_ids(work)[-limit:]:
        try:
            reports.append(report_of(work, run_id))
        except OrchestratorError as error:
            click.echo(f"Note: {run_id} is left out: {error}", err=True)
    if as_json:
        print_json({"environment": env, "runs": [{key: report[key] for key in LISTED} for report in reports]})
    elif not reports:
        click.echo(f"Nothing was run in {env} yet.")
    else:
        view.list_runs(make_console(), reports)
    return EXIT_OK


@command.command()
@env_option
@click.argument("run_id", metavar="ID", default="latest")
@json_option
@click.pass_context
def show(ctx: click.Context, env: str, run_id: str, as_json: bool) -> int:
    """One run (default: the latest): its layers and Terraform's phases in time, slow resources, errors, logs.

    It may still be going on, or have been killed.

    \b
      orchestrator runs show --env prod
      orchestrator runs show --env prod 20260930T120000Z-1f2e --json
    """
    from orchestrator.runs.history import load_run, outcome_of, runs_folder
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.runs import show_run

    session = session_of(ctx, env)
    run = load_run(session.work, run_id)
    if as_json:
        print_json({**run.as_json(), "outcome": outcome_of(run)})
    else:
        show_run(make_console(), run, str(session.project.shown(runs_folder(session.work) / run.id)))
    return EXIT_OK


@command.command()
def schema() -> int:
    """Print the JSON Schema that each line of events.jsonl, and of --events, is valid against."""
    click.echo((files("orchestrator.runs") / "events.schema.json").read_text(encoding="utf-8"), nl=False)
    return EXIT_OK
