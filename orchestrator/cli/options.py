"""Options that several commands share, and how they become a session."""

from __future__ import annotations

import functools
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from orchestrator.apply.capacity import Slots
    from orchestrator.config.project import Project
    from orchestrator.session import Session
    from orchestrator.terraform.client import Interrupts

F = TypeVar("F", bound=Callable[..., Any])


def project_of(ctx: click.Context) -> Project:
    """The project of this command line.

    Raises:
        OrchestratorError: there is none.
    """
    from orchestrator.config.project import find_project

    given = ctx.obj.get("project")
    return find_project(Path(given) if given else None)


def session_of(ctx: click.Context, env: str, interrupts: Interrupts | None = None) -> Session:
    """The environment's session.

    Raises:
        OrchestratorError: the environment does not hold together, or its profile can't be signed in.
    """
    from orchestrator.session import open_session

    more = {"concurrency": ctx.obj["concurrency"]} if "concurrency" in ctx.obj else {}
    session = open_session(project_of(ctx), env, ctx.obj["terraform_bin"], interrupts, **more)
    if interrupts is not None:  # the command works in AWS, and draws on the terminal that may be asked on
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            session.sign_in()
        finally:
            signal.signal(signal.SIGINT, handler)
    return session


def _complete_environment(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from orchestrator.config.project import find_project
    from orchestrator.errors import OrchestratorError

    try:
        given = ctx.find_root().params.get("project")
        names = find_project(Path(given) if given else None).environment_names()
    except OrchestratorError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _complete_layer(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from orchestrator.config.environment import load_environment
    from orchestrator.config.project import find_project
    from orchestrator.errors import OrchestratorError

    try:
        given = ctx.find_root().params.get("project")
        environment = load_environment(
            find_project(Path(given) if given else None), ctx.params.get("env") or "local"
        )
    except OrchestratorError:
        return []
    return [CompletionItem(name) for name in sorted(environment.layers) if name.startswith(incomplete)]


env_option = click.option(
    "--env",
    "-e",
    required=True,
    envvar="ORCHESTRATOR_ENV",
    metavar="NAME",
    shell_complete=_complete_environment,
    help="The environment: a folder of terraform/envs. Also ORCHESTRATOR_ENV.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Answer with one JSON document on standard output."
)


layer_option = click.option(
    "--layer",
    "-l",
    "layer_name",
    required=True,
    metavar="NAME",
    shell_complete=_complete_layer,
    help="The layer.",
)


def slice_options(command: Callable[..., int]) -> Callable[..., int]:
    """``--layer`` and what goes with it; the command gets them as one ``selection``."""

    @functools.wraps(command)
    def with_selection(
        *args: Any, layers: tuple[str, ...], with_dependencies: bool, with_dependents: bool, **options: Any
    ) -> int:
        from orchestrator.plan.run import Selection

        if (with_dependencies or with_dependents) and not layers:
            raise click.UsageError("--with-dependencies and --with-dependents go with --layer.")
        return command(*args, selection=Selection(layers, with_dependencies, with_dependents), **options)

    options = (
        click.option(
            "--layer",
            "-l",
            "layers",
            multiple=True,
            metavar="NAME",
            shell_complete=_complete_layer,
            help="Only this layer; may be given several times. Default: all.",
        ),
        click.option(
            "--with-dependencies", is_flag=True, help="Add the layers that the named ones depend on."
        ),
        click.option("--with-dependents", is_flag=True, help="Add the layers that depend on the named ones."),
    )
    for option in reversed(options):
        with_selection = option(with_selection)
    return with_selection


def parallelism_option(command: F) -> F:
    """``--parallelism`` and ``--memory``, which :func:`slots_of` makes a number of layers of."""
    parallelism = click.option(
        "--parallelism",
        type=click.IntRange(1, 64),
        metavar="N",
        help="How many layers run side by side, at most. Default: three for each core, and 12. Fewer run where they "
        "would not fit into memory: the first takes about 0.9 GiB, each further one 0.45 GiB.",
    )
    memory = click.option(
        "--memory",
        type=click.FloatRange(0, min_open=True),
        metavar="GIB",
        help="How much memory the layers may take together. Default: what is free, within the limits of the container.",
    )
    return parallelism(memory(command))


def slots_of(parallelism: int | None, memory: float | None) -> Slots:
    """How many layers run side by side on this machine."""
    from orchestrator.apply.capacity import available_cores, available_memory, slots

    free = available_memory() if memory is None else int(memory * 1024)
    return slots(free, available_cores(), parallelism)


def events_option(command: Callable[..., int]) -> Callable[..., int]:
    """``--events``: the command gets an open file, or None."""

    @functools.wraps(command)
    def with_stream(*args: Any, events: str | None, as_json: bool, **options: Any) -> int:
        from orchestrator.runs.stream import open_stream

        if as_json and events in ("-", "/dev/stdout", "/dev/fd/1"):
            raise click.UsageError("--json and --events - both want standard output; give --events a file.")
        with open_stream(events) as stream:
            return command(*args, events=stream, as_json=as_json, **options)

    return click.option(
        "--events",
        metavar="FILE",
        envvar="ORCHESTRATOR_EVENTS",
        help="Write the run's events there as they come, one JSON document a line (`runs schema`). `-` is standard output, "
        "which then has nothing else; /dev/fd/3 a descriptor. Also ORCHESTRATOR_EVENTS.",
    )(with_stream)


def concurrency_option(command: F) -> F:
    """``--concurrency``: kept for :func:`session_of`."""

    def keep(ctx: click.Context, _param: click.Parameter, value: int) -> None:
        ctx.obj["concurrency"] = value

    return click.option(
        "--concurrency",
        type=click.IntRange(1, 256),
        default=20,
        show_default=True,
        expose_value=False,
        callback=keep,
        help="How many resources of a layer Terraform works on at a time (its own -parallelism).",
    )(command)


def outside_window_option(command: F) -> F:
    """``--outside-window``."""
    return click.option(
        "--outside-window",
        metavar="REASON",
        help="Go on outside the environment's maintenance windows; the audit log keeps the reason.",
    )(command)


def ask(question: str, wanted: str) -> bool:
    """Ask on the terminal; whether the answer is just ``wanted``. Ctrl-C ends the command here."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        click.echo(question)
        click.echo("  > ", nl=False)
        # A signal that comes just before a blocking read would wait for the answer: look up now and then.
        while sys.stdin.isatty() and not select.select([sys.stdin], [], [], 0.2)[0]:
            pass
        return input().strip() == wanted
    except EOFError:
        click.echo("")
        return False
    except KeyboardInterrupt:
        raise click.Abort from None
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def safe_interrupts(say: Callable[[str], None]) -> Iterator[Interrupts]:
    """Turns Ctrl-C and SIGTERM into a polite stop of all Terraform processes."""
    from orchestrator.terraform.client import Interrupts

    interrupts = Interrupts()

    def stop(_signal: int, _frame: object) -> None:
        interrupts.request()
        if interrupts.requested == 1:
            say("Stopping: Terraform finishes the resource in hand and saves its state. Again to give it up.")
        else:
            say("Giving up what is in hand; what it made may be missing from the state.")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
