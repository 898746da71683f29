"""Whether Terraform sees in a migration's new place what it saw in the old one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import to_json
from orchestrator.plan.run import Selection, plan_environment
from orchestrator.render.workspace import state_only_workspace
from orchestrator.session import Session
from orchestrator.state.migrate import Migration
from orchestrator.state.state import parse_state
from orchestrator.state.store import STATE_SUFFIX


def verifier(
    session: Session, migration: Migration, told: Callable[[str], None], *, plan: bool
) -> Callable[[], None]:
    """What :func:`migrate` calls before the old place is given up. With ``plan`` the environment is planned now, for comparison.

    Terraform reads every layer's state through the new backend; the environment's plan is what it was upon the old states.

    Raises:
        OrchestratorError: the environment can't be planned.
    """
    there = replace(session, elsewhere=migration.target)
    before = None
    if plan and not migration.unfinished:
        told("planning upon the old states")
        before = _planned(replace(session, elsewhere=migration.source))

    def verify() -> None:
        if plan:
            _pull_all(there, migration, told)
        if before is not None:
            told("planning upon the new states")
            _same_plan(before, _planned(there))

    return verify


def _planned(session: Session) -> dict[str, Any]:
    """What a plan of the whole environment would change, layer by layer; its bundle is thrown away."""
    bundle = plan_environment(session, Selection())
    shutil.rmtree(bundle.path)
    layers: dict[str, Any] = json.loads(to_json(bundle.changes.as_json()))["layers"]
    return layers


def _same_plan(before: dict[str, Any], after: dict[str, Any]) -> None:
    for layer, changes in after.items():
        if changes != before.get(layer):
            raise OrchestratorError(
                "its plan upon the new states is another one than upon the old ones",
                where=Where(layer=layer),
                remedy="nothing was given up; if something was changed meanwhile, run the migration again",
            )


def _pull_all(session: Session, migration: Migration, told: Callable[[str], None]) -> None:
    for layer in migration.layers:
        told(f"reading {layer} with Terraform")
        session.interrupts.check()
        workspace = state_only_workspace(
            session.environment, layer, session.workspace(layer), session.environment.destination
        )
        workspace.write()
        session.client.init(workspace.path, fingerprint="", lock_file=session.lock_file, layer=layer)
        content = migration.target.read_raw(layer + STATE_SUFFIX) or b""
        ours = parse_state(content, layer, migration.target.place(layer))
        theirs = parse_state(session.client.pull_state(workspace.path), layer, "that Terraform reads")
        if (ours.lineage, ours.serial, ours.addresses()) != (
            theirs.lineage,
            theirs.serial,
            theirs.addresses(),
        ):
            raise OrchestratorError(
                f"Terraform reads another state: lineage {theirs.lineage}, serial {theirs.serial}",
                where=Where(layer=layer),
                remedy="nothing was given up; compare `backend` with where the states are",
            )
