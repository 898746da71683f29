"""A plan without changes is described by Terraform once, as long as everything it is made of stays the same."""

from __future__ import annotations

import json
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from orchestrator.plan.redact import Redactor
from orchestrator.plan.unchanged import Watch, reality_of
from orchestrator.terraform.events import parse_line

SUMMARY = {"type": "change_summary", "changes": {"add": 0, "change": 0, "import": 0, "remove": 0}}
OUTPUTS = {"type": "outputs", "outputs": {"a__id": {"sensitive": False, "action": "noop"}}}
DRIFT = {"type": "resource_drift", "change": {"resource": {"addr": "a.b"}, "action": "update"}}


def _watched(*lines: dict[str, Any]) -> Watch:
    watch = Watch()
    for line in lines:
        watch.event(parse_line(json.dumps({"@level": "info", "@message": "", **line})))
    return watch


def test_a_plan_changes_nothing_only_when_terraform_says_so() -> None:
    assert _watched(SUMMARY, OUTPUTS).nothing
    assert _watched(DRIFT, SUMMARY).nothing
    assert not _watched(OUTPUTS).nothing


@pytest.mark.parametrize(
    "line",
    [
        {"type": "planned_change", "change": {"resource": {"addr": "a.b"}, "action": "move"}},
        {"type": "outputs", "outputs": {"a__id": {"sensitive": True, "action": "update"}}},
        {"type": "change_summary", "changes": {"add": 0, "change": 0, "import": 1, "remove": 0}},
        {"type": "change_summary", "changes": {"add": 0}},
    ],
)
def test_any_word_of_a_change_counts(line: dict[str, Any]) -> None:
    assert not _watched(line, SUMMARY, OUTPUTS).nothing


STATE = {
    "serial": 1,
    "outputs": {},
    "resources": [
        {
            "type": "aws_x",
            "instances": [
                {
                    "attributes": {"id": "1", "secret": "hunter22"},
                    "sensitive_attributes": [[{"value": "a"}], [{"value": "b"}]],
                    "dependencies": ["one", "two"],
                }
            ],
        }
    ],
}


def _plan_file(folder: Path, state: Any, entry: str = "tfstate") -> Path:
    path = folder / "environment.tfplan"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, json.dumps(state))
    return path


def test_what_terraform_found_is_known_by_a_keyed_digest_that_heeds_values_and_not_the_order_of_sets(
    tmp_path: Path,
) -> None:
    def digest(state: Any, key: bytes = b"k") -> str | None:
        return reality_of(_plan_file(tmp_path, state), Redactor(key))

    first = digest(STATE)
    assert first is not None
    assert "hunter22" not in first
    turned = deepcopy(STATE)
    instance = turned["resources"][0]["instances"][0]  # type: ignore[index]
    instance["sensitive_attributes"].reverse()
    instance["dependencies"].reverse()
    assert digest(turned) == first
    assert digest(STATE, b"another") != first
    instance["attributes"]["secret"] = "hunter23"
    assert digest(turned) != first


@pytest.mark.parametrize("content", ["no zip", "other entry", "no state"])
def test_a_plan_file_of_another_form_is_described_by_terraform(tmp_path: Path, content: str) -> None:
    path = _plan_file(
        tmp_path, {} if content == "no state" else STATE, entry="x" if content == "other entry" else "tfstate"
    )
    if content == "no zip":
        path.write_text("PK no more")
    assert reality_of(path, Redactor(b"k")) is None
