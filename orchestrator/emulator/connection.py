"""HTTP/1.1 connections that stay open between requests.

Werkzeug's own handler closes every connection after one answer, and waits up to 10 ms before it does. Terraform's
provider makes hundreds of small requests in a refresh: it keeps a few connections open if it may. An answer is
written in one piece, without Nagle's delay (RFC 896, with a client's delayed acknowledgement 40 ms an answer).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import DechunkedInput

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class AwsRequestHandler(MotoRequestHandler):  # type: ignore[misc]  # moto's types are not followed
    """Reads a request whole, answers it whole, and waits for the next one on the same connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def handle_expect_100(self) -> bool:
        """Ask for the body of a request that waits for it (RFC 9110, 10.1.1)."""
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        """Answer one request with the server's application."""
        self.environ = environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._read_body(environ))
        self._answer(*_call(self.server.app, environ))

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(DechunkedInput(self.rfile).read())
        return bytes(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))

    def _answer(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code = int(status.split(None, 1)[0])
        self.send_response_only(code)
        self.send_header("Date", self.date_time_string())
        length: str | None = None
        for name, value in headers:
            if name.lower() == "content-length":
                length = value
            elif name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        if self.command == "HEAD":
            # The length of the body that GET would have answered.
            self.send_header("Content-Length", length or "0")
            body = b""
        elif code in _BODILESS or code < HTTPStatus.OK:
            body = b""
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no line per request: a refresh would bury the errors."""


def _call(app: Any, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    """Run a WSGI application to its end: status line, headers, body."""
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> Any:
        answered[:] = [(status, headers)]
        return written.write

    written = io.BytesIO()
    parts: Iterable[bytes] = app(environ, start_response)
    try:
        for part in parts:
            written.write(part)
    finally:
        if close := getattr(parts, "close", None):
            close()
    status, headers = answered[0]
    return status, headers, written.getvalue()
