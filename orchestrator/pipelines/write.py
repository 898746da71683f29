"""A target's files on disk: all of them are written, or none."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import OrchestratorError, Where
from orchestrator.pipelines.generate import Generated
from orchestrator.pipelines.render import MARK, digest

_HEADER = re.compile(rf"\S+ {re.escape(MARK)} (\S+) sha256:([0-9a-f]{{64}})")
HEADER_LINES = 2


@dataclass(frozen=True)
class Header:
    """What a file's header says: which target made it, and the digest of what was below."""

    target: str
    digest: str


@dataclass(frozen=True)
class Written:
    """What was done: paths relative to where it was done."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def read_header(text: str) -> Header | None:
    """The header of a file that we made; None: we did not."""
    second = text.split("\n", HEADER_LINES)[1:HEADER_LINES]
    found = _HEADER.fullmatch(second[0].rstrip("\r")) if second else None
    return Header(*found.groups()) if found else None


def with_plain_line_ends(text: str) -> str:
    """As it is in git, where the work tree has been given the line ends of Windows (``core.autocrlf``)."""
    return text.replace("\r\n", "\n")


def is_untouched(text: str) -> bool:
    """Whether nobody has changed a file since we made it, besides git its line ends."""
    text = with_plain_line_ends(text)
    header = read_header(text)
    parts = text.split("\n", HEADER_LINES)
    return header is not None and len(parts) > HEADER_LINES and digest(parts[-1]) == header.digest


def leftovers(generated: Generated, root: Path) -> list[str]:
    """Files of this target that it would not write any more, in the folders that it writes to."""
    wanted = {file.path for file in generated.files}
    folders = {(root / file.path).parent for file in generated.files}
    folders |= {
        (root / output.path).parent for output in generated.target.file.outputs if "{{" not in output.path
    }
    found: list[str] = []
    for folder in sorted(folders):
        for path in sorted(folder.iterdir() if folder.is_dir() else ()):
            name = path.relative_to(root).as_posix()
            if name in wanted or not path.is_file():
                continue
            header = read_header(_beginning(path))
            if header is not None and header.target == generated.target.name:
                found.append(name)
    return found


def write(generated: Generated, root: Path, *, force: bool = False) -> Written:
    """Write what has changed and remove what the target has left behind.

    Raises:
        OrchestratorError: a file that is there was not made by us, or was changed by hand, and ``force`` is False;
            a file can't be written, and then none is.
    """
    old = leftovers(generated, root)
    if not force:
        _refuse_foreign(root, [*(file.path for file in generated.files), *old])
    changed = [
        (root / file.path, file.text) for file in generated.files if _read(root / file.path) != file.text
    ]
    _replace(changed, [root / name for name in old])
    names = {path.relative_to(root).as_posix() for path, _ in changed}
    return Written(
        tuple(sorted(names)),
        tuple(sorted(file.path for file in generated.files if file.path not in names)),
        tuple(old),
    )


def write_text(path: Path, text: str) -> None:
    """Write one file that people read: whole, or not at all.

    Raises:
        OrchestratorError: it can't be written.
    """
    _replace([(path, text)], [])


def _refuse_foreign(root: Path, names: Iterable[str]) -> None:
    touched = []
    for name in names:
        text = _read(root / name)
        if text is not None and not name.endswith(".json") and not is_untouched(text):
            touched.append(
                f"{name} {'was changed by hand' if read_header(text) else 'is there and was not made by us'}"
            )
    if touched:
        raise OrchestratorError(
            f"{touched[0]}; nothing was written",
            where=Where(file=root),
            remedy="move the change to the templates or settings (`orchestrator pipelines check` shows it), or overwrite with --force",
            details=tuple(touched[1:]),
        )


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise OrchestratorError(
            f"the file can't be read ({error.strerror})", where=Where(file=path)
        ) from error


def _beginning(path: Path) -> str:
    """As much as a header has; nothing of a file that is not ours to read."""
    try:
        with path.open("rb") as file:
            return file.read(1000).decode(errors="replace")
    except OSError:
        return ""


def _replace(files: list[tuple[Path, str]], gone: list[Path]) -> None:
    """Write all beside their places, then move them there; what was there comes back when that fails half-way."""
    staged: list[tuple[Path, Path]] = []
    before: dict[Path, bytes | None] = {}
    try:
        for path, text in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            staged.append((Path(name), path))
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
        for path in [*(path for _, path in staged), *gone]:
            before[path] = path.read_bytes() if path.exists() else None
        for temporary, path in staged:
            temporary.replace(path)
        for path in gone:
            path.unlink()
    except BaseException as error:
        for path, content in before.items():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True) if content is None else path.write_bytes(content)
        for temporary, _ in staged:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OrchestratorError(
                f"a file can't be written ({error.strerror}); none was",
                where=Where(file=Path(str(error.filename)) if error.filename else None),
                remedy="mend the permissions or free some space, then run again",
            ) from error
        raise
