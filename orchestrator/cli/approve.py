"""``orchestrator approve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.cli.confirm import Consent, can_ask, consent_to
from orchestrator.cli.options import env_option, json_option, session_of
from orchestrator.errors import EXIT_ERROR, EXIT_OK, OrchestratorError
from orchestrator.modules.types import suggest

if TYPE_CHECKING:
    from orchestrator.plan.signing import Key
    from orchestrator.session import Session


@click.command()
@env_option
@click.option("--plan", "plan_id", metavar="ID", required=True, help="The bundle (`latest`: the newest).")
@click.option("--as", "name", metavar="NAME", help="Which of the environment's approvers you are.")
@click.option(
    "--key",
    "private",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your private Ed25519 key; default: the file that ORCHESTRATOR_SIGNING_KEY names.",
)
@click.option("--comment", default="", help="What the approval should say.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, unless the review blocks.")
@click.option(
    "--confirm",
    "confirmed",
    metavar="ADDRESS",
    multiple=True,
    help="Take what the review says about this address; may be repeated.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    plan_id: str,
    name: str | None,
    private: Path | None,
    comment: str,
    yes: bool,
    confirmed: tuple[str, ...],
    as_json: bool,
) -> int:
    """Approve a plan: sign that it may be applied, with your own key.

    Shows the review first, and asks. What is lost for good is confirmed by its address, and the
    approval says so. An approval is of this bundle as it is: any change to it makes the approval void.

    \b
      orchestrator approve --env prod --plan 20260930T120000Z-1f2e
      orchestrator approve --env prod --plan latest --as alice --key ~/.ssh/approvals
    """
    from datetime import UTC, datetime

    from orchestrator.identity import identities
    from orchestrator.plan.authorise import own_approval
    from orchestrator.plan.bundle import load_bundle
    from orchestrator.plan.seal import approve, check_signature
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.review import show_review

    session = session_of(ctx, env)
    plans = session.environment.settings.plans
    if plans.approvals is None or plans.signer is None:
        raise OrchestratorError(
            f"{env} takes plans without approvals",
            remedy="name `plans.approvals` with its approvers in the environment file first",
        )
    bundle = load_bundle(session.work, plan_id)
    check_signature(bundle.path, bundle.seal, session.key(plans.signer))
    if bundle.seal.expired(datetime.now(UTC)):
        raise OrchestratorError(
            f"the plan {bundle.seal.id} expired at {bundle.seal.expires_at}", remedy="plan again"
        )
    approver, key = _approver(session, name, private)
    person, signer = identities(session), session.key(plans.signer).name
    own = own_approval(person, key.name, signer, bundle.manifest.planned_as)
    if own and not plans.approvals.allow_self:
        raise OrchestratorError(
            f"{own}, and own approvals do not count", remedy="let somebody else approve it"
        )
    if not as_json:
        show_review(make_console(), bundle.review)
    question = f"\nApprove {bundle.seal.id} for {env} as {approver}? Only `yes` is taken."
    consent = consent_to(bundle.review, env, question, Consent(yes, confirmed, can_ask(as_json)))
    if consent is None:
        click.echo("Not approved.")
        return EXIT_ERROR
    approval = approve(
        bundle.path, bundle.seal, approver, key, confirmed=consent, comment=comment, person=person
    )
    if as_json:
        print_json(approval.as_json())
    else:
        click.echo(
            f"Approved {approval.bundle} as {approval.by}; {plans.approvals.required} approvals are needed."
        )
    return EXIT_OK


def _approver(session: Session, name: str | None, private: Path | None) -> tuple[str, Key]:
    """Who approves: who is named, or whose private key is at hand."""
    approvals = session.environment.settings.plans.approvals
    assert approvals is not None
    if name is not None:
        if name not in approvals.approvers:
            raise OrchestratorError(
                f"{name} is none of the approvers", remedy=suggest(name, list(approvals.approvers))
            )
        return name, session.key(approvals.approvers[name], private)
    for known, settings in approvals.approvers.items():
        if settings.ed25519 is None:
            continue
        key = session.key(settings, private)
        try:
            key.sign(b"orchestrator: who am I?\n")
        except OrchestratorError:
            continue
        return known, key
    raise OrchestratorError(
        "none of the approvers' keys is at hand",
        remedy="name yours with --key (or ORCHESTRATOR_SIGNING_KEY), or yourself with --as",
    )
