"""GitHub's REST API, as far as pipelines need it. The token is never part of a message.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

from orchestrator import __version__
from orchestrator.errors import OrchestratorError

API = "https://api.github.com"
TRIES = 5
MAX_WAIT = 90.0
"""Seconds that we wait at most for a limit to pass; longer ones are an error."""
MAX_BYTES = 200 * 1024 * 1024
_LINK = re.compile(r'<([^>]+)>;\s*rel="next"')


class GitHub:
    """A client. ``sleep`` is there for tests."""

    def __init__(
        self, token: str | None, api: str = API, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if urlsplit(api).scheme not in ("https", "http"):
            raise OrchestratorError(f"GITHUB_API_URL is no URL: {api!r}")
        self._api = api.rstrip("/") + "/"
        self._token = token
        self._sleep = sleep
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=10, read=60), cert_reqs="CERT_REQUIRED"
        )

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON document at a path below the API's root (``repos/o/n/pulls``)."""
        return self._json("GET", self._url(path, query))

    def pages(self, path: str, key: str | None = None, **query: str | int) -> Iterator[Any]:
        """All items of a list, page after page. ``key``: where the list is in each page's document."""
        url: str | None = self._url(path, {"per_page": 100, **query})
        while url:
            response = self._ask("GET", url)
            document = self._document(response, url)
            items = document.get(key, []) if key and isinstance(document, dict) else document
            yield from items if isinstance(items, list) else ()
            following = _LINK.search(response.headers.get("Link", ""))
            url = self._own(following.group(1)) if following else None

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create something."""
        return self._json("POST", self._url(path, {}), body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something."""
        return self._json("PATCH", self._url(path, {}), body)

    def delete(self, path: str) -> None:
        """Delete something."""
        self._ask("DELETE", self._url(path, {}))

    def download(self, path: str) -> bytes:
        """What is behind a path that answers with a redirect to a store, which does not get the token.

        Raises:
            OrchestratorError: it is larger than 200 MiB, or can't be had.
        """
        response = self._ask("GET", self._url(path, {}))
        if response.status in (301, 302, 303, 307, 308):
            place = response.headers.get("Location", "")
            if urlsplit(place).scheme != "https" and urlsplit(place).hostname != urlsplit(self._api).hostname:
                raise OrchestratorError("GitHub refers to a store without encryption")
            response = self._ask("GET", place, authorised=False)
        return response.data

    def _url(self, path: str, query: Mapping[str, str | int]) -> str:
        url = urljoin(self._api, path)
        return f"{url}?{urlencode(query)}" if query else url

    def _own(self, url: str) -> str:
        """A URL from an answer, which must not lead the token elsewhere."""
        ours, theirs = urlsplit(self._api), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise OrchestratorError(f"GitHub's API refers to another host ({theirs.netloc})")
        return url

    def _json(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._document(self._ask(method, url, body), url)

    def _document(self, response: urllib3.BaseHTTPResponse, url: str) -> Any:
        try:
            return json.loads(response.data) if response.data else None
        except ValueError as error:
            raise OrchestratorError(f"{_shown(url)} answers with something that is no JSON") from error

    def _ask(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, *, authorised: bool = True
    ) -> urllib3.BaseHTTPResponse:
        headers = {"User-Agent": f"orchestrator/{__version__}"}
        if authorised:
            headers |= {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
            if self._token:
                headers["Authorization"] = f"Bearer {self._token}"
        content = json.dumps(body).encode() if body is not None else None
        for attempt in range(1, TRIES + 1):
            wait: float | None
            try:
                response = self._pool.request(
                    method, url, body=content, headers=headers, redirect=False, preload_content=False
                )
                response.data  # noqa: B018  (read within the try: the connection may break here)
            except urllib3.exceptions.HTTPError as error:
                # A POST that broke may have been carried out: it is not sent twice.
                if attempt == TRIES or method == "POST":
                    raise OrchestratorError(
                        f"{_shown(url)} can't be reached ({type(error).__name__})", remedy="run the job again"
                    ) from None
                wait = float(attempt)
            else:
                if response.status < 400:
                    return response
                wait = _wait(response, attempt)
                if wait is None or attempt == TRIES:
                    raise self._refused(method, url, response)
            self._sleep(wait)
        raise AssertionError

    def _refused(self, method: str, url: str, response: urllib3.BaseHTTPResponse) -> OrchestratorError:
        try:
            said = str(json.loads(response.data).get("message", ""))
        except (ValueError, AttributeError):
            said = ""
        if self._token:
            said = said.replace(self._token, "***")
        remedy = {
            401: "give the step GITHUB_TOKEN as `env:`",
            403: "give the job the permission that this needs (`permissions:`)",
            404: "check the repository's name and the job's `permissions:`",
        }.get(response.status, "run the job again")
        return OrchestratorError(
            f"GitHub refuses {method} {_shown(url)}: {response.status} {said[:200]}".rstrip(), remedy=remedy
        )


def _wait(response: urllib3.BaseHTTPResponse, attempt: int) -> float | None:
    """Seconds until the request may be tried again; None: it may not."""
    headers, status = response.headers, response.status
    if status >= 500:
        return float(2 ** (attempt - 1))
    if status not in (403, 429):
        return None
    after = headers.get("Retry-After", "")
    if after.isdigit():
        seconds = float(after)
    elif headers.get("X-RateLimit-Remaining") == "0" and headers.get("X-RateLimit-Reset", "").isdigit():
        seconds = max(float(headers["X-RateLimit-Reset"]) - time.time(), 1.0)
    elif status == 429 or b"secondary rate limit" in response.data:
        seconds = float(2**attempt)
    else:
        return None
    return seconds if seconds <= MAX_WAIT else None


def _shown(url: str) -> str:
    """Host and path only: what follows a `?` may be a signature."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"
