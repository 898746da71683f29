"""The corpus's plans are what Terraform makes of its cases."""

from __future__ import annotations

from pathlib import Path

from orchestrator.emulator import EmulatorStatus
from orchestrator.review import read_plan, review_plan
from tests.corpus.build import build
from tests.corpus.cases import cases

CHOSEN = {"iam/role--action-added", "data_loss/logs--renamed", "exposure/group--ssh-to-the-world"}


def test_plans_made_anew_are_reviewed_like_those_in_the_corpus(
    running: EmulatorStatus, tmp_path: Path
) -> None:
    chosen = [case for case in cases() if f"{case.category}/{case.name}" in CHOSEN]
    assert build(chosen, tmp_path, running.endpoint) == []
    for case in chosen:
        stored, made = (
            review_plan(read_plan(path.read_bytes())) for path in (case.plan, case.plan_below(tmp_path))
        )
        assert [(item.id, item.address, item.message) for item in made.findings] == [
            (item.id, item.address, item.message) for item in stored.findings
        ]
        assert {item.id for item in made.findings} >= set(case.expect)
