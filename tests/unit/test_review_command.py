"""``orchestrator review`` on the plans of any root."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Cli
from tests.unit.test_review import TABLE, resource


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    lost = resource("aws_dynamodb_table", TABLE, None, address="aws_dynamodb_table.orders")
    path.write_text(json.dumps({"format_version": "1.2", "resource_changes": [lost]}))
    return path


def test_a_plan_that_loses_data_blocks_and_says_where_and_what_to_do(
    plan_file: Path, tmp_path: Path, cli: Cli
) -> None:
    source = tmp_path / "root"
    source.mkdir()
    (source / "main.tf").write_text('resource "aws_dynamodb_table" "orders" {\n  name = "orders"\n}\n')
    answer = cli("review", "--plan-json", str(plan_file), "--source", str(source), "--json")
    assert answer.code == 3
    (finding,) = answer.json()["findings"]
    assert finding["id"] == "DL001"
    assert finding["address"] == "aws_dynamodb_table.orders"
    assert (Path(finding["file"]).name, finding["line"]) == ("main.tf", 1)
    text = cli("review", "--plan-json", str(plan_file))
    assert text.code == 3
    assert "critical" in text.out
    assert "1 of them block" in text.out


def test_a_plan_is_read_from_standard_input(
    plan_file: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Input:
        buffer = io.BytesIO(plan_file.read_bytes())

    monkeypatch.setattr("orchestrator.cli.review.sys.stdin", Input)
    assert cli("review", "--plan-json", "-", "--json").code == 3


def test_a_report_is_written_where_it_is_wanted(plan_file: Path, tmp_path: Path, cli: Cli) -> None:
    target = tmp_path / "review.sarif"
    answer = cli("review", "--plan-json", str(plan_file), "--format", "sarif", "-o", str(target))
    assert answer.code == 3
    log: Any = json.loads(target.read_text())
    assert log["version"] == "2.1.0"
    assert log["runs"][0]["results"][0]["ruleId"] == "DL001"


def test_nothing_found_is_no_block(tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"format_version": "1.2", "resource_changes": []}')
    answer = cli("review", "--plan-json", str(path))
    assert answer.code == 0
    assert "nothing found" in answer.out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--plan-json", "missing.json"], 1, "can't be read"),
        ([], 64, "name an environment"),
        (["--source", "."], 64, "name an environment"),
        (["--env", "dev", "--plan-json", "x"], 64, "instead of"),
    ],
)
def test_what_cannot_be_reviewed_is_an_error_and_never_a_pass(
    words: list[str], code: int, message: str, cli: Cli
) -> None:
    answer = cli("review", *words)
    assert answer.code == code
    assert message in answer.err


def test_the_page_of_any_roots_plan_shows_its_findings_and_changes(
    plan_file: Path, tmp_path: Path, cli: Cli
) -> None:
    target = tmp_path / "review.html"
    answer = cli("review", "--plan-json", str(plan_file), "--format", "html", "-o", str(target))
    assert answer.code == 3
    html = target.read_text()
    assert "1 finding has to be confirmed, or waived" in html
    assert "aws_dynamodb_table.orders" in html.split('id="changes"')[1]


WAIVER = {
    "id": "DL001",
    "address": "aws_dynamodb_table.orders",
    "owner": "data team",
    "reason": "the table is empty until launch",
    "ticket": "DATA-7",
    "expires": (date.today() + timedelta(days=30)).isoformat(),
}


@pytest.mark.parametrize(
    ("change", "words", "code", "said"),
    [
        ({}, [], 0, "waived by data team"),
        ({"environments": ["prod"]}, ["--env", "prod"], 0, "waived by data team"),
        ({"environments": ["prod"]}, ["--env", "staging"], 3, "1 critical"),
        ({"address": "aws_dynamodb_table.other"}, [], 3, "1 critical"),
        ({"expires": "2024-01-01"}, [], 3, "expired on 2024-01-01"),
        ({"environments": ["prod"]}, [], 1, "waivers.yaml:8: waivers[0].environments"),
        ({"address": "aws_dynamodb_table.*"}, [], 1, "waived for one resource at a time"),
        ({"id": "DL999"}, [], 1, "there is no rule DL999"),
        ({"expires": "2099-01-01"}, [], 1, "more than a year away"),
        ({"reasn": "typo"}, [], 1, "reasn"),
        ({"owner": None}, [], 1, "owner"),
    ],
)
def test_a_plan_of_any_root_is_waived_by_the_file_that_is_named(
    plan_file: Path,
    tmp_path: Path,
    cli: Cli,
    change: dict[str, Any],
    words: list[str],
    code: int,
    said: str,
) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(yaml.safe_dump({"waivers": [WAIVER | change]}, sort_keys=False))
    answer = cli("review", "--plan-json", str(plan_file), "--waivers", str(path), *words)
    assert answer.code == code, answer.out + answer.err
    assert said in " ".join((answer.out + answer.err).split())


def test_a_waiver_file_that_is_not_there_waives_nothing_and_is_named(plan_file: Path, cli: Cli) -> None:
    answer = cli("review", "--plan-json", str(plan_file), "--waivers", "nowhere.yaml")
    assert answer.code == 64
    assert "nowhere.yaml" in answer.err
