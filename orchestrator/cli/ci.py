"""``orchestrator ci``: the few steps that only a CI run has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import env_option, json_option, project_of, safe_interrupts, session_of
from orchestrator.errors import EXIT_BLOCKED, EXIT_OK, OrchestratorError

if TYPE_CHECKING:
    from orchestrator.ci.actions import Actions
    from orchestrator.ci.github import GitHub
    from orchestrator.plan.bundle import Bundle

_pull_request = click.option(
    "--pull-request",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Default: the one that the run is of (GITHUB_EVENT_PATH).",
)
_artifact = click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the plan's artifact was downloaded to; default: `.orchestrator/<env>`.",
)
_commit = click.option(
    "--commit",
    metavar="SHA",
    envvar="ORCHESTRATOR_COMMIT",
    help="Default: GITHUB_SHA. Also ORCHESTRATOR_COMMIT.",
)


@click.group()
def command() -> None:
    """Steps of a CI run: what a change touches, comments, the reviewed bundle, the drift issue.

    GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL are taken from the process environment, as GitHub Actions sets
    them. The token is sent to that API only and never printed.
    """


def _actions() -> Actions:
    from orchestrator.ci.actions import Actions

    return Actions(os.environ)


def _github(actions: Actions) -> GitHub:
    from orchestrator.ci.github import API, GitHub

    return GitHub(actions.require("GITHUB_TOKEN"), actions.variables.get("GITHUB_API_URL") or API)


def _commit_of(actions: Actions, given: str | None) -> str:
    return given or actions.require("GITHUB_SHA")


def _bundle(ctx: click.Context, env: str, folder: Path | None) -> Bundle:
    """The newest bundle; no session is needed, and with it no credentials."""
    from orchestrator.plan.bundle import load_bundle

    project = project_of(ctx)
    project.environment_file(env)
    bundle = load_bundle((folder or project.work(env)).resolve(), "latest")
    if bundle.manifest.environment != env:
        raise OrchestratorError(
            f"the plan {bundle.manifest.id} is for environment {bundle.manifest.environment}"
        )
    return bundle


@command.command("affected")
@click.option(
    "--base", metavar="COMMIT", help="What to compare with; empty: there is nothing, and all is affected."
)
@click.option(
    "--env", "-e", "names", multiple=True, metavar="NAME", help="Only these; default: every environment."
)
@click.option(
    "--print",
    "only",
    type=click.Choice(["environments", "layers"]),
    help="Print only these, an environment a line: its name, or its layers as words for --layer.",
)
@click.option(
    "--gitlab-child",
    "child",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the child pipeline of GitLab that has jobs for these environments.",
)
@json_option
@click.pass_context
def affected(
    ctx: click.Context,
    base: str | None,
    names: tuple[str, ...],
    only: str | None,
    child: Path | None,
    as_json: bool,
) -> int:
    """Say which environments and layers a change touches, by what their configuration means.

    Both commits are loaded and compared: variables, references, the code of modules, services. A comment touches nothing;
    a value in a base file touches just the environments that take it. In GitHub Actions the step's outputs are
    `environments` (a JSON list) and `layers` (a JSON object of words for `--layer`).

    \b
      orchestrator ci affected --base origin/main
      orchestrator ci affected --base origin/main --print environments
    """
    from orchestrator.ci import affected as room
    from orchestrator.ci.gitlab_child import child_pipeline
    from orchestrator.files import write_atomic
    from orchestrator.terraform.fetch import module_fetcher
    from orchestrator.views.console import print_json

    project = project_of(ctx)
    fetch = module_fetcher(project, ctx.obj["terraform_bin"])
    found = room.affected(project, base or None, list(names) or project.environment_names(), fetch)
    _actions().output(
        {
            "environments": json.dumps([one.environment for one in found]),
            "layers": json.dumps({one.environment: " ".join(one.layers) for one in found}),
        }
    )
    if child is not None:
        write_atomic(child, child_pipeline(found).encode())
    if as_json:
        print_json({"base": base, "environments": [one.as_json() for one in found]})
        return EXIT_OK
    if only:
        for one in found:
            click.echo(one.environment if only == "environments" else " ".join(one.layers))
        return EXIT_OK
    for one in found:
        why = f" ({one.because})" if one.because else ""
        click.echo(f"{one.environment}{why}: {', '.join(one.layers) or 'no layer left'}")
        if one.dependents:
            click.echo(f"  and what depends on them: {', '.join(one.dependents)}")
        if one.removed:
            click.echo(f"  no longer in it: {', '.join(one.removed)}")
    if not found:
        click.echo("No environment is touched.")
    return EXIT_OK


@command.command("comment")
@env_option
@_artifact
@click.option("--failed", is_flag=True, help="There is no plan: say that it failed.")
@_pull_request
@_commit
@json_option
@click.pass_context
def comment(
    ctx: click.Context,
    env: str,
    folder: Path | None,
    failed: bool,
    pull_request: int | None,
    commit: str | None,
    as_json: bool,
) -> int:
    """Put the newest plan of an environment into its one comment on the pull request.

    The comment is made once and then changed; further ones of the same environment are removed.

    In GitLab CI it is a note on the merge request; ORCHESTRATOR_GITLAB_TOKEN is a project access token with the scope `api`.
    """
    from orchestrator.ci import comment as room
    from orchestrator.ci.gitlab import GitLab
    from orchestrator.views.console import print_json

    actions, gitlab = _actions(), GitLab.of_job(os.environ)
    number: int | None
    if gitlab is not None:
        number, sha, run_url = gitlab.merge_request, commit or gitlab.commit, gitlab.job_url
    else:
        number, sha = actions.pull_request(pull_request), _commit_of(actions, commit)
        run_url = actions.run_url
    if failed:
        project_of(ctx).environment_file(env)
        body = room.of_failure(env, sha, run_url)
    else:
        body = room.of_bundle(_bundle(ctx, env, folder), sha, run_url)
    if gitlab is not None:
        url = gitlab.put(room.marker(env), body)
    else:
        url = room.put(_github(actions), actions.repository, actions.pull_request(pull_request), env, body)
    if as_json:
        print_json({"environment": env, "pull_request": number, "url": url})
    else:
        click.echo(f"{env}: {url}")
    return EXIT_OK


@command.command("tidy")
@click.option(
    "--affected",
    "names",
    metavar="JSON",
    required=True,
    help="The environments that are still touched: a list, or what `ci affected --json` printed.",
)
@_pull_request
@_commit
@json_option
@click.pass_context
def tidy(ctx: click.Context, names: str, pull_request: int | None, commit: str | None, as_json: bool) -> int:
    """Say in the comments of environments that the pull request touches no more that it does not."""
    from orchestrator.ci import comment as room
    from orchestrator.ci.gitlab import GitLab
    from orchestrator.views.console import print_json

    kept = _names(names)
    actions, gitlab = _actions(), GitLab.of_job(os.environ)
    others = [name for name in project_of(ctx).environment_names() if name not in kept]
    number: int | None
    if gitlab is not None:
        number, sha = gitlab.merge_request, commit or gitlab.commit
        bodies = {name: room.of_untouched(name, sha, gitlab.job_url) for name in others}
        done = [
            name for name, body in bodies.items() if gitlab.put(room.marker(name), body, only_if_there=True)
        ]
    else:
        number, sha = actions.pull_request(pull_request), _commit_of(actions, commit)
        done = room.tidy(_github(actions), actions.repository, number, others, sha, actions.run_url)
    if as_json:
        print_json({"pull_request": number, "changed": done})
    else:
        click.echo(f"Comments changed: {', '.join(done) or 'none'}")
    return EXIT_OK


def _names(document: str) -> list[str]:
    """The environments of `ci affected`: its output of that name, or all that it says."""
    try:
        kept = json.loads(document)
        if isinstance(kept, dict):
            kept = [one["environment"] for one in kept["environments"]]
    except (ValueError, KeyError, TypeError):
        kept = None
    if not isinstance(kept, list):
        raise click.UsageError("--affected takes a JSON list of names, or what `ci affected --json` printed.")
    return kept


@command.command("summary")
@env_option
@_artifact
@json_option
@click.pass_context
def summary(ctx: click.Context, env: str, folder: Path | None, as_json: bool) -> int:
    """Add the newest plan of an environment to the job's summary; ends with 3 when its review blocks.

    Outside GitHub Actions the summary is printed.
    """
    from orchestrator.plan.bundle import SUMMARY
    from orchestrator.views.console import print_json

    bundle = _bundle(ctx, env, folder)
    text = (bundle.path / SUMMARY).read_text(encoding="utf-8")
    written = _actions().summary(text)
    blocks = bundle.review.blocks or bundle.scan.blocks
    if as_json:
        print_json({"environment": env, "id": bundle.manifest.id, "blocks": blocks, "written": written})
    elif not written:
        click.echo(text)
    if blocks:
        click.echo(f"The review blocks this plan of {env}.", err=True)
    return EXIT_BLOCKED if blocks else EXIT_OK


@command.command("reviewed")
@env_option
@_commit
@click.option("--id", "only_id", is_flag=True, help="Print the plan's id and nothing else.")
@json_option
@click.pass_context
def reviewed(ctx: click.Context, env: str, commit: str | None, only_id: bool, as_json: bool) -> int:
    """Fetch the bundle that was reviewed for a commit: of the pull request merged as it, or planned for itself.

    Only what a run of this repository (never of a fork) has uploaded for just that commit counts. The bundle is put where
    `apply --plan` looks for it; in GitHub Actions the step's output `plan` is its id. In GitLab CI it is what the job
    `review:ENV` of the merge request has kept; ORCHESTRATOR_GITLAB_TOKEN is a project access token with the scope `api`.
    """
    from orchestrator.ci import gitlab_reviewed
    from orchestrator.ci.gitlab import GitLab
    from orchestrator.ci.reviewed import find_reviewed
    from orchestrator.views.console import print_json

    actions, gitlab = _actions(), GitLab.of_job(os.environ, of_merge_request=False)
    session = session_of(ctx, env)
    if gitlab is not None:
        sha, request = commit or gitlab.commit, "merge request"
        found = gitlab_reviewed.find_reviewed(gitlab, session, sha)
        remedy = "run a pipeline on this branch by hand, look at the plan of its job `review:…`, then run this job again"
    else:
        sha, request = _commit_of(actions, commit), "pull request"
        found = find_reviewed(_github(actions), actions.repository, session, sha)
        remedy = "run the plan workflow on this branch by hand, look at its summary, then run this job again"
    if found is None:
        raise OrchestratorError(
            f"nobody has reviewed a plan of {env} for the commit {sha[:12]}", remedy=remedy
        )
    identity = found.bundle.manifest.id
    actions.output({"plan": identity})
    if as_json:
        print_json(
            {"environment": env, "id": identity, "commit": found.commit, "pull_request": found.pull_request}
        )
    elif only_id:
        click.echo(identity)
    else:
        by = f"{request} {found.pull_request}" if found.pull_request else f"commit {found.commit[:12]}"
        click.echo(f"{env}: plan {identity}, reviewed with {by}")
    return EXIT_OK


@command.command("settle")
@env_option
@click.option("--plan", "plan_id", metavar="ID", required=True, help="What was reviewed.")
@click.option(
    "--layer",
    "layers",
    metavar="LAYER",
    multiple=True,
    required=True,
    help="A layer that has a job; what changes another one is refused. Repeated for each.",
)
@json_option
@click.pass_context
def settle(ctx: click.Context, env: str, plan_id: str, layers: tuple[str, ...], as_json: bool) -> int:
    """Settle which bundle the jobs of the layers apply: the reviewed one, or one that does the same.

    It is what `apply --or-equivalent` begins with; nothing is applied. Each layer's job then runs `apply --plan ID --layer LAYER`.
    In GitHub Actions the step's outputs are `plan` (the bundle's id) and `layers` (a JSON list of those that it changes; empty:
    it is applied already).

    \b
      orchestrator ci settle --env prod --plan 20260930T120000Z-1f2e --layer network --layer compute
    """
    from orchestrator.cli.settle import settle_for_jobs
    from orchestrator.views.console import make_console, print_json

    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        settled = settle_for_jobs(session_of(ctx, env, interrupts), plan_id, layers, progress)
    _actions().output({"plan": settled.plan, "layers": json.dumps(settled.layers)})
    if as_json:
        print_json(
            {"environment": env, "id": settled.plan, "reviewed": settled.reviewed, "layers": settled.layers}
        )
    else:
        what = f"changes {', '.join(settled.layers)}" if settled.layers else "leaves nothing to apply"
        click.echo(f"{env}: plan {settled.plan} {what}")
    return EXIT_OK


@command.command("drift-issue")
@click.argument("reports", nargs=-1, required=True, metavar="ENV=FILE…")
@json_option
@click.pass_context
def drift_issue(ctx: click.Context, reports: tuple[str, ...], as_json: bool) -> int:
    """Open, change or close the one issue about drift.

    FILE is what `orchestrator drift --env ENV --json` printed; one that is missing or empty is an environment that could not
    be looked at. The issue is closed only when every environment was looked at and none has drifted.
    """
    from orchestrator.ci.issue import keep, read_report
    from orchestrator.views.console import print_json

    looked = []
    for text in reports:
        env, equals, path = text.partition("=")
        if not equals:
            raise click.UsageError(f"{text}: expected ENV=FILE.")
        project_of(ctx).environment_file(env)
        looked.append(read_report(env, Path(path)))
    actions = _actions()
    done, number = keep(_github(actions), actions.repository, looked, actions.run_url)
    if as_json:
        print_json(
            {"done": done, "issue": number, "drifted": [one.environment for one in looked if one.drifted]}
        )
    else:
        click.echo(f"{done} issue {number}" if number else "No drift, and no issue about it.")
    return EXIT_OK
