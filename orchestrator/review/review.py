"""Runs the rules over a plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.review import rules
from orchestrator.review.finding import RULES, SEVERITIES, Finding
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.source import Places, nowhere

FORMAT = 1


@dataclass(frozen=True)
class Review:
    """All findings, worst first, and how much was looked at."""

    findings: tuple[Finding, ...]
    reviewed: int
    rules: int

    @property
    def blocking(self) -> list[Finding]:
        """What must not be applied without somebody having said so."""
        return [finding for finding in self.findings if finding.blocks]

    @property
    def blocks(self) -> bool:
        """Whether there is such a finding."""
        return bool(self.blocking)

    def counts(self) -> dict[str, int]:
        """Findings by severity; every severity is there."""
        return {name: sum(finding.severity == name for finding in self.findings) for name in SEVERITIES}

    def as_json(self) -> dict[str, Any]:
        """Plain data, the content of ``review.json``."""
        return {
            "format": FORMAT,
            "reviewed": self.reviewed,
            "rules": self.rules,
            "blocks": self.blocks,
            "counts": self.counts(),
            "findings": [finding.as_json() for finding in self.findings],
        }


def review_plan(plan: ReviewedPlan, places: Places = nowhere, *, only: Iterable[str] = ()) -> Review:
    """Every rule over every change.

    ``places``: see ``review.source``. ``only``: ids of rules; default all.

    Raises:
        OrchestratorError: a rule failed. A review that did not look at everything is none.
    """
    rules.load()
    chosen = [RULES[name] for name in only] if only else list(RULES.values())
    causes = _Causes(plan)
    findings: list[Finding] = []
    for change in plan.changes:
        if change.action in ("no-op", "read"):
            continue
        for rule in chosen:
            try:
                hits = list(rule.look(change, plan))
            except Exception as error:
                raise OrchestratorError(
                    f"the rule {rule.id} could not look at {change.address}: {type(error).__name__}: {error}",
                    remedy="nothing may be applied unreviewed; please report this",
                ) from error
            file, line = (places(change.general) or (None, None)) if hits else (None, None)
            findings += [
                Finding(
                    id=rule.id,
                    severity=hit.severity or rule.severity,
                    category=rule.category,
                    address=change.address,
                    layer=change.layer,
                    action=change.action,
                    message=hit.message,
                    attribute=hit.attribute,
                    before=hit.before,
                    after=hit.after,
                    why=rule.why,
                    fix=rule.fix,
                    source=rule.source,
                    file=file,
                    line=line,
                    cascade=causes.of(change),
                )
                for hit in hits
            ]
    for hit_finding in rules.whole_plan(plan):
        findings.append(hit_finding)
    findings.sort(
        key=lambda found: (SEVERITIES.index(found.severity), found.id, found.address, found.message)
    )
    return Review(tuple(findings), len(plan.changes), len(chosen))


def review_from_json(raw: Mapping[str, Any]) -> Review:
    """The inverse of :meth:`Review.as_json`."""
    findings = tuple(
        Finding(
            **{
                **{key: value for key, value in item.items() if key != "blocks"},
                "cascade": tuple(item["cascade"]),
            }
        )
        for item in raw["findings"]
    )
    return Review(findings, raw["reviewed"], raw["rules"])


class _Causes:
    """Why a resource is replaced: the resources that its forcing attributes are made from, and what forces those."""

    def __init__(self, plan: ReviewedPlan) -> None:
        self._plan = plan
        self._replaced = {change.general: change for change in plan.changes if change.action == "replace"}

    def of(self, change: Change, depth: int = 10) -> tuple[str, ...]:
        if change.action != "replace" or depth == 0:
            return ()
        for path in change.replace_paths:
            for reference in self._plan.expression(change, str(path[0])).get("references", ()):
                cause = self._resource(change, reference)
                if cause is not None and cause.address != change.address:
                    return (f"{cause.address} is replaced", *self.of(cause, depth - 1))
        return ()

    def _resource(self, change: Change, reference: str) -> Change | None:
        prefix, _, _ = change.general.rpartition(f"{change.type}.")
        match = re.match(r"\w+\.\w+", reference)
        return self._replaced.get(f"{prefix}{match[0]}") if match else None
