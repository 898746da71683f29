"""``python -m benchmarks.review``: how much the review finds of what is labelled in the corpus, how much of what it finds is
labelled, and what a large plan costs it.

The unit is a plan and a rule: a labelled pair that is found counts for recall, a found pair that is not labelled (and is not
merely ``info``) against precision.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from orchestrator.review import read_plan, review_plan
from tests.corpus.cases import Case, cases

WANTED = 0.95
SECONDS, MEGABYTES, CHANGES = 5.0, 500.0, 1_000


@dataclass
class Score:
    """Pairs of plan and rule. ``misses`` and ``false_alarms`` say which."""

    found: int = 0
    misses: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Of what is labelled, the part that is found."""
        return self.found / max(self.found + len(self.misses), 1)

    @property
    def precision(self) -> float:
        """Of what is found, the part that is labelled."""
        return self.found / max(self.found + len(self.false_alarms), 1)

    @property
    def good(self) -> bool:
        """Whether both are as wanted."""
        return self.recall >= WANTED and self.precision >= WANTED


def score(chosen: Iterable[Case]) -> Score:
    """Review every plan of the corpus and compare with its labels."""
    total = Score()
    for case in chosen:
        findings = review_plan(read_plan(case.plan.read_bytes(), case.name)).findings
        said = {(item.id, item.severity): item.message for item in findings}
        for rule, severity in case.expect.items():
            if any(id == rule and severity in (None, given) for id, given in said):
                total.found += 1
            else:
                total.misses.append(f"{case.category}/{case.name}: {rule} {severity or ''}".rstrip())
        for rule in sorted({id for id, severity in said if severity != "info" and id not in case.expect}):
            message = next(text for (id, _), text in said.items() if id == rule)
            total.false_alarms.append(f"{case.category}/{case.name}: {rule} {message}")
    return total


def large_plan(changes: int = CHANGES) -> dict[str, Any]:
    """A plan of that many changes: the corpus's own, again and again under other addresses."""
    plans = [json.loads(case.plan.read_bytes()) for case in cases()]
    pool = [
        change
        for plan in plans
        for change in plan.get("resource_changes", ())
        if change["mode"] == "managed" and change["change"]["actions"] != ["no-op"]
    ]
    repeated = [
        {**pool[number % len(pool)], "address": f"module.m{number}.{pool[number % len(pool)]['address']}"}
        for number in range(changes)
    ]
    return {**plans[0], "resource_changes": repeated, "configuration": {}}


def cost() -> tuple[float, float]:
    """Seconds and megabytes (peak resident set) of one review of a large plan, in a process of its own."""
    program = (
        "import json, resource, sys, time; from orchestrator.review import read_plan, review_plan\n"
        "text = sys.stdin.buffer.read(); started = time.perf_counter(); review_plan(read_plan(text))\n"
        "print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    text = json.dumps(large_plan()).encode()
    done = subprocess.run([sys.executable, "-c", program], input=text, capture_output=True, check=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> int:
    """Print both; 1 when one is not as wanted."""
    all_cases = list(cases())
    total = score(all_cases)
    for miss in total.misses:
        print(f"missed       {miss}")
    for alarm in total.false_alarms:
        print(f"false alarm  {alarm}")
    dangerous = sum(bool(case.expect) for case in all_cases)
    print(
        f"{len(all_cases)} real plans ({dangerous} dangerous, {len(all_cases) - dangerous} harmless), "
        f"{total.found + len(total.misses)} labels: recall {total.recall:.3f}, precision {total.precision:.3f} (≥ {WANTED})"
    )
    seconds, megabytes = cost()
    print(
        f"a plan of {CHANGES} changes: {seconds:.2f}s (≤ {SECONDS:.0f}), {megabytes:.0f} MB at its peak (≤ {MEGABYTES:.0f})"
    )
    return 0 if total.good and seconds <= SECONDS and megabytes <= MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
