"""``python -m benchmarks.review``: how good the review is, and what it costs.

How good: recall and precision over the labelled plans of ``tests/corpus``. What it costs: seconds and memory for a plan
of a thousand changes that is made by repeating the corpus's. Ends with 1 when recall or precision is below the bound.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from orchestrator.review import read_plan, review_plan
from tests.corpus.cases import load_variants
from tests.corpus.score import Score, measure

BOUND = 0.95
CHANGES = 1000


def main(words: list[str]) -> int:
    """The command."""
    if words:
        print(json.dumps(cost_of(Path(words[0]))))
        return 0
    score = measure(load_variants())
    show(score)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(repeated(CHANGES)))
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.review", str(path)], check=True, capture_output=True, text=True
        )
    cost = json.loads(said.stdout)
    print(
        f"\n{cost['changes']} changes, {cost['findings']} findings: "
        f"{cost['seconds']:.2f} s, at most {cost['megabytes']:.0f} MB"
    )
    return 0 if min(score.total.recall, score.total.precision) >= BOUND else 1


def show(score: Score) -> None:
    """Print the score."""
    total = score.total
    print(f"{'rule':<8}{'found':>7}{'missed':>8}{'false':>7}{'recall':>9}{'precision':>11}")
    for name, count in [*sorted(score.rules.items()), ("all", total)]:
        print(
            f"{name:<8}{count.found:>7}{count.missed:>8}{count.wrong:>7}"
            f"{count.recall:>9.3f}{count.precision:>11.3f}"
        )
    for title, lines in (
        ("missed", score.misses),
        ("false alarm", score.false_alarms),
        ("other severity", score.severities),
    ):
        for line in lines:
            print(f"{title}: {line}")
    print(
        f"\n{score.plans} plans: recall {total.recall:.3f}, precision {total.precision:.3f} (at least {BOUND}); "
        f"the label's severity in {score.severities_labelled - len(score.severities)} of {score.severities_labelled}"
    )


def repeated(changes: int) -> dict[str, Any]:
    """A plan with so many changes: the corpus's plans, each in a module of its own, again and again."""
    entries: list[Any] = []
    managed = 0
    calls: dict[str, Any] = {}
    for number, plan in enumerate(_plans()):
        name = f"part{number}"
        calls[name] = {"source": f"./{name}", "module": plan["configuration"].get("root_module", {})}
        for change in plan["resource_changes"]:
            if change["change"]["actions"] == ["no-op"]:
                continue
            if managed == changes:
                return {
                    "format_version": "1.2",
                    "resource_changes": entries,
                    "configuration": {"root_module": {"module_calls": calls}},
                }
            managed += change["mode"] == "managed"
            entries.append({**change, "address": f"module.{name}.{change['address']}"})
    raise AssertionError("the plans do not end")


def _plans() -> Iterator[dict[str, Any]]:
    texts = [variant.path.read_text() for variant in load_variants()]
    return (json.loads(text) for text in cycle(texts))


def cost_of(path: Path) -> dict[str, float]:
    """What reading and reviewing a plan takes of this process, which has done nothing else."""
    begun = time.perf_counter()
    review = review_plan(read_plan(path.read_bytes()))
    seconds = time.perf_counter() - begun
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return {
        "changes": review.reviewed,
        "findings": len(review.findings),
        "seconds": seconds,
        "megabytes": kilobytes / 1024,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
