"""A bundle is refused once anything it was made from has changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.plan.bundle import Manifest, moved_on, rendered_variables
from orchestrator.render.workspace import VALUES

MANIFEST = Manifest(
    id="1", environment="dev", created_at="", layers=("a", "b"), selection={},
    configuration={"env.yaml": "1", "terraform/modules/a": "2"}, rendered={"main.tf.json": "3"}, secrets="s",
    states={"a": {"lineage": "l", "serial": 4}, "b": None, "up": {"lineage": "u", "serial": 1}},
    tools={"terraform": "1.11.4", "providers": {"aws": "5.100.0"}, "python": "3.11.7"}, emulator="e1", counts={},
    planned_by="me", git=None, lock_file="l1", sources={},
)  # fmt: skip


def test_a_bundle_whose_world_stands_still_is_accepted() -> None:
    assert (
        moved_on(MANIFEST, replace(MANIFEST, created_at="later", tools={**MANIFEST.tools, "python": "3.12"}))
        == []
    )


def test_the_values_of_a_plan_are_those_that_it_was_given_or_none(tmp_path: Path) -> None:
    content = b'{"a__size": 3}'
    given = replace(MANIFEST, rendered={VALUES: hashlib.sha256(content).hexdigest()})
    assert rendered_variables(tmp_path, given) == {}
    (tmp_path / VALUES).write_bytes(content)
    assert rendered_variables(tmp_path, given) == {"a__size": {"value": 3}}
    (tmp_path / VALUES).write_bytes(b'{"a__size": 4}')
    assert rendered_variables(tmp_path, given) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"configuration": {**MANIFEST.configuration, "env.yaml": "9"}},
            "configuration env.yaml has changed",
        ),
        ({"configuration": {"env.yaml": "1"}}, "configuration terraform/modules/a is gone"),
        ({"rendered": {**MANIFEST.rendered, "x": "1"}}, "rendered file x is new"),
        ({"secrets": "t"}, "the values of sensitive variables have changed"),
        (
            {"states": {**MANIFEST.states, "a": {"lineage": "l", "serial": 5}}},
            "layer a has moved on: serial 4 → serial 5",
        ),
        ({"states": {**MANIFEST.states, "a": {"lineage": "m", "serial": 4}}}, "layer a has moved on"),
        (
            {"states": {**MANIFEST.states, "b": {"lineage": "l", "serial": 1}}},
            "layer b has moved on: never applied",
        ),
        (
            {"states": {**MANIFEST.states, "up": {"lineage": "u", "serial": 2}}},
            "layer up, which this plan takes values from",
        ),
        ({"tools": {**MANIFEST.tools, "terraform": "1.12.0"}}, "terraform: 1.11.4 → 1.12.0"),
        ({"tools": {**MANIFEST.tools, "providers": {"aws": "6.0.0"}}}, "providers"),
        ({"emulator": "e2"}, "the emulator has been restarted"),
    ],
)
def test_whatever_moved_on_is_named(change: dict[str, Any], expected: str) -> None:
    assert any(expected in line for line in moved_on(MANIFEST, replace(MANIFEST, **change)))
