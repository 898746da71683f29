"""What the server says of itself over HTTP, and how it is asked.

Plain HTTP to the loopback address: the proxies of the environment (``HTTP_PROXY``) are not used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from orchestrator.emulator.status import HOST

HEALTH_PATH = "/orchestrator/health"
RESET_PATH = "/orchestrator/reset"
INSTANCE_HEADER = "X-Orchestrator-Instance"

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Health:
    """The answer of ``GET /orchestrator/health``."""

    instance_id: str
    pid: int
    started_at: str
    version: str
    extensions: tuple[str, ...] = ()


def ask(port: int) -> Health | None:
    """The health of the server on this port; None when nobody, or somebody else, answers."""
    return _request("GET", HEALTH_PATH, port, {}, TIMEOUT_SECONDS)


def ask_reset(port: int, instance_id: str) -> Health | None:
    """Have the server forget its resources if it still holds ``instance_id``; its health afterwards."""
    return _request("POST", RESET_PATH, port, {INSTANCE_HEADER: instance_id}, 6 * TIMEOUT_SECONDS)


def _request(method: str, path: str, port: int, headers: dict[str, str], timeout: float) -> Health | None:
    from http.client import HTTPConnection, HTTPException  # imports ssl and email: 20 ms

    connection = HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        return _parse(body) if answer.status == 200 else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _parse(body: bytes) -> Health | None:
    try:
        said = json.loads(body)
        return Health(
            instance_id=str(said["instance_id"]),
            pid=int(said["pid"]),
            started_at=str(said["started_at"]),
            version=str(said["version"]),
            extensions=tuple(str(name) for name in said["extensions"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
