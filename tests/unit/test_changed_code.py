"""What runs at plan time is told when it is not what ran at the last apply."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.review import read_plan, review_plan
from orchestrator.review.plan import Code
from orchestrator.terraform.lock_file import Locked, locked_from_json, read_lock_file
from tests.unit.test_review import plan_text

AWS = "registry.terraform.io/hashicorp/aws"
BEFORE = Code({AWS: Locked("5.100.0", frozenset({"h1:a", "zh:b"}))}, {"data": "terraform/modules/data"})


def _found(now: Code, before: Code | None = BEFORE) -> list[tuple[str, str, str]]:
    plan = replace(read_plan(plan_text()), code=now, code_before=before)
    return [(item.id, item.severity, item.address) for item in review_plan(plan).findings]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (BEFORE, []),
        (replace(BEFORE, providers={AWS: Locked("5.100.0", frozenset({"h1:a", "h1:mac"}))}), []),
        (replace(BEFORE, providers={AWS: Locked("6.2.0", frozenset({"h1:c"}))}), [("CT008", "medium", f'provider["{AWS}"]')]),
        (replace(BEFORE, providers={AWS: Locked("5.100.0", frozenset({"h1:c"}))}), [("CT008", "high", f'provider["{AWS}"]')]),
        (
            replace(BEFORE, sources={"data": "git::https://example.com/data.git?ref=v2", "new": "x"}),
            [("CT009", "medium", "module.data")],
        ),
    ],
)  # fmt: skip
def test_providers_and_modules_are_held_against_the_last_apply(
    now: Code, expected: list[tuple[str, str, str]]
) -> None:
    assert _found(now) == expected
    assert _found(now, None) == []


def test_a_lock_file_is_read_and_kept_in_records(tmp_path: Path) -> None:
    path = tmp_path / ".terraform.lock.hcl"
    path.write_text(
        f'''# comment
provider "{AWS}" {{
  version     = "5.100.0"
  constraints = ">= 5.100.0, < 7.0.0"
  hashes = [
    "h1:edXOJWE4=",
    "zh:00ff",
  ]
}}

provider "example.com/a/b" {{
  version = "1.0.0"
}}
'''
    )
    found = read_lock_file(path)
    assert found == {
        AWS: Locked("5.100.0", frozenset({"h1:edXOJWE4=", "zh:00ff"})),
        "example.com/a/b": Locked("1.0.0"),
    }
    assert locked_from_json({name: item.as_json() for name, item in found.items()}) == found
    assert read_lock_file(tmp_path / "none") == {}
