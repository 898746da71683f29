"""Something is shared with other accounts, or with everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import is_foreign, knows_account, outsiders, policies_of
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import begins
from orchestrator.review.rules._exposure import is_set

_NAMES_AN_ACCOUNT = (
    ("aws_kms_grant", "grantee_principal", "{} can use the key"),
    (
        "aws_s3_bucket_replication_configuration",
        "rule.0.destination.0.account",
        "objects are copied to account {}",
    ),
    ("aws_cloudwatch_log_subscription_filter", "destination_arn", "log lines go to {}"),
    ("aws_cloudwatch_event_target", "arn", "events go to {}"),
    ("aws_sns_topic_subscription", "endpoint", "messages go to {}"),
    ("aws_redshift_endpoint_authorization", "account", "account {} can connect to the cluster"),
    ("aws_vpc_peering_connection", "peer_owner_id", "the network is joined with one of account {}"),
)
_MOSTLY_OWN = (
    "aws_cloudwatch_log_subscription_filter",
    "aws_cloudwatch_event_target",
    "aws_sns_topic_subscription",
)
"""What names something of one's own account as a rule: where that is not known, nothing is said."""


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
    if change.action == "delete":
        return
    yield from _snapshots(change, plan)
    yield from _layers_and_shares(change, plan)
    yield from _documents(change, plan)
    for name, old, statements in policies_of(change, plan):
        if name != "assume_role_policy":
            known = {who for statement in old or () if statement.allow for who in statement.principals}
            new = {who for statement in statements if statement.allow for who in statement.principals} - known
            for who in outsiders(sorted(new), plan):
                yield Hit(f"its policy admits {who.partition(':')[2]}", name, None, who)
    if change.type == "aws_lambda_permission":
        who = str(change.after.get("principal") or "")
        if is_foreign(_account(who), plan) and who != change.before.get("principal"):
            yield Hit(f"{who} can call the function", "principal", None, who)
    yield from _named_accounts(change, plan)
    yield from _copies(change, plan)


def _named_accounts(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    for kind, path, what in _NAMES_AN_ACCOUNT:
        keys = dotted(path)
        if change.type != kind or change.is_unknown(*keys):
            continue
        who, was = str(at(change.after, *keys) or ""), str(at(change.before, *keys) or "")
        if who != was and is_foreign(_account(who), plan):
            yield Hit(what.format(who), path, was or None, who)
        elif who != was and _account(who) and not knows_account(plan) and kind not in _MOSTLY_OWN:
            yield Hit(f"{what.format(who)}, of an account by number", path, was or None, who, "medium")


def _account(who: str) -> str | None:
    match = re.search(r"^(\d{12})$|^arn:[^:]*:[^:]*:[^:]*:(\d{12}):", who)
    return (match[1] or match[2]) if match else None


def _copies(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """Backups and images that are copied to another account."""
    kind = {
        "aws_backup_plan": ("rule", "backups are copied to {}", _vaults),
        "aws_ecr_replication_configuration": (
            "replication_configuration",
            "images are copied to {}",
            _registries,
        ),
    }.get(change.type)
    if kind is None or change.is_unknown(kind[0]):
        return
    name, text, places = kind
    for place in sorted(places(change.after) - places(change.before)):
        if is_foreign(_account(place), plan):
            yield Hit(text.format(place), name, None, place)


def _vaults(side: Mapping[str, Any]) -> set[str]:
    return {
        str(copy.get("destination_vault_arn"))
        for entry in blocks(side, "rule")
        for copy in blocks(entry, "copy_action")
    }


def _registries(side: Mapping[str, Any]) -> set[str]:
    return {
        str(place.get("registry_id"))
        for configuration in blocks(side, "replication_configuration")
        for entry in blocks(configuration, "rule")
        for place in blocks(entry, "destination")
    }


def _is_own(account: Any, plan: PlanInContext) -> bool:
    return (
        knows_account(plan)
        and bool(re.fullmatch(r"\d{12}", str(account)))
        and not is_foreign(str(account), plan)
    )


def _snapshots(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    new = change.creates or change.action == "replace"
    if change.type in ("aws_ami_launch_permission", "aws_snapshot_create_volume_permission") and new:
        everybody = change.after.get("group") == "all"
        to = "everybody" if everybody else change.after.get("account_id") or "an organization"
        if not _is_own(to, plan):
            yield Hit(f"shared with {to}", severity="critical" if everybody else "high")
    if change.type in ("aws_db_snapshot", "aws_db_cluster_snapshot"):
        before, after = (set(side.get("shared_accounts") or ()) for side in (change.before, change.after))
        for account in sorted(after - before):
            if not _is_own(account, plan):
                yield Hit(
                    f"shared with {account}",
                    "shared_accounts",
                    None,
                    account,
                    "critical" if account == "all" else "high",
                )


def _layers_and_shares(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    new = change.creates or change.action == "replace"
    if (
        change.type == "aws_lambda_layer_version_permission"
        and begins(change, "principal", "*")
        and not is_set(change, "organization_id")
    ):
        yield Hit("everybody can use the layer", "principal", None, "*")
    if change.type == "aws_ram_resource_share" and begins(change, "allow_external_principals", True):
        yield Hit(
            "accounts outside the organization can be admitted",
            "allow_external_principals",
            change.before.get("allow_external_principals"),
            True,
            "medium",
        )
    path = "auto_accept_shared_attachments"
    if change.type == "aws_ec2_transit_gateway" and begins(change, path, "enable"):
        text = "networks of every account that it is shared with join by themselves"
        yield Hit(text, path, change.before.get(path), "enable", "low")
    who = change.after.get("principal")
    if change.type == "aws_ram_principal_association" and new and not _is_own(who, plan):
        yield Hit(f"a resource share admits {who}", "principal", None, who)


def _documents(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    if change.type != "aws_ssm_document" or change.is_unknown("permissions"):
        return
    before, after = (
        set(str((side.get("permissions") or {}).get("account_ids") or "").lower().split(",")) - {""}
        for side in (change.before, change.after)
    )
    for account in sorted(after - before):
        everybody = account == "all"
        if not _is_own(account, plan):
            yield Hit(
                f"shared with {'everybody' if everybody else account}",
                "permissions",
                None,
                account,
                "critical" if everybody else "high",
            )
