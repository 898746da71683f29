"""GitLab's API, as far as pipelines need it: notes on merge requests, and what jobs have kept. The token is never part of a message.

https://docs.gitlab.com/api/notes/#merge-requests and https://docs.gitlab.com/ci/variables/predefined_variables/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from orchestrator.ci.http import REDIRECTS, Answer, Http, checked_token, from_store, shown
from orchestrator.errors import OrchestratorError

TOKEN = "ORCHESTRATOR_GITLAB_TOKEN"  # noqa: S105  (its name)
"""A project access token with the scope ``api``: a job's own token can't write notes."""
LIMIT = 900_000
"""Bytes; GitLab takes a million characters."""


@dataclass(frozen=True)
class GitLab:
    """A job, and the API that it may speak to. ``merge_request``: the number of the one that it is of, if any."""

    api: str
    token: str = field(repr=False)
    project: str
    merge_request: int | None
    commit: str
    job_url: str | None
    http: Http = field(default_factory=Http, repr=False, compare=False)

    @classmethod
    def of_job(cls, variables: Mapping[str, str], *, of_merge_request: bool = True) -> GitLab | None:
        """The job as its variables describe it; None outside GitLab CI.

        Raises:
            OrchestratorError: it is of no merge request and has to be, or has no token.
        """
        if variables.get("GITLAB_CI") != "true":
            return None
        needed = [TOKEN, "CI_API_V4_URL", "CI_PROJECT_ID", "CI_COMMIT_SHA"]
        where = "run this in a merge request's pipeline, and " if of_merge_request else ""
        for name in [*needed, "CI_MERGE_REQUEST_IID"] if of_merge_request else needed:
            if not variables.get(name):
                raise OrchestratorError(
                    f"{name} is not set", remedy=f"{where}set {TOKEN} to a project access token (masked)"
                )
        number, project = variables.get("CI_MERGE_REQUEST_IID") or "", variables["CI_PROJECT_ID"]
        if not (project.isdigit() and (number.isdigit() or not number)):
            raise OrchestratorError("CI_MERGE_REQUEST_IID and CI_PROJECT_ID are numbers")
        api = variables["CI_API_V4_URL"].rstrip("/")
        if urlsplit(api).scheme not in ("https", "http"):
            raise OrchestratorError("CI_API_V4_URL is no URL")
        url = variables.get("CI_JOB_URL") or None
        merge_request = int(number) if number else None
        token = checked_token(TOKEN, variables[TOKEN])
        return cls(api, token, project, merge_request, variables["CI_COMMIT_SHA"], url)

    def put(self, marker: str, body: str, *, only_if_there: bool = False) -> str | None:
        """Make the note that begins with ``marker``, or change it; further ones are removed. Its address on the page, None when
        there was none to change.

        Only notes of the token's own user count: anybody can write a marker.
        """
        notes = f"projects/{self.project}/merge_requests/{self.merge_request}/notes"
        me = self._ask("GET", "user")["id"]
        ours = [
            note
            for note in self._pages(notes, order_by="created_at", sort="asc")
            if note["author"]["id"] == me and str(note["body"]).split("\n", 1)[0].strip() == marker
        ]
        for extra in ours[1:]:
            self._ask("DELETE", f"{notes}/{extra['id']}")
        if not ours and only_if_there:
            return None
        if not ours:
            note = self._ask("POST", notes, {"body": body})
        elif ours[0]["body"] == body:
            note = ours[0]
        else:
            note = self._ask("PUT", f"{notes}/{ours[0]['id']}", {"body": body})
        return f"#note_{note['id']}"

    def get(self, path: str) -> Any:
        """A document of the project (``repository/commits/SHA``)."""
        return self._ask("GET", f"projects/{self.project}/{path}")

    def pages(self, path: str, **query: str) -> Iterator[Any]:
        """All items of one of the project's lists, page after page."""
        return self._pages(f"projects/{self.project}/{path}", **query)

    def download(self, path: str) -> bytes:
        """What the project keeps, also when that is in a store, which does not get the token.

        Raises:
            OrchestratorError: it can't be had.
        """
        return self._request("GET", f"projects/{self.project}/{path}", None, follow=True).data

    def _pages(self, path: str, **query_: str) -> Iterator[Any]:
        page = "1"
        while page:
            query = urlencode({"per_page": 100, **query_, "page": page})
            answer = self._request("GET", f"{path}?{query}", None)
            items = answer.document(f"{self.api}/{path}")
            yield from items if isinstance(items, list) else ()
            page = answer.headers.get("X-Next-Page", "")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._request(method, path, body).document(f"{self.api}/{path}")

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, follow: bool = False
    ) -> Answer:
        headers = {"PRIVATE-TOKEN": self.token}
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self.api}/{path}"
        content = json.dumps(body).encode() if body is not None else None
        answer = self.http.send(method, url, headers, content)
        if follow and answer.status in REDIRECTS:
            answer = from_store(self.http, self.api, answer)
        if answer.status >= 300:
            remedy = (
                f"give {TOKEN} the scope `api` and the role Developer"
                if answer.status in (401, 403, 404)
                else "run the job again"
            )
            raise OrchestratorError(f"GitLab refuses {method} {shown(url)}: {answer.status}", remedy=remedy)
        return answer
