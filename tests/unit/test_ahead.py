"""A plan that was made ahead stands for one made now only if that would be made from the same."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orchestrator.apply.ahead import FRESH_SECONDS, Ahead, PlannedAhead
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


def test_nothing_is_waited_for_when_nothing_was_begun(ahead: Ahead) -> None:
    ahead.settle()
    ahead.stop()
