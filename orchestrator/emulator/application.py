"""moto's WSGI application, with our extensions, our control paths, and errors that AWS clients understand."""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
import uuid
from collections.abc import Iterable
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import Any

from orchestrator.emulator import failures
from orchestrator.emulator.health import HEALTH_PATH, INSTANCE_HEADER, RESET_PATH, Health

# Read when moto is imported: a certificate is valid at once (moto imitates a wait of a minute), and the policies
# that AWS manages can be attached and looked up as in a real account (60 ms and 24 MB an account).
_MOTO_SETTINGS = {"MOTO_ACM_VALIDATION_WAIT": "0", "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
_MOTO_RESET_PATH = "/moto-api/reset"


def moto_version() -> str:
    """The version of the moto that is installed."""
    return version("moto")


def create(health: Health) -> EmulatorApplication:
    """Import moto, register the extensions and return the application to serve."""
    for name, value in _MOTO_SETTINGS.items():
        os.environ.setdefault(name, value)

    from moto.core.config import default_user_config

    from orchestrator.emulator import dispatch, extensions

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    default_user_config["lambda"] = {"use_docker": False}
    registered = extensions.register_all()
    return EmulatorApplication(dispatch.create_dispatcher(), replace(health, extensions=registered))


class EmulatorApplication:
    """Answers the control paths itself and passes every other request on to moto.

    The control paths are only ours in a request that is not signed: signed ones are for a bucket of that name.
    """

    def __init__(self, aws: Any, health: Health) -> None:
        self._aws = aws
        self._health = health
        self._reset_lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        if "HTTP_AUTHORIZATION" not in environ:
            if path == HEALTH_PATH:
                return _answer_json(start_response, "200 OK", asdict(self._health))
            if path == RESET_PATH and environ["REQUEST_METHOD"] == "POST":
                return self._reset_if_asked_for_this_instance(environ, start_response)
            if path == _MOTO_RESET_PATH and environ["REQUEST_METHOD"] == "POST":
                self._reset()
                return _answer_json(start_response, "200 OK", {"status": "ok"})
        try:
            answer: Iterable[bytes] = self._aws(environ, start_response)
            return answer
        except Exception as error:  # noqa: BLE001 - whatever moto raises becomes an answer
            if not isinstance(error, NotImplementedError):
                traceback.print_exc(file=sys.stderr)
            failure = failures.describe(error, environ)
            start_response(failure.status, list(failure.headers))
            return [failure.body]

    def _reset_if_asked_for_this_instance(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        key = "HTTP_" + INSTANCE_HEADER.upper().replace("-", "_")
        if environ.get(key) != self._health.instance_id:
            return _answer_json(
                start_response, "409 Conflict", {"error": f"{INSTANCE_HEADER} names another memory"}
            )
        self._reset()
        return _answer_json(start_response, "200 OK", asdict(self._health))

    def _reset(self) -> None:
        from moto.moto_api._internal.models import moto_api_backend

        with self._reset_lock:
            moto_api_backend.reset()
            self._health = replace(self._health, instance_id=uuid.uuid4().hex)


def _answer_json(start_response: Any, status: str, said: dict[str, Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(said).encode()]
