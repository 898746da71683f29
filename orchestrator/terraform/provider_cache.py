"""Providers that all projects of a user share, so that each is fetched once.

Terraform's own plugin cache may be used by one ``init`` at a time, and an ``init`` without a lock file rewrites entries
that other runs are starting providers from. So an entry is only ever added here: ``init`` gets the cache once a lock
file says which provider is meant, and what the first ``init`` fetched is moved in after it.
https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

INSTALLED = Path(".terraform") / "providers"


def packages_of(root: Path, provider: str = "*/*/*") -> Iterator[Path]:
    """Where a root has its packages: of one provider, by its source address, or of all; most are links."""
    return (root / INSTALLED).glob(f"{provider}/*/*")


@dataclass(frozen=True)
class ProviderCache:
    """The folder ``<host>/<namespace>/<type>/<version>/<platform>``; each entry a folder or a link to one."""

    folder: Path

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While one process initialises, others wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def variables(self, *, locked: bool) -> Mapping[str, str]:
        """What ``init`` gets in its process environment; ``locked``: a lock file names the providers."""
        return {"TF_PLUGIN_CACHE_DIR": str(self.folder)} if locked else {}

    def keep(self, root: Path) -> None:
        """Move what ``init`` fetched into a root to the cache, and link it from there."""
        installed = root / INSTALLED
        for fetched in packages_of(root):
            target = self.folder / fetched.relative_to(installed)
            if fetched.is_symlink() or not fetched.is_dir():
                continue  # it is a mirror's
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = target.with_name(f".{target.name}.{os.getpid()}")
                shutil.move(fetched, partial)
                partial.rename(target)
            else:
                shutil.rmtree(fetched)
            fetched.symlink_to(target)
