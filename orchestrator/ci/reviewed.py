"""The bundle that was reviewed: found among a pull request's artifacts, and put where `apply` looks for it.

An artifact counts only if GitHub itself says that a run of this repository (not of a fork) made it for just that commit.
"""

from __future__ import annotations

import io
import re
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from orchestrator.ci.github import GitHub
from orchestrator.errors import OrchestratorError
from orchestrator.files import make_private_folder
from orchestrator.plan.bundle import MANIFEST, Bundle, load_bundle, plans_folder
from orchestrator.session import Session
from orchestrator.terraform.lock_file import LOCK_FILE

PLANS = "plans"
_MAX_FILES = 5000
_MAX_BYTES = 1024 * 1024 * 1024
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


@dataclass(frozen=True)
class Reviewed:
    """A bundle, the commit it was made for, and the pull request (None: the commit itself was planned)."""

    bundle: Bundle
    commit: str
    pull_request: int | None


def artifact_name(environment: str, commit: str) -> str:
    """What the plan of an environment at a commit is uploaded as."""
    return f"orchestrator-plan-{environment}-{commit}"


def check_commit(commit: str) -> None:
    """Check that it is a whole commit.

    Raises:
        OrchestratorError: it is not.
    """
    if not _COMMIT.match(commit):
        raise OrchestratorError(f"{commit!r} is no commit", remedy="give all 40 hexadecimal digits")


def find_reviewed(github: GitHub, repository: str, session: Session, commit: str) -> Reviewed | None:
    """The newest bundle for a commit on the default branch: of the pull request that was merged as it, or of itself.

    Raises:
        OrchestratorError: GitHub does not answer; an artifact is damaged.
    """
    check_commit(commit)
    candidates: list[tuple[str, int | None]] = [(commit, None)]
    for pull in github.pages(f"repos/{repository}/commits/{commit}/pulls"):
        head = pull.get("head") or {}
        if pull.get("merged_at") and pull.get("merge_commit_sha") == commit and head.get("sha"):
            candidates.append((str(head["sha"]), int(pull["number"])))
    for sha, number in candidates:
        artifact = _artifact(github, repository, artifact_name(session.environment.name, sha), sha)
        if artifact is not None:
            content = github.download(f"repos/{repository}/actions/artifacts/{artifact['id']}/zip")
            return Reviewed(install(session, content), sha, number)
    return None


def _artifact(github: GitHub, repository: str, name: str, commit: str) -> Any | None:
    found = [
        one
        for one in github.pages(f"repos/{repository}/actions/artifacts", "artifacts", name=name)
        if one.get("name") == name and not one.get("expired") and _is_ours(one.get("workflow_run"), commit)
    ]
    return max(found, key=lambda one: (str(one["created_at"]), int(one["id"])), default=None)


def _is_ours(run: Any, commit: str) -> bool:
    return (
        isinstance(run, dict)
        and run.get("head_sha") == commit
        and run.get("repository_id") is not None
        and run.get("repository_id") == run.get("head_repository_id")
    )


def install(session: Session, content: bytes, within: str = ".") -> Bundle:
    """Unpack a bundle and the providers' lock file beside it; what is there already stays. ``within``: where an artifact has them.

    Raises:
        OrchestratorError: that is no artifact of a plan.
    """
    make_private_folder(session.work)
    with tempfile.TemporaryDirectory(dir=session.work, prefix=".artifact-") as name:
        _unpack(content, Path(name))
        folder = Path(name) / within
        bundles = [path.parent for path in (folder / PLANS).glob(f"*/{MANIFEST}")]
        if len(bundles) != 1 or not re.fullmatch(r"[A-Za-z0-9-]+", bundles[0].name):
            raise OrchestratorError("the artifact does not hold one plan", remedy="plan again")
        target = plans_folder(session.work) / bundles[0].name
        make_private_folder(target.parent)
        if not target.exists():
            shutil.move(bundles[0], target)
        lock = folder / LOCK_FILE
        if lock.is_file() and not session.lock_file.is_file():
            shutil.move(lock, session.work / LOCK_FILE)
    return load_bundle(session.work, target.name)


def _unpack(content: bytes, folder: Path) -> None:
    """Regular files only, below the folder only, and not more than a bundle can have."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise OrchestratorError("the artifact is no zip", remedy="plan again") from error
    members = archive.infolist()
    if len(members) > _MAX_FILES or sum(member.file_size for member in members) > _MAX_BYTES:
        raise OrchestratorError("the artifact is larger than a plan can be", remedy="plan again")
    for member in members:
        path = PurePosixPath(member.filename)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if (
            path.is_absolute()
            or ".." in path.parts
            or "\\" in member.filename
            or kind not in (0, stat.S_IFREG, stat.S_IFDIR)
        ):
            raise OrchestratorError(
                f"the artifact holds {member.filename[:80]!r}, which no plan has", remedy="plan again"
            )
        if not member.is_dir():
            target = folder / path
            make_private_folder(target.parent)
            with archive.open(member) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
