"""Where things are in a project: environments, modules, policy, and our own folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import OrchestratorError, UsageError
from orchestrator.modules.types import suggest

ENVIRONMENT_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
ENVIRONMENT_FILE = "environment.yaml"


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder; every path is absolute."""

    root: Path

    @property
    def environments(self) -> Path:
        """``terraform/envs``: one folder an environment."""
        return self.root / "terraform" / "envs"

    @property
    def modules(self) -> Path:
        """``terraform/modules``: one folder a layer."""
        return self.root / "terraform" / "modules"

    @property
    def policy(self) -> Path:
        """``policy``: what the scans enforce."""
        return self.root / "policy"

    @property
    def emulator(self) -> Path:
        """Where the emulator keeps its pid and log."""
        return self.root / ".orchestrator" / "emulator"

    def work(self, environment: str) -> Path:
        """``.orchestrator/<env>``: plans, workspaces and, for local backends, states."""
        return self.root / ".orchestrator" / environment

    def shown(self, path: Path) -> Path:
        """The path as messages name it: relative to the project where it lies inside."""
        return path.relative_to(self.root) if path.is_relative_to(self.root) else path

    def environment_names(self) -> list[str]:
        """The environments there are, sorted."""
        if not self.environments.is_dir():
            return []
        return sorted(path.parent.name for path in self.environments.glob(f"*/{ENVIRONMENT_FILE}"))

    def environment_file(self, name: str) -> Path:
        """The file of an environment.

        Raises:
            UsageError: a name that can't be one (``../x``).
            OrchestratorError: there is no such environment.
        """
        if not ENVIRONMENT_NAME.match(name):
            raise UsageError(
                f"{name!r} is not an environment's name",
                remedy="a name has lower-case letters, digits and hyphens, and starts with a letter",
            )
        path = self.environments / name / ENVIRONMENT_FILE
        if not path.is_file():
            raise OrchestratorError(
                f'there is no environment "{name}" ({self.shown(path)} is not a file)',
                remedy=suggest(name, self.environment_names()),
            )
        return path


def find_project(start: Path | None = None) -> Project:
    """The project at ``start`` (``ORCHESTRATOR_PROJECT``, else the current folder) or above it.

    Raises:
        OrchestratorError: no folder there has ``terraform/envs``.
    """
    given = start or (
        Path(os.environ["ORCHESTRATOR_PROJECT"]) if os.environ.get("ORCHESTRATOR_PROJECT") else None
    )
    if given is not None and not given.is_dir():
        raise OrchestratorError(f"the project folder {given} does not exist", remedy="mend --project")
    folder = (given or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / "terraform" / "envs").is_dir():
            return Project(candidate)
    raise OrchestratorError(
        f"no project here: neither {folder} nor a folder above it has terraform/envs",
        remedy="change to the project's folder, or name it with --project or ORCHESTRATOR_PROJECT",
    )
