"""What we publish is what its schema says: review.json by ours, SARIF by OASIS's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrator.review import Review, read_plan, review_plan
from orchestrator.review.brief import BRIEF_LIMIT, brief, code_quality
from orchestrator.review.render import sarif
from orchestrator.review.source import RootSource
from tests.conftest import Cli
from tests.unit.test_confirm import CHECK, OPEN, TABLE, reviewed
from tests.unit.test_review import DANGEROUS, plan_text

SCHEMAS = Path(__file__).parents[1] / "schemas"


def reviews() -> dict[str, Review]:
    every = [change for _, _, change in DANGEROUS.values()]
    return {
        "nothing": review_plan(read_plan(plan_text())),
        "checks and rules": reviewed(TABLE, OPEN, checks=(CHECK,)),
        "every rule": review_plan(read_plan(plan_text(*every))),
    }


def check(document: Any, schema: Any) -> None:
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    kind(schema, format_checker=kind.FORMAT_CHECKER).validate(document)


@pytest.mark.parametrize("name", sorted(reviews()))
def test_review_json_and_sarif_are_as_their_schemas_say(name: str, cli: Cli) -> None:
    review = reviews()[name]
    printed = cli("review", "--schema")
    assert printed.code == 0
    check(json.loads(json.dumps(review.as_json())), printed.json())
    check(sarif(review), json.loads((SCHEMAS / "sarif-2.1.0.json").read_text()))


def test_the_schema_names_every_key_and_takes_no_other(cli: Cli) -> None:
    schema = cli("review", "--schema").json()
    raw = json.loads(json.dumps(reviews()["checks and rules"].as_json()))
    with pytest.raises(jsonschema.ValidationError):
        check({**raw, "more": 1}, schema)
    with pytest.raises(jsonschema.ValidationError):
        check({**raw, "findings": [{**raw["findings"][0], "more": 1}]}, schema)


@pytest.mark.parametrize("name", sorted(reviews()))
def test_a_brief_is_one_line_that_fits_an_approval_and_counts_what_it_leaves_out(name: str) -> None:
    review = reviews()[name]
    for limit in (200, BRIEF_LIMIT, 100_000):
        text = brief(review, "prod: 3 to create", limit)
        assert len(text) <= limit
        assert text.isprintable()
        assert text.isascii()
        assert text.startswith("prod: 3 to create. Review: ")
    everything = [finding for finding in review.findings if not (finding.known or finding.waiver)]
    assert all(finding.address in brief(review, limit=100_000) for finding in everything)
    if len(everything) > 5:
        assert brief(review, limit=300).endswith(" more.")


@pytest.mark.parametrize("name", sorted(reviews()))
def test_a_code_quality_report_is_what_gitlab_reads(name: str) -> None:
    """Keys and degrees: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""
    review = reviews()[name]
    report = code_quality(review)
    assert len(report) == len([finding for finding in review.findings if not finding.waiver])
    for entry in report:
        assert set(entry) == {"check_name", "description", "fingerprint", "severity", "location"}
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert entry["location"]["lines"]["begin"] >= 1
        assert not entry["location"]["path"].startswith(("/", "./"))
    assert len({entry["fingerprint"] for entry in report}) == len(report)


def test_the_place_in_sarif_is_a_uri_inside_the_folder_that_is_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "my root"
    root.mkdir()
    (root / "main.tf").write_text('resource "aws_dynamodb_table" "this" {\n  name = "a"\n}\n')
    monkeypatch.chdir(tmp_path)
    plan = read_plan(plan_text({**TABLE, "address": "aws_dynamodb_table.this"}))
    for source in (RootSource(root), RootSource(Path("my root"))):
        (result,) = sarif(review_plan(plan, source))["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20root/main.tf"
