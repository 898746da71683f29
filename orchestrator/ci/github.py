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

from orchestrator.ci.http import REDIRECTS, Answer, Http, checked_token, from_store, shown
from orchestrator.errors import OrchestratorError

API = "https://api.github.com"
_LINK = re.compile(r'<([^>]+)>;\s*rel="next"')


class GitHub:
    """A client. ``sleep`` is there for tests."""

    def __init__(
        self, token: str | None, api: str = API, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if urlsplit(api).scheme not in ("https", "http"):
            raise OrchestratorError("GITHUB_API_URL is no URL")
        self._api = api.rstrip("/") + "/"
        self._token = checked_token("GITHUB_TOKEN", token) if token else None
        self._http = Http(sleep)

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON document at a path below the API's root (``repos/o/n/pulls``)."""
        return self._json("GET", self._url(path, query))

    def pages(self, path: str, key: str | None = None, **query: str | int) -> Iterator[Any]:
        """All items of a list, page after page. ``key``: where the list is in each page's document."""
        url: str | None = self._url(path, {"per_page": 100, **query})
        while url:
            answer = self._ask("GET", url)
            document = answer.document(url)
            items = document.get(key, []) if key and isinstance(document, dict) else document
            yield from items if isinstance(items, list) else ()
            following = _LINK.search(answer.headers.get("Link", ""))
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
        answer = self._ask("GET", self._url(path, {}), follow=True)
        if answer.status in REDIRECTS:
            answer = from_store(self._http, self._api, answer)
            if answer.status >= 300:
                raise OrchestratorError(
                    f"the store behind {shown(self._url(path, {}))} refuses it: {answer.status}",
                    remedy="run the job again",
                )
        return answer.data

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
        return self._ask(method, url, body).document(url)

    def _ask(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, *, follow: bool = False
    ) -> Answer:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        answer = self._http.send(
            method, url, headers, json.dumps(body).encode() if body is not None else None
        )
        # A redirect is a repository that has another name now.
        if answer.status < 300 or (follow and answer.status in REDIRECTS):
            return answer
        raise self._refused(method, url, answer)

    def _refused(self, method: str, url: str, answer: Answer) -> OrchestratorError:
        try:
            said = " ".join(str(json.loads(answer.data).get("message", "")).split())
        except (ValueError, AttributeError):
            said = ""
        if self._token:
            said = said.replace(self._token, "***")
        remedy = {
            401: "give the step GITHUB_TOKEN as `env:`",
            403: "give the job the permission that this needs (`permissions:`)",
            404: "check the repository's name and the job's `permissions:`",
            410: "turn the repository's issues on, or the option `drift` of the pipelines off",
        }.get(answer.status, "run the job again")
        if answer.status < 400:
            remedy = "the repository has another name now; change it in pipelines/settings.yaml"
        if answer.headers.get("Retry-After") or "rate limit" in said:
            remedy = "wait until the limit has passed, then run the job again"
        return OrchestratorError(
            f"GitHub refuses {method} {shown(url)}: {answer.status} {said[:200]}".rstrip(), remedy=remedy
        )
