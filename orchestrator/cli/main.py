"""The command line: finds commands without importing them, and turns every error into an exit code."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any

import click

from orchestrator.errors import (
    EXIT_DEFECT,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_USAGE,
    InterruptedRunError,
    OrchestratorError,
    UsageError,
)

COMMANDS: dict[str, dict[str, str]] = {
    "Look": {
        "config": "Show and check an environment's configuration.",
        "graph": "Draw the layers and what each depends on.",
        "render": "Write the Terraform roots that a run would use.",
        "output": "Print the outputs of applied layers.",
    },
    "Change": {
        "plan": "Plan the whole environment as one graph and write a bundle for review.",
        "approve": "Sign that a plan may be applied.",
        "apply": "Apply exactly what was reviewed, layer by layer.",
        "import": "Take what was made by hand into a layer's state.",
        "destroy": "Destroy layers, dependents first.",
        "unlock": "Remove the lock that a dead run left.",
        "freeze": "Let nobody apply or destroy an environment.",
    },
    "Check": {
        "scan": "Scan modules or a plan with checkov.",
        "review": "Say what in a plan can hurt: data loss, wider IAM, exposure.",
        "drift": "Say what was changed outside Terraform; take it in, or put it back.",
        "runs": "What runs did and when, layer by layer.",
        "audit": "Who applied what, and whether that log still holds.",
    },
    "Automate": {
        "pipelines": "Write the CI pipelines that run the same commands as a person.",
        "ci": "Steps of a CI run: what a change touches, comments, reviewed bundles.",
    },
    "Set up": {
        "state": "Look at states, keep copies, put one back; move resources; migrate to another backend.",
        "bootstrap": "Create, or take over, the bucket that keeps an environment's states.",
        "doctor": "Check all that a run needs, and say how to mend it.",
        "emulator": "Start and stop the local AWS that environment `local` runs on.",
        "completion": "Print the shell completion script.",
    },
}
"""Commands by section, with their one-line help; each is ``command`` in ``orchestrator.cli.<name>``."""


class LazyGroup(click.Group):
    """Imports a command when it is run, so that ``--help`` and completion stay instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name for section in COMMANDS.values() for name in section)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if not any(cmd_name in section for section in COMMANDS.values()):
            return None
        command = importlib.import_module(f"orchestrator.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if near and "Did you mean" not in error.message:
                raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from orchestrator import __version__

        click.echo(f"orchestrator {__version__}")
        ctx.exit()


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 error, 2 changes or drift, 3 the review blocks, 64 wrong usage, 130 interrupted.",
)
@click.option(
    "--project",
    type=click.Path(file_okay=False),
    envvar="ORCHESTRATOR_PROJECT",
    help="The project's folder. Default: the nearest one above with terraform/envs.",
)
@click.option(
    "--terraform-bin",
    default="terraform",
    envvar="ORCHESTRATOR_TERRAFORM_BIN",
    show_default=True,
    help="The Terraform (or OpenTofu) to run.",
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
@click.pass_context
def cli(ctx: click.Context, project: str | None, terraform_bin: str, debug: bool) -> None:
    """Deploy an AWS microservices platform with Terraform: one exact plan, many states.

    \b
    A first run, on your own machine:
      orchestrator emulator start
      orchestrator apply --env local
      orchestrator output --env local

    \b
    A reviewed change:
      orchestrator plan --env prod            # writes a bundle and prints its id
      orchestrator apply --env prod --plan ID # applies that, or stops
    """
    ctx.ensure_object(dict)
    ctx.obj.update(project=project, terraform_bin=terraform_bin, debug=debug)


def run(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit code; nothing is raised."""
    state: dict[str, Any] = {}
    words = sys.argv[1:] if arguments is None else arguments
    try:
        result = cli.main(args=words, prog_name="orchestrator", standalone_mode=False, obj=state)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        return _usage_error(error, words)
    except click.Abort as error:
        # click makes one of every Ctrl-C that nobody handles; one without a cause comes from a question (``options.ask``).
        return _interrupted(words, "" if error.__cause__ else "; nothing was changed")
    except click.ClickException as error:
        if "--json" in words:
            return _as_json(OrchestratorError(error.format_message()), words)
        click.echo(f"Error: {error.format_message()}", err=True)
        return EXIT_ERROR
    except KeyboardInterrupt:
        return _interrupted(words, "")
    except BrokenPipeError:
        # The reader has gone (`… | head`); the interpreter must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except Exception as error:  # noqa: BLE001  (the one place where everything ends)
        from orchestrator.views.errors import show_error

        return show_error(error, words, debug="--debug" in words, as_json="--json" in words)
    return result if isinstance(result, int) else EXIT_OK


def _as_json(error: OrchestratorError, words: list[str]) -> int:
    from orchestrator.views.errors import show_error

    return show_error(error, words, debug=False, as_json=True)


def _interrupted(words: list[str], more: str) -> int:
    if "--json" in words:
        return _as_json(InterruptedRunError(f"interrupted{more}"), words)
    click.echo(f"Interrupted{more}.", err=True)
    return EXIT_INTERRUPTED


def _usage_error(error: click.UsageError, words: list[str]) -> int:
    message = error.format_message()
    if "--json" in words:
        return _as_json(UsageError(message), words)
    click.echo(f"Error: {message}", err=True)
    if error.ctx is not None:
        click.echo(f"See `{error.ctx.command_path} --help`.", err=True)
    return EXIT_USAGE


def main() -> None:
    """The console script.

    Plans, states and what checkov makes of them are large trees that live to the end: looking through them for cycles again and
    again took half of a scan (1,200 resources: 10 CPU seconds, 5 without).
    """
    gc.set_threshold(50_000, 20, 100)
    code = run()
    gc.freeze()  # nor when the process ends anyway
    sys.exit(code)


__all__ = ["EXIT_DEFECT", "cli", "main", "run"]
