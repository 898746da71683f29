"""A plan that was made ahead stands for one made now only if that would be made from the same."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orchestrator.apply import ahead as module
from orchestrator.apply.ahead import FRESH_SECONDS, Ahead, PlannedAhead
from orchestrator.plan.run import Prepared
from orchestrator.render.workspace import Workspace
from orchestrator.session import Session


@dataclass
class _Store:
    serial: int = 3

    def read(self, _layer: str) -> Any:
        return SimpleNamespace(lineage="a", serial=self.serial, is_empty=False)


@pytest.fixture
def store() -> _Store:
    return _Store()


@pytest.fixture
def ahead(store: _Store, tmp_path: Path) -> Ahead:
    return Ahead(cast(Session, SimpleNamespace(store=store)), tmp_path)


def _planned(ahead: Ahead, root: Workspace, age: float = 0.0) -> PlannedAhead:
    from orchestrator.apply.journal import state_identity

    state = state_identity(ahead._session.store, "base")
    assert state is not None
    planned = PlannedAhead(Path("plan"), {}, Path("log"), root, state, time.monotonic() - age)
    ahead._plans["base"] = planned
    return planned


ROOT = Workspace(Path("root"), {"main.tf.json": b"{}"}, {"password": "one"})


def test_what_was_planned_ahead_is_taken_once(ahead: Ahead) -> None:
    planned = _planned(ahead, ROOT)
    assert ahead.take("base", replace(ROOT)) is planned
    assert ahead.take("base", ROOT) is None
    assert ahead.take("other", ROOT) is None


@pytest.mark.parametrize(
    "root",
    [
        replace(ROOT, files={"main.tf.json": b"{ }"}),
        replace(ROOT, secrets={"password": "two"}),
        replace(ROOT, path=Path("elsewhere")),
    ],
)
def test_a_plan_of_other_values_is_not_taken(ahead: Ahead, root: Workspace) -> None:
    _planned(ahead, ROOT)
    assert ahead.take("base", root) is None


def test_a_plan_upon_a_state_that_has_moved_on_is_not_taken(ahead: Ahead, store: _Store) -> None:
    _planned(ahead, ROOT)
    store.serial += 1
    assert ahead.take("base", ROOT) is None


def test_a_plan_is_not_taken_when_what_is_there_may_have_changed_since(ahead: Ahead) -> None:
    _planned(ahead, ROOT, age=FRESH_SECONDS + 1)
    assert ahead.take("base", ROOT) is None


@pytest.fixture
def begun(ahead: Ahead, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The layers that are planned, in order; on a machine with room for it."""
    planned: list[str] = []
    graph = SimpleNamespace(
        order=lambda: ["base", "other", "top"],
        upstream={"base": set(), "other": set(), "top": {"base"}},
        depth_below=lambda: {"base": 1, "other": 0, "top": 0},
    )
    cast(Any, ahead)._session.graph = graph
    cast(Any, ahead)._session.interrupts = SimpleNamespace(requested=0, stop=lambda: None)
    monkeypatch.setattr(module, "hold_here", lambda _session: contextlib.nullcontext())
    monkeypatch.setattr(module, "available_cores", lambda: 2)
    monkeypatch.setattr(module, "available_memory", lambda: 8000)

    def plan(name: str) -> None:
        planned.append(name)
        ahead._plans[name] = cast(PlannedAhead, None)

    monkeypatch.setattr(ahead, "_plan", plan)
    yield planned
    ahead.stop()


def _prepared(ahead: Ahead, **states: Any) -> Prepared:
    graph = cast(Any, ahead)._session.graph
    return cast(Prepared, SimpleNamespace(order=graph.order(), graph=graph, states=states))


def _join(ahead: Ahead) -> None:
    assert ahead._thread is not None
    ahead._thread.join()


def test_what_has_nothing_and_waits_for_no_other_is_planned_beside_the_environment(
    ahead: Ahead, begun: list[str]
) -> None:
    ahead.begin_new(_prepared(ahead))
    _join(ahead)
    assert begun == ["base", "other"]


def test_what_may_have_no_changes_is_not_planned_before_that_is_known(ahead: Ahead, begun: list[str]) -> None:
    applied, destroyed = SimpleNamespace(is_empty=False), SimpleNamespace(is_empty=True)
    ahead.begin_new(_prepared(ahead, base=applied, other=destroyed))
    _join(ahead)
    assert begun == ["other"]


@pytest.mark.parametrize("room", [{"available_cores": lambda: 1}, {"available_memory": lambda: 1000}])
def test_a_small_machine_plans_the_environment_alone(
    ahead: Ahead, begun: list[str], monkeypatch: pytest.MonkeyPatch, room: dict[str, Any]
) -> None:
    for name, value in room.items():
        monkeypatch.setattr(module, name, value)
    ahead.begin_new(_prepared(ahead))
    assert ahead._thread is None
    assert begun == []


def test_what_was_planned_beside_the_environment_is_not_planned_again(ahead: Ahead, begun: list[str]) -> None:
    ahead.begin_new(_prepared(ahead, base=SimpleNamespace(is_empty=False)))
    ahead.begin(cast(Any, SimpleNamespace(layers={"base": [1], "other": [1], "top": [1]})))
    _join(ahead)
    assert begun == ["other", "base"]


def test_nothing_is_waited_for_when_nothing_was_begun(ahead: Ahead) -> None:
    ahead.settle()
    ahead.stop()
