"""The review as people read it on a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from orchestrator.review.render import cascade_text, verdict, waiver_text

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.review.finding import Finding
    from orchestrator.review.review import Review

SHOWN_OF_A_KIND = 8
_INDENT = " " * 9
_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}


def show_review(console: Console, review: Review, *, explain: bool = True) -> None:
    """Findings worst first, each with what to do; what is waived; then the verdict."""
    if review.findings:
        console.print(Text("\nReview", style="bold"))
    for _, group in groupby(review.findings, key=lambda found: (bool(found.waiver), found.id, found.message)):
        findings = list(group)
        for finding in findings[:SHOWN_OF_A_KIND]:
            _show(console, finding)
        if len(findings) > SHOWN_OF_A_KIND:
            console.print(f"{_INDENT}… and {len(findings) - SHOWN_OF_A_KIND} more of {findings[0].id}")
        last = findings[-1]
        if explain and not last.waiver and last.severity not in ("low", "info"):
            console.print(Text(f"{_INDENT}{last.why} {last.fix}", style="dim"))
    for cascade in review.cascades:
        console.print(Text(f"Cascade  {cascade_text(cascade)}", style="magenta"))
    style = "bold red" if review.blocks else "bold" if review.findings else "bold green"
    console.print(
        Text(f"\nReview: {verdict(review)} ({review.reviewed} resources, {review.rules} rules)", style=style)
    )
    if review.blocks:
        console.print(
            f"{len(review.blocking)} of them block: nobody should apply this without having looked at them."
        )


def _show(console: Console, finding: Finding) -> None:
    line = Text("waived   " if finding.waiver else f"{finding.severity:<9}", style=_STYLES[finding.severity])
    line.append(f"{finding.id}  ", style="dim")
    line.append(finding.address, style="bold")
    if finding.known:
        line.append("  as at the last apply", style="dim")
    console.print(line)
    console.print(Text(f"{_INDENT}{finding.message}"))
    if finding.waiver:
        console.print(Text(f"{_INDENT}{waiver_text(finding.waiver)}", style="dim"))
    for cause in finding.cascade:
        console.print(Text(f"{_INDENT}because {cause}", style="dim"))
    places = [f"{finding.file}:{finding.line}"] if finding.file else []
    places += [f"{finding.key} ({finding.key_file}:{finding.key_line})"] if finding.key else []
    if places:
        console.print(Text(f"{_INDENT}{', '.join(places)}", style="dim"))
