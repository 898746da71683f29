"""The review where there is little room: one line for an approval, and GitLab's Code Quality report."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from orchestrator.review.finding import SEVERITIES
from orchestrator.review.render import verdict
from orchestrator.review.review import Review

BRIEF_LIMIT = 900
"""Characters. CodePipeline's approvals take 1,000 (``CustomData`` in its action reference)."""

_DEGREES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}


def brief(review: Review, subject: str = "", limit: int = BRIEF_LIMIT) -> str:
    """What, how bad, and the worst findings by id and address, on one line of at most ``limit`` characters."""
    fresh = [finding for finding in review.findings if not (finding.known or finding.waiver)]
    worst = sorted(fresh, key=lambda finding: SEVERITIES.index(finding.severity))
    text = f"{subject + '. ' if subject else ''}Review: {verdict(review)}."
    for number, finding in enumerate(worst):
        more = f" {finding.id} {finding.address}: {finding.message}."
        rest = f" And {len(worst) - number} more."
        if len(text) + len(more) + len(rest) > limit:
            text += rest
            break
        text += more
    return re.sub(r"[^ -~]+", " ", text)[:limit]


def code_quality(review: Review) -> list[dict[str, Any]]:
    """A GitLab Code Quality report, without what somebody waived. https://docs.gitlab.com/ci/testing/code_quality/"""
    found = []
    for finding in review.findings:
        if finding.waiver:
            continue
        identity = "\0".join((finding.id, finding.address, finding.attribute or "", finding.message))
        found.append(
            {
                "check_name": finding.id,
                "description": f"{finding.address}: {finding.message}",
                "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
                "severity": _DEGREES[finding.severity],
                "location": {"path": finding.file or "terraform", "lines": {"begin": finding.line or 1}},
            }
        )
    return found
