"""What we publish is what its schema says: review.json by ours, SARIF by OASIS's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrator.review import Review, read_plan, review_plan
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
