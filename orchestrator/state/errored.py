"""States that Terraform could not save, and left beside a layer's root: they are pushed before anything else is done.

https://developer.hashicorp.com/terraform/cli/commands/state/push
"""

from __future__ import annotations

from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import write_atomic
from orchestrator.session import Session
from orchestrator.state.backup import back_up
from orchestrator.state.state import parse_state

ERRORED_STATE = "errored.tfstate"


def errored(session: Session) -> list[str]:
    """The layers whose newest state lies beside their root, sorted."""
    found = (session.work / "workspaces").glob(f"*/{ERRORED_STATE}")
    return sorted(path.parent.name for path in found)


def refuse_errored(session: Session, layers: list[str]) -> None:
    """Check that the states of these layers are their newest.

    Raises:
        OrchestratorError: one of them lies beside its layer's root.
    """
    for name in errored(session):
        if name in layers:
            raise OrchestratorError(
                "an earlier run could not save this layer's state and left it beside the workspace",
                where=Where(file=session.project.shown(session.workspace(name) / ERRORED_STATE), layer=name),
                remedy=f"`orchestrator state push --env {session.environment.name}` saves it",
            )


def push_errored(session: Session, name: str) -> bool:
    """Save the state that a layer's Terraform left behind; False when there is none. The caller holds the environment.

    What the store has is backed up first, and what it has afterwards is compared.

    Raises:
        OrchestratorError: the store's state is another one's or newer, or it still can't be written.
    """
    left = session.workspace(name) / ERRORED_STATE
    if not left.is_file():
        return False
    where = Where(file=session.project.shown(left), layer=name)
    content = left.read_bytes()
    ours = parse_state(content, name, str(session.project.shown(left)))
    there = session.store.read(name)
    if there is not None and there.lineage != ours.lineage:
        raise OrchestratorError(
            f"the state that was left is of another lineage than the saved one ({ours.lineage}, not {there.lineage})",
            where=where,
            remedy="the layer was destroyed and applied anew since; compare the two, then move the file away",
        )
    if there is not None and there.serial > ours.serial:
        raise OrchestratorError(
            f"the saved state (serial {there.serial}) is newer than the one that was left (serial {ours.serial})",
            where=where,
            remedy="compare the two: what only the older one has must be imported; then move the file away",
        )
    if there is None or there.serial < ours.serial:
        if there is not None:
            back_up(session.store, session.work, [name])
        session.client.push_state(left.parent, left, layer=name)
        saved = session.store.read(name)
        if saved is None or saved.addresses() != ours.addresses():
            raise OrchestratorError("the state that was pushed is not the one that is saved now", where=where)
    elif there.addresses() != ours.addresses():
        raise OrchestratorError(
            f"the saved state and the one that was left have the same serial ({ours.serial}) and differ",
            where=where,
            remedy="compare the two, then move the file away",
        )
    write_atomic(session.work / "backups" / f"errored-{name}-{ours.serial}.tfstate", content)
    left.unlink()
    return True
