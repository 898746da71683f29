"""The corpus can be built again, and the review then finds the same."""

from __future__ import annotations

import pytest

from orchestrator.review import read_plan, review_plan
from orchestrator.review.finding import Finding
from tests.corpus.build import workshop, written
from tests.corpus.cases import load_cases
from tests.corpus.score import findings_of

CASES = ("iam-boundary", "ex-key-policy", "ex-group-rules")


@pytest.mark.slow  # the stored ones are judged by the fast tests
def test_plans_made_anew_have_the_stored_plans_findings() -> None:
    cases = [case for case in load_cases() if case.name in CASES]
    assert len(cases) == len(CASES)
    with workshop() as place:
        for case in cases:
            plans = place.build(case)
            for variant in case.variants:
                found = review_plan(read_plan(written(plans[variant.title]))).findings
                assert _said(found) == _said(findings_of(variant)), variant.title


def _said(findings: tuple[Finding, ...]) -> set[tuple[str, str, str]]:
    return {(finding.id, finding.severity, finding.address) for finding in findings}
