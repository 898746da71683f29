"""``orchestrator pipelines``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from orchestrator.cli.options import json_option, project_of
from orchestrator.errors import EXIT_ERROR, EXIT_OK

_target = click.option(
    "--target", "-t", "name", required=True, metavar="NAME", help="See `orchestrator pipelines list`."
)
_repository = click.option(
    "--repository",
    metavar="OWNER/NAME",
    help="The repository whose CI it is; default: that of pipelines/settings.yaml.",
)
_environments = click.option(
    "--env",
    "-e",
    "environments",
    multiple=True,
    metavar="NAME",
    help="An environment, in the order of promotion; may be repeated. Default: those of pipelines/settings.yaml.",
)
_options = click.option(
    "--option",
    "-o",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the target (`pipelines list` has them); may be repeated.",
)

WORDS = {
    "line ends": "its lines end with CRLF; keep them as they are with `* text=auto eol=lf` in .gitattributes"
}


@click.group()
def command() -> None:
    """Write the CI pipelines that run the same commands as a person.

    Targets are folders below `pipelines/` with a target.yaml: the project's own, and those that come with
    orchestrator. What they must know is in pipelines/settings.yaml and the environment files.

    \b
      orchestrator pipelines generate --target github   # writes what is to be committed
      orchestrator pipelines check                       # in CI: are the files up to date?
    """


@command.command("generate")
@_target
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write there instead of into the project.",
)
@_repository
@_environments
@_options
@click.option("--force", is_flag=True, help="Overwrite files that were changed by hand or not made by us.")
@json_option
@click.pass_context
def generate(
    ctx: click.Context,
    name: str,
    out: Path | None,
    repository: str | None,
    environments: tuple[str, ...],
    options: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> int:
    """Write a target's files: all of them, or none.

    \b
      orchestrator pipelines generate --target github
      orchestrator pipelines generate --target github --option fan_out=true --out /tmp/look
    """
    from orchestrator.pipelines.generate import Wanted
    from orchestrator.pipelines.generate import generate as render_target
    from orchestrator.pipelines.write import write
    from orchestrator.terraform.fetch import module_fetcher
    from orchestrator.views.console import print_json

    project = project_of(ctx)
    fetch = module_fetcher(project, ctx.obj["terraform_bin"])
    generated = render_target(project, name, Wanted(repository, environments, options), fetch)
    done = write(generated, (out or project.root).resolve(), force=force)
    repository_root = None if out else _repository_around(project.root)
    if repository_root is not None:
        click.echo(
            f"Warning: no CI will find these files: the project is a folder of the repository {repository_root}, "
            "and they count at its root only. Give the project a repository of its own.",
            err=True,
        )
    if as_json:
        print_json(
            {
                "target": name,
                "written": list(done.written),
                "unchanged": list(done.unchanged),
                "removed": list(done.removed),
            }
        )
        return EXIT_OK
    for path in done.written:
        click.echo(f"wrote      {path}")
    for path in done.unchanged:
        click.echo(f"unchanged  {path}")
    for path in done.removed:
        click.echo(f"removed    {path}")
    return EXIT_OK


def _repository_around(root: Path) -> Path | None:
    """The git repository that a project is only a folder of."""
    if (root / ".git").exists():
        return None
    return next((folder for folder in root.resolve().parents if (folder / ".git").exists()), None)


@command.command("check")
@click.option("--target", "-t", "name", metavar="NAME", help="Only this one; default: all in the settings.")
@_repository
@_environments
@_options
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    name: str | None,
    repository: str | None,
    environments: tuple[str, ...],
    options: tuple[str, ...],
    as_json: bool,
) -> int:
    """Say whether the committed files are those that would be written now; ends with 1 when they are not.

    Tells a file that is out of date from one that somebody has changed by hand, and shows the lines: `-` is
    there and should not be, `+` should be there.
    """
    from orchestrator.errors import OrchestratorError
    from orchestrator.pipelines.check import check as compare
    from orchestrator.pipelines.generate import Wanted
    from orchestrator.pipelines.generate import generate as render_target
    from orchestrator.pipelines.settings import load_settings
    from orchestrator.terraform.fetch import module_fetcher
    from orchestrator.views.console import print_json

    project = project_of(ctx)
    fetch = module_fetcher(project, ctx.obj["terraform_bin"])
    names = [name] if name else list(load_settings(project).settings.targets)
    if not names:
        raise OrchestratorError(
            "there is no target to check",
            remedy="name it with --target, or add it below `targets` in pipelines/settings.yaml (`targets: {github: {}}`)",
        )
    found = {
        target: compare(
            render_target(project, target, Wanted(repository, environments, options), fetch), project.root
        )
        for target in names
    }
    if as_json:
        print_json(
            {
                "ok": not any(found.values()),
                "targets": {
                    target: [one.as_json() for one in outdated] for target, outdated in found.items()
                },
            }
        )
    else:
        for target, outdated in found.items():
            for one in outdated:
                click.echo(f"{one.path}: {WORDS.get(one.kind, one.kind)}")
                for line in one.lines:
                    click.echo(f"  {one.path}:{line}")
            if outdated:
                click.echo(f"Mend it: orchestrator pipelines generate --target {target}")
            else:
                click.echo(f"{target}: up to date")
    return EXIT_ERROR if any(found.values()) else EXIT_OK


@command.command("list")
@json_option
@click.pass_context
def list_targets(ctx: click.Context, as_json: bool) -> int:
    """The targets there are, their options, and what they must know."""
    from orchestrator.pipelines.target import load_target, target_names
    from orchestrator.views.console import print_json

    project = project_of(ctx)
    targets = [load_target(project, name) for name in target_names(project)]
    if as_json:
        print_json(
            {
                "targets": [
                    {
                        "name": target.name,
                        "own": target.own,
                        **target.file.model_dump(include={"description", "requires", "options"}),
                    }
                    for target in targets
                ]
            }
        )
        return EXIT_OK
    for target in targets:
        click.secho(target.name, bold=True, nl=False)
        click.echo(f"  {target.file.description}{' (the project’s own)' if target.own else ''}")
        for name, option in target.file.options.items():
            default = str(option.default).lower() if isinstance(option.default, bool) else option.default
            click.echo(f"  {name}={default}: {option.help}")
    return EXIT_OK


@command.command("update-pins")
@click.option(
    "--target", "-t", "name", default="github", show_default=True, metavar="NAME", help="Whose pins."
)
@click.option("--major", "majors", is_flag=True, help="Take other major versions, too.")
@click.option("--dry-run", is_flag=True, help="Only say what is newer; ends with 2 when something is.")
@json_option
@click.pass_context
def update_pins(ctx: click.Context, name: str, majors: bool, dry_run: bool, as_json: bool) -> int:
    """Look for newer versions of the actions that workflows use, and pin them by commit.

    Asks GitHub (GITHUB_API_URL; GITHUB_TOKEN when it is set) and writes pipelines/<target>/pins.yaml of this project. A tag
    that points to another commit than when it was pinned is an error: releases do not do that.
    """
    from orchestrator.ci.github import API, GitHub
    from orchestrator.errors import EXIT_CHANGES, OrchestratorError
    from orchestrator.pipelines.pins import load_pins
    from orchestrator.pipelines.target import PINS_FILE, load_target, own_targets
    from orchestrator.pipelines.update_pins import look_for_newer, pins_text
    from orchestrator.pipelines.write import write_text
    from orchestrator.views.console import print_json

    project = project_of(ctx)
    target = load_target(project, name)
    pins = dict(load_pins(project, target))
    if not pins:
        raise OrchestratorError(
            f"the target {name} has no pins", remedy="only workflows of GitHub use actions"
        )
    github = GitHub(os.environ.get("GITHUB_TOKEN"), os.environ.get("GITHUB_API_URL") or API)
    changes = look_for_newer(github, pins.values(), majors=majors)
    pins |= {change.new.action: change.new for change in changes}
    path = own_targets(project) / name / PINS_FILE
    if changes and not dry_run:
        write_text(path, pins_text(pins.values()))
    if as_json:
        print_json(
            {
                "file": str(project.shown(path)),
                "changed": [
                    {
                        "action": one.old.action,
                        "from": one.old.version,
                        "to": one.new.version,
                        "commit": one.new.commit,
                    }
                    for one in changes
                ],
            }
        )
    else:
        for change in changes:
            click.echo(str(change))
        if not changes:
            click.echo("All pins are the newest.")
        elif not dry_run:
            click.echo(f"Wrote {project.shown(path)}; now: orchestrator pipelines generate --target {name}")
    return EXIT_CHANGES if changes and dry_run else EXIT_OK
