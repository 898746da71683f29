"""The audit log: notes of runs that hold nothing are taken into the chain, once, and as they were left."""

from __future__ import annotations

import json

import pytest

from orchestrator import audit
from orchestrator.errors import OrchestratorError
from tests.unit.test_lock import MemoryStore

APPLY = {"command": "apply", "ok": True}
PLAN = {"command": "plan", "ok": True}


def commands(store: MemoryStore) -> list[tuple[str, int | None]]:
    return [(record["command"], record.get("number")) for record in audit.read(store)]


def test_a_note_waits_until_the_next_record_and_comes_before_it() -> None:
    store = MemoryStore()
    audit.append(store, APPLY)
    assert audit.leave_note(store, "1", PLAN) is None
    assert audit.leave_note(store, "2", {"command": "drift", "ok": False, "error": "no network"}) is None
    assert commands(store) == [("apply", 1), ("plan", None), ("drift", None)]
    assert audit.verify(store) == audit.Verdict(1, waiting=2)
    audit.append(store, APPLY)
    assert commands(store) == [("apply", 1), ("plan", 2), ("drift", 3), ("apply", 4)]
    assert audit.verify(store) == audit.Verdict(4)
    assert [name for name in store.names() if "note" in name] == []
    assert audit.read(store)[2]["error"] == "no network"


def test_the_record_of_a_run_and_its_note_are_one() -> None:
    store = MemoryStore()
    audit.append(store, {**APPLY, "run": "1"})
    assert audit.leave_note(store, "1", APPLY) is None
    assert commands(store) == [("apply", 1)]


def test_a_note_is_taken_in_once_whoever_died_before_removing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    audit.leave_note(store, "1", PLAN)
    with monkeypatch.context() as patched:
        patched.setattr(store, "delete_raw", lambda _name: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            audit.append(store, APPLY)
    assert commands(store) == [("plan", 1), ("apply", 2)]
    audit.append(store, APPLY)
    assert commands(store) == [("plan", 1), ("apply", 2), ("apply", 3)]
    assert audit.verify(store) == audit.Verdict(3)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"command": "plan", "run": "1", "hash": "x"}', None])
def test_a_note_that_was_changed_is_told_and_not_taken_in(content: bytes | None) -> None:
    store = MemoryStore()
    audit.leave_note(store, "1", PLAN)
    (name,) = store.notes()
    changed = json.loads(store.objects[name]) | {"by": "somebody else"}
    store.objects[name] = json.dumps(changed).encode() if content is None else content
    audit.append(store, APPLY)
    assert commands(store) == [("apply", 1)]
    verdict = audit.verify(store)
    assert (verdict.ok, verdict.problem) == (False, f"{name} has been changed")


def test_who_may_only_read_leaves_no_note_and_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()

    def denied(*_: object) -> bool:
        raise OrchestratorError("AccessDenied")

    monkeypatch.setattr(store, "replace", denied)
    problem = audit.leave_note(store, "1", PLAN)
    assert problem is not None
    assert "AccessDenied" in problem
    said: list[str] = []
    with audit.noted(store, "2", PLAN, said.append) as record:
        record["found"] = 1
    assert len(said) == 1
    with pytest.raises(ValueError, match="first"), audit.noted(store, "3", PLAN, said.append):
        raise ValueError("first")
