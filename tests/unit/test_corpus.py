"""The labelled plans: they are complete, and the review says of them what their labels say."""

from __future__ import annotations

import json
import re

import pytest

from orchestrator.review import rules
from orchestrator.review.finding import RULES
from tests.corpus.build import TIME, TIMESTAMP, written
from tests.corpus.cases import PLANS, Variant, load_cases, load_variants
from tests.corpus.score import Score, findings_of, measure

WITHOUT_CASE = {
    "CT001": "its resources are other providers' (null_resource, local_file), and only the AWS provider is at hand",
    "CT006": "Terraform 1.11 puts nothing off (test_review_trust)",
    "CT007": "every plan of the corpus is of a whole root (test_review_trust)",
    "CT008": "a plan does not know what its code was made of before (test_changed_code)",
    "CT009": "a plan does not know what its code was made of before (test_changed_code)",
    "IM001": "what is imported was made by nobody's Terraform, which a case can't do; tests/e2e/test_import.py has both sides",
}


@pytest.fixture(scope="module")
def score() -> Score:
    return measure(load_variants())


def test_there_are_enough_plans_and_each_has_its_case() -> None:
    expected = {variant.path for variant in load_variants()}
    assert len(expected) >= 120
    assert set(PLANS.rglob("*.json")) == expected


def test_the_plans_are_small_and_name_no_machine_and_no_time() -> None:
    paths = sorted(PLANS.rglob("*.json"))
    assert sum(path.stat().st_size for path in paths) < 8_000_000
    for path in paths:
        text = path.read_text()
        assert not re.search(r"/tmp/|/home/|/root/|127\.0\.0\.1|localhost", text), path
        assert set(TIMESTAMP.findall(text)) <= {TIME}, path
        assert written(json.loads(text)) == text, path


def test_recall_and_precision(score: Score) -> None:
    assert score.total.recall >= 0.95, "\n".join(map(str, score.misses))
    assert score.total.precision >= 0.95, "\n".join(map(str, score.false_alarms))


def test_every_rule_has_a_dangerous_case_and_a_harmless_twin() -> None:
    rules.load()
    dangerous: set[str] = set()
    for case in load_cases():
        if any(not variant.expect for variant in case.variants):
            dangerous |= {
                rule for variant in case.variants for rules_ in variant.expect for rule in rules_.split("|")
            }
    assert set(RULES) - dangerous == set(WITHOUT_CASE)


def test_labels_name_rules_and_severities() -> None:
    rules.load()
    for variant in load_variants():
        named = {rule for key in variant.expect for rule in key.split("|")} | variant.also
        assert named <= set(RULES), variant.title
        assert set(variant.expect.values()) <= {None, "critical", "high", "medium", "low", "info"}


@pytest.mark.parametrize(
    "variant", [one for one in load_variants() if one.refactoring], ids=lambda one: one.title
)
def test_a_refactoring_gives_nothing_to_look_at(variant: Variant) -> None:
    assert not variant.expect
    assert [finding.message for finding in findings_of(variant) if finding.severity != "info"] == []
