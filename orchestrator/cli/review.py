"""``orchestrator review``."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import json_option, session_of
from orchestrator.errors import EXIT_BLOCKED, EXIT_OK, OrchestratorError

if TYPE_CHECKING:
    from orchestrator.policy.rules import Policy
    from orchestrator.review.source import Source


def _account_ids(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for account in given:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise click.BadParameter(f"{account} is not an account's twelve digits.")
    return given


@click.command()
@click.option(
    "--env",
    "-e",
    metavar="NAME",
    envvar="ORCHESTRATOR_ENV",
    help="The environment of --plan; with --waivers, the one that the plan is of.",
)
@click.option("--plan", "plan_id", metavar="ID", default=None, help="Review this bundle; default `latest`.")
@click.option(
    "--plan-json",
    "plan_json",
    metavar="FILE",
    help="Review what `terraform show -json` printed, of any root; `-` reads standard input.",
)
@click.option(
    "--source",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The root's folder: findings then name file and line.",
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="ID",
    callback=_account_ids,
    help="With --plan-json: an account of yours; may be given several times. Others that get access are findings. "
    "Default: the one that the plan's ARNs speak of most. An environment has its own.",
)
@click.option(
    "--waivers",
    "waiver_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --plan-json: accept what this file waives, written as policy/waivers.yaml is. Without it nothing is "
    "waived. A bundle has its project's waivers.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "sarif", "html", "brief", "code-quality"]),
    default="text",
    help="How to answer; brief: one line, for approvals; code-quality: GitLab's report.",
    show_default=True,
)
@click.option(
    "--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Write it there instead."
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of review.json, and nothing else.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str | None,
    plan_id: str | None,
    plan_json: str | None,
    source: Path | None,
    accounts: tuple[str, ...],
    waiver_file: Path | None,
    form: str,
    output: Path | None,
    schema: bool,
    as_json: bool,
) -> int:
    """Say what in a plan can hurt: data loss, wider IAM, exposure.

    Looks at what is before and after, and ends with 3 when something blocks (critical or high).

    \b
      orchestrator review --env prod
      orchestrator review --env prod --plan latest --format sarif -o review.sarif
      terraform show -json tfplan | orchestrator review --plan-json - --source .
      orchestrator review --plan-json plan.json --waivers waivers.yaml --env prod
    """
    from orchestrator.files import write_atomic
    from orchestrator.review import read_plan, review_plan
    from orchestrator.review.brief import brief, code_quality
    from orchestrator.review.page import About, about, page
    from orchestrator.review.render import markdown, sarif
    from orchestrator.review.source import LayersSource, RootSource
    from orchestrator.views.console import make_console
    from orchestrator.views.review import show_review

    if schema:
        click.echo(
            (files("orchestrator.review") / "review.schema.json").read_text(encoding="utf-8"), nl=False
        )
        return EXIT_OK
    env_is_named = ctx.get_parameter_source("env") is click.core.ParameterSource.COMMANDLINE
    if plan_json and (plan_id or (env_is_named and not waiver_file)):
        raise click.UsageError(
            "--plan-json is instead of --plan and --env (which then goes with --waivers only)."
        )
    if not plan_json and not env:
        raise click.UsageError("name an environment (--env), or a plan (--plan-json).")
    if source and not plan_json:
        raise click.UsageError("--source goes with --plan-json.")
    if waiver_file and not plan_json:
        raise click.UsageError("--waivers goes with --plan-json; a bundle has its project's waivers.")
    if accounts and not plan_json:
        raise click.UsageError("--account goes with --plan-json; an environment names its accounts itself.")
    code: Source | None = None
    if plan_json:
        plan = read_plan(_read(plan_json), "standard input" if plan_json == "-" else plan_json)
        policy = _policy(waiver_file, env) if waiver_file else None
        code = RootSource(source) if source else None
        review = review_plan(plan, code, policy=policy, accounts=accounts)
        subject, changes, what = About("Review of a plan"), None, ""
    else:
        assert env is not None
        from orchestrator.plan.bundle import PLAN, load_bundle, rendered_variables
        from orchestrator.plan.run import ROOT
        from orchestrator.plan.summary import counts_text
        from orchestrator.policy.rules import load_policy
        from orchestrator.review.review import rejudged

        session = session_of(ctx, env)
        bundle = load_bundle(session.work, plan_id or "latest")
        plan = read_plan((bundle.path / PLAN).read_bytes(), str(bundle.path / PLAN))
        there = [name for name in bundle.manifest.layers if name in session.environment.layers]
        code_now = session.configuration_digests(there, ())
        if code_now.items() <= bundle.manifest.configuration.items():  # else it is another plan's code
            code = LayersSource(session.environment)
            plan = replace(plan, variables=rendered_variables(session.workspace(ROOT), bundle.manifest))
        review = rejudged(bundle.review, load_policy(session.project, env))
        subject, changes = about(bundle.manifest, session.graph), bundle.changes
        what = f"{env}: {counts_text(bundle.manifest.counts)}"
    if as_json:
        form = "json"
    if form == "text" and output is None:
        show_review(make_console(), review)
    else:
        text = {
            "json": lambda: json.dumps(review.as_json(), indent=2, ensure_ascii=False) + "\n",
            "sarif": lambda: json.dumps(sarif(review), indent=2, ensure_ascii=False) + "\n",
            "markdown": lambda: markdown(review),
            "html": lambda: page(review, plan, subject, changes, code),
            "text": lambda: markdown(review),
            "brief": lambda: brief(review, what) + "\n",
            "code-quality": lambda: json.dumps(code_quality(review), indent=2, ensure_ascii=False) + "\n",
        }[form]()
        if output is None:
            click.echo(text, nl=False)
        else:
            write_atomic(output, text.encode())
    return EXIT_BLOCKED if review.blocks else EXIT_OK


def _policy(path: Path, env: str | None) -> Policy:
    """What a waiver file accepts; what it does not any more is said."""
    from orchestrator.policy.rules import Policy, PolicyFile
    from orchestrator.policy.waivers import read_waivers

    waivers = read_waivers(path, env)
    for problem in waivers.expired():
        click.secho(f"{problem.file}:{problem.line}: {problem.message}", fg="yellow", err=True)
    return Policy(PolicyFile(), env, waivers)


def _read(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise OrchestratorError(f"{path} can't be read: {error.strerror}") from None
