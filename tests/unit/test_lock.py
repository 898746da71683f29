"""Lock, journal and audit log of a shared environment: of one run, and of several that apply parts of one bundle."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestrator import audit
from orchestrator.apply import lock
from orchestrator.apply.journal import Journal, PartRecord, RunRecord, read_journal
from orchestrator.apply.lock import HeldError, Part, check_free, hold_everywhere, holder, holders, release
from orchestrator.errors import OrchestratorError
from orchestrator.state.store import RUN_LOCK, LocalStateStore, Look, StateStore


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
            there = self.objects.get(name)
            return Look(there, None if there is None else str(self.versions.get(name)))

    def replace(self, name: str, content: bytes, version: str | None) -> bool:
        with self.lock:
            if version != (str(self.versions.get(name)) if name in self.objects else None):
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


def kept(store: MemoryStore) -> list[dict[str, Any]]:
    """The lock as it is kept."""
    return list((store.read_lock() or {})["holders"])


def set_kept(store: MemoryStore, **values: Any) -> None:
    store.write_document(RUN_LOCK, {"holders": [{**one, **values} for one in kept(store)]})


def test_the_lock_is_renewed_while_the_run_lives(store: MemoryStore) -> None:
    with hold_everywhere(store, "apply", "one", fail):
        old = (datetime.now(UTC) - timedelta(seconds=100)).isoformat()
        set_kept(store, renewed=old)
        deadline = time.monotonic() + 20
        while kept(store)[0]["renewed"] == old and time.monotonic() < deadline:
            time.sleep(0.01)
        assert kept(store)[0]["renewed"] != old


@pytest.mark.parametrize("there", [None, "two"])
def test_a_run_whose_lock_was_taken_away_is_told_and_leaves_another_runs_lock_alone(
    store: MemoryStore, there: str | None
) -> None:
    lost = threading.Event()
    with hold_everywhere(store, "apply", "one", lost.set):
        if there:
            set_kept(store, run=there)
        else:
            release(store, holders(store))
        assert lost.wait(20)
    assert [one["run"] for one in kept(store)] == ([there] if there else [])


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


def test_a_lock_of_one_holder_as_it_was_written_before_is_understood(store: MemoryStore) -> None:
    with hold_everywhere(store, "apply", "one", fail):
        alone = dict(kept(store)[0])
    del alone["layers"]
    store.write_document(RUN_LOCK, alone)
    assert (found := holder(store)) is not None
    assert (found.run, found.layers) == ("one", None)


def part(store: MemoryStore, bundle: str, *layers: str) -> AbstractContextManager[None]:
    return hold_everywhere(store, "apply", bundle, fail, layers=frozenset(layers))


def test_parts_of_one_bundle_hold_the_environment_together_and_anybody_else_waits_for_the_last_of_them(
    store: MemoryStore,
) -> None:
    with part(store, "one", "left"):
        with part(store, "one", "right"):
            assert [one.layers for one in holders(store)] == [("left",), ("right",)]
        with pytest.raises(
            HeldError, match=r"another run holds this environment: `apply` one \(left\) by .* since "
        ):
            check_free(store)
        for other in (
            part(store, "two", "right"),
            part(store, "one", "left"),
            part(store, "one", "right", "left"),
            hold_everywhere(store, "apply", "one", fail, taken_over="one"),
            hold_everywhere(store, "destroy", "two", fail),
        ):
            with pytest.raises(HeldError, match=r"`apply` one \(left\)"), other:
                pass
        check_free(store, Part("one", frozenset({"right"})))
        with pytest.raises(HeldError):
            check_free(store, Part("one", frozenset({"left"})))
    assert holder(store) is None


def test_a_whole_run_leaves_no_room_for_a_part_of_its_own_bundle(store: MemoryStore) -> None:
    with (
        hold_everywhere(store, "apply", "one", fail),
        pytest.raises(HeldError),
        part(store, "one", "left"),
    ):
        pass


def die(store: MemoryStore, layer: str) -> None:
    """The holder of a layer has not been heard of for long."""
    silent = (datetime.now(UTC) - timedelta(seconds=400)).isoformat()
    entries = [{**one, "renewed": silent} if layer in one["layers"] else one for one in kept(store)]
    store.write_document(RUN_LOCK, {"holders": entries})


def test_the_dead_gives_way_to_who_goes_on_with_its_layers_and_to_nobody_else(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "HEARTBEAT", 60.0)
    with part(store, "one", "left"):
        died = holders(store)
    store.write_document(RUN_LOCK, {"holders": [asdict(one) for one in died]})
    die(store, "left")
    with pytest.raises(OrchestratorError, match="a run that is dead holds this environment"):
        check_free(store)
    with part(store, "one", "right"):
        assert [(one.layers, one.dead()) for one in holders(store)] == [
            (("left",), True),
            (("right",), False),
        ]
        assert (found := holder(store)) is not None
        assert found.layers == ("right",)
        with (
            pytest.raises(HeldError, match=r"\(right\)"),
            hold_everywhere(store, "apply", "one", fail, taken_over="one"),
        ):
            pass
        with part(store, "one", "left"):
            assert not any(one.dead() for one in holders(store))
    assert holders(store) == ()


def test_all_dead_parts_give_way_to_the_run_that_goes_on_with_the_whole(store: MemoryStore) -> None:
    with part(store, "one", "left"), part(store, "one", "right"):
        died = holders(store)
    store.write_document(RUN_LOCK, {"holders": [asdict(one) for one in died]})
    die(store, "left")
    die(store, "right")
    with pytest.raises(OrchestratorError), hold_everywhere(store, "apply", "two", fail, taken_over="two"):
        pass
    with hold_everywhere(store, "apply", "one", fail, taken_over="one"):
        assert [one.layers for one in holders(store)] == [None]


def at_once(count: int, work: Callable[[int], None]) -> list[Exception]:
    """Run it in so many threads that begin together; what they raised."""
    ready, raised = threading.Barrier(count), []

    def one(number: int) -> None:
        ready.wait()
        try:
            work(number)
        except Exception as error:  # noqa: BLE001
            raised.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_many_that_come_at_once_one_whole_run_or_all_parts_get_the_lock(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "HEARTBEAT", 60.0)
    inside, done = [], threading.Barrier(8)

    def whole(number: int) -> None:
        try:
            with hold_everywhere(store, "apply", str(number), fail):
                inside.append(number)
                done.wait()
        except HeldError:
            done.wait()
            raise

    assert len(at_once(8, whole)) == 7
    assert len(inside) == 1

    def piece(number: int) -> None:
        with part(store, "one", f"layer{number}"):
            done.wait()
            assert len(holders(store)) == 8
            done.wait()

    assert at_once(8, piece) == []
    assert holders(store) == ()


class Unsure(MemoryStore):
    """A store whose first answer to a write gets lost: the client asks again, and hears that it came too late."""

    def replace(self, name: str, content: bytes, version: str | None) -> bool:
        return super().replace(name, content, version) and self.versions[name] > 1


def test_a_lock_that_was_taken_although_the_answer_was_lost_is_ours() -> None:
    store = Unsure()
    with hold_everywhere(store, "apply", "one", fail):
        assert [one.run for one in holders(store)] == ["one"]
    assert holder(store) is None


def run_of(store: MemoryStore, *layers: str) -> Journal:
    now = RunRecord("one", "apply", "me", "h", 1, "2026-01-01T00:00:00+00:00", run="-".join(layers))
    return Journal(store, now, PartRecord(layers, "me", "h", 1, now.started_at, None, now.run))


def test_parts_share_one_journal_which_ends_with_the_last_of_them(store: MemoryStore) -> None:
    def work(number: int) -> None:
        journal = run_of(store, f"layer{number}")
        journal.begin(f"layer{number}")
        if number:
            journal.end(f"layer{number}", "done", {"lineage": "l", "serial": number})
            journal.close()

    assert at_once(8, work) == []
    last = read_journal(store)
    assert last is not None
    assert last.in_hand == ["layer0"]
    assert {name: step.state and step.state["serial"] for name, step in last.layers.items()} == {
        "layer0": None,
        **{f"layer{number}": number for number in range(1, 8)},
    }
    assert last.ended_at is None
    assert [one.run for one in last.parts if one.ended_at is None] == ["layer0"]
    again = run_of(store, "layer0")  # as a job that is run again goes on with it
    assert again.run.layers["layer3"].step == "done"
    again.end("layer0", "failed", None)
    again.close()
    last = read_journal(store)
    assert last is not None
    assert last.ended_at is not None
    assert len(last.parts) == 8


def test_a_journal_that_another_bundle_has_begun_since_is_not_written_into(store: MemoryStore) -> None:
    ours = run_of(store, "left")
    Journal(store, RunRecord("two", "apply", "me", "h", 1, "2026-01-01T00:00:00+00:00"))
    with pytest.raises(OrchestratorError, match="the journal of the plan one is gone"):
        ours.begin("left")
    assert (last := read_journal(store)) is not None
    assert (last.id, last.layers) == ("two", {})


@pytest.mark.parametrize("kind", [MemoryStore, Unsure])
def test_records_that_are_appended_at_once_are_one_chain(kind: type[MemoryStore]) -> None:
    store = kind()

    def thrice(number: int) -> None:
        for _ in range(3):
            audit.append(store, {"run": number})

    assert at_once(8, thrice) == []
    assert audit.verify(store) == audit.Verdict(24)
    assert sorted(record["run"] for record in audit.read(store)) == sorted([*range(8)] * 3)


def append_in_a_process(root: Path, number: int) -> None:
    store = local_store(root)
    for _ in range(5):
        audit.append(store, {"run": number})


def local_store(root: Path) -> LocalStateStore:
    store = LocalStateStore.__new__(LocalStateStore)
    store.folder = root
    return store


def test_processes_on_one_machine_append_one_chain(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=append_in_a_process, args=(tmp_path, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert audit.verify(local_store(tmp_path)) == audit.Verdict(20)


def hold_until_killed(root: Path) -> None:
    with hold_everywhere(local_store(root), "apply", "one", fail, layers=frozenset({"left"})):
        time.sleep(60)


def test_on_one_machine_parts_share_too_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    store = local_store(tmp_path)
    process = multiprocessing.get_context("fork").Process(target=hold_until_killed, args=(tmp_path,))
    process.start()
    deadline = time.monotonic() + 20
    while not holders(store) and time.monotonic() < deadline:
        time.sleep(0.01)
    with hold_everywhere(store, "apply", "one", fail, layers=frozenset({"right"})):
        assert [one.layers for one in holders(store)] == [("left",), ("right",)]
    other = hold_everywhere(store, "apply", "two", fail, layers=frozenset({"right"}))
    with pytest.raises(HeldError, match=r"`apply` one \(left\)"), other:
        pass
    process.kill()
    process.join()
    assert holders(store) == ()
    with hold_everywhere(store, "apply", "two", fail, layers=frozenset({"right"})):
        assert [one.run for one in holders(store)] == ["two"]
