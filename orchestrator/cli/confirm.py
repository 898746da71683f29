"""What is asked before a plan is applied or approved: a yes, and what is lost by name."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import ask
from orchestrator.errors import BlockedError

if TYPE_CHECKING:
    from orchestrator.review.finding import Finding
    from orchestrator.review.review import Review


@dataclass(frozen=True)
class Consent:
    """What was said on the command line before anybody is asked. ``may_ask``: somebody is there to answer."""

    yes: bool
    confirmed: Collection[str]
    may_ask: bool


def can_ask(as_json: bool) -> bool:
    """Whether there is a terminal with somebody at it."""
    return sys.stdin.isatty() and not as_json


def consent_to(
    review: Review, env: str, question: str, given: Consent, *, approved: bool = False
) -> tuple[str, ...] | None:
    """Get consent to a reviewed plan; the confirmed addresses, or None when it was refused.

    Failed checks are never confirmed, only waived. Other blocking findings are confirmed on the command line (by
    address), by an approval, or by somebody at the terminal; what is lost always by its address or number.

    Raises:
        BlockedError: something blocks, and nobody is there to ask.
        UsageError: an address was confirmed that has no such finding.
    """
    blocking = {finding.address for finding in review.blocking}
    unknown = sorted(set(given.confirmed) - {finding.address for finding in review.findings})
    if unknown:
        raise click.UsageError(f"--confirm {unknown[0]}: the review has no finding about it.")
    checks = [finding for finding in review.blocking if finding.category == "policy"]
    if checks:
        raise _refused(
            checks, "checks failed", "mend the resources, or waive the checks in policy/waivers.yaml"
        )
    open_ones = [finding for finding in review.blocking if finding.address not in given.confirmed]
    losses = [finding for finding in open_ones if finding.exact]
    heavy = [] if approved else [finding for finding in open_ones if not finding.exact]
    if (losses or heavy) and not given.may_ask:
        raise _refused(
            [*losses, *heavy],
            "findings block",
            "confirm each with --confirm ADDRESS, or waive it in policy/waivers.yaml; --yes is not enough",
        )
    if heavy and not ask(f"\n{len(heavy)} findings block. Type {env} to go on all the same.", env):
        return None
    if losses and not _confirm_losses(losses, env):
        return None
    if not (losses or heavy or given.yes) and not ask(question, "yes"):
        return None
    return tuple(sorted(blocking & {*given.confirmed, *(finding.address for finding in (*losses, *heavy))}))


def _confirm_losses(losses: list[Finding], env: str) -> bool:
    for finding in losses:
        click.secho(f"  {finding.address}: {finding.message}", fg="red")
    if len(losses) == 1:
        return ask("\nThis is lost for good. Type its address to go on.", losses[0].address)
    words = f"lose {len(losses)} in {env}"
    return ask(f"\nThese {len(losses)} are lost for good. Type `{words}` to go on.", words)


def _refused(findings: list[Finding], what: str, remedy: str) -> BlockedError:
    lines = [f"{finding.id} {finding.address}: {finding.message}" for finding in findings[:20]]
    if len(findings) > 20:
        lines.append(f"… and {len(findings) - 20} more")
    return BlockedError(
        f"the review refuses this plan: {len(findings)} {what}", remedy=remedy, details=tuple(lines)
    )
