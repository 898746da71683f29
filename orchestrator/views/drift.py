"""Drift as people read it on a terminal and in files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.text import Text

from orchestrator.drift.classify import PUT_BACK
from orchestrator.drift.findings import WORDS, drift_rules, next_text
from orchestrator.plan.summary import SIGNS, show
from orchestrator.review.page import About, drift_page
from orchestrator.review.render import markdown, sarif
from orchestrator.views.review import show_review

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from orchestrator.drift.classify import AttributeDrift, ResourceDrift
    from orchestrator.drift.report import DriftReport

_SAID = {
    "changed": "changed outside Terraform",
    "deleted": "deleted outside Terraform",
    "noise": "known noise",
}
_STYLES = {"changed": "yellow", "deleted": "red", "noise": "dim"}


def show_drift(console: Console, report: DriftReport) -> None:
    """Resource by resource, what the review says of it, and what can be done."""
    _show_notes(console, report)
    layers = dict.fromkeys(item.change.layer for item in report.drift.resources)
    for layer in layers:
        console.print(Text(f"\n{layer}", style="bold"))
        inside = [item for item in report.drift.resources if item.change.layer == layer]
        show_resources(console, inside, report.severities())
    risks = tuple(finding for finding in report.review.findings if finding.category != "drift")
    if risks:
        show_review(console, replace(report.review, findings=risks))
    style = "bold yellow" if report else "bold green"
    console.print(Text(f"\n{report.environment}: {verdict_of(report)}.", style=style))
    if report:
        env = report.environment
        console.print(f"Put it back as configured:  orchestrator drift revert --env {env} ADDRESS…")
        console.print(f"Take it into the state:     orchestrator drift accept --env {env} ADDRESS…")


def show_resources(
    console: Console, resources: Iterable[ResourceDrift], severities: Mapping[str, str]
) -> None:
    """Each with its severity (by address) and attributes: what the state says, what is there, what the next apply does."""
    for item in resources:
        then = next_text(item) if item.kind != "noise" else ""
        severity = severities.get(item.address, "")
        text = f"  {SIGNS[item.change.action]} {item.address} {_SAID[item.kind]}"
        text += f" ({severity})" if severity and item.kind != "noise" else ""
        console.print(Text(f"{text}; {then}" if then else text, style=_STYLES[item.kind]))
        for attribute in item.attributes:
            line = Text(f"      {attribute.path}: {_sides(attribute)}")
            line.append(_remark(attribute), style="dim")
            console.print(line)


def _sides(attribute: AttributeDrift) -> str:
    """Before and after; of lists only what is not on both sides."""
    state, real = attribute.state, attribute.real
    if isinstance(state, list) and isinstance(real, list):
        gone = [f"− {show(item)}" for item in state if item not in real]
        new = [f"+ {show(item)}" for item in real if item not in state]
        return "  ".join([*gone, *new]) or "in another order"
    return f"{show(state)} → {show(real)}"


def _remark(attribute: AttributeDrift) -> str:
    if attribute.noise:
        return f"  known noise: {attribute.noise.reason} (until {attribute.noise.expires})"
    words = WORDS[attribute.fate]
    return f"  {words}" if words else ""


def _show_notes(console: Console, report: DriftReport) -> None:
    for note in report.notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    for problem in report.problems:
        console.print(Text(f"Note: {problem.file}:{problem.line}: {problem.message}", style="yellow"))


def verdict_of(report: DriftReport) -> str:
    """``2 changed, 1 deleted, 3 known noise (120 resources looked at)``; or that there is no drift."""
    counts = report.counts()
    words = [f"{counts[kind]} {kind}" for kind in ("changed", "deleted") if counts[kind]] or ["no drift"]
    words += [f"{counts['noise']} known noise"] if counts["noise"] else []
    return f"{', '.join(words)} ({report.reviewed} resources looked at)"


def lasting_text(report: DriftReport) -> str:
    """What becomes of resources that are taken into the state, at the next apply."""
    lines = []
    for item in report.drift.resources:
        if item.next is None:
            lines.append(f"  {item.address}: not known")
        elif item.kind == "deleted":
            lines += [f"  {item.address} is created anew"] if item.next == "create" else []
        else:
            back = [attribute.path for attribute in item.attributes if attribute.fate in PUT_BACK]
            lines += [f"  {item.address}: {', '.join(back)}"] if back else []
    if not lines:
        return "\nThe configuration does not say otherwise: this lasts."
    return "\n".join(
        ["\nThis changes the state only. Unless the configuration is changed, the next apply undoes:", *lines]
    )


def written(report: DriftReport, form: str) -> str:
    """The report as a text of its own: ``json``, ``markdown``, ``sarif`` or ``html``."""
    if form == "json":
        return _json(report.as_json())
    if form == "sarif":
        return _json(sarif(report.review, drift_rules(report.drift)))
    if form == "html":
        facts = [
            ("Environment", report.environment),
            ("Looked at", report.looked_at),
            ("Layers", ", ".join(report.layers)),
        ]
        facts += [("Note", note) for note in report.notes]
        facts += [("Note", f"{item.file}:{item.line}: {item.message}") for item in report.problems]
        said = ("Drift" if report else "No drift", f"{verdict_of(report)}.")
        about = About(f"Drift of {report.environment}", tuple(facts), verdict=said)
        return drift_page(report.review, report.plan, about)
    title = f"Drift of {report.environment}"
    notes = [f"> {note}\n" for note in report.notes]
    notes += [f"> {item.file}:{item.line}: {item.message}\n" for item in report.problems]
    return "\n".join([markdown(report.review, title), *notes])


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
