"""Looks for newer versions of pinned actions, and for tags that have moved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from orchestrator.ci.github import GitHub
from orchestrator.errors import OrchestratorError
from orchestrator.pipelines.pins import Pin

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)\Z")
HEAD = "# Every action by commit; `version` is the tag it had then. `orchestrator pipelines update-pins` looks for newer ones.\n"


@dataclass(frozen=True)
class PinChange:
    """A pin before and after."""

    old: Pin
    new: Pin

    def __str__(self) -> str:
        return f"{self.old.action}: {self.old.version} → {self.new.version} ({self.new.commit[:12]})"


def look_for_newer(github: GitHub, pins: Iterable[Pin], *, majors: bool = False) -> list[PinChange]:
    """The pins that have a newer release; with ``majors`` also of another major version.

    Raises:
        OrchestratorError: GitHub does not answer, a repository has no versions, or a pinned version's tag points to another
            commit now: somebody has moved it, which a release never does.
    """
    found: list[PinChange] = []
    tags: dict[str, dict[str, str]] = {}
    for pin in pins:
        if pin.repository not in tags:
            tags[pin.repository] = _tags(github, pin.repository)
        commits = tags[pin.repository]
        there = commits.get(pin.version)
        if there is not None and there != pin.commit:
            raise OrchestratorError(
                f"the tag {pin.version} of {pin.repository} points to {there} now, and was pinned at {pin.commit}",
                remedy="find out why before anything of it is run; nothing was changed",
            )
        newest = _newest(commits, pin, majors)
        if newest is not None and _parse(newest) > _parse(pin.version):
            found.append(PinChange(pin, replace(pin, version=newest, commit=commits[newest])))
    return found


def _tags(github: GitHub, repository: str) -> dict[str, str]:
    """Version → commit."""
    tags = {
        str(tag["name"]): str(tag["commit"]["sha"])
        for tag in github.pages(f"repos/{repository}/tags")
        if _VERSION.match(str(tag.get("name")))
    }
    bad = [name for name, commit in tags.items() if not re.fullmatch(r"[0-9a-f]{40}", commit)]
    if not tags or bad:
        raise OrchestratorError(
            f"{repository} has no versions", remedy="check the action's name in pins.yaml"
        )
    return tags


def _newest(commits: Mapping[str, str], pin: Pin, majors: bool) -> str | None:
    chosen = [name for name in commits if majors or _parse(name)[0] == _parse(pin.version)[0]]
    return max(chosen, key=_parse, default=None)


def _parse(version: str) -> tuple[int, int, int]:
    numbers = [int(part) for part in version.removeprefix("v").split(".")]
    return (*numbers, 0, 0, 0)[:3]  # type: ignore[return-value]


def pins_text(pins: Iterable[Pin]) -> str:
    """The content of a pins.yaml."""
    lines = [f"{pin.action}: {{version: {pin.version}, commit: {pin.commit}}}\n" for pin in pins]
    return HEAD + "".join(sorted(lines))
