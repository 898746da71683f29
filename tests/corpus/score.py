"""Compares what the review finds in the corpus's plans with the labels.

What is counted is pairs of a plan and a rule. A finding of severity ``info`` is never a false alarm; that something is
said is asked for where a label says ``info``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestrator.review import SEVERITIES, Severity, read_plan, review_plan
from orchestrator.review.finding import Finding
from tests.corpus.cases import Variant


@dataclass(frozen=True)
class Disagreement:
    """A miss, a false alarm, or another severity than the label's."""

    plan: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.plan}: {self.rule}: {self.message}"


@dataclass
class Count:
    """What was found, missed, and said without need."""

    found: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float:
        """How much of what should be found is found."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def precision(self) -> float:
        """How much of what is found should be."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0


@dataclass
class Score:
    """The counts of all plans, by rule, and every disagreement."""

    plans: int = 0
    rules: dict[str, Count] = field(default_factory=dict)
    misses: list[Disagreement] = field(default_factory=list)
    false_alarms: list[Disagreement] = field(default_factory=list)
    severities: list[Disagreement] = field(default_factory=list)
    severities_labelled: int = 0

    @property
    def total(self) -> Count:
        """All rules together."""
        every = self.rules.values()
        return Count(
            sum(count.found for count in every),
            sum(count.missed for count in every),
            sum(count.wrong for count in every),
        )

    def _of(self, rule: str) -> Count:
        return self.rules.setdefault(rule, Count())

    def add(self, variant: Variant, findings: Iterable[Finding]) -> None:
        """Count one plan."""
        self.plans += 1
        worst = worst_by_rule(findings)
        for rules, severity in variant.expect.items():
            self._expected(variant, rules.split("|"), severity, worst)
        meant = {rule for rules in variant.expect for rule in rules.split("|")} | variant.also
        for rule, finding in worst.items():
            if finding.severity != "info" and rule not in meant:
                self._of(rule).wrong += 1
                self.false_alarms.append(Disagreement(variant.title, rule, finding.message))

    def _expected(
        self, variant: Variant, rules: list[str], severity: str | None, worst: Mapping[str, Finding]
    ) -> None:
        enough = [
            rule for rule in rules if rule in worst and (severity == "info" or worst[rule].severity != "info")
        ]
        if not enough:
            self._of(rules[0]).missed += 1
            self.misses.append(Disagreement(variant.title, "|".join(rules), "not found"))
            return
        self._of(enough[0]).found += 1
        if severity is None:
            return
        self.severities_labelled += 1
        if all(worst[rule].severity != severity for rule in enough):
            text = f"{worst[enough[0]].severity}, labelled {severity}"
            self.severities.append(Disagreement(variant.title, enough[0], text))


def worst_by_rule(findings: Iterable[Finding]) -> dict[str, Finding]:
    """The worst finding of each rule."""
    found: dict[str, Finding] = {}
    for finding in findings:
        if finding.id not in found or _rank(finding.severity) < _rank(found[finding.id].severity):
            found[finding.id] = finding
    return found


def _rank(severity: Severity) -> int:
    return SEVERITIES.index(severity)


def findings_of(variant: Variant) -> tuple[Finding, ...]:
    """What the review finds in the stored plan."""
    return review_plan(read_plan(variant.path.read_text())).findings


def measure(variants: Iterable[Variant]) -> Score:
    """The score over the stored plans."""
    score = Score()
    for variant in variants:
        score.add(variant, findings_of(variant))
    return score
