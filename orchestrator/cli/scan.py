"""``orchestrator scan``."""

from __future__ import annotations

import json

import click

from orchestrator.cli.options import json_option, project_of, session_of
from orchestrator.errors import EXIT_ERROR, EXIT_OK


@click.command()
@click.option("--env", "-e", metavar="NAME", help="The environment of --plan.")
@click.option(
    "--plan", "plan_id", metavar="ID", help="Scan this bundle (`latest`: the newest) instead of the modules."
)
@json_option
@click.pass_context
def command(ctx: click.Context, env: str | None, plan_id: str | None, as_json: bool) -> int:
    """Scan the modules' code, or a plan bundle, with checkov.

    What fails the command, and which checks are skipped and why, is in policy/checkov.yaml. A scan
    that could not be made fails too.

    \b
      orchestrator scan
      orchestrator scan --env prod --plan latest
    """
    from orchestrator.plan.bundle import PLAN, load_bundle
    from orchestrator.policy.rules import load_policy
    from orchestrator.policy.scan import scan_code, scan_plan
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_scan

    if bool(env) != bool(plan_id):
        raise click.UsageError("--plan and --env go together; without both the modules are scanned.")
    if env and plan_id:
        session = session_of(ctx, env)
        bundle = load_bundle(session.work, plan_id)
        modules = {name: layer.module for name, layer in session.environment.layers.items()}
        plan = json.loads((bundle.path / PLAN).read_bytes())
        report = scan_plan(plan, modules, load_policy(session.project, env))
    else:
        project = project_of(ctx)
        report = scan_code(project, load_policy(project, None))
    if as_json:
        print_json(report.as_json())
    else:
        show_scan(make_console(), report)
        for finding in report.skipped:
            click.echo(f"skipped {finding.id} {finding.address}: {finding.reason}")
    return EXIT_ERROR if report.blocks else EXIT_OK
