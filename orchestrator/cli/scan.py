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

    What fails the command, and which checks don't apply and why, is in policy/checkov.yaml; accepted
    risks are in policy/waivers.yaml, where one that is expired or not used fails the command. A scan that
    could not be made fails too. What only the code's scan sees is in the reviews of later plans too, until
    the code changes.

    \b
      orchestrator scan
      orchestrator scan --env prod --plan latest
    """
    from orchestrator.plan.bundle import PLAN, load_bundle
    from orchestrator.policy import code_scan
    from orchestrator.policy.rules import load_policy
    from orchestrator.policy.scan import scan_code, scan_plan
    from orchestrator.review.review import check_waivers, rejudged
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.plan import show_scan

    if bool(env) != bool(plan_id):
        raise click.UsageError("--plan and --env go together; without both the modules are scanned.")
    if env and plan_id:
        session = session_of(ctx, env)
        bundle = load_bundle(session.work, plan_id)
        modules = {name: layer.module for name, layer in session.environment.layers.items()}
        plan = json.loads((bundle.path / PLAN).read_bytes())
        policy = load_policy(session.project, env)
        report = scan_plan(plan, modules, policy)
        found = [(finding.id, finding.address) for finding in rejudged(bundle.review, policy).findings]
        found += [(finding.id, finding.address) for finding in report.findings]
        problems = policy.waivers.problems(found, bundle.manifest.layers)
    else:
        project = project_of(ctx)
        policy = load_policy(project, None)
        check_waivers(policy)
        report = scan_code(project, policy)
        code_scan.keep(project, report)
        problems = policy.waivers.problems((finding.id, finding.address) for finding in report.findings)
    if as_json:
        waivers = [problem.as_json() for problem in problems]
        print_json({**report.as_json(), "blocks": report.blocks or bool(problems), "waivers": waivers})
    else:
        show_scan(make_console(), report)
        for finding in (*report.skipped, *report.waived):
            click.echo(f"{finding.status} {finding.id} {finding.address}: {finding.reason}")
        for problem in problems:
            click.secho(f"{problem.file}:{problem.line}: {problem.message}; remove it", fg="red")
    return EXIT_ERROR if report.blocks or problems else EXIT_OK
