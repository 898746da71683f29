"""Writes the page from a review, the changes it is about, and the layers' graph."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

from orchestrator import __version__
from orchestrator.plan.model import Change, ChangeSet
from orchestrator.plan.summary import SIGNS, VERBS, attribute_lines, output_line
from orchestrator.review.finding import SEVERITIES, Finding
from orchestrator.review.iam.documents import PermissionChange, permission_changes
from orchestrator.review.page.graph import HEIGHT, WIDTH, draw
from orchestrator.review.plan import ReviewedPlan
from orchestrator.review.render import cascade_text, verdict, waiver_text
from orchestrator.review.review import Review

if TYPE_CHECKING:
    from orchestrator.graph.graph import LayerGraph
    from orchestrator.plan.bundle import Manifest

SHOWN_VALUE = 600
"""Characters of a value that are shown; the whole value is in the bundle."""


@dataclass(frozen=True)
class About:
    """What the page is about: its title, facts for its head, and layer → layers it takes values from (empty: no graph)."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    upstream: Mapping[str, set[str]] = field(default_factory=dict)


def about(manifest: Manifest, graph: LayerGraph) -> About:
    """What is told of an environment's plan."""
    git = manifest.git
    facts = [
        ("Environment", manifest.environment),
        ("Plan", manifest.id),
        ("Made", manifest.created_at),
        ("By", manifest.planned_by),
        *([("Commit", f"{git['commit'][:12]}{' and local edits' if git['changed'] else ''}")] if git else []),
    ]
    upstream = {layer: set(graph.upstream[layer]) for layer in manifest.layers}
    return About(f"Review of {manifest.environment}", tuple(facts), upstream)


def page(review: Review, plan: ReviewedPlan, about: About, changes: ChangeSet | None = None) -> str:
    """The page as HTML. ``changes``: the plan's changes by layer; None where the plan has no layers."""
    template = _template()
    script = _text("page.js")
    style = _text("page.css")
    html: str = template.render(
        about=about,
        review=review,
        verdict=verdict(review),
        version=__version__,
        severities=SEVERITIES,
        findings=[_finding(finding) for finding in review.findings],
        categories=sorted({finding.category for finding in review.findings}),
        layers=sorted({finding.layer for finding in review.findings if finding.layer}),
        cascades=[
            {"text": cascade_text(cascade), "replaced": cascade.replaced} for cascade in review.cascades
        ],
        counts=_counts(changes, plan),
        graph=_graph(about.upstream, review, changes) if about.upstream else None,
        permissions=[_permission(item) for item in permission_changes(plan)],
        diffs=_diffs(changes) if changes else [],
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
    )
    return html


@cache
def _template() -> Any:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.html.j2"))


@cache
def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """For the page's own Content-Security-Policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _finding(finding: Finding) -> dict[str, Any]:
    words = (finding.id, finding.address, finding.message, finding.key or "", finding.file or "")
    return {
        "it": finding,
        "waiver": waiver_text(finding.waiver) if finding.waiver else None,
        "before": _value(finding.before),
        "after": _value(finding.after),
        "search": " ".join(words).lower(),
        "link": finding.source if finding.source.startswith("https://") else None,
    }


def _value(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        text = value
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        text = "\n".join(value)
    else:
        text = json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= SHOWN_VALUE else f"{text[:SHOWN_VALUE]}…"


def _counts(changes: ChangeSet | None, plan: ReviewedPlan) -> list[tuple[int, str]]:
    actions = (
        changes.counts()
        if changes
        else Counter(change.action for change in plan.changes if change.action in VERBS)
    )
    return [(number, VERBS.get(action, action)) for action, number in actions.items() if number]


def _graph(upstream: Mapping[str, set[str]], review: Review, changes: ChangeSet | None) -> dict[str, Any]:
    drawing = draw(upstream)
    worst: dict[str, str] = {}
    for finding in review.findings:  # worst first
        if not finding.waiver:
            worst.setdefault(finding.layer, finding.severity)
    labels = {}
    for node in drawing.nodes:
        layer = changes.layers.get(node.layer) if changes else None
        numbers = Counter(SIGNS[change.action] for change in (layer.changes if layer else ()))
        labels[node.layer] = "  ".join(f"{sign} {number}" for sign, number in numbers.items()) or "no changes"
    return {"drawing": drawing, "width": WIDTH, "height": HEIGHT, "worst": worst, "labels": labels}


def _permission(change: PermissionChange) -> dict[str, Any]:
    rows = [("−", "removed", grant) for grant in change.removed]
    rows += [("+", "added", grant) for grant in change.added]
    return {
        "it": change,
        "rows": sorted(rows, key=lambda row: (row[2].effect, row[2].actions, row[0] != "−")),
    }


def _diffs(changes: ChangeSet) -> list[dict[str, Any]]:
    found = []
    for name, layer in changes.layers.items():
        if not layer:
            continue
        numbers = Counter(VERBS.get(change.action, change.action) for change in layer.changes)
        found.append(
            {
                "layer": name,
                "summary": ", ".join(f"{number} {verb}" for verb, number in numbers.items())
                or "outputs only",
                "changes": [_change(change) for change in layer.changes],
                "outputs": [f"{SIGNS[output.action]} {output_line(output)}" for output in layer.outputs],
            }
        )
    return found


def _change(change: Change) -> dict[str, Any]:
    return {
        "address": change.address,
        "sign": SIGNS[change.action],
        "verb": VERBS.get(change.action, change.action),
        "action": change.action,
        "from": change.previous_address,
        "lines": [
            (name, _value(before), _value(after), forces)
            for name, before, after, forces in attribute_lines(change)
        ],
    }
