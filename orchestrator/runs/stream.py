"""Files that events are written to line by line."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import IO

from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import PRIVATE_FILE

_DESCRIPTOR = re.compile(r"/dev/(?:fd/(\d+)|(stdout)|stderr)\Z")


def open_private(path: Path) -> IO[str]:
    """A new file that only this user can read; each line is written at once.

    Raises:
        OrchestratorError: it can't be written.
    """
    try:
        return _lines(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE))
    except OSError as error:
        raise OrchestratorError(
            f"the file can't be written ({error.strerror})", where=Where(file=path)
        ) from error


@contextmanager
def open_stream(name: str | None) -> Iterator[IO[str] | None]:
    """A file, or an open descriptor, that events are streamed to.

    ``-`` is standard output: all else that is printed there within goes to standard error.

    Raises:
        OrchestratorError: it can't be written.
    """
    if name is None:
        yield None
    elif name == "-":
        stream = _lines(os.dup(sys.stdout.fileno()))
        with redirect_stdout(sys.stderr):
            yield stream
    elif named := _DESCRIPTOR.match(name):
        try:
            descriptor = os.dup(int(named[1]) if named[1] else 1 if named[2] else 2)
        except OSError as error:
            raise OrchestratorError(f"--events {name} can't be written ({error.strerror})") from error
        yield _lines(descriptor)
    else:
        yield open_private(Path(name))


def _lines(descriptor: int) -> IO[str]:
    return os.fdopen(descriptor, "w", buffering=1, encoding="utf-8")
