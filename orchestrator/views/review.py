"""The review as people read it on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from orchestrator.review.render import verdict

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.review.finding import Finding
    from orchestrator.review.review import Review

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}


def show_review(console: Console, review: Review, *, explain: bool = True) -> None:
    """Findings worst first, each with what to do; then the verdict."""
    if review.findings:
        console.print(Text("\nReview", style="bold"))
    for finding in review.findings:
        _show(console, finding, explain=explain and finding.severity not in ("low", "info"))
    style = "bold red" if review.blocks else "bold" if review.findings else "bold green"
    console.print(
        Text(f"\nReview: {verdict(review)} ({review.reviewed} resources, {review.rules} rules)", style=style)
    )
    if review.blocks:
        console.print(
            f"{len(review.blocking)} of them block: nobody should apply this without having looked at them."
        )


def _show(console: Console, finding: Finding, *, explain: bool) -> None:
    line = Text(f"{finding.severity:<9}", style=_STYLES[finding.severity])
    line.append(f"{finding.id}  ", style="dim")
    line.append(finding.address, style="bold")
    console.print(line)
    console.print(Text(f"         {finding.message}"))
    for cause in finding.cascade:
        console.print(Text(f"         because {cause}", style="dim"))
    if finding.file:
        console.print(Text(f"         {finding.file}:{finding.line}", style="dim"))
    if explain:
        console.print(Text(f"         {finding.why} {finding.fix}", style="dim"))
