"""When an environment may not be changed: somebody has frozen it, or it is outside its maintenance windows.

A freeze is kept beside the states, so it holds for everybody who would apply.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError
from orchestrator.session import Session
from orchestrator.state.store import StateStore


@dataclass(frozen=True)
class Freeze:
    """Who froze the environment, why, and until when (ISO 8601 in UTC; None: until somebody thaws it)."""

    by: str
    at: str
    reason: str
    until: str | None

    def holds(self, now: datetime) -> bool:
        """Whether it has not ended."""
        return self.until is None or now < datetime.fromisoformat(self.until)

    def __str__(self) -> str:
        end = f" until {self.until}" if self.until else ""
        return f"{self.by} froze it at {self.at}{end}: {self.reason}"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def freeze(store: StateStore, reason: str, until: datetime | None) -> Freeze:
    """Freeze an environment.

    Raises:
        OrchestratorError: ``until`` lies in the past.
    """
    now = datetime.now(UTC)
    if until is not None and until <= now:
        raise OrchestratorError(
            f"{until.isoformat()} lies in the past", remedy="name a time to come, or none"
        )
    end = until.astimezone(UTC).isoformat(timespec="seconds") if until else None
    found = Freeze(whoami(), now.isoformat(timespec="seconds"), reason, end)
    store.write_freeze(found.as_json())
    return found


def thaw(store: StateStore) -> bool:
    """End a freeze; whether there was one."""
    found = store.read_freeze() is not None
    store.write_freeze(None)
    return found


def current(store: StateStore, now: datetime | None = None) -> Freeze | None:
    """The freeze that holds.

    Raises:
        OrchestratorError: it can't be read: nothing may be changed until somebody has looked at it.
    """
    raw = store.read_freeze()
    if raw is None:
        return None
    try:
        found = Freeze(**raw)
        holds = found.holds(now or datetime.now(UTC))
    except (TypeError, ValueError) as error:
        raise OrchestratorError(
            "the environment is frozen, and the record of it is damaged",
            remedy="ask who froze it (`orchestrator audit show`); `orchestrator freeze --thaw` removes it",
        ) from error
    return found if holds else None


def check_open(session: Session, *, outside_windows: bool = False) -> None:
    """Check that the environment may be changed now. ``outside_windows``: somebody has said so.

    Raises:
        OrchestratorError: it is frozen, or it is not in a maintenance window.
    """
    name, windows = session.environment.name, session.environment.settings.maintenance_windows
    frozen = current(session.store)
    if frozen is not None:
        raise OrchestratorError(
            f"{name} is frozen: {frozen}", remedy=f"`orchestrator freeze --env {name} --thaw` ends it"
        )
    if windows and not outside_windows and not any(window.has(datetime.now(UTC)) for window in windows):
        node = session.environment.tree.child("maintenance_windows")
        raise OrchestratorError(
            f"{name} is changed in its maintenance windows only: {'; '.join(map(str, windows))}",
            where=node.origin.where("maintenance_windows") if node else None,
            remedy="wait, or say why not with --outside-window REASON, which the audit log keeps",
        )
