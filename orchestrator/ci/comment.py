"""One comment for each environment on a pull request: made once, then kept up to date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orchestrator.ci.actions import cut
from orchestrator.ci.github import GitHub
from orchestrator.plan.bundle import SUMMARY, Bundle
from orchestrator.plan.summary import counts_text
from orchestrator.review.render import verdict

LIMIT = 65_000
"""Bytes; GitHub takes 65,536 characters."""


def marker(environment: str) -> str:
    """The first line of the environment's comment, by which it is found again."""
    return f"<!-- orchestrator: plan of {environment} -->"


def of_bundle(bundle: Bundle, commit: str, run_url: str | None) -> str:
    """What a plan does and what the review says of it."""
    environment = bundle.manifest.environment
    state = "blocked" if bundle.review.blocks or bundle.scan.blocks else "may be applied"
    head = (
        f"## `{environment}`: {counts_text(bundle.manifest.counts)} — {verdict(bundle.review)} ({state})\n\n"
        f"{_of(commit, run_url)}, bundle `{bundle.manifest.id}`. Merging applies just this, or nothing.\n\n"
    )
    summary = (bundle.path / SUMMARY).read_text(encoding="utf-8")
    return cut(f"{marker(environment)}\n{head}{summary}", LIMIT)


def of_failure(environment: str, commit: str, run_url: str | None) -> str:
    """There is no plan; what went wrong is in the run."""
    return f"{marker(environment)}\n## `{environment}`: could not be planned\n\n{_of(commit, run_url)}; its log says why.\n"


def of_untouched(environment: str, commit: str, run_url: str | None) -> str:
    """A later commit took back what an earlier one did to the environment."""
    return f"{marker(environment)}\n## `{environment}`: not touched any more\n\n{_of(commit, run_url)}.\n"


def _of(commit: str, run_url: str | None) -> str:
    run = f" ([run]({run_url}))" if run_url else ""
    return f"Commit {commit[:12]}{run}"


def put(
    github: GitHub, repository: str, number: int, environment: str, body: str, *, only_if_there: bool = False
) -> str | None:
    """Make or change the environment's comment and drop further ones; its page, None when there was none to change.

    Only comments of bots count: anybody can write a marker.
    """
    ours = [
        one
        for one in github.pages(f"repos/{repository}/issues/{number}/comments")
        if _is_ours(one, environment)
    ]
    for extra in ours[1:]:
        github.delete(f"repos/{repository}/issues/comments/{extra['id']}")
    if ours:
        if ours[0].get("body") == body:
            return str(ours[0]["html_url"])
        changed = github.patch(f"repos/{repository}/issues/comments/{ours[0]['id']}", {"body": body})
        return str(changed["html_url"])
    if only_if_there:
        return None
    made = github.post(f"repos/{repository}/issues/{number}/comments", {"body": body})
    return str(made["html_url"])


def _is_ours(comment: Any, environment: str) -> bool:
    body = str(comment.get("body") or "")
    is_bot = (comment.get("user") or {}).get("type") == "Bot"
    return is_bot and body.split("\n", 1)[0].strip() == marker(environment)


def tidy(
    github: GitHub,
    repository: str,
    number: int,
    environments: Iterable[str],
    commit: str,
    run_url: str | None,
) -> list[str]:
    """Say in the comments of these environments that the pull request touches them no more; those that had one."""
    return [
        name
        for name in environments
        if put(github, repository, number, name, of_untouched(name, commit, run_url), only_if_there=True)
    ]
