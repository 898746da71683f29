"""The review for machines and for pull requests: SARIF 2.1.0 and Markdown."""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import Any

from orchestrator import __version__
from orchestrator.review.finding import RULES, SEVERITIES, Finding
from orchestrator.review.review import Review

COMMENT_LIMIT = 60_000
"""Bytes that fit a comment on a pull request, with room for what a workflow puts around them."""

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.0", "low": "2.0", "info": "0.0"}
_SHOWN_OPEN = 10


def sarif(review: Review) -> dict[str, Any]:
    """A SARIF 2.1.0 log. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""
    used = sorted({finding.id for finding in review.findings})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "orchestrator",
                        "version": __version__,
                        "rules": [_sarif_rule(rule, review) for rule in used],
                    }
                },
                "results": [_sarif_result(finding, used.index(finding.id)) for finding in review.findings],
            }
        ],
    }


def _sarif_rule(name: str, review: Review) -> dict[str, Any]:
    example = next(finding for finding in review.findings if finding.id == name)
    title = RULES[name].title if name in RULES else example.message
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": example.why},
        "help": {"text": example.fix},
        "helpUri": example.source,
        "properties": {
            "tags": ["security", example.category],
            "security-severity": _SCORES[example.severity],
        },
    }


def _sarif_result(finding: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": finding.address, "kind": "resource"}],
        "physicalLocation": {
            "artifactLocation": {"uri": finding.file or "plan.json"},
            "region": {"startLine": finding.line or 1},
        },
    }
    identity = "\0".join((finding.id, finding.address, finding.attribute or "", finding.message))
    return {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.address}: {finding.message}. {finding.fix}"},
        "locations": [location],
        "partialFingerprints": {"finding/v1": hashlib.sha256(identity.encode()).hexdigest()[:32]},
        "properties": {"severity": finding.severity, "action": finding.action},
    }


def markdown(review: Review, title: str = "Review") -> str:
    """Worst first, long lists folded, within the size of a comment; what did not fit is counted."""
    head = [
        f"## {title}: {verdict(review)}",
        "",
        f"{review.reviewed} resources looked at by {review.rules} rules.",
        "",
    ]
    sections: list[str] = []
    for severity, group in groupby(review.findings, key=lambda finding: finding.severity):
        findings = list(group)
        lines = [_line(finding) for finding in findings]
        folded = severity not in ("critical", "high") or len(lines) > _SHOWN_OPEN
        name = f"{severity.capitalize()} ({len(lines)})"
        if folded:
            sections.append(f"<details><summary>{name}</summary>\n\n" + "\n".join(lines) + "\n\n</details>\n")
        else:
            sections.append(f"### {name}\n\n" + "\n".join(lines) + "\n")
    return _fit("\n".join(head), sections)


def _fit(head: str, sections: list[str]) -> str:
    text = "\n".join([head, *sections])
    if len(text.encode()) <= COMMENT_LIMIT:
        return text
    kept: list[str] = []
    size, dropped = len(head.encode()) + 200, 0
    for section in sections:
        for line in section.split("\n"):
            length = len(line.encode()) + 1
            if line.startswith("- ") and size + length > COMMENT_LIMIT:
                dropped += 1
                continue
            kept.append(line)
            size += length
    return "\n".join([head, *kept, f"_{dropped} more did not fit; all are in review.json._", ""])


def _line(finding: Finding) -> str:
    place = f" ({finding.file}:{finding.line})" if finding.file else ""
    cascade = f" — because {', because '.join(finding.cascade)}" if finding.cascade else ""
    return f"- **{finding.id}** `{finding.address}`{place}: {_escaped(finding.message)}{cascade}"


def _escaped(text: str) -> str:
    for sign in "\\`*_<>|":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", " ")


def verdict(review: Review) -> str:
    """``2 critical, 1 high, 3 low``; or that there is nothing."""
    counts = review.counts()
    words = [f"{counts[name]} {name}" for name in SEVERITIES if counts[name]]
    return ", ".join(words) if words else "nothing found"
