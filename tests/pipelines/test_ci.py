"""The steps of CI runs against GitHub's API on a local port, and what a change touches, in real repositories."""

from __future__ import annotations

import io
import json
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from orchestrator.ci.actions import cut
from orchestrator.ci.comment import marker, put, tidy
from orchestrator.ci.github import GitHub
from orchestrator.ci.issue import TITLE, Looked, keep, read_report
from orchestrator.ci.reviewed import _artifact, _unpack, artifact_name
from orchestrator.errors import OrchestratorError
from orchestrator.review.review import Review
from tests.conftest import Cli, tree_of
from tests.pipelines.github import BOT, SLUG, FakeGitHub, serve
from tests.project import ProjectFolder

SHA = "a" * 40
PROD = "terraform/envs/prod/environment.yaml"


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with serve() as github:
        yield github


class Client(GitHub):
    """A client that remembers how long it would have waited."""

    def __init__(self, server: FakeGitHub, **permissions: str) -> None:
        self.waited: list[float] = []
        self.secret = server.token(**permissions)
        super().__init__(self.secret, server.url, self.waited.append)


def test_a_comment_is_made_once_then_changed_and_doubles_are_removed(server: FakeGitHub) -> None:
    client = Client(server, pull_requests="write")
    for number, login in enumerate(("ada", "grace", "ada")):  # over several pages, and with a forged marker
        server.comments[number] = {
            "id": number,
            "issue": 7,
            "body": f"{marker('dev')}\nmine",
            "user": {"login": login, "type": "User"},
            "html_url": "x",
        }
    put(client, SLUG, 7, "dev", f"{marker('dev')}\nfirst")
    put(client, SLUG, 7, "prod", f"{marker('prod')}\nfirst")
    put(client, SLUG, 7, "dev", f"{marker('dev')}\nsecond")
    bodies = [one["body"] for one in server.comments_of(7) if one["user"] == BOT]
    assert bodies == [f"{marker('dev')}\nsecond", f"{marker('prod')}\nfirst"]
    assert server.comments[0]["body"].endswith("mine")
    server.comments[99] = {
        "id": 99,
        "issue": 7,
        "body": f"{marker('dev')}\ndouble",
        "user": BOT,
        "html_url": "x",
    }
    put(client, SLUG, 7, "dev", f"{marker('dev')}\nthird")
    assert 99 not in server.comments
    assert tidy(client, SLUG, 7, ["dev", "staging"], SHA, None) == ["dev"]
    assert "not touched any more" in next(
        one["body"] for one in server.comments_of(7) if marker("dev") in one["body"] and one["user"] == BOT
    )


def test_limits_and_server_errors_are_waited_for_and_the_token_is_never_said(server: FakeGitHub) -> None:
    client = Client(server, pull_requests="write")
    server.failures = [
        (502, {}, "bad gateway"),
        (403, {"Retry-After": "7"}, "secondary rate limit"),
        (429, {}, "too many"),
    ]
    assert put(client, SLUG, 7, "dev", marker("dev"))
    assert client.waited == [1.0, 7.0, 8.0]
    server.failures = [(403, {"Retry-After": "3600"}, "later")]
    with pytest.raises(OrchestratorError, match="403 later"):
        put(client, SLUG, 7, "dev", "x")
    wrong = GitHub("ghs_wrongtoken", server.url, client.waited.append)
    with pytest.raises(OrchestratorError) as refused:
        put(wrong, SLUG, 7, "dev", "x")
    assert "401 Bad credentials ***" in str(refused.value)
    assert "ghs_wrongtoken" not in str(refused.value)
    weak = Client(server, contents="read")
    with pytest.raises(OrchestratorError, match="permission") as denied:
        put(weak, SLUG, 7, "dev", "x")
    assert weak.secret not in str(denied.value)
    gone = GitHub("ghs_x", "http://127.0.0.1:9", client.waited.append)
    with pytest.raises(OrchestratorError, match="can't be reached"):
        gone.get("repos/x/y")


def test_a_token_that_was_pasted_with_a_line_end_works_and_one_that_is_none_is_not_said(
    server: FakeGitHub,
) -> None:
    """HTTP's own error would have all of it: `Invalid header value b'Bearer ghs_…`."""
    secret = Client(server, pull_requests="write").secret
    assert put(GitHub(f" {secret}\r\n", server.url), SLUG, 7, "dev", marker("dev"))
    for broken in (f"{secret}\nX-More: 1", f"{secret}\u2028x", f"{secret} {secret}", "\n"):
        with pytest.raises(OrchestratorError, match="GITHUB_TOKEN is no token") as refused:
            GitHub(broken, server.url)
        assert secret not in f"{refused.value} {refused.value.remedy} {refused.value.details}"


def test_an_answer_that_is_too_large_or_leads_elsewhere_or_has_another_line_is_a_plain_error(
    server: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(server, pull_requests="write")
    server.failures = [(301, {"Location": f"{server.url}/repositories/1"}, "Moved Permanently")]
    with pytest.raises(OrchestratorError, match="301 Moved Permanently") as moved:
        put(client, SLUG, 7, "dev", marker("dev"))
    assert "another name" in str(moved.value.remedy)
    server.failures = [(403, {"Retry-After": "3600"}, "You have exceeded\n::error::a rate limit")]
    with pytest.raises(OrchestratorError, match="exceeded ::error::a rate limit") as limited:
        put(client, SLUG, 7, "dev", marker("dev"))
    assert "wait until the limit has passed" in str(limited.value.remedy)
    monkeypatch.setattr("orchestrator.ci.http.MAX_BYTES", 1000)
    put(client, SLUG, 7, "dev", marker("dev") + "\nshort")
    put(client, SLUG, 7, "prod", marker("prod") + "x" * 2000, only_if_there=True)
    server.failures = [(200, {}, "x" * 2000)]
    with pytest.raises(OrchestratorError, match="answers with more than"):
        client.get("repos/x/y")


class Proxy(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Proxy-Authorization")))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"login": "ada"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_runner_behind_a_proxy_reaches_the_api_by_it(
    server: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(server, pull_requests="read")
    with HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        monkeypatch.setenv("http_proxy", f"http://ci:p%40ss@127.0.0.1:{proxy.server_address[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert GitHub("ghs_x", "http://github.example/api/v3").get("user") == {"login": "ada"}
        assert list(client.pages(f"repos/{SLUG}/issues/7/comments")) == []
        proxy.shutdown()
    assert Proxy.asked == [("http://github.example/api/v3/user", "Basic Y2k6cEBzcw==")]
    gone = GitHub("ghs_x", "http://github.example", client.waited.append)
    with pytest.raises(OrchestratorError, match="can't be reached") as away:
        gone.get("user")
    assert "p@ss" not in f"{away.value} {away.value.remedy}"


def test_the_token_goes_to_the_api_only(server: FakeGitHub) -> None:
    client = Client(server, actions="read")
    number = server.add_artifact("x", b"content", SHA)
    assert client.download(f"repos/{SLUG}/actions/artifacts/{number}/zip") == b"content"
    store = [(path, token) for _, path, token in server.requests if path.startswith("/_store/")]
    assert store == [(f"/_store/{number}", None)]


def report(env: str, drifted: bool) -> Looked:
    return Looked(env, drifted, Review((), 3, 1))


def test_there_is_one_issue_about_drift_and_it_is_closed_when_all_is_well(server: FakeGitHub) -> None:
    client = Client(server, issues="write")
    assert keep(client, SLUG, [report("dev", False)], None) == ("unchanged", None)
    done, number = keep(client, SLUG, [report("dev", True), report("prod", False)], "https://run")
    assert done == "opened"
    assert number is not None
    assert server.issues[number]["title"] == TITLE
    assert keep(client, SLUG, [report("dev", True)], None) == ("updated", number)
    assert keep(client, SLUG, [report("dev", False), Looked("prod", False, None)], None) == (
        "updated",
        number,
    )
    assert "prod: could not be looked at" in server.issues[number]["body"]
    assert keep(client, SLUG, [report("dev", False)], None) == ("closed", number)
    assert server.issues[number]["state"] == "closed"
    assert keep(client, SLUG, [report("dev", True)], None)[0] == "opened"
    assert len([one for one in server.issues.values() if one["state"] == "open"]) == 1


def test_a_drift_report_that_is_missing_or_another_ones_is_told_apart(tmp_path: Path) -> None:
    assert read_report("dev", tmp_path / "none.json").review is None
    path = tmp_path / "dev.json"
    path.write_text(
        json.dumps({"environment": "prod", "drifted": False, "review": Review((), 0, 0).as_json()})
    )
    with pytest.raises(OrchestratorError, match="report of prod"):
        read_report("dev", path)
    path.write_text('{"error": {"type": "x"}}')
    assert read_report("dev", path).review is None
    path.write_text("[]")
    with pytest.raises(OrchestratorError, match="no drift report"):
        read_report("dev", path)


def test_an_artifact_counts_only_if_a_run_of_this_repository_made_it_for_that_commit(
    server: FakeGitHub,
) -> None:
    client = Client(server, actions="read")
    name = artifact_name("dev", SHA)

    def found() -> int | None:
        artifact = _artifact(client, SLUG, name, SHA)
        return artifact["id"] if artifact else None

    assert found() is None
    server.add_artifact(name, b"", SHA, fork=True)
    server.add_artifact(name, b"", "b" * 40)
    server.add_artifact(artifact_name("prod", SHA), b"", SHA)
    assert found() is None
    ours = [server.add_artifact(name, b"", SHA) for _ in range(3)]
    assert found() == ours[-1]
    server.artifacts[ours[-1]]["expired"] = True
    assert found() == ours[-2]
    del server.artifacts[ours[-2]]["workflow_run"]
    assert found() == ours[-3]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "plans/../../x", "a\\..\\b", "link"])
def test_an_artifact_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (0o120777 if name == "link" else 0o100644) << 16
        archive.writestr(entry, "x")
    with pytest.raises(OrchestratorError, match="which no plan has"):
        _unpack(buffer.getvalue(), tmp_path / "in")
    assert tree_of(tmp_path) == {}
    with pytest.raises(OrchestratorError, match="no zip"):
        _unpack(b"nonsense", tmp_path / "in")


def test_a_text_is_cut_between_lines_and_closed() -> None:
    text = "<details>\n" + "```\n" + "x" * 40 + "\n" * 3 + "é" * 500
    short = cut(text, 300)
    assert len(short.encode()) <= 300
    assert short.count("```") == 2
    assert "</details>" in short
    assert "did not fit" in short
    assert cut("short", 300) == "short"


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(folder: ProjectFolder) -> ProjectFolder:
    """base → app in two environments that extend the same file, and a layer that takes the services."""
    folder.simple()
    folder.module(
        "compute",
        'variable "services" {\n  type    = any\n  default = {}\n}\n',
        "description: services\ninputs:\n  services: environment.services\n",
    )
    folder.write(
        "terraform/envs/common.yaml",
        "project: shop\nregion: eu-west-1\nlayers:\n"
        '  base: {variables: {name: "n-{{ environment.name }}"}}\n  app: {}\n  compute: {}\n'
        "services:\n  orders: {runtime: lambda, package: {path: services/orders}, handler: main.handler, "
        "lambda_runtime: python3.12}\n",
    )
    folder.write("services/orders/main.py", "def handler(e, c): pass\n")
    for name in ("dev", "prod"):
        folder.write(
            f"terraform/envs/{name}/environment.yaml", 'extends: ../common.yaml\naccount_id: "123456789012"\n'
        )
    folder.write("policy/checkov.yaml", "enforcement: {default: warn}\n")
    git(folder.root, "init", "-q", "-b", "main")
    git(folder.root, "add", "-A")
    git(folder.root, "commit", "-qm", "first")
    return folder


def touched(cli: Cli, base: str = "main") -> dict[str, Any]:
    done = cli("ci", "affected", "--base", base, "--json")
    assert done.code == 0, done.err
    return {one["environment"]: one for one in done.json()["environments"]}


@pytest.mark.parametrize(
    ("path", "old", "new", "layers"),
    [
        ("terraform/envs/common.yaml", "project:", "# a comment\nproject:", {}),
        ("README.md", "", "words", {}),
        ("terraform/envs/common.yaml", "n-{{", "m-{{", {"dev": ["base"], "prod": ["base"]}),
        (PROD, "account_id", "layers: {base: {variables: {name: x}}}\naccount_id", {"prod": ["base"]}),
        ("terraform/modules/app/main.tf", "var.base_id", '"${var.base_id}!"', {"dev": ["app"], "prod": ["app"]}),
        ("terraform/modules/app/layer.yaml", "base.id", "base.names.main", {"dev": ["app"], "prod": ["app"]}),
        ("services/orders/main.py", "pass", "return 1", {"dev": ["compute"], "prod": ["compute"]}),
        (PROD, "account_id", "tags: {a: b}\naccount_id", {"prod": ["base", "compute", "app"]}),
        ("policy/checkov.yaml", "warn", "block", {"dev": ["base", "compute", "app"], "prod": ["base", "compute", "app"]}),
        ("terraform/envs/dev/environment.yaml", "account_id", "description: d\nprotected: true\naccount_id", {}),
    ],
)  # fmt: skip
def test_a_change_touches_what_it_changes_the_meaning_of(
    repository: ProjectFolder, cli: Cli, path: str, old: str, new: str, layers: dict[str, list[str]]
) -> None:
    file = repository.root / path
    text = file.read_text() if file.is_file() else ""
    file.write_text(text.replace(old, new, 1))
    found = touched(cli)
    assert {env: sorted(one["layers"]) for env, one in found.items()} == {
        env: sorted(names) for env, names in layers.items()
    }
    if layers.get("prod") == ["base"]:
        assert found["prod"]["dependents"] == ["app"]


def test_other_tools_are_told_what_is_touched_as_words_and_gitlab_as_a_pipeline(
    repository: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    common, child = repository.root / "terraform/envs/common.yaml", tmp_path / "child.yml"
    affected = ("ci", "affected", "--base", "main")
    assert cli(*affected, "--gitlab-child", str(child), "--print", "environments").out == ""
    assert yaml.safe_load(child.read_text())["variables"] == {"TOUCHED": ",,"}
    common.write_text(common.read_text().replace("n-{{", "m-{{"))
    (repository.root / "services/orders/main.py").write_text("def handler(e, c): return 1\n")
    assert cli(*affected, "--gitlab-child", str(child), "--print", "environments").out == "dev\nprod\n"
    layers = touched(cli)["prod"]["layers"]
    assert cli(*affected, "--env", "prod", "--print", "layers").out == " ".join(layers) + "\n"
    assert yaml.safe_load(child.read_text()) == {
        "include": [{"local": ".gitlab/orchestrator-environments.yml"}],
        "variables": {"TOUCHED": ",dev,prod,"},
        "review:dev": {"variables": {"LAYERS": " ".join(layers)}},
        "review:prod": {"variables": {"LAYERS": " ".join(layers)}},
    }


def test_what_happened_on_the_base_since_is_not_the_changes_doing(
    repository: ProjectFolder, cli: Cli
) -> None:
    root = repository.root
    git(root, "checkout", "-q", "-b", "feature")
    (root / "terraform/modules/app/main.tf").write_text(
        (root / "terraform/modules/app/main.tf").read_text() + "\n"
    )
    git(root, "commit", "-qam", "mine")
    git(root, "checkout", "-q", "main")
    common = root / "terraform/envs/common.yaml"
    common.write_text(common.read_text().replace("n-{{", "m-{{"))
    git(root, "commit", "-qam", "theirs")
    git(root, "checkout", "-q", "feature")
    assert touched(cli)["dev"]["layers"] == ["app"]
    # What a pull request's workflow checks out; what its event has as the base is as old as the last push.
    git(root, "checkout", "-q", "--detach", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert "base" in touched(cli, git(root, "merge-base", "main", "feature"))["dev"]["layers"]
    assert touched(cli, "HEAD^1")["dev"]["layers"] == ["app"]


def test_new_and_removed_things_and_no_base_are_said(
    repository: ProjectFolder, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository.root
    repository.write(
        "terraform/envs/new/environment.yaml", 'extends: ../common.yaml\naccount_id: "123456789012"\n'
    )
    repository.write(
        "terraform/envs/dev/environment.yaml",
        'extends: ../common.yaml\naccount_id: "123456789012"\nlayers: {app: {enabled: false}}\n',
    )
    found = touched(cli)
    assert found["new"]["because"] == "it is new"
    assert found["dev"]["removed"] == ["app"]
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    assert set(touched(cli, "")) == {"dev", "new", "prod"}
    assert set(touched(cli, "0" * 40)) == {"dev", "new", "prod"}
    assert output.read_text().splitlines()[0] == 'environments=["dev", "new", "prod"]'
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "gone" / "output"))
    lost = cli("ci", "affected")
    assert lost.code == 1
    assert "the file of GITHUB_OUTPUT can't be written (No such file or directory)" in lost.err
    monkeypatch.delenv("GITHUB_OUTPUT")
    wrong = cli("ci", "affected", "--base", "--upload-pack=touch x")
    assert wrong.code == 1
    assert "git rev-parse failed" in wrong.err
    assert not (root / "x").exists()


def test_outside_of_a_run_commands_say_what_they_miss(
    repository: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_EVENT_PATH", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    assert "of no pull request" in cli("ci", "comment", "--env", "dev").err
    assert "GITHUB_SHA is not set" in cli("ci", "comment", "--env", "dev", "--pull-request", "3").err
    assert "GITHUB_TOKEN is not set" in cli("ci", "drift-issue", "dev=x.json").err
    assert cli("ci", "drift-issue", "x.json").code == 64
    assert cli("ci", "tidy", "--affected", "x", "--pull-request", "3").code == 64
    assert 'no environment "dve"' in cli("ci", "summary", "--env", "dve").err


def test_pins_are_updated_within_their_major_version_and_moved_tags_are_refused(
    repository: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = {
        "v5.0.0": "08c6903cd8c0fde910a37f88322edcfb5dd907a8",
        "v5.9.1": "b" * 40,
        "v6.0.0": "c" * 40,
        "v5": "d" * 40,
    }
    with tags_of("actions/checkout", commits) as url:
        monkeypatch.setenv("GITHUB_API_URL", url)
        repository.write(
            "pipelines/github/pins.yaml",
            f"actions/checkout: {{version: v5.0.0, commit: {commits['v5.0.0']}}}\n",
        )
        assert cli("pipelines", "update-pins", "--dry-run").code == 2
        done = cli("pipelines", "update-pins", "--json")
        assert done.json()["changed"] == [
            {"action": "actions/checkout", "from": "v5.0.0", "to": "v5.9.1", "commit": "b" * 40}
        ]
        assert (
            f"{{version: v5.9.1, commit: {'b' * 40}}}"
            in (repository.root / "pipelines/github/pins.yaml").read_text()
        )
        assert "All pins are the newest" in cli("pipelines", "update-pins").out
        assert cli("pipelines", "update-pins", "--major", "--json").json()["changed"][0]["to"] == "v6.0.0"
        commits["v6.0.0"] = "e" * 40
        before = tree_of(repository.root)
        moved = cli("pipelines", "update-pins")
        assert moved.code == 1
        assert "was pinned at" in moved.err
        assert tree_of(repository.root) == before


def tags_of(repository: str, commits: dict[str, str]) -> Any:
    """A server that has just the tags of one repository."""
    import contextlib
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            tags = [{"name": name, "commit": {"sha": commit, "url": "x"}} for name, commit in commits.items()]
            body = json.dumps(tags if f"/repos/{repository}/tags" in self.path else []).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    @contextlib.contextmanager
    def running() -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()

    return running()
