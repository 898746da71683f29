"""The shell scripts that rendered pipelines have, put together as their tools do it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

BRANCH = "x'; touch pwned; echo $(touch pwned) `touch pwned` \"${IFS}#"
"""A name that somebody chose to hurt."""


class _Loader(yaml.SafeLoader):
    """Knows GitLab's ``!reference``."""


def _reference(loader: yaml.SafeLoader, node: yaml.Node) -> tuple[Any, ...]:
    assert isinstance(node, yaml.SequenceNode)
    return ("reference", *loader.construct_sequence(node))


_Loader.add_constructor("!reference", _reference)


def load(text: str) -> Any:
    """A YAML document."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader)


def of_build_spec(
    text: str, phases: tuple[str, ...] = ("install", "pre_build", "build", "post_build")
) -> str:
    """CodeBuild runs the commands one after the other in one shell, and stops at the first that fails."""
    spec = load(text)
    commands = [command for phase in phases for command in spec["phases"].get(phase, {}).get("commands", [])]
    return "\n".join(f"{{\n{command.rstrip()}\n}} || exit 1" for command in commands) + "\n"


def of_gitlab_job(document: Mapping[str, Any], name: str) -> str:
    """A runner puts before_script and script into one script of `set -eo pipefail`."""
    job = _extended(document, name)
    commands = [*_flat(document, job.get("before_script", [])), *_flat(document, job["script"])]
    assignments = [f"export {key}={shlex.quote(value)}" for key, value in job.get("variables", {}).items()]
    return "\n".join(["set -eo pipefail", *assignments, *commands]) + "\n"


def gitlab_jobs(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The jobs that run something, with what they extend; not those that start a pipeline."""
    known = {"workflow", "stages", "include", "default", "variables"}
    jobs = {
        name: _extended(document, name) for name in document if name not in known and not name.startswith(".")
    }
    return {name: job for name, job in jobs.items() if "trigger" not in job}


def _extended(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    own = document[name]
    base = _extended(document, own["extends"]) if "extends" in own else {}
    variables = {**base.get("variables", {}), **own.get("variables", {})}
    return {**base, **own, "variables": variables}


def _flat(document: Mapping[str, Any], lines: list[Any]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if isinstance(line, tuple):
            found += _flat(document, document[line[1]][line[2]])
        else:
            found.append(line)
    return found


def run(script: str, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


def shellcheck(folder: Path, texts: set[str]) -> None:
    files = []
    for number, text in enumerate(sorted(texts)):
        files.append(folder / f"{number}.sh")
        files[-1].write_text(text)
        subprocess.run(["bash", "-n", str(files[-1])], check=True)
    found = subprocess.run(
        # 2155: that a value was found is tried where it matters; 2016, 2030, 2031: jq's variables and subshells are meant.
        [
            str(Path(sys.executable).with_name("shellcheck")),
            "--shell=bash",
            "--exclude=SC2155,SC2016,SC2030,SC2031",
            *map(str, files),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
