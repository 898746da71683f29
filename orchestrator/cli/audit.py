"""``orchestrator audit``."""

from __future__ import annotations

from typing import Any

import click

from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_ERROR, EXIT_OK


@click.group()
def command() -> None:
    """Who applied and destroyed what, and whether that log still holds.

    Every run ends with one record beside the states; each has the hash of the one before, and the last one's is
    kept apart. Runs that hold nothing (plan, drift) leave a note, which the next apply takes into the chain.
    """


@command.command()
@env_option
@json_option
@click.pass_context
def verify(ctx: click.Context, env: str, as_json: bool) -> int:
    """Check the chain of records; ends with 1 when one was changed, removed or added."""
    from orchestrator import audit
    from orchestrator.views.console import print_json

    verdict = audit.verify(session_of(ctx, env).store)
    if as_json:
        print_json(verdict.as_json())
    elif verdict.ok:
        waiting = f", and {verdict.waiting} that wait to be taken in" if verdict.waiting else ""
        click.echo(f"The audit log of {env} holds: {verdict.records} records{waiting}.")
    else:
        place = f"line {verdict.line}: " if verdict.line else ""
        click.secho(f"The audit log of {env} does not hold: {place}{verdict.problem}.", fg="red", err=True)
        click.echo(f"{verdict.records} records before that are as they were written.", err=True)
    return EXIT_OK if verdict.ok else EXIT_ERROR


@command.command()
@env_option
@json_option
@click.pass_context
def show(ctx: click.Context, env: str, as_json: bool) -> int:
    """List the records, oldest first."""
    from orchestrator import audit
    from orchestrator.views.console import print_json

    records = audit.read(session_of(ctx, env).store)
    if as_json:
        print_json({"environment": env, "records": records})
    for record in () if as_json else records:
        click.echo(_line(record))
    return EXIT_OK


def _line(record: dict[str, Any]) -> str:
    counts = record.get("counts")
    counts = counts if isinstance(counts, dict) else {}
    changes = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    what = record.get("bundle") or record.get("run") or "?"
    bad = "refused" if record.get("refused") else "failed"
    end = "ok" if record.get("ok") else f"{bad}{': ' + str(record['error']) if record.get('error') else ''}"
    words = [str(record.get("number", "-")), *(str(record.get(key, "?")) for key in ("at", "by", "command"))]
    return "  ".join([*words, str(what), *([changes] if changes else []), end])
