"""Functions' code as zip files: the same bytes for the same sources, on any machine."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import OrchestratorError, Where

MAX_BYTES = 50 * 1024 * 1024
"""What Lambda takes directly; more has to come from S3."""

_LEFT_OUT = frozenset({"__pycache__", "tests"})
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """A zip: its bytes, and ``digest`` as Lambda writes it (base64 of sha256)."""

    content: bytes
    digest: str


def read_package(path: Path, where: Where) -> Package:
    """The zip at ``path``, or one made of the folder there (hidden files, caches and ``tests`` left out).

    Raises:
        OrchestratorError: nothing there, an empty folder, not a zip, more than Lambda takes.
    """
    try:
        content = _zip_folder(path) if path.is_dir() else path.read_bytes()
    except OSError as error:
        raise OrchestratorError(
            f"the package can't be read ({error.strerror})",
            where=where,
            remedy="name a folder with the function's code, or a .zip, relative to the project's folder",
        ) from error
    if not content:
        raise OrchestratorError(
            "the package's folder holds no files", where=where, remedy="put the handler there"
        )
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise OrchestratorError(
            "the package is not a zip file", where=where, remedy="name a folder or a .zip"
        )
    if len(content) > MAX_BYTES:
        raise OrchestratorError(
            f"the package has {len(content) >> 20} MiB, more than the {MAX_BYTES >> 20} that Lambda takes directly",
            where=where,
            remedy="upload it, and name it by `s3_bucket` and `s3_key`; or deploy it as an `image`",
        )
    return Package(content, base64.b64encode(hashlib.sha256(content).digest()).decode())


def _zip_folder(folder: Path) -> bytes:
    files = sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix())
    if not files:
        return b""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            info.create_system = 3  # as on Unix, wherever it is made
            info.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    return target.getvalue()


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _LEFT_OUT]
        found += [
            Path(parent, name) for name in names if not name.startswith(".") and not name.endswith(".pyc")
        ]
    return found
