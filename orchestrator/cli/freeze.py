"""``orchestrator freeze``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_OK, OrchestratorError

if TYPE_CHECKING:
    from orchestrator.state.store import StateStore


def _time(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is no day or time such as 2026-12-01, 2026-12-01T09:00 or 2026-12-01T09:00+01:00."
        ) from error


@click.command()
@env_option
@click.option("--reason", help="Why; whoever is refused reads it.")
@click.option(
    "--until",
    metavar="TIME",
    callback=_time,
    help="When it ends by itself: 2026-12-01 or 2026-12-01T09:00, in UTC unless an offset follows (2026-12-01T09:00+01:00).",
)
@click.option("--thaw", is_flag=True, help="End the freeze.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, env: str, reason: str | None, until: datetime | None, thaw: bool, as_json: bool
) -> int:
    """Let nobody apply or destroy an environment; without --reason, say whether it is frozen.

    Kept beside the states, so it holds on every machine. plan, review and the like go on.

    \b
      orchestrator freeze --env prod --reason "black friday" --until 2026-12-01
      orchestrator freeze --env prod --thaw
    """
    from orchestrator.apply import freeze
    from orchestrator.audit import noted
    from orchestrator.plan.run import new_plan_id
    from orchestrator.views.console import print_json

    if thaw and (reason or until):
        raise click.UsageError("--thaw goes alone.")
    if until and reason is None:
        raise click.UsageError("--until needs a --reason.")
    if reason is not None and not reason.strip():
        raise click.UsageError("the --reason is empty; whoever is refused reads it.")
    store = session_of(ctx, env).store
    if thaw:
        with noted(store, new_plan_id(), {"command": "thaw", "environment": env}, _say) as record:
            record["ended"] = _before(store)
            ended = freeze.thaw(store)
        now, text = None, f"{env} is frozen no more." if ended else f"{env} was not frozen."
    elif reason:
        about = {"command": "freeze", "environment": env, "reason": reason}
        with noted(store, new_plan_id(), about, _say) as record:
            before = _before(store)
            now = freeze.freeze(store, reason, until)
            record.update(until=now.until, replaced=before)
        text = f"{env} is frozen: {now}" + (f"\nThis takes the place of: {before}" if before else "")
    else:
        now = freeze.current(store)
        text = f"{env} is frozen: {now}" if now else f"{env} is not frozen."
    if as_json:
        print_json({"environment": env, "frozen": now.as_json() if now else None})
    else:
        click.echo(text)
    return EXIT_OK


def _before(store: StateStore) -> str | None:
    """The freeze that holds until now, in words."""
    from orchestrator.apply import freeze

    try:
        found = freeze.current(store)
    except OrchestratorError as error:
        return error.message
    return str(found) if found else None


def _say(text: str) -> None:
    click.echo(text, err=True)
