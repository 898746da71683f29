"""``python -m tests.faults --runs 100``: seeded faults, one after the other; ends with 1 when one of them lost something."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from orchestrator import emulator
from tests.faults.harness import run


def main() -> int:
    """Run, say how each went, and count."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    failed: list[int] = []
    resumed = 0
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        root = Path(name) / "emulator"
        root.mkdir()
        emulator.start(root, stop_with_pid=os.getpid())
        try:
            for seed in range(arguments.first, arguments.first + arguments.runs):
                folder = Path(name) / f"run-{seed}"
                try:
                    outcome = run(seed, folder, root)
                    resumed += outcome.resumed
                    print(outcome, flush=True)
                except AssertionError as error:
                    failed.append(seed)
                    print(f"seed {seed}: {error}", flush=True)
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            emulator.stop(root)
    print(
        f"{arguments.runs - len(failed)} of {arguments.runs} held, {resumed} of them resumed; failed: {failed or 'none'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
