"""What both APIs are asked with: limits and errors of a server are waited for, an answer has its size, and a token goes into headers
only if it can't end them.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from orchestrator import __version__
from orchestrator.errors import OrchestratorError

TRIES = 5
MAX_WAIT = 90.0
"""Seconds that we wait at most for a limit to pass; longer ones are an error."""
MAX_BYTES = 200 * 1024 * 1024
"""The largest answer that is read; a bundle is far smaller."""
REDIRECTS = (301, 302, 303, 307, 308)
_TOKEN = re.compile(r"[!-~]+\Z")


@dataclass(frozen=True)
class Answer:
    """What a server said, read to its end."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    def document(self, url: str) -> Any:
        """The JSON that it is; None when it is empty.

        Raises:
            OrchestratorError: it is no JSON, as when a proxy or a sign-in page has answered.
        """
        try:
            return json.loads(self.data) if self.data else None
        except ValueError as error:
            raise OrchestratorError(
                f"{shown(url)} answers with something that is no JSON",
                remedy="see whether a proxy or a sign-in page answers in its place",
            ) from error


def checked_token(name: str, token: str) -> str:
    """A token without the blanks and line ends that it was pasted with.

    Raises:
        OrchestratorError: it holds what no token does. The message has nothing of it; HTTP's own would have all.
    """
    token = token.strip()
    if not _TOKEN.match(token):
        raise OrchestratorError(
            f"{name} is no token: it holds blanks, line ends or letters that no token has",
            remedy="store it anew, without quotes and on one line",
        )
    return token


def shown(url: str) -> str:
    """Host and path only: what follows a `?` may be a signature, what is before an `@` a password."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


class Http:
    """A client. ``sleep`` is there for tests."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._pools: dict[str, urllib3.PoolManager] = {}

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """The answer, whatever its status; a redirect is not followed.

        Raises:
            OrchestratorError: the server can't be reached; it answers with more than we take.
        """
        sent = {"User-Agent": f"orchestrator/{__version__}", **headers}
        for attempt in range(1, TRIES + 1):
            wait: float | None
            try:
                response = self._pool(url).request(
                    method, url, body=body, headers=sent, redirect=False, preload_content=False
                )
                answer = Answer(response.status, response.headers, _read(response, url))
            except urllib3.exceptions.HTTPError as error:
                # A POST that broke may have been carried out: it is not sent twice.
                if attempt == TRIES or method == "POST":
                    raise OrchestratorError(
                        f"{shown(url)} can't be reached ({type(error).__name__})", remedy="run the job again"
                    ) from None
                wait = float(attempt)
            else:
                wait = _wait(answer, attempt)
                if wait is None or attempt == TRIES:
                    return answer
            self._sleep(wait)
        raise AssertionError

    def _pool(self, url: str) -> urllib3.PoolManager:
        """Straight to the server, or by the proxy that the process is told of, which is Terraform's and the AWS SDKs', too."""
        parts = urlsplit(url)
        there = parts.scheme if not proxy_bypass(parts.hostname or "") else ""
        proxy = getproxies().get(there, "")
        if proxy not in self._pools:
            self._pools[proxy] = _pool_by(proxy)
        return self._pools[proxy]


def _pool_by(proxy: str) -> urllib3.PoolManager:
    more: dict[str, Any] = {
        "retries": False,
        "timeout": urllib3.Timeout(connect=10, read=60),
        "cert_reqs": "CERT_REQUIRED",
    }
    if not proxy:
        return urllib3.PoolManager(**more)
    address = proxy if "://" in proxy else f"http://{proxy}"
    user = urlsplit(address).netloc.rpartition("@")[0]
    headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else None
    return urllib3.ProxyManager(address, proxy_headers=headers, **more)


def from_store(http: Http, api: str, answer: Answer) -> Answer:
    """What an answer refers to: a store, which does not get the token.

    Raises:
        OrchestratorError: the way there is not encrypted.
    """
    place = answer.headers.get("Location", "")
    if urlsplit(place).scheme != "https" and urlsplit(place).hostname != urlsplit(api).hostname:
        raise OrchestratorError(f"{shown(api)} refers to a store without encryption")
    return http.send("GET", place, {})


def _read(response: urllib3.BaseHTTPResponse, url: str) -> bytes:
    """The whole answer; the connection may break meanwhile."""
    data = bytearray()
    for chunk in response.stream(1024 * 1024):
        data += chunk
        if len(data) > MAX_BYTES:
            response.close()
            raise OrchestratorError(f"{shown(url)} answers with more than {MAX_BYTES // 1024 // 1024} MiB")
    response.release_conn()
    return bytes(data)


def _wait(answer: Answer, attempt: int) -> float | None:
    """Seconds until the request may be tried again; None: it may not, or need not."""
    headers, status = answer.headers, answer.status
    if status >= 500:
        return float(2 ** (attempt - 1))
    if status not in (403, 429):
        return None
    after = headers.get("Retry-After", "")
    if after.isdigit():
        seconds = float(after)
    elif headers.get("X-RateLimit-Remaining") == "0" and headers.get("X-RateLimit-Reset", "").isdigit():
        seconds = max(float(headers["X-RateLimit-Reset"]) - time.time(), 1.0)
    elif status == 429 or b"secondary rate limit" in answer.data:
        seconds = float(2**attempt)
    else:
        return None
    return seconds if seconds <= MAX_WAIT else None
