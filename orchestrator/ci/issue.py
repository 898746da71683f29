"""One issue for drift: opened when there is some, kept up to date, closed when it is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from orchestrator.ci.actions import cut
from orchestrator.ci.comment import LIMIT
from orchestrator.ci.github import GitHub
from orchestrator.errors import OrchestratorError, Where
from orchestrator.review.render import markdown
from orchestrator.review.review import Review, review_from_json

MARKER = "<!-- orchestrator: drift -->"
TITLE = "Drift: resources are not as they were applied"
Done = Literal["opened", "updated", "closed", "unchanged"]


@dataclass(frozen=True)
class Looked:
    """What `orchestrator drift --json` found in one environment; ``review`` is None when it could not be looked at."""

    environment: str
    drifted: bool
    review: Review | None


def read_report(environment: str, path: Path) -> Looked:
    """A report; a file that is missing or holds an error is an environment that could not be looked at.

    Raises:
        OrchestratorError: it is the report of another environment, or none at all.
    """
    if not path.is_file() or not path.read_bytes().strip():
        return Looked(environment, drifted=False, review=None)
    try:
        raw = json.loads(path.read_bytes())
        if "error" in raw:
            return Looked(environment, drifted=False, review=None)
        looked = Looked(str(raw["environment"]), bool(raw["drifted"]), review_from_json(raw["review"]))
    except (ValueError, KeyError, TypeError) as error:
        raise OrchestratorError(
            f"that is no drift report ({error})",
            where=Where(file=path),
            remedy="make it with `orchestrator drift --json`",
        ) from error
    if looked.environment != environment:
        raise OrchestratorError(
            f"that is the report of {looked.environment}, not of {environment}", where=Where(file=path)
        )
    return looked


def body(reports: list[Looked], run_url: str | None) -> str:
    """What drifted, environment by environment."""
    run = f" ([run]({run_url}))" if run_url else ""
    parts = [
        MARKER,
        f"Found by the last look{run}. This issue is closed when nothing differs any more.",
        "`orchestrator drift --env NAME` shows the values; `revert` and `accept` end it.",
    ]
    for looked in reports:
        if looked.review is None:
            parts.append(f"## {looked.environment}: could not be looked at\n\nThe run's log says why.")
        elif looked.drifted:
            parts.append(markdown(looked.review, looked.environment))
    return cut("\n\n".join(parts), LIMIT)


def keep(
    github: GitHub, repository: str, reports: list[Looked], run_url: str | None
) -> tuple[Done, int | None]:
    """Open, change or close the issue; what was done, and its number.

    It is closed only when every environment was looked at and none has drifted.
    """
    ours = sorted(
        (one for one in github.pages(f"repos/{repository}/issues", state="open") if _is_ours(one)),
        key=lambda one: int(one["number"]),
    )
    trouble = [looked for looked in reports if looked.drifted or looked.review is None]
    for extra in ours[1:]:
        _close(github, repository, int(extra["number"]), "Another issue has this already.", "not_planned")
    if not trouble:
        if not ours:
            return "unchanged", None
        number = int(ours[0]["number"])
        _close(github, repository, number, "Nothing differs any more.", "completed")
        return "closed", number
    text = body(reports, run_url)
    if not ours:
        made = github.post(f"repos/{repository}/issues", {"title": TITLE, "body": text})
        return "opened", int(made["number"])
    number = int(ours[0]["number"])
    github.patch(f"repos/{repository}/issues/{number}", {"body": text})
    return "updated", number


def _close(github: GitHub, repository: str, number: int, why: str, reason: str) -> None:
    github.post(f"repos/{repository}/issues/{number}/comments", {"body": why})
    github.patch(f"repos/{repository}/issues/{number}", {"state": "closed", "state_reason": reason})


def _is_ours(issue: Any) -> bool:
    is_bot = (issue.get("user") or {}).get("type") == "Bot"
    return is_bot and "pull_request" not in issue and str(issue.get("body") or "").startswith(MARKER)
