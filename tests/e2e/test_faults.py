"""Whatever strikes a run, nothing it created is lost, and one resume ends it (`make test-faults` does this a hundred times)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.harness import FAULTS, run

IN_CI = (0, 2, 3, 4, 5, 7, 8, 9, 10, 11)
"""Seeds of ten faults; Ctrl-C's cousin SIGTERM is in test_interrupts."""


@pytest.mark.parametrize("seed", IN_CI, ids=[list(FAULTS)[seed].replace(" ", "-") for seed in IN_CI])
def test_after_one_resume_everything_is_in_one_state_and_nothing_changes_any_more(
    seed: int, tmp_path: Path, emulator_root: Path
) -> None:
    run(seed, tmp_path / "project", emulator_root)
