"""``orchestrator config``: what an environment's configuration comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import env_option, json_option, project_of, session_of
from orchestrator.errors import EXIT_OK

if TYPE_CHECKING:
    from orchestrator.session import Session


@click.group()
def command() -> None:
    """Show and check an environment's configuration.

    The file is read with all that it extends, templates are filled in, and every value is checked
    against the environment's schema and the layers' modules.
    """


@command.command()
@env_option
@click.option(
    "--provenance", is_flag=True, help="Say for each value which file and line set it, and what it replaced."
)
@json_option
@click.pass_context
def show(ctx: click.Context, env: str, provenance: bool, as_json: bool) -> int:
    """Print the merged, templated configuration as YAML.

    Values of sensitive module variables are not shown.

    \b
      orchestrator config show --env prod
      orchestrator config show --env prod --provenance | grep retention
    """
    from orchestrator.config.environment import provenance as origins
    from orchestrator.views.console import print_json

    environment = session_of(ctx, env).environment
    tree = environment.public_tree()
    if provenance:
        rows = list(origins(tree))
        if as_json:
            print_json(
                [
                    {"key": key, "value": value, "set_by": place, "replaced": old}
                    for key, value, place, old in rows
                ]
            )
        else:
            width = max((len(f"{key} = {value}") for key, value, _, _ in rows), default=0)
            for key, value, place, old in rows:
                replaced = f" (over {', '.join(old)})" if old else ""
                click.echo(f"{f'{key} = {_scalar(value)}':<{min(width, 72)}}  # {place}{replaced}")
    elif as_json:
        print_json({"environment": env, **tree.plain()})
    else:
        import yaml

        click.echo(yaml.safe_dump(tree.plain(), sort_keys=False, allow_unicode=True, width=110).rstrip())
    return EXIT_OK


def _scalar(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


@command.command()
@click.option(
    "--env", "-e", "names", multiple=True, metavar="NAME", help="The environment; default: every one."
)
@json_option
@click.pass_context
def validate(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> int:
    """Check configuration, references and the values of module variables, without an account.

    The rules of the modules' variables are evaluated by Terraform, with the variables alone: no
    provider is started, and what other layers give is left to the plan. Where there is no
    Terraform, the rest is checked, and a note says so.

    Ends with 0 when all environments hold together, else with 1; every environment is checked.

    \b
      orchestrator config validate
      orchestrator config validate --env prod
    """
    from orchestrator.errors import EXIT_ERROR, OrchestratorError
    from orchestrator.views.console import print_json
    from orchestrator.views.errors import format_error

    project = project_of(ctx)
    problems: dict[str, OrchestratorError] = {}
    checked = list(names) or project.environment_names()
    if not checked:
        raise OrchestratorError(f"there are no environments in {project.environments}")
    layers: dict[str, int] = {}
    notes: dict[str, str | None] = {}
    for name in checked:
        try:
            session = session_of(ctx, name)
            layers[name] = len(session.environment.layers)
            _ = session.environment.packages  # the functions' code is there
            notes[name] = _check_values(session)
        except OrchestratorError as error:
            problems[name] = error
    if as_json:
        print_json(
            {
                "valid": not problems,
                "environments": {
                    name: {"error": problems[name].as_json()}
                    if name in problems
                    else {"layers": layers[name], "note": notes[name]}
                    for name in checked
                },
            }
        )
    else:
        for name in checked:
            if name in problems:
                click.echo(format_error(problems[name]), err=True)
            else:
                click.echo(f"{name}: valid, {layers[name]} layers")
            if notes.get(name):
                click.echo(f"{name}: {notes[name]}", err=True)
    if len(problems) == 1 and len(checked) == 1:
        return problems[checked[0]].exit_code
    return EXIT_ERROR if problems else EXIT_OK


def _check_values(session: Session) -> str | None:
    """Check the modules' rules; why that could not be done, if so."""
    from orchestrator.errors import OrchestratorError
    from orchestrator.plan.refused import check_values

    said = "the rules of the modules' variables were not checked"
    try:
        session.terraform  # noqa: B018
    except OrchestratorError as error:
        return f"{said}: {error}"
    failed = check_values(session)
    return f"{said}: {failed}" if failed else None
