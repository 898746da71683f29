"""Writes the page from a review, the changes it is about, and the layers' graph."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

from orchestrator import __version__
from orchestrator.plan.model import Change, ChangeSet, LayerChanges, count
from orchestrator.plan.summary import SIGNS, VERBS, attribute_lines, output_line, verb_of
from orchestrator.review.context import shown_plan
from orchestrator.review.finding import SEVERITIES, Finding
from orchestrator.review.iam.documents import Grant, PermissionChange, permission_changes
from orchestrator.review.page.boxes import drawn
from orchestrator.review.plan import ReviewedPlan
from orchestrator.review.render import cascade_text, verdict, waiver_text
from orchestrator.review.review import Review
from orchestrator.review.source import Source

if TYPE_CHECKING:
    from orchestrator.graph.graph import LayerGraph
    from orchestrator.plan.bundle import Manifest

SHOWN_VALUE = 600
"""Characters of a finding's value that are shown; the whole value is in the bundle."""
SHOWN_LINE, SHOWN_ALIKE = 240, 40
"""The same of an attribute, and how much is shown of what is the same on both sides before they part."""

_HAPPENED = {"update": "changed", "delete": "gone"}
"""What somebody did outside Terraform."""


@dataclass(frozen=True)
class About:
    """What the page is about: its title, facts for its head, and layer → layers it takes values from (empty: no graph).

    ``verdict``: one word and a sentence, instead of whether the review blocks.
    """

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    upstream: Mapping[str, set[str]] = field(default_factory=dict)
    verdict: tuple[str, str] | None = None


def about(manifest: Manifest, graph: LayerGraph) -> About:
    """What is told of an environment's plan."""
    git = manifest.git
    only = manifest.selection.get("addresses")
    facts = [
        ("Environment", manifest.environment),
        *([("Only", ", ".join(only))] if only else []),
        ("Plan", manifest.id),
        ("Made", manifest.created_at),
        ("By", manifest.planned_by),
        *([("Commit", f"{git['commit'][:12]}{' and local edits' if git['changed'] else ''}")] if git else []),
    ]
    upstream = {layer: set(graph.upstream[layer]) for layer in manifest.layers}
    return About(f"Review of {manifest.environment}", tuple(facts), upstream)


def page(
    review: Review,
    plan: ReviewedPlan,
    about: About,
    changes: ChangeSet | None = None,
    source: Source | None = None,
) -> str:
    """The page as HTML. ``changes``: the plan's changes by layer; left out, those of the plan by outermost module.

    ``source``: the code, for what policies will say that are known only after apply. No secret of ``plan`` is shown.
    """
    plan = shown_plan(plan, source)
    changes = changes if changes is not None else by_module(plan)
    drift = [change for layer in changes.layers.values() for change in layer.drift]
    counts = [
        (number, VERBS.get(action, action), action, SIGNS[action])
        for action, number in changes.counts().items()
    ]
    diffs = [_diff(layer, review) for layer in changes.layers.values()]
    return _written(review, plan, about, changes, counts, diffs, drift)


def drift_page(review: Review, drifted: ReviewedPlan, about: About) -> str:
    """The page of what was changed outside Terraform. ``drifted``: that as a plan from the states to reality."""
    changes = by_module(drifted)
    counts = [
        (number, _HAPPENED[action], action, SIGNS[action])
        for action, number in changes.counts().items()
        if action in _HAPPENED
    ]
    return _written(review, drifted, about, changes, counts, [], list(changes.all()))


def _written(
    review: Review,
    plan: ReviewedPlan,
    about: About,
    changes: ChangeSet,
    counts: list[tuple[int, str, str, str]],
    diffs: list[dict[str, Any]],
    drift: list[Change],
) -> str:
    script, style = _text("page.js"), _text("page.css")
    blocks = ("Blocks" if review.blocks else "Does not block", _summary(review))
    html: str = _template().render(
        about=about,
        review=review,
        verdict=verdict(review),
        said=about.verdict or blocks,
        version=__version__,
        severities=SEVERITIES,
        findings_by_severity=review.counts(),
        findings=[_finding(finding) for finding in review.findings],
        categories=sorted({finding.category for finding in review.findings}),
        layers=sorted({finding.layer for finding in review.findings if finding.layer}),
        cascades=[
            {"text": cascade_text(cascade), "replaced": cascade.replaced} for cascade in review.cascades
        ],
        counts=counts,
        graph=drawn(about.upstream, review, changes) if about.upstream else None,
        columns=("Effect", "Action", "Resource", "Principal", "Condition"),
        permissions=[_permission(item) for item in permission_changes(plan)],
        diffs=diffs,
        drift=[_change(change, happened) for change in drift],
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
    )
    return html


def by_module(plan: ReviewedPlan) -> ChangeSet:
    """The changes of any root's plan; its own resources are first."""
    found: dict[str, list[Change]] = {}
    for change in plan.changes:
        if change.action in ("no-op", "read"):
            continue
        found.setdefault(change.layer, []).append(
            Change(
                address=change.address,
                layer=change.layer,
                type=change.type,
                action=change.action,
                actions=(),
                before=change.before,
                after=change.after,
                unknown=change.unknown,
                replace_paths=change.replace_paths,
                reason=change.reason,
                deposed=change.deposed,
                importing=change.importing,
            )
        )
    return ChangeSet({name: LayerChanges(name, tuple(found[name])) for name in sorted(found)})


def _summary(review: Review) -> str:
    number, exact = len(review.blocking), len(review.to_confirm)
    if not number:
        return "Nothing here has to be confirmed." if review.findings else "Nothing was found."
    what = "1 finding has" if number == 1 else f"{number} findings have"
    each = f"; {exact} of them one by one, by address" if exact else ""
    return f"{what} to be confirmed, or waived, before this is applied{each}."


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
        "place": _place(finding.file, finding.line),
        "key_place": _place(finding.key_file, finding.key_line),
        "search": " ".join(words).lower(),
        "link": finding.source if finding.source.startswith("https://") else None,
    }


def _differing(before: str, after: str) -> tuple[str, str]:
    """Both values from shortly before where they part, so that what is cut off is not what differs."""
    if max(len(before), len(after)) <= SHOWN_LINE:
        return before, after
    same = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    start = same - SHOWN_ALIKE if same > 2 * SHOWN_ALIKE else 0
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    end = start + SHOWN_LINE
    return ("…" if start and text else "") + text[start:end] + ("…" if len(text) > end else "")


def _place(file: str | None, line: int | None) -> str:
    return f"{file}:{line}" if file and line else file or ""


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


def _permission(change: PermissionChange) -> dict[str, Any]:
    rows = [("−", "removed", grant, change.added) for grant in change.removed]
    rows += [("+", "added", grant, change.removed) for grant in change.added]
    rows.sort(key=lambda row: (row[2].effect, row[2].actions, row[0] != "−"))
    return {
        "it": change,
        "rows": [
            {"sign": sign, "what": what, "cells": _cells(grant, others)} for sign, what, grant, others in rows
        ],
    }


def _cells(grant: Grant, others: tuple[Grant, ...]) -> list[list[tuple[str, bool]]]:
    """The words of each column; marked is what the same permission on the other side lacks."""
    twins = [other for other in others if (other.effect, other.actions) == (grant.effect, grant.actions)]
    cells = [[(grant.effect, False)], [(action, False) for action in grant.actions]]
    for name in ("resources", "principals", "conditions"):
        known = {word for twin in twins for word in getattr(twin, name)}
        cells.append([(word, bool(twins) and word not in known) for word in getattr(grant, name)])
    return cells


def _diff(layer: LayerChanges, review: Review) -> dict[str, Any]:
    numbers = count(list(layer.changes))
    words = [f"{number} {VERBS.get(action, action)}" for action, number in numbers.items() if number]
    return {
        "layer": layer.layer,
        "summary": ", ".join(words) or ("outputs only" if layer.outputs else "no changes"),
        "findings": sum(finding.layer == layer.layer for finding in review.findings),
        "changes": [_change(change) for change in layer.changes],
        "outputs": [f"{SIGNS[output.action]} {output_line(output)}" for output in layer.outputs],
    }


def happened(change: Change) -> str:
    """What was done to a resource outside Terraform."""
    return _HAPPENED.get(change.action, change.action)


def _change(change: Change, verb: Callable[[Change], str] = verb_of) -> dict[str, Any]:
    return {
        "address": change.address,
        "sign": SIGNS[change.action],
        "verb": verb(change),
        "action": change.action,
        "from": change.previous_address,
        "reason": change.reason.replace("_", " ") if change.reason else None,
        "lines": [
            (name, *_differing(before, after), forces)
            for name, before, after, forces in attribute_lines(change, sys.maxsize)
        ],
    }
