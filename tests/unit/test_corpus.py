"""The corpus of real plans: whole, balanced, and judged as labelled."""

from __future__ import annotations

from benchmarks.review import WANTED, score
from orchestrator.review import read_plan, review_plan
from orchestrator.review.finding import RULES
from tests.corpus.cases import PLANS, cases

ALL = list(cases())
SEEN_ELSEWHERE = {"CT001", "CT003", "CT004", "CT005"}
"""Rules about other providers and modules from elsewhere, whose plans are in ``test_review``."""


def test_every_case_has_its_plan_and_every_plan_its_case() -> None:
    assert len(ALL) >= 120
    assert len({case.plan for case in ALL}) == len(ALL)
    assert {case.plan for case in ALL} == set(PLANS.rglob("*.json"))


def test_every_rule_has_dangerous_plans_and_there_are_harmless_twins_of_them() -> None:
    review_plan(read_plan('{"format_version": "1.2", "resource_changes": []}'))
    assert {rule for case in ALL for rule in case.expect} >= set(RULES) - SEEN_ELSEWHERE
    entries = {(case.category, case.name.split("--")[0]) for case in ALL}
    both = {
        entry
        for entry in entries
        if {bool(case.expect) for case in ALL if (case.category, case.name.split("--")[0]) == entry}
        == {True, False}
    }
    assert len(both) >= 0.8 * len([entry for entry in entries if entry[0] != "refactoring"])


def test_the_review_finds_what_is_labelled_and_little_else() -> None:
    total = score(ALL)
    assert total.recall >= WANTED, total.misses
    assert total.precision >= WANTED, total.false_alarms


def test_harmless_refactorings_give_nothing_above_info() -> None:
    harmless = [case for case in ALL if case.category == "refactoring"]
    assert len(harmless) >= 10
    assert score(harmless).false_alarms == []
