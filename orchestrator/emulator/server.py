"""The emulator's process: ``python -m orchestrator.emulator.server``.

moto's WSGI application behind a threaded HTTP/1.1 server on the loopback address, with our extensions
registered, until SIGTERM. ``orchestrator.emulator.start`` runs it detached; without ``--detach`` it stays in the
foreground, to be looked at.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import NoReturn

from orchestrator.emulator import process
from orchestrator.emulator.health import Health
from orchestrator.emulator.launch import PORT_TAKEN
from orchestrator.emulator.status import HOST

_WATCH_SECONDS = 2.0
_BACKLOG = 128


@dataclass(frozen=True)
class Reporter:
    """Tells the process that started us how far we are: lines of JSON into a pipe, which it reads."""

    descriptor: int | None

    def say(self, **said: int | str) -> None:
        """Write one line; nobody may be there to read it any more."""
        if self.descriptor is not None:
            with suppress(OSError):
                os.write(self.descriptor, json.dumps(said).encode() + b"\n")

    def close(self) -> None:
        """Nothing more will be said."""
        if self.descriptor is not None:
            os.close(self.descriptor)


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    options = _parse(arguments)
    if options.detach and os.fork() > 0:
        os._exit(0)
    reporter = Reporter(options.report_to)
    reporter.say(pid=os.getpid())
    try:
        listener = _listen(options.port, options.preferred_port)
    except OSError as error:
        reporter.say(error=PORT_TAKEN)
        sys.exit(f"cannot listen on port {options.port} of {HOST}: {error.strerror}")
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    if options.stop_with_pid is not None:
        _stop_with(options.stop_with_pid)
    _serve(listener, options.instance_id, reporter)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="orchestrator.emulator.server", description="The local AWS endpoint."
    )
    parser.add_argument("--port", type=int, help="listen on this port and no other")
    parser.add_argument("--preferred-port", type=int, help="listen on this port if it is free, else on any")
    parser.add_argument("--instance-id", required=True, help="names the memory that holds the resources")
    parser.add_argument("--stop-with-pid", type=int, help="stop when this process has gone")
    parser.add_argument("--detach", action="store_true", help="serve in a process of its own")
    parser.add_argument("--report-to", type=int, help="file descriptor to write pid and port to")
    return parser.parse_args(arguments)


def _listen(port: int | None, preferred: int | None) -> socket.socket:
    """Bind before anything slow is imported: clients that come early wait instead of being refused."""
    if port is None and preferred is not None:
        with suppress(OSError, OverflowError):
            return socket.create_server((HOST, preferred), backlog=_BACKLOG)
    return socket.create_server((HOST, port or 0), backlog=_BACKLOG)


def _end(_signal_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _stop_with(pid: int) -> None:
    """End ourselves once this process has gone; at once if it already has."""
    known = process.identity(pid)

    def watch() -> None:
        while known is not None and process.identity(pid) == known:
            time.sleep(_WATCH_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="stop-with-pid", daemon=True).start()


def _serve(listener: socket.socket, instance_id: str, reporter: Reporter) -> None:
    from werkzeug.serving import ThreadedWSGIServer

    from orchestrator.emulator import application
    from orchestrator.emulator.connection import AwsRequestHandler

    port = int(listener.getsockname()[1])
    os.environ["MOTO_PORT"] = str(port)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    app = application.create(Health(instance_id, os.getpid(), started_at, application.moto_version()))
    # What is imported by now stays: a full collection would stop every request for 0.15 s to look at it.
    gc.freeze()
    server = ThreadedWSGIServer(HOST, port, app, AwsRequestHandler, fd=listener.fileno())
    listener.close()
    reporter.say(port=port)
    reporter.close()
    try:
        server.serve_forever()
    finally:
        sys.stderr.flush()
        # Threads of moto's own that are still busy must not keep the process alive.
        os._exit(0)


if __name__ == "__main__":
    main()
