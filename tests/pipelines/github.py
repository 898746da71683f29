"""GitHub's REST API on a local port: the answers' shapes are those of the documentation, permissions are enforced.

https://docs.github.com/en/rest (comments, issues, artifacts, commits; version 2022-11-28)
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SLUG = "shop/platform"
REPOSITORY_ID = 42
BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}
PAGE = 2
"""Items a page at most, so that every list is read over several."""


@dataclass
class FakeGitHub:
    """What the repository holds, and the requests that came."""

    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    artifacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    content: dict[int, bytes] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    failures: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    url: str = ""
    _ids: int = 100
    _lock: Any = field(default_factory=threading.RLock)

    def number(self) -> int:
        with self._lock:
            self._ids += 1
            return self._ids

    def token(self, **permissions: str) -> str:
        """A job's token, which may do just this (names with underscores)."""
        made = f"ghs_{secrets.token_hex(18)}"
        self.tokens[made] = {name.replace("_", "-"): level for name, level in permissions.items()}
        return made

    def add_artifact(self, name: str, content: bytes, sha: str, *, fork: bool = False) -> int:
        number = self.number()
        self.content[number] = content
        self.artifacts[number] = {
            "id": number,
            "node_id": "MDg6QXJ0aWZhY3Q=",
            "name": name,
            "size_in_bytes": len(content),
            "url": f"{self.url}/repos/{SLUG}/actions/artifacts/{number}",
            "archive_download_url": f"{self.url}/repos/{SLUG}/actions/artifacts/{number}/zip",
            "expired": False,
            "created_at": f"2026-01-01T00:00:{number % 60:02}Z",
            "workflow_run": {
                "id": number,
                "repository_id": REPOSITORY_ID,
                "head_repository_id": 77 if fork else REPOSITORY_ID,
                "head_branch": "feature",
                "head_sha": sha,
            },
        }
        return number

    def comments_of(self, pull: int) -> list[dict[str, Any]]:
        return [one for one in self.comments.values() if one["issue"] == pull]


def _handler(github: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self, status: int, body: Any = None, **headers: str) -> None:
            content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _page(self, items: list[Any], key: str | None = None) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            page = int(query.get("page", ["1"])[0])
            chosen = items[(page - 1) * PAGE : page * PAGE]
            headers = {}
            if page * PAGE < len(items):
                rest = "&".join(f"{name}={value[0]}" for name, value in query.items() if name != "page")
                headers["Link"] = f'<{github.url}{parts.path}?{rest}&page={page + 1}>; rel="next"'
            self._answer(200, {"total_count": len(items), key: chosen} if key else chosen, **headers)

        def _may(self, *needs: tuple[str, str]) -> bool:
            """Whether the token has one of these permissions; a write includes reading."""
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            has = github.tokens.get(token)
            if has is None:
                self._answer(401, {"message": f"Bad credentials {token}"})
                return False
            if any(has.get(name) in (level, "write") for name, level in needs):
                return True
            self._answer(403, {"message": "Resource not accessible by integration"})
            return False

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            with github._lock:
                github.requests.append((self.command, parts.path, self.headers.get("Authorization")))
                if github.failures:
                    status, headers, message = github.failures.pop(0)
                    return self._answer(status, {"message": message}, **headers)
                if parts.path.startswith("/_store/"):
                    if self.headers.get("Authorization"):
                        return self._answer(400, {"message": "a store takes no token"})
                    return self._answer(200, github.content[int(parts.path.rsplit("/", 1)[1])])
                base = f"/repos/{SLUG}"
                assert parts.path.startswith(base), parts.path
                return self._route(parts.path.removeprefix(base), parse_qs(parts.query))

        def _body(self) -> dict[str, Any]:
            length = int(self.headers.get("Content-Length") or 0)
            return json.loads(self.rfile.read(length)) if length else {}

        def _route(self, path: str, query: dict[str, list[str]]) -> None:
            verb = self.command
            if match := re.fullmatch(r"/issues/(\d+)/comments", path):
                number = int(match[1])
                level = "read" if verb == "GET" else "write"
                if self._may(("pull-requests", level), ("issues", level)):
                    return self._page(github.comments_of(number)) if verb == "GET" else self._comment(number)
            elif match := re.fullmatch(r"/issues/comments/(\d+)", path):
                if self._may(("pull-requests", "write"), ("issues", "write")):
                    number = int(match[1])
                    if verb == "DELETE":
                        del github.comments[number]
                        return self._answer(204)
                    github.comments[number]["body"] = self._checked(self._body()["body"])
                    return self._answer(200, github.comments[number])
            elif path == "/issues" and self._may(("issues", "read" if verb == "GET" else "write")):
                if verb == "GET":
                    return self._page([one for one in github.issues.values() if one["state"] == "open"])
                return self._issue()
            elif (match := re.fullmatch(r"/issues/(\d+)", path)) and self._may(("issues", "write")):
                github.issues[int(match[1])].update(self._body())
                return self._answer(200, github.issues[int(match[1])])
            elif match := re.fullmatch(r"/commits/([0-9a-f]{40})/pulls", path):
                if self._may(("pull-requests", "read")):
                    found = [
                        one
                        for one in github.pulls.values()
                        if match[1] in (one["merge_commit_sha"], one["head"]["sha"])
                    ]
                    return self._page(found)
            elif path == "/actions/artifacts" and self._may(("actions", "read")):
                name = query.get("name", [""])[0]
                return self._page(
                    [one for one in github.artifacts.values() if one["name"] == name], "artifacts"
                )
            elif (match := re.fullmatch(r"/actions/artifacts/(\d+)/zip", path)) and self._may(
                ("actions", "read")
            ):
                return self._answer(302, Location=f"{github.url}/_store/{match[1]}?sig=secret")
            return None

        def _comment(self, issue: int) -> None:
            number = github.number()
            github.comments[number] = {
                "id": number,
                "issue": issue,
                "body": self._checked(self._body()["body"]),
                "user": BOT,
                "html_url": f"https://github.com/{SLUG}/pull/{issue}#issuecomment-{number}",
            }
            self._answer(201, github.comments[number])

        def _issue(self) -> None:
            number = github.number()
            github.issues[number] = {**self._body(), "number": number, "state": "open", "user": BOT}
            self._answer(201, github.issues[number])

        def _checked(self, body: str) -> str:
            assert len(body) <= 65_536, "GitHub takes 65,536 characters"
            return body

        do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815

    return Handler


@contextmanager
def serve() -> Iterator[FakeGitHub]:
    """The API for as long as the context lasts."""
    github = FakeGitHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(github))
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
