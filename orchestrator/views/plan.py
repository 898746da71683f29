"""A plan and a run as people read them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from orchestrator.apply.report import LayerResult, RunReport
from orchestrator.plan.model import Change, changed_attributes
from orchestrator.plan.summary import SIGNS, attribute_lines, counts_text, output_line, verb_of
from orchestrator.policy.scan import Finding, ScanReport
from orchestrator.views.console import seconds_text
from orchestrator.views.progress import result_text
from orchestrator.views.review import show_review

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from orchestrator.plan.bundle import Bundle

SHOWN_PER_CHECK = 5
_STYLES = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red"}


def show_plan(console: Console, bundle: Bundle, shown_path: Path) -> None:
    """The changes by layer, checkov's findings, and where the bundle lies."""
    for note in bundle.notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    for name, layer in bundle.changes.layers.items():
        for change in layer.drift:
            what = (
                "is gone"
                if change.action == "delete"
                else f"has another {', '.join(changed_attributes(change))}"
            )
            console.print(Text(f"Changed outside Terraform: {change.address} {what}", style="yellow"))
        if not layer:
            continue
        console.print(Text(f"\n{name}", style="bold"))
        for change in layer.changes:
            _show_change(console, change)
        for output in layer.outputs:
            console.print(Text(f"  {SIGNS[output.action]} output {output_line(output)}", style="dim"))
    show_scan(console, bundle.scan, failed=False)  # the review lists them
    show_review(console, bundle.review, explain=False)
    changed = bundle.changes.changed()
    if bundle.changes:
        console.print(
            Text(f"\nPlan: {counts_text(bundle.changes.counts())}, in {', '.join(changed)}.", style="bold")
        )
    else:
        console.print(Text("\nNo changes. What is deployed matches the configuration.", style="bold green"))
    console.print(f"Bundle: {bundle.manifest.id} (summary: {shown_path / 'summary.md'})")


def _show_change(console: Console, change: Change) -> None:
    style = _STYLES.get(change.action, "")
    moved = f" from {change.previous_address}" if change.previous_address else ""
    reason = f" ({change.reason.replace('_', ' ')})" if change.reason else ""
    console.print(
        Text(f"  {SIGNS[change.action]} {change.address} {verb_of(change)}{moved}{reason}", style=style)
    )
    if change.action == "create":
        return
    for name, before, after, forces in attribute_lines(change):
        arrow = f"{before} → {after}" if after else before
        line = Text(f"      {name}: {arrow}")
        if forces:
            line.append("  forces replacement", style="bold magenta")
        console.print(line)


def show_scan(console: Console, scan: ScanReport, *, failed: bool = True) -> None:
    """What checkov found; without ``failed``, only how much."""
    by_check: dict[str, list[Finding]] = {}
    for finding in scan.failed if failed else ():
        by_check.setdefault(finding.id, []).append(finding)
    if by_check:
        console.print(Text("\nFailed checks", style="bold"))
    for check, findings in by_check.items():
        console.print(Text(f"  {check} {findings[0].name}", style="red"))
        for finding in findings[:SHOWN_PER_CHECK]:
            place = f"  ({finding.file}:{finding.line})" if finding.file else ""
            console.print(f"      {finding.address}{place}")
        if len(findings) > SHOWN_PER_CHECK:
            console.print(f"      … and {len(findings) - SHOWN_PER_CHECK} more, in findings.json")
    verdict = f"{len(scan.failed)} failed, {len(scan.skipped)} skipped with a reason"
    verdict += f", {len(scan.waived)} waived" if scan.waived else ""
    console.print(
        Text(
            f"\nPolicy: {verdict} ({scan.scanner}, {scan.resources} resources, {scan.passed} checks passed)",
            style="bold red" if scan.blocks else "",
        )
    )


def show_report(console: Console, report: RunReport, run_id: str) -> None:
    """How a run ended, with what exists after a failure, and where more is told."""
    console.print("")
    for result in report.results:
        if result.status in ("failed", "interrupted"):
            _show_broken(console, result)
        for address in result.adopted:
            console.print(f"{result.layer}: {address} was created before, and has been taken in")
    good = sum(result.status in ("applied", "destroyed") for result in report.results)
    same = sum(result.status == "unchanged" for result in report.results)
    bad = len(report.results) - good - same
    verb = "applied" if report.command == "apply" else "destroyed"
    text = f"{report.environment}: {good} layers {verb}, {same} unchanged" + (
        f", {bad} not done" if bad else ""
    )
    console.print(
        Text(f"{text}, in {seconds_text(report.seconds)}.", style="bold green" if report.ok else "bold red")
    )
    for result in report.results:
        if result.status == "skipped":
            console.print(f"  {result.layer}: {result_text(result)}")
    if report.command == "apply" and not report.ok:
        console.print(
            f"Go on with what is left: orchestrator apply --env {report.environment} --resume latest"
        )
    console.print(f"Logs: {report.path}/logs")
    console.print(f"Timeline: orchestrator runs show {run_id} --env {report.environment}")


def _show_broken(console: Console, result: LayerResult) -> None:
    console.print(Text(f"{result.layer}: {result.status}", style="bold red"))
    if result.error is not None:
        console.print(Text(f"  {result.error}", style="red"))
        for line in result.error.details:
            console.print(f"    {line}")
    if result.existing:
        console.print(f"  exist now ({len(result.existing)}):")
        for address in result.existing:
            console.print(f"    {address}")
    if result.missing:
        console.print(f"  do not exist ({len(result.missing)}):")
        for address in result.missing:
            console.print(f"    {address}")
