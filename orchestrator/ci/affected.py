"""What a change touches: the environments and layers whose configuration means something else than at an earlier commit.

Both commits' environments are loaded and compared by what they say (variables, references, module code, services), not by
which files differ: a comment touches nothing, a value in a base file touches just the environments that take it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from orchestrator.config.environment import (
    CDK_STACKS,
    SERVICES,
    Environment,
    FetchModule,
    Layer,
    load_environment,
)
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.graph.graph import build_graph
from orchestrator.modules.reference import ENVIRONMENT
from orchestrator.terraform.lock_file import LOCK_FILE

ABSENT = "0" * 40
"""What GitHub gives as the commit before the first push of a branch."""


@dataclass(frozen=True)
class Affected:
    """One environment. ``layers``: those that changed, in order; ``dependents``: those that take values from them.

    ``because``: why all of its layers are in it, None when only some changed. ``removed``: layers it has no more.
    """

    environment: str
    layers: tuple[str, ...]
    dependents: tuple[str, ...]
    because: str | None
    removed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "environment": self.environment,
            "layers": list(self.layers),
            "dependents": list(self.dependents),
            "because": self.because,
            "removed": list(self.removed),
        }


def affected(project: Project, base: str | None, names: list[str], fetch: FetchModule) -> list[Affected]:
    """The environments of these that differ between ``base`` and what is checked out. No base: all, whole.

    Raises:
        OrchestratorError: an environment does not hold together now; the base is no commit here.
    """
    environments = [load_environment(project, name, fetch) for name in names]
    if base is None or base == ABSENT:
        return [_whole(one, "there is no earlier commit to compare with") for one in environments]
    ancestor = _merge_base(project.root, base)
    paths = _changed_paths(project.root, ancestor)
    with _checked_out(project.root, ancestor) as earlier:
        found = [_compare(earlier, one, paths, fetch) for one in environments]
    return [one for one in found if one is not None]


def _whole(environment: Environment, because: str) -> Affected:
    return Affected(environment.name, tuple(build_graph(environment).order()), (), because)


def _compare(earlier: Project, now: Environment, paths: list[str], fetch: FetchModule) -> Affected | None:
    if now.name not in earlier.environment_names():
        return _whole(now, "it is new")
    try:
        then = load_environment(earlier, now.name, fetch)
    except OrchestratorError as error:
        return _whole(now, f"at the earlier commit it does not hold together ({error.message})")
    lock = f"terraform/envs/{now.name}/{LOCK_FILE}"
    for path in paths:
        if path == lock or path.startswith("policy/"):
            return _whole(now, f"{path} has changed")
    different = _settings(now, then)
    if different:
        return _whole(now, f"its {different} has changed")
    touched = _touched_attributes(now, then, paths)
    graph = build_graph(now)
    layers = [
        name
        for name in graph.order()
        if name not in then.layers
        or _meaning(now.layers[name]) != _meaning(then.layers[name])
        or _takes(now.layers[name], touched)
    ]
    removed = tuple(sorted(then.layers.keys() - now.layers.keys()))
    if not layers and not removed:
        return None
    dependents = graph.dependents(layers)
    return Affected(
        now.name, tuple(layers), tuple(name for name in graph.order() if name in dependents), None, removed
    )


def _settings(now: Environment, then: Environment) -> str | None:
    """The first of the settings that all layers see and that differs."""
    own = {"layers", "services", "cdk_apps", "description", "plans", "maintenance_windows", "protected"}
    old, new = (one.settings.model_dump(exclude=own) for one in (then, now))
    return next((name for name in new if new[name] != old.get(name)), None)


def _touched_attributes(now: Environment, then: Environment, paths: list[str]) -> set[str]:
    """Which of the maps that an environment gives to layers have changed, their code in the repository included."""
    touched: set[str] = set()
    if now.settings.services != then.settings.services or any(
        _within(paths, service.package.path)
        for service in now.settings.services.values()
        if service.package is not None and service.package.path is not None
    ):
        touched.add(SERVICES)
    if now.settings.cdk_apps != then.settings.cdk_apps or any(
        _within(paths, app.path) for app in now.settings.cdk_apps.values()
    ):
        touched.add(CDK_STACKS)
    return touched


def _within(paths: list[str], folder: str) -> bool:
    base = PurePosixPath(folder)
    return any(PurePosixPath(path).is_relative_to(base) for path in paths)


def _takes(layer: Layer, attributes: set[str]) -> bool:
    return any(ref.layer == ENVIRONMENT and ref.output in attributes for ref in layer.inputs.values())


def _meaning(layer: Layer) -> tuple[Any, ...]:
    """All that a layer's plan follows from, besides the outputs of others."""
    variables = {name: node.plain() for name, node in layer.variables.items()}
    inputs = {name: (str(ref), ref.optional, ref.when) for name, ref in layer.inputs.items()}
    return variables, inputs, layer.source, layer.version, layer.module.digest()


def _git(root: Path, *words: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise OrchestratorError("git is not installed", remedy="install it; changes are found with it")
    done = subprocess.run([git, *words], cwd=root, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OrchestratorError(
            f"git {words[0]} failed: {said[-1] if said else done.returncode}",
            remedy="check out the whole history (`fetch-depth: 0`), and give a commit that is in it",
        )
    return done.stdout


def _merge_base(root: Path, base: str) -> str:
    """The commit that both have in common: what else happened on the base since is not this change."""
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
    return _git(root, "merge-base", commit.decode().strip(), "HEAD").decode().strip()


def _changed_paths(root: Path, commit: str) -> list[str]:
    """Paths below the project that differ from a commit, working files included."""
    top = _git(root, "rev-parse", "--show-prefix").decode().strip()
    listed = _git(root, "diff", "--name-only", "--no-renames", "-z", commit, "--", ".").decode(
        errors="surrogateescape"
    )
    return [path.removeprefix(top) for path in listed.split("\0") if path]


@contextmanager
def _checked_out(root: Path, commit: str) -> Iterator[Project]:
    """The project as it was at a commit, in a folder that is gone afterwards."""
    prefix = _git(root, "rev-parse", "--show-prefix").decode().strip()
    tree = f"{commit}:{prefix}" if prefix else commit
    with tempfile.TemporaryDirectory(prefix="orchestrator-base-") as name:
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "--format=tar", tree))) as archive:
            archive.extractall(name, filter="data")
        folder = Path(name).resolve()
        (folder / "terraform" / "envs").mkdir(parents=True, exist_ok=True)
        yield Project(folder)
