"""What GitHub Actions tells a step, and what a step tells it.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError, Where

SUMMARY_LIMIT = 1024 * 1024 - 4096
"""Bytes that GitHub shows of a step's summary, less what is said when that is not enough."""


@dataclass(frozen=True)
class Actions:
    """The run as the process environment describes it."""

    variables: Mapping[str, str]

    def require(self, name: str) -> str:
        """A variable's value.

        Raises:
            OrchestratorError: it is not set.
        """
        value = self.variables.get(name, "")
        if not value:
            raise OrchestratorError(
                f"{name} is not set",
                remedy="GitHub Actions sets GITHUB_REPOSITORY and the like; give the step GITHUB_TOKEN as `env:`",
            )
        return value

    @property
    def repository(self) -> str:
        """``owner/name``."""
        slug = self.require("GITHUB_REPOSITORY")
        if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", slug):
            raise OrchestratorError(f"GITHUB_REPOSITORY is no repository: {slug!r}")
        return slug

    @property
    def run_url(self) -> str | None:
        """The page of this run."""
        number = self.variables.get("GITHUB_RUN_ID")
        if not number:
            return None
        server = self.variables.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{self.repository}/actions/runs/{number}"

    def event(self) -> dict[str, Any]:
        """The event that started the run; empty when there is none."""
        path = self.variables.get("GITHUB_EVENT_PATH")
        if not path or not Path(path).is_file():
            return {}
        try:
            event = json.loads(Path(path).read_bytes())
        except ValueError as error:
            raise OrchestratorError(f"the event in GITHUB_EVENT_PATH is damaged: {error}") from error
        return event if isinstance(event, dict) else {}

    def pull_request(self, given: int | None) -> int:
        """The number of the pull request that the run is of.

        Raises:
            OrchestratorError: it is of none.
        """
        number = given or (self.event().get("pull_request") or {}).get("number")
        if not isinstance(number, int):
            raise OrchestratorError(
                "this run is of no pull request", remedy="name one with --pull-request NUMBER"
            )
        return number

    def output(self, values: Mapping[str, str]) -> None:
        """Give values to later steps (``GITHUB_OUTPUT``); outside a run nothing happens."""
        path = self.variables.get("GITHUB_OUTPUT")
        if not path:
            return
        for name, value in values.items():
            if "\n" in value or "\r" in value or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
                raise OrchestratorError(f"the output {name} can't be handed on: it is more than one line")
        _append("GITHUB_OUTPUT", path, "".join(f"{name}={value}\n" for name, value in values.items()))

    def summary(self, text: str) -> bool:
        """Add to the job's summary; False outside a run."""
        path = self.variables.get("GITHUB_STEP_SUMMARY")
        if not path:
            return False
        _append("GITHUB_STEP_SUMMARY", path, cut(text, SUMMARY_LIMIT) + "\n")
        return True


def _append(name: str, path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OrchestratorError(
            f"the file of {name} can't be written ({error.strerror})", where=Where(file=Path(path))
        ) from error


def cut(text: str, limit: int) -> str:
    """Markdown of at most ``limit`` bytes, cut between lines, with what was open closed again."""
    if len(text.encode()) <= limit:
        return text
    kept: list[str] = []
    size, room = 0, limit - 200
    for line in text.split("\n"):
        size += len(line.encode()) + 1
        if size > room:
            break
        kept.append(line)
    if sum(line.startswith("```") for line in kept) % 2:
        kept.append("```")
    opened = sum(line.count("<details>") - line.count("</details>") for line in kept)
    kept += ["</details>"] * max(opened, 0)
    return "\n".join([*kept, "", "_The rest did not fit; the bundle has all of it._"])
