"""An HTTP proxy between the provider and the emulator that throttles, fails, resets, delays and serves stale answers."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

READS = ("Get", "Describe", "List")


@dataclass
class Faults:
    """What the proxy does to a request. Chances are between 0 and 1; ``latency`` is in seconds.

    ``lost``: the request is carried out and its answer thrown away. ``deny_state_writes``: S3 refuses to store states.
    ``hold``: the answer of this operation is kept back until the faults are replaced.
    """

    throttle: float = 0.0
    internal_error: float = 0.0
    reset: float = 0.0
    lost: float = 0.0
    slow: float = 0.0
    stale: float = 0.0
    deny_state_writes: bool = False
    gone: bool = False
    hold: str = ""
    latency: float = 0.03


@dataclass
class Proxy:
    """A running proxy. ``faults`` may be replaced at any time; ``done`` counts what was done to requests."""

    upstream: tuple[str, int]
    random: random.Random
    faults: Faults = field(default_factory=Faults)
    done: dict[str, int] = field(default_factory=dict)
    port: int = 0
    answers: dict[bytes, list[tuple[int, list[tuple[str, str]], bytes]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    held: threading.Event = field(default_factory=threading.Event)

    def draw(self, kind: str, chance: float) -> bool:
        """Whether a fault strikes."""
        with self.lock:
            struck = chance > 0 and self.random.random() < chance
            if struck:
                self.done[kind] = self.done.get(kind, 0) + 1
        return struck


def _operation(headers: Any, body: bytes) -> str:
    target = str(headers.get("X-Amz-Target") or "")
    if target:
        return target.rpartition(".")[2]
    if "form-urlencoded" in str(headers.get("Content-Type") or ""):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return ""


def _error(headers: Any, code: str, status: int) -> tuple[int, list[tuple[str, str]], bytes]:
    """An error as the protocol of the request has it: JSON, Query's XML, or S3's."""
    if headers.get("X-Amz-Target"):
        content = json.dumps({"__type": code, "message": "by the proxy"}).encode()
        return status, [("Content-Type", str(headers.get("Content-Type")))], content
    if "form-urlencoded" in str(headers.get("Content-Type") or ""):
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>by the proxy</Message></Error>"
            "<RequestId>0</RequestId></ErrorResponse>"
        )
        return status, [("Content-Type", "text/xml")], text.encode()
    text = f"<Error><Code>{code}</Code><Message>by the proxy</Message><RequestId>0</RequestId></Error>"
    return status, [("Content-Type", "application/xml")], text.encode()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.upstream = http.client.HTTPConnection(*proxy.upstream, timeout=60)

        def finish(self) -> None:
            self.upstream.close()
            with contextlib.suppress(OSError):
                super().finish()

        def log_message(self, *_: object) -> None:
            pass

        def _reset(self) -> None:
            """Close with a RST instead of an answer."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self.close_connection = True
            self.connection.close()

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = self._chunks()
            faults = proxy.faults
            time.sleep(faults.latency)
            if faults.gone:
                self._reset()
                return
            if proxy.draw("slow", faults.slow):
                time.sleep(2)
            if (
                faults.deny_state_writes
                and self.command == "PUT"
                and ".tfstate" in self.path
                and "tflock" not in self.path
            ):
                proxy.draw("denied state write", 1)
                self._answer(*_error(self.headers, "AccessDenied", 403))
                return
            if proxy.draw("reset", faults.reset):
                self._reset()
                return
            if proxy.draw("throttle", faults.throttle):
                code = "ThrottlingException" if self.headers.get("X-Amz-Target") else "Throttling"
                s3 = not self.headers.get("X-Amz-Target") and "form" not in str(
                    self.headers.get("Content-Type")
                )
                self._answer(*_error(self.headers, "SlowDown" if s3 else code, 503 if s3 else 400))
                return
            if proxy.draw("internal error", faults.internal_error):
                self._answer(*_error(self.headers, "InternalError", 500))
                return
            operation = _operation(self.headers, body)
            key = f"{self.path} {operation} ".encode() + body
            is_read = operation.startswith(READS)
            earlier = proxy.answers.get(key) if is_read else None
            if earlier and proxy.draw("stale", faults.stale):
                self._answer(*earlier[0])
                return
            headers = {
                k: v for k, v in self.headers.items() if k.lower() not in ("connection", "transfer-encoding")
            }
            headers["Content-Length"] = str(len(body))
            try:
                self.upstream.request(self.command, self.path, body, headers)
                response = self.upstream.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException):
                self.upstream.close()
                self._reset()
                return
            kept = [
                (k, v)
                for k, v in response.getheaders()
                if k.lower() not in ("connection", "transfer-encoding", "content-length", "keep-alive")
            ]
            if self.command == "HEAD":
                kept.append(("Content-Length", response.getheader("Content-Length") or "0"))
            answer = (response.status, kept, content)
            if is_read:
                proxy.answers.setdefault(key, []).append(answer)
            if not is_read and proxy.draw("lost answer", faults.lost):
                self._reset()
                return
            if operation and operation == faults.hold and proxy.draw(f"{operation} held", 1):
                proxy.held.set()
                while proxy.faults is faults:
                    time.sleep(0.05)
            self._answer(*answer)

        def _chunks(self) -> bytes:
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            with contextlib.suppress(OSError):
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                if self.command != "HEAD":
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _forward  # noqa: N815

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that was killed is what this is for."""


@contextmanager
def proxy_to(port: int, seed: int) -> Iterator[Proxy]:
    """A proxy to a server on loopback, on a free port."""
    proxy = Proxy(("127.0.0.1", port), random.Random(seed))
    server = _Server(("127.0.0.1", 0), _handler(proxy))
    proxy.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
