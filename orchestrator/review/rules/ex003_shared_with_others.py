"""Something is shared with other accounts, or with everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import outsiders, policies_of
from orchestrator.review.plan import Change
from orchestrator.review.rules._exposure import _is_set


@rule(
    "EX003",
    "Something is shared with other accounts, or with everybody",
    "high",
    "exposure",
    why="Whoever it is shared with can copy it, and keeps the copy.",
    fix="Share with named accounts only, and for as long as it takes.",
    source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-modifying-snapshot-permissions.html",
)
def shared_with_others(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if (
        change.type in ("aws_ami_launch_permission", "aws_snapshot_create_volume_permission")
        and change.creates
    ):
        everybody = change.after.get("group") == "all"
        to = "everybody" if everybody else change.after.get("account_id") or "an organization"
        yield Hit(f"shared with {to}", severity="critical" if everybody else "high")
    if change.type in ("aws_db_snapshot", "aws_db_cluster_snapshot"):
        before, after = (
            set(change.before.get("shared_accounts") or ()),
            set(change.after.get("shared_accounts") or ()),
        )
        for account in sorted(after - before):
            yield Hit(
                f"shared with {account}",
                "shared_accounts",
                None,
                account,
                "critical" if account == "all" else "high",
            )
    if (
        change.type == "aws_lambda_layer_version_permission"
        and change.creates
        and change.after.get("principal") == "*"
        and not _is_set(change, "organization_id")
    ):
        yield Hit("everybody can use the layer", "principal", None, "*")
    external = (
        change.type == "aws_ram_resource_share" and change.after.get("allow_external_principals") is True
    )
    if external and (change.creates or not change.before.get("allow_external_principals")):
        yield Hit(
            "accounts outside the organization can be admitted",
            "allow_external_principals",
            change.before.get("allow_external_principals"),
            True,
            "medium",
        )
    for name, old, statements in policies_of(change, plan):
        if name != "assume_role_policy":
            known = {who for statement in old or () if statement.allow for who in statement.principals}
            new = {who for statement in statements if statement.allow for who in statement.principals} - known
            for who in outsiders(sorted(new), plan):
                yield Hit(f"its policy admits {who.partition(':')[2]}", name, None, who)
    if change.type == "aws_lambda_permission" and change.creates:
        who = str(change.after.get("principal") or "")
        account = re.search(r"^(\d{12})$|::(\d{12}):", who)
        if account and plan.account and plan.account not in account.groups():
            yield Hit(f"{who} can call the function", "principal", None, who)
    if change.type == "aws_ram_principal_association" and change.creates:
        yield Hit(
            f"a resource share admits {change.after.get('principal')}",
            "principal",
            None,
            change.after.get("principal"),
        )
