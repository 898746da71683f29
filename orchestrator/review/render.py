"""The review for machines and for pull requests: SARIF 2.1.0 and Markdown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from orchestrator import __version__
from orchestrator.review.finding import BLOCKING, RULES, SEVERITIES, Finding, Rule
from orchestrator.review.review import Cascade, Review

if TYPE_CHECKING:
    from orchestrator.policy.waivers import Waiver

COMMENT_LIMIT = 60_000
"""Bytes that fit a comment on a pull request, with room for what a workflow puts around them."""

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.0", "low": "2.0", "info": "0.0"}
_SHOWN_OPEN = 10


def sarif(review: Review, more: Mapping[str, Rule] = MappingProxyType({})) -> dict[str, Any]:
    """A SARIF 2.1.0 log. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

    ``more``: rules by id that are not the review's own.
    """
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
                        "rules": [
                            _sarif_rule(name, review, more.get(name) or RULES.get(name)) for name in used
                        ],
                    }
                },
                "results": [_sarif_result(finding, used.index(finding.id)) for finding in review.findings],
            }
        ],
    }


def _sarif_rule(name: str, review: Review, rule: Rule | None) -> dict[str, Any]:
    example = next(finding for finding in review.findings if finding.id == name)
    title = rule.title if rule else example.message
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
    suppressed = finding.waiver and [
        {"kind": "external", "status": "accepted", "justification": waiver_text(finding.waiver)}
    ]
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": finding.address, "kind": "resource"}],
        "physicalLocation": {
            "artifactLocation": {"uri": quote(finding.file or "plan.json")},
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
        **(
            {"baselineState": "unchanged" if finding.known else "new"} if finding.category == "policy" else {}
        ),
        **({"suppressions": suppressed} if suppressed else {}),
        "properties": {
            "severity": finding.severity,
            "action": finding.action,
            "blocks": finding.blocks,
            **({"key": finding.key} if finding.key else {}),
        },
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
    for name, findings, unfolded in _sections(review):
        lines = [_line(finding) for finding in findings]
        title = f"{name} ({len(lines)})"
        if unfolded and len(lines) <= _SHOWN_OPEN:
            sections.append(f"### {title}\n\n" + "\n".join(lines) + "\n")
        else:
            sections.append(
                f"<details><summary>{title}</summary>\n\n" + "\n".join(lines) + "\n\n</details>\n"
            )
    if review.cascades:
        lines = [f"- {_escaped(cascade_text(cascade))}" for cascade in review.cascades]
        sections.append("### Cascades\n\n" + "\n".join(lines) + "\n")
    return _fit("\n".join(head), sections)


def _sections(review: Review) -> Iterator[tuple[str, list[Finding], bool]]:
    """Title, findings, and whether they are shown at once: new ones by severity, then those of old, then waived ones."""
    fresh = [finding for finding in review.findings if not (finding.known or finding.waiver)]
    for severity, group in groupby(fresh, key=lambda finding: finding.severity):
        yield severity.capitalize(), list(group), severity in BLOCKING
    old = [finding for finding in review.findings if finding.known and not finding.waiver]
    if old:
        yield "As at the last apply", old, False
    if review.waived:
        yield "Waived", review.waived, False


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
    key = f" from `{finding.key}`" if finding.key else ""
    cascade = f" — because {_escaped(', because '.join(finding.cascade))}" if finding.cascade else ""
    waiver = f" — {_escaped(waiver_text(finding.waiver))}" if finding.waiver else ""
    text = f"{_escaped(finding.message)}{key}{cascade}{waiver}"
    return f"- **{finding.id}** {_code(finding.address)}{place}: {text}"


def waiver_text(waiver: Waiver) -> str:
    """Who accepted it, until when, and why."""
    return f"waived by {waiver.owner} until {waiver.expires} ({waiver.ticket}): {waiver.reason}"


def cascade_text(cascade: Cascade) -> str:
    """``vpc_cidr → module.network.aws_vpc.this replaced → 14 resources in compute, data replaced``."""
    layers = sorted({address.split(".")[1] for address in cascade.replaced if address.startswith("module.")})
    where = f" in {', '.join(layers)}" if layers else ""
    number = len(cascade.replaced)
    key = f"{cascade.key} → " if cascade.key else ""
    return f"{key}{cascade.address} replaced → {number} {'resource' if number == 1 else 'resources'}{where} replaced"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _escaped(text: str) -> str:
    for sign in "\\`*_<>|":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", " ")


def verdict(review: Review) -> str:
    """``2 critical, 1 high, 3 low``; or that there is nothing."""
    counts = review.counts()
    words = [f"{counts[name]} {name}" for name in SEVERITIES if counts[name]]
    if review.waived:
        words.append(f"{len(review.waived)} waived")
    return ", ".join(words) if words else "nothing found"
