"""Who somebody is, by all that a machine can tell: so that two keys of one person do not count for two people.

What is told is declared, not proven: it keeps honest people honest. What is proven are signatures; who may use a key in KMS
is said by its policy.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.audit import ci_actor, whoami
from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.session import Session

_PERSONAL = re.compile(r"arn:[^:]+:(?:iam::\d+:user/|sts::\d+:assumed-role/)")


def identities(session: Session) -> tuple[str, ...]:
    """What tells who runs this: in CI its actor; else login and host, the address that git signs with, the caller's ARN.

    A CI's git address and role are every run's, and the emulator's ARN is everybody's: these say nothing.
    """
    if ci_actor() is not None:
        return (f"ci:{ci_actor()}",)
    found = [f"login:{whoami()}"]
    if address := _git_address(session):
        found.append(f"git:{address.lower()}")
    if arn := _caller(session):
        found.append(f"aws:{arn}")
    return tuple(found)


def shared(one: Iterable[str], other: Iterable[str]) -> str | None:
    """What two people have in common that nobody shares with another; None where they are two."""
    return next((name for name in one if name in set(other)), None)


def _git_address(session: Session) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(
        [git, "config", "user.email"],
        cwd=session.project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or None


def _caller(session: Session) -> str | None:
    """The ARN of the credentials that this was started with, before any role of the environment."""
    if session.environment.settings.emulator:
        return None
    try:
        arn = session.accounts.identity(replace(session.environment.destination.credentials, role=None)).arn
    except OrchestratorError:  # who has none is told apart by the rest
        return None
    return arn if _PERSONAL.match(arn) else None
