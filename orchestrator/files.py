"""Files written whole or not at all, and what says whether the process that wrote them is still there."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError, Where

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
_MEND = "free some space or mend the permissions, then run again"
_OF_THE_DISK = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO),
        *(errno.EMFILE, errno.ENFILE, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ESTALE),
    }
)


def make_private_folder(path: Path) -> Path:
    """Create a folder (and those above it) that only this user can read.

    Raises:
        OrchestratorError: it can't be made.
    """
    try:
        for folder in reversed((path, *path.parents)):
            if not folder.exists():
                folder.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
    except OSError as error:
        raise OrchestratorError(
            f"the folder can't be created ({error.strerror})", where=Where(file=path), remedy=_MEND
        ) from error
    return path


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says of a file into an error that names it.

    Raises:
        OrchestratorError: the disk is full, read-only, …
    """
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def disk_error(error: OSError, path: Path | None = None) -> OrchestratorError:
    """What the system says of a file, for people; ``path``: the file, where the error does not name it."""
    named = error.filename if isinstance(error.filename, str) else None
    return OrchestratorError(
        f"the file can't be read or written ({error.strerror or error})",
        where=Where(file=path or (Path(named) if named else None)),
        remedy=_MEND,
    )


def is_of_the_disk(error: OSError) -> bool:
    """Whether the system is in the way, and not we."""
    return error.errno in _OF_THE_DISK


def write_atomic(path: Path, content: bytes) -> bool:
    """Write a private file atomically; False when it already held just this.

    Raises:
        OrchestratorError: the disk is full, read-only, …; the old content is untouched.
    """
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        make_private_folder(path.parent)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise OrchestratorError(
            f"the file can't be written ({error.strerror})",
            where=Where(file=path),
            remedy=_MEND,
        ) from error
    return True


def to_json(value: Any) -> bytes:
    """Readable JSON whose bytes depend on the value alone (keys sorted)."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def process_alive(pid: int) -> bool:
    """Whether a process of that number is there."""
    if pid <= 0:  # which would mean groups of processes
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
