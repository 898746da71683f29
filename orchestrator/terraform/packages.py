"""Providers' packages, checked once a run instead of by each process.

Whatever Terraform does, it first digests the package of every provider, 700 MB for AWS's, and compares it with the
root's lock file. A run starts dozens of processes, so here the same digest is taken once a package; when it is what the
lock file says, the lock file of the root goes without digests for the rest of the run, which Terraform takes for nothing
to check. A package that does not match, or a process outside such a run, finds the lock file as ``init`` wrote it, and
Terraform checks and refuses as ever.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from pathlib import Path

from orchestrator.files import write_atomic
from orchestrator.terraform.lock_file import LOCK_FILE, read_lock_file, without_digests
from orchestrator.terraform.provider_cache import packages_of

KEPT = Path(".terraform") / "orchestrator-lock.hcl"
"""The root's lock file as ``init`` wrote it."""


def package_digest(folder: Path) -> str:
    """``h1:…`` of all files below a folder: Hash1 of https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    lines = hashlib.sha256()
    for name in sorted(files):
        with files[name].open("rb") as content:
            lines.update(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {name}\n".encode())
    return f"h1:{base64.b64encode(lines.digest()).decode()}"


class CheckedPackages:
    """What one run has found of the packages its roots are linked to."""

    def __init__(self) -> None:
        self._digests: dict[Path, str] = {}
        self._checked: set[Path] = set()
        self._lock = threading.Lock()

    def begin(self, root: Path) -> None:
        """Digest the packages of a root that is about to be checked, in the background."""
        packages = [path.resolve() for path in packages_of(root)]

        def work() -> None:
            for package in packages:
                self._digest(package)

        threading.Thread(target=work, name="packages", daemon=True).start()

    def keep(self, root: Path) -> None:
        """Remember the lock file that ``init`` has just written."""
        if (root / LOCK_FILE).is_file():
            write_atomic(root / KEPT, (root / LOCK_FILE).read_bytes())

    def known(self, root: Path) -> bool:
        """Whether the lock file that ``init`` wrote is remembered; a root without providers has none."""
        return (root / KEPT).is_file() or not (root / LOCK_FILE).is_file()

    def check(self, root: Path) -> None:
        """Let a root's lock file go without digests if each of its packages is one that the lock file names."""
        self.forget(root)
        locked = read_lock_file(root / KEPT)
        if locked and all(self._matches(root, name, item.hashes) for name, item in locked.items()):
            self._checked.add(root)
            write_atomic(root / LOCK_FILE, without_digests((root / KEPT).read_text("utf-8")).encode())

    def forget(self, root: Path) -> None:
        """A root is initialised anew."""
        self._checked.discard(root)

    def restore(self, root: Path) -> None:
        """Unless this run has checked a root: give it the lock file back that an earlier run thinned."""
        if root not in self._checked and (root / KEPT).is_file() and (root / LOCK_FILE).is_file():
            kept = (root / KEPT).read_text("utf-8")
            if (root / LOCK_FILE).read_text("utf-8") == without_digests(kept):
                write_atomic(root / LOCK_FILE, kept.encode())

    def _matches(self, root: Path, provider: str, digests: frozenset[str]) -> bool:
        packages = list(packages_of(root, provider))
        return bool(packages) and all(self._digest(package.resolve()) in digests for package in packages)

    def _digest(self, package: Path) -> str:
        with self._lock:
            if package not in self._digests:
                try:
                    self._digests[package] = package_digest(package)
                except OSError:
                    self._digests[package] = ""  # Terraform says what is wrong with it
            return self._digests[package]
