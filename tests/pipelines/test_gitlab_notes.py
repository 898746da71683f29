"""Notes on merge requests against GitLab's API on a local port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from orchestrator.ci.gitlab import GitLab
from orchestrator.ci.http import Http
from orchestrator.errors import OrchestratorError
from tests.conftest import Cli
from tests.project import ProjectFolder

SECRET = "glpat-x-secret"
NOTES = "/api/v4/projects/5/merge_requests/7/notes"
MARKER = "<!-- orchestrator: plan of dev -->"


class FakeGitLab(ThreadingHTTPServer):
    """Notes of one merge request, in pages of two."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notes: dict[int, dict[str, Any]] = {}
        self.failures: list[tuple[int, Any, dict[str, str]]] = []
        self.project: dict[str, Any] = {}
        """Path below the project → a list, a document, or bytes that are in a store elsewhere."""

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/v4"

    def add(self, author: int, body: str) -> dict[str, Any]:
        note = {"id": len(self.notes) + 1, "body": body, "author": {"id": author}}
        self.notes[note["id"]] = note  # type: ignore[index]
        return note


class _Handler(BaseHTTPRequestHandler):
    server: FakeGitLab

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: Any = None, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def _work(self) -> None:
        url = urlsplit(self.path)
        if url.path.startswith("/store/"):
            assert self.headers.get("PRIVATE-TOKEN") is None
            return self._answer(200, self.server.project[url.path.removeprefix("/store/")])
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(content)["body"] if content else ""
        if self.headers.get("PRIVATE-TOKEN") != SECRET:
            return self._answer(401, {"message": f"401 Unauthorized {SECRET}"})
        if self.server.failures:
            status, body, headers = self.server.failures.pop(0)
            return self._answer(status, body, **headers)
        known = self.server.project.get(url.path.removeprefix("/api/v4/projects/5/"))
        if isinstance(known, bytes):
            store = url.path.replace("/api/v4/projects/5/", "/store/")
            return self._answer(302, Location=f"{self.server.api.removesuffix('/api/v4')}{store}")
        if known is not None:
            return self._answer(200, known)
        if not url.path.startswith(("/api/v4/user", NOTES)):
            return self._answer(404, {"message": "404 Not found"})
        if url.path == "/api/v4/user":
            return self._answer(200, {"id": 1})
        if url.path == NOTES and self.command == "GET":
            page = int(parse_qs(url.query)["page"][0])
            every = list(self.server.notes.values())
            more = str(page + 1) if len(every) > 2 * page else ""
            return self._answer(200, every[2 * page - 2 : 2 * page], X_Next_Page=more)
        if url.path == NOTES and self.command == "POST":
            return self._answer(201, self.server.add(1, body))
        number = int(url.path.removeprefix(NOTES + "/"))
        if self.command == "DELETE":
            del self.server.notes[number]
            return self._answer(204)
        self.server.notes[number]["body"] = body
        return self._answer(200, self.server.notes[number])

    do_GET = do_POST = do_PUT = do_DELETE = _work  # noqa: N815


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    with FakeGitLab() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def job(server: FakeGitLab, **more: str) -> dict[str, str]:
    return {
        "GITLAB_CI": "true", "CI_API_V4_URL": server.api, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7",
        "CI_COMMIT_SHA": "a" * 40, "ORCHESTRATOR_GITLAB_TOKEN": SECRET, **more,
    }  # fmt: skip


def test_a_note_is_made_once_then_changed_and_doubles_are_removed(gitlab: FakeGitLab) -> None:
    client = GitLab.of_job(job(gitlab))
    assert client is not None
    for number in range(3):
        gitlab.add(2, f"{MARKER}\nforged {number}")
    client.put(MARKER, f"{MARKER}\nfirst")
    gitlab.add(1, f"{MARKER}\ndouble")
    waited: list[float] = []
    client = replace(client, http=Http(waited.append))
    gitlab.failures = [(503, None, {}), (500, None, {}), (429, None, {"Retry-After": "7"})]
    client.put(MARKER, f"{MARKER}\nsecond")
    assert [note["body"] for note in gitlab.notes.values() if note["author"]["id"] == 1] == [
        f"{MARKER}\nsecond"
    ]
    assert len(gitlab.notes) == 4
    assert waited == [1.0, 2.0, 7.0]


def test_a_limit_that_lasts_and_what_is_no_answer_of_gitlab_are_plain_errors(
    gitlab: FakeGitLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = GitLab.of_job(job(gitlab, ORCHESTRATOR_GITLAB_TOKEN=f"{SECRET}\n"))
    assert client is not None
    gitlab.failures = [(429, None, {"Retry-After": "86400"})]  # urllib3's own way is to sleep for a day
    with pytest.raises(OrchestratorError, match="429"):
        client.put(MARKER, "x")
    gitlab.failures = [(200, b"<html>Sign in</html>", {})]
    with pytest.raises(OrchestratorError, match="something that is no JSON"):
        client.put(MARKER, "x")
    monkeypatch.setattr("orchestrator.ci.http.MAX_BYTES", 1000)
    gitlab.failures = [(200, b"x" * 2000, {})]
    with pytest.raises(OrchestratorError, match="answers with more than"):
        client.download("jobs/1/artifacts")


def test_what_is_missing_is_said_and_the_token_never(gitlab: FakeGitLab) -> None:
    assert GitLab.of_job({}) is None
    with pytest.raises(OrchestratorError, match="CI_MERGE_REQUEST_IID is not set"):
        GitLab.of_job(job(gitlab, CI_MERGE_REQUEST_IID=""))
    client = GitLab.of_job(job(gitlab, ORCHESTRATOR_GITLAB_TOKEN="another-secret"))
    assert client is not None
    with pytest.raises(OrchestratorError) as refused:
        client.put(MARKER, "x")
    assert "401" in str(refused.value)
    assert SECRET not in f"{refused.value} {refused.value.remedy} {client!r}"
    assert "another-secret" not in f"{refused.value} {client!r}"
    with pytest.raises(OrchestratorError, match="ORCHESTRATOR_GITLAB_TOKEN is no token") as broken:
        GitLab.of_job(job(gitlab, ORCHESTRATOR_GITLAB_TOKEN=f"{SECRET}\n\n{SECRET}"))
    assert SECRET not in f"{broken.value} {broken.value.remedy}"


def test_the_command_notes_a_failure_on_the_merge_request(
    gitlab: FakeGitLab, folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.simple()
    folder.environment("dev", "base: {variables: {name: first}}\n")
    for name, value in job(gitlab).items():
        monkeypatch.setenv(name, value)
    done = cli("ci", "comment", "--env", "dev", "--failed")
    assert done.code == 0, done.err
    assert done.out == "dev: #note_1\n"
    assert gitlab.notes[1]["body"].startswith(f"{MARKER}\n## `dev`: could not be planned")


def test_the_command_says_in_the_notes_of_environments_that_are_not_touched_any_more_that_they_are_not(
    gitlab: FakeGitLab, folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.simple()
    for name in ("dev", "staging", "prod"):
        folder.environment(name, "base: {variables: {name: first}}\n")
    for name, value in job(gitlab).items():
        monkeypatch.setenv(name, value)
    for name in ("dev", "prod"):
        gitlab.add(1, f"<!-- orchestrator: plan of {name} -->\n1 to create")
    document = json.dumps({"base": None, "environments": [{"environment": "prod"}]})
    done = cli("ci", "tidy", "--affected", document)
    assert done.code == 0, done.err
    assert done.out == "Comments changed: dev\n"
    assert "`dev`: not touched any more" in gitlab.notes[1]["body"]
    assert "1 to create" in gitlab.notes[2]["body"]
    assert len(gitlab.notes) == 2
    assert cli("ci", "tidy", "--affected", "{}").code == 64
