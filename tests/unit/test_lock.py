"""The lock of a shared environment: renewed while its run lives, and a run that lost it stops."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.apply import lock
from orchestrator.apply.lock import check_free, hold_everywhere, holder
from orchestrator.errors import OrchestratorError
from orchestrator.state.store import Look, StateStore


class MemoryStore(StateStore):
    """A shared store that is a dict."""

    is_shared = True

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.versions: dict[str, int] = {}
        self.lock = threading.Lock()

    def layers(self) -> list[str]:
        return []

    @property
    def spoken(self) -> str:
        return "memory"

    def names(self) -> list[str]:
        return sorted(self.objects)

    def place(self, layer: str) -> str:
        return layer

    def _get(self, name: str) -> bytes | None:
        return self.objects.get(name)

    def _put(self, name: str, content: bytes) -> None:
        self.objects[name] = content

    def look(self, name: str) -> Look:
        with self.lock:
            return Look(self.objects.get(name), str(self.versions.get(name, 0)))

    def replace(self, name: str, content: bytes, version: str | None) -> bool:
        with self.lock:
            if str(self.versions.get(name, 0)) != version:
                return False
            self.objects[name] = content
            self.versions[name] = self.versions.get(name, 0) + 1
        return True

    def _delete(self, name: str) -> None:
        self.objects.pop(name, None)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    monkeypatch.setattr(lock, "HEARTBEAT", 0.01)
    return MemoryStore()


def fail() -> None:
    raise AssertionError("the lock was not lost")


def test_the_second_run_is_refused_and_the_lock_goes_with_the_first(store: MemoryStore) -> None:
    with hold_everywhere(store, "apply", "one", fail):
        assert (found := holder(store)) is not None
        assert found.run == "one"
        with pytest.raises(OrchestratorError, match="another run holds this environment: `apply` one"):
            check_free(store)
        with (
            pytest.raises(OrchestratorError, match="`apply` one"),
            hold_everywhere(store, "apply", "two", fail),
        ):
            pass
        assert (found := holder(store)) is not None
        assert found.run == "one"
    assert holder(store) is None


def test_the_lock_is_given_back_when_the_run_fails(store: MemoryStore) -> None:
    with pytest.raises(RuntimeError), hold_everywhere(store, "apply", "one", fail):
        raise RuntimeError
    assert holder(store) is None


def test_the_lock_is_renewed_while_the_run_lives(store: MemoryStore) -> None:
    with hold_everywhere(store, "apply", "one", fail):
        found = holder(store)
        assert found is not None
        old = (datetime.now(UTC) - timedelta(seconds=100)).isoformat()
        store.write_lock({**store.read_lock(), "renewed": old})  # type: ignore[dict-item]
        deadline = time.monotonic() + 20
        while (store.read_lock() or {})["renewed"] == old and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (store.read_lock() or {})["renewed"] != old


@pytest.mark.parametrize("there", [None, "two"])
def test_a_run_whose_lock_was_taken_away_is_told_and_leaves_another_runs_lock_alone(
    store: MemoryStore, there: str | None
) -> None:
    lost = threading.Event()
    with hold_everywhere(store, "apply", "one", lost.set):
        raw = store.read_lock() or {}
        store.remove_lock()
        if there:
            store.create_lock({**raw, "run": there})
        assert lost.wait(20)
    assert (store.read_lock() or {}).get("run") == there


def test_a_lock_that_was_not_renewed_for_five_minutes_is_dead(store: MemoryStore) -> None:
    with hold_everywhere(store, "apply", "one", fail):
        found = holder(store)
    assert found is not None
    renewed = datetime.fromisoformat(found.renewed)
    assert not found.dead(renewed + timedelta(seconds=300))
    assert found.dead(renewed + timedelta(seconds=301))


def test_a_damaged_lock_holds(store: MemoryStore) -> None:
    store.objects[".run-lock.json"] = json.dumps({"run": "one"}).encode()
    with pytest.raises(OrchestratorError, match="the environment's lock is damaged"):
        check_free(store)
