"""What is asked before a plan is applied or approved: a yes, and what is lost by name."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from orchestrator.addresses import without_keys
from orchestrator.cli.options import ask
from orchestrator.errors import BlockedError
from orchestrator.review.stateful import STATEFUL

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


def consent_to_destroy(env: str, addresses: Sequence[str], given: Consent, *, emulated: bool) -> bool:
    """Get consent to a destroy by the environment's name, typed or given as ``--confirm``.

    ``--yes`` is enough on the emulator, and where nothing that holds data goes.

    Raises:
        BlockedError: nobody is there to ask, and what holds data would go.
    """
    if env in given.confirmed:
        return True
    losses = [address for address in addresses if _type_of(address) in STATEFUL]
    if given.yes and (emulated or not losses):
        return True
    if not given.may_ask:
        raise BlockedError(
            f"{len(losses)} of these hold data, and --yes is not enough for that",
            remedy=f"add `--confirm {env}`",
            details=tuple(losses[:20]),
        )
    question = f"{len(addresses)} resources of {env} will be destroyed"
    question += f", {len(losses)} of them hold data" if losses else ""
    return ask(f"{question}. Type the environment's name to go on.", env)


def _type_of(address: str) -> str:
    """``module.data.aws_s3_bucket.this["a.b"]`` → ``aws_s3_bucket``."""
    words = without_keys(address).split(".")
    return words[-2] if len(words) > 1 else ""


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
