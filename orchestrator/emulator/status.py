"""What is known of the emulator at one moment, and the record of it that is kept on disk."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"


@dataclass(frozen=True)
class EmulatorStatus:
    """Whether the emulator runs, where, and which memory it holds.

    ``running`` means that it answered. A ``pid`` with ``running=False`` is a server of ours that lives and does
    not answer. ``instance_id`` is new for every start and reset; ``started_at`` is ISO 8601 in UTC; ``version``
    is moto's.
    """

    running: bool
    endpoint: str | None = None
    pid: int | None = None
    instance_id: str | None = None
    started_at: str | None = None
    version: str | None = None
    log: Path | None = None

    def as_json(self) -> dict[str, str | int | bool | None]:
        """The same as plain data; every key is always there."""
        return {**asdict(self), "log": str(self.log) if self.log is not None else None}


@dataclass(frozen=True)
class ServerRecord:
    """The server that ``emulator.json`` speaks of.

    ``process`` identifies the process beyond its pid, which the system may give to another one later (see
    ``process.identity``); None where the system does not tell.
    """

    pid: int
    port: int
    instance_id: str
    started_at: str
    process: str | None

    @property
    def endpoint(self) -> str:
        """The URL that AWS clients are given."""
        return f"http://{HOST}:{self.port}"


@dataclass(frozen=True)
class EmulatorFiles:
    """The files under the emulator's root folder."""

    root: Path

    @property
    def lock(self) -> Path:
        """Locked with ``flock`` while the emulator is started, stopped or reset."""
        return self.root / "lock"

    @property
    def log(self) -> Path:
        """The server's standard output and error, since its start."""
        return self.root / "emulator.log"

    @property
    def _record(self) -> Path:
        return self.root / "emulator.json"

    @property
    def _port(self) -> Path:
        return self.root / "port"

    def create(self) -> None:
        """Create the root folder, for its owner alone."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def read_record(self) -> ServerRecord | None:
        """The server that was started last and not stopped; None too when the file cannot be understood."""
        try:
            return ServerRecord(**json.loads(self._record.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_record(self, record: ServerRecord) -> None:
        """Remember a server, and its port beyond its end."""
        _replace(self._record, json.dumps(asdict(record), indent=2) + "\n")
        _replace(self._port, f"{record.port}\n")

    def forget_record(self) -> None:
        """Forget the server; its port stays the preferred one."""
        self._record.unlink(missing_ok=True)

    def preferred_port(self) -> int | None:
        """The port that the last server listened on."""
        try:
            return int(self._port.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def log_tail(self, lines: int = 15) -> tuple[str, ...]:
        """The last lines of the server's log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ()
        return tuple(text.splitlines()[-lines:])


def _replace(path: Path, text: str) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)
