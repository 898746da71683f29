"""What the plan says of layers whose states or addresses were changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.session import Session


def planned(session: Session, layers: list[str], progress: Console) -> dict[str, Any]:
    """A plan of these layers, as far as the environment has them: its id and counts, or why there is none."""
    from orchestrator.plan.run import Selection, plan_environment
    from orchestrator.plan.summary import VERBS
    from orchestrator.views.progress import PhaseLine

    wanted = tuple(layer for layer in layers if layer in session.environment.layers)
    if not wanted:
        return {
            "id": None,
            "counts": {},
            "changes": [],
            "error": "the environment has none of these layers any more",
        }
    try:
        with PhaseLine(progress, f"plan {', '.join(wanted)}") as line:
            bundle = plan_environment(session, Selection(wanted), on_event=line.event, on_phase=line.phase)
    except OrchestratorError as error:
        return {"id": None, "counts": {}, "changes": [], "error": str(error)}
    changes = [
        f"{change.address} {VERBS.get(change.action, change.action)}"
        + (f" from {change.previous_address}" if change.previous_address else "")
        for change in bundle.changes.all()
    ]
    return {"id": bundle.manifest.id, "counts": bundle.manifest.counts, "changes": changes, "error": None}


def show_planned(outcome: dict[str, Any] | None, env: str) -> None:
    """The same for people."""
    if outcome is None:
        return
    if outcome["error"]:
        click.echo(f"The layers can't be planned now: {outcome['error']}")
    elif not outcome["changes"]:
        click.echo("The plan has no changes of resources.")
    else:
        click.echo("\n".join(["The plan says now:", *(f"  {line}" for line in outcome["changes"])]))
        click.echo(f"Look at it, or mend the code: orchestrator apply --env {env} --plan {outcome['id']}")
