"""Whose approvals count: other people's than the planner's, and each once."""

from __future__ import annotations

import pytest

from orchestrator.config.project import find_project
from orchestrator.identity import identities, shared
from orchestrator.plan.authorise import of_different_people
from orchestrator.plan.seal import Approval
from orchestrator.plan.signing import Signature
from orchestrator.session import open_session
from tests.project import HEADER, ProjectFolder

KEYS = {"alice": "key a", "alice-too": "key b", "bob": "key c", "planner": "key p"}
PLANNER = ("key p", ("login:peter@desk", "git:peter@example.com", "aws:arn:aws:iam::1:user/peter"))


def approval(by: str, *person: str) -> Approval:
    return Approval(
        by, "2026-01-01T00:00:00+00:00", "id", "seal", (), "", person, Signature("ed25519", "k", "s")
    )


@pytest.mark.parametrize(
    ("given", "planner", "counted"),
    [
        ([approval("alice", "login:alice@desk")], PLANNER, ["alice"]),
        ([approval("planner", "login:bob@desk")], PLANNER, []),
        ([approval("alice", "login:peter@desk")], PLANNER, []),
        ([approval("alice", "login:x@laptop", "git:peter@example.com")], PLANNER, []),
        ([approval("alice", "aws:arn:aws:iam::1:user/peter")], PLANNER, []),
        ([approval("alice", "login:peter@desk")], None, ["alice"]),
        ([approval("alice", "git:a@x"), approval("alice-too", "login:y", "git:a@x")], PLANNER, ["alice"]),
        ([approval("alice", "git:a@x"), approval("bob", "git:b@x")], PLANNER, ["alice", "bob"]),
        ([approval("alice"), approval("bob")], PLANNER, ["alice", "bob"]),
    ],
)
def test_two_approvals_are_by_two_people_who_did_not_plan(
    given: list[Approval], planner: tuple[str, tuple[str, ...]] | None, counted: list[str]
) -> None:
    found, left_out = of_different_people(given, KEYS, planner)
    assert [one.by for one in found] == counted
    assert len(left_out) == len(given) - len(counted)


def test_a_ci_is_known_by_its_actor_and_a_person_by_more(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID", "CODEBUILD_INITIATOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.email")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Alice@Example.com")
    folder.simple()
    folder.environment("local", "base:\n  variables: {name: x}\n", HEADER + "emulator: true\n")
    session = open_session(find_project(folder.root), "local")
    alone = identities(session)
    assert alone[0].startswith("login:")
    assert "git:alice@example.com" in alone
    monkeypatch.setenv("GITHUB_ACTOR", "alice")
    assert identities(session) == ("ci:alice",)
    assert shared(alone, ("ci:alice",)) is None
