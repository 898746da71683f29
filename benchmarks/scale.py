"""``python -m benchmarks.scale``: fifty layers of forty resources, against the per-layer loop and bare Terraform.

All of it runs on the emulator in one run, so that the ratios are of the same machine and the same load; the emulator's
own time is part of every figure.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from benchmarks.__main__ import WORK, Bench, Row
from benchmarks.generate import WIDE_TF
from benchmarks.measure import Measured, best, memory_of
from orchestrator import emulator

LAYERS = 50
FAN = 5


def memory_text(measured: Measured) -> str:
    """Peaks by program, and of all processes at one time, in MiB."""
    each = ", ".join(f"{name} {peak:.0f}" for name, peak in sorted(measured.peaks.items()))
    return f"{each}; together {measured.together:.0f}"


def main() -> int:
    """Run all, print the table; 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--layers", type=int, default=LAYERS, help="of forty resources each (default: %(default)s)"
    )
    parser.add_argument(
        "--runs", type=int, default=2, help="of each; the fastest counts (default: %(default)s)"
    )
    options = parser.parse_args()
    bench = Bench(options.runs, layers=options.layers, fan=FAN, module=WIDE_TF, name="scale")
    bench.orchestrator("emulator", "start")
    try:
        print(f"applying {options.layers} layers of forty resources …", flush=True)
        first = bench.orchestrator("apply", "--env", "local", "--yes", memory=True)
        print(f"first apply {first.seconds:.0f}s; peak memory (MiB): {memory_text(first)}", flush=True)
        plan = best(
            lambda: bench.orchestrator("plan", "--env", "local", "--detailed-exitcode", memory=True),
            bench.runs,
        )
        print(f"plan, nothing to change {plan.seconds:.1f}s; peak memory: {memory_text(plan)}", flush=True)
        bare = best(lambda: bench.bare(memory=True), bench.runs)
        print(f"bare plan + show {bare.seconds:.1f}s; peak memory: {memory_text(bare)}", flush=True)
        again = best(lambda: bench.orchestrator("apply", "--env", "local", "--yes", memory=True), bench.runs)
        print(f"apply, nothing to change {again.seconds:.1f}s; peak memory: {memory_text(again)}", flush=True)
        review = best(
            lambda: bench.orchestrator("review", "--env", "local", accept=(0, 3), memory=True), bench.runs
        )
        print(f"review {review.seconds:.1f}s; peak memory: {memory_text(review)}", flush=True)
        loop = bench.loop("plan", memory=True)
        print(f"loop of plan + show {loop.seconds:.0f}s; peak memory: {memory_text(loop)}", flush=True)
        pid = emulator.status(bench.root / ".orchestrator" / "emulator").pid
        if pid is not None:
            print(f"peak memory of the emulator: {memory_of(pid)[1]:.0f} MiB", flush=True)
    finally:
        bench.orchestrator("emulator", "stop")
    rows = [
        Row("plan, nothing to change", plan.seconds, loop.seconds, "loop of plan + show", 0.10),
        Row("plan, nothing to change", plan.seconds, bare.seconds, "bare plan + show", 1.10),
        Row("apply, nothing to change", again.seconds, loop.seconds, "loop of plan + show", 0.10),
        Row("review of the bundle", review.seconds, bare.seconds, "bare plan + show", 0.25),
    ]
    for row in rows:
        print(row)
    shutil.rmtree(WORK, ignore_errors=True)
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
