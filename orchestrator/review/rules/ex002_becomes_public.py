"""Something becomes public."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import begins, goes_on, stops
from orchestrator.review.rules._exposure import WORLD, as_moved
from orchestrator.review.rules._no_more_private import (
    ASKS,
    never_asks,
    no_more_asked,
    no_more_private,
)
from orchestrator.review.rules._routes import ways_to_the_internet

_FLAGS: tuple[tuple[str, str, Any, Severity, str], ...] = (
    # type ("" for all), path, the value that exposes, severity, what that means
    ("", "publicly_accessible", True, "critical", "reached from the internet"),
    ("aws_subnet", "map_public_ip_on_launch", True, "medium", "whatever starts in it has a public address"),
    ("aws_instance", "associate_public_ip_address", True, "high", "it has a public address"),
    ("aws_spot_instance_request", "associate_public_ip_address", True, "high", "it has a public address"),
    (
        "aws_launch_configuration",
        "associate_public_ip_address",
        True,
        "high",
        "what it starts has a public address",
    ),
    ("aws_neptunegraph_graph", "public_connectivity", True, "high", "the graph is reached from the internet"),
    (
        "aws_launch_template",
        "network_interfaces.0.associate_public_ip_address",
        "true",
        "high",
        "what it starts has a public address",
    ),
    (
        "aws_ecs_service",
        "network_configuration.0.assign_public_ip",
        True,
        "high",
        "tasks have public addresses",
    ),
    ("aws_lb", "internal", False, "medium", "the load balancer faces the internet"),
    ("aws_alb", "internal", False, "medium", "the load balancer faces the internet"),
    (
        "aws_eks_cluster",
        "vpc_config.0.endpoint_public_access",
        True,
        "high",
        "the Kubernetes API is reached from outside the VPC",
    ),
    ("aws_s3_bucket_public_access_block", "block_public_acls", False, "high", "public ACLs are accepted"),
    (
        "aws_s3_bucket_public_access_block",
        "block_public_policy",
        False,
        "high",
        "public policies are accepted",
    ),
    ("aws_s3_bucket_public_access_block", "ignore_public_acls", False, "high", "public ACLs count"),
    ("aws_s3_bucket_public_access_block", "restrict_public_buckets", False, "high", "public policies count"),
    (
        "aws_s3_account_public_access_block",
        "block_public_acls",
        False,
        "critical",
        "public ACLs are accepted in the whole account",
    ),
    (
        "aws_s3_account_public_access_block",
        "block_public_policy",
        False,
        "critical",
        "public policies are accepted in the whole account",
    ),
    (
        "aws_s3_account_public_access_block",
        "ignore_public_acls",
        False,
        "critical",
        "public ACLs count in the whole account",
    ),
    (
        "aws_s3_account_public_access_block",
        "restrict_public_buckets",
        False,
        "critical",
        "public policies count in the whole account",
    ),
    ("aws_lambda_function_url", "authorization_type", "NONE", "high", "anybody can call the function"),
    ("aws_apigatewayv2_route", "authorization_type", "NONE", "medium", "anybody can call the route"),
    ("aws_api_gateway_method", "authorization", "NONE", "medium", "anybody can call the method"),
    (
        "aws_appsync_graphql_api",
        "authentication_type",
        "API_KEY",
        "medium",
        "whoever has the key can call it",
    ),
    ("aws_ecr_repository", "image_tag_mutability", "MUTABLE", "low", "an image can change under its tag"),
    (
        "aws_sagemaker_notebook_instance",
        "direct_internet_access",
        "Enabled",
        "high",
        "the notebook reaches the internet",
    ),
    (
        "aws_sagemaker_domain",
        "app_network_access_type",
        "PublicInternetOnly",
        "high",
        "apps reach the internet past the VPC",
    ),
    (
        "aws_msk_cluster",
        "broker_node_group_info.0.connectivity_info.0.public_access.0.type",
        "SERVICE_PROVIDED_EIPS",
        "high",
        "brokers have public addresses",
    ),
    (
        "aws_msk_cluster",
        "client_authentication.0.unauthenticated",
        True,
        "high",
        "clients need not say who they are",
    ),
    (
        "aws_cognito_identity_pool",
        "allow_unauthenticated_identities",
        True,
        "high",
        "whoever has not signed in gets credentials",
    ),
    (
        "aws_ec2_serial_console_access",
        "enabled",
        True,
        "medium",
        "instances' consoles are reached past the network",
    ),
    (
        "aws_s3_bucket_ownership_controls",
        "rule.0.object_ownership",
        "ObjectWriter",
        "low",
        "ACLs count again",
    ),
    ("aws_cognito_user_pool", "mfa_configuration", "OFF", "info", "a password is enough"),
)

_BLOCK_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_BLOCKS: dict[str, tuple[str, Severity]] = {
    "aws_s3_bucket_public_access_block": ("the bucket", "high"),
    "aws_s3_account_public_access_block": ("the whole account", "critical"),
}
_OF_ANY_ACCOUNT = tuple(f"{name}.amazonaws.com" for name in ("s3", "sns", "events", "config", "apigateway"))
"""Services that call for whoever tells them to; an ARN or account says for whom."""


@rule(
    "EX002",
    "Something becomes public",
    "high",
    "exposure",
    why="Who can reach it is no longer decided by the network or by IAM.",
    fix="Keep it private; where it has to be public, say so in a waiver with a reason.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-networks.html",
)
def flag_exposes(given: Change, plan: PlanInContext) -> Iterable[Hit]:
    change = as_moved(given, plan)
    if change is None:
        return
    if change.action == "delete":
        if change.type == "aws_s3_bucket_public_access_block":
            yield Hit("the bucket's block of public access is removed", severity="high")
        elif change.type == "aws_s3_account_public_access_block":
            yield Hit("the account's block of public access is removed", severity="critical")
        return
    if never_asks(change):
        return
    for kind, path, exposes, severity, meaning in _FLAGS:
        if kind not in ("", change.type):
            continue
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if change.is_unknown(*keys) or after != exposes or type(after) is not type(exposes):
            continue
        if not change.creates and before == exposes:
            continue
        if kind == "aws_cognito_user_pool":
            if before != "ON":
                continue
            severity = "medium"
        if before and kind in ASKS:
            continue  # worse than one that never asked
        yield Hit(
            f"{path.rpartition('.')[2]} is {str(after).lower()}: {meaning}", path, before, after, severity
        )
    key = "api_key_required"
    if (
        change.type == "aws_api_gateway_method"
        and stops(change, key, True)
        and change.after.get("authorization") == "NONE"
    ):
        yield Hit("anybody can call the method, without a key", key, True, change.after.get(key), "medium")
    yield from _blocks_stop(change)
    yield from _acl_opens(change)
    yield from _invoked_by_anybody(change, plan)
    yield from _open_in_other_ways(change, plan)
    if change.type == "aws_eks_cluster":
        yield from _widened(change, "vpc_config.0.public_access_cidrs", "the Kubernetes API")


def _blocks_stop(change: Change) -> Iterator[Hit]:
    """Switches that keep things from becoming public, off or no more set."""
    scope, severity = _BLOCKS.get(change.type, ("", None))
    for path in _BLOCK_FLAGS:
        if scope and change.after.get(path) is None and stops(change, path, True):
            yield Hit(f"{path} is not set any more, for {scope}", path, True, None, severity)
    shares = ("aws_ebs_snapshot_block_public_access", "aws_ec2_image_block_public_access")
    if change.type in shares and begins(change, "state", "unblocked"):
        yield Hit("what is made here may be made public", "state", change.before.get("state"), "unblocked")
    path = "block_public_security_group_rules"
    if change.type == "aws_emr_block_public_access_configuration" and begins(change, path, False):
        yield Hit("EMR clusters may be reached from the internet", path, True, False)


def _acl_opens(change: Change) -> Iterator[Hit]:
    if change.type not in ("aws_s3_bucket_acl", "aws_s3_bucket", "aws_s3_object"):
        return
    before, after = change.before.get("acl"), change.after.get("acl")
    if after in ("public-read", "public-read-write", "authenticated-read") and before != after:
        severity: Severity = "high" if change.type == "aws_s3_object" else "critical"
        yield Hit(f"the ACL is {after}", "acl", before, after, severity)
    was, now = _groups(change.before), _groups(change.after)
    for group in sorted(now - was):
        yield Hit(f"the ACL admits {group}", "acl", None, group, "critical")


def _groups(side: Mapping[str, Any]) -> set[str]:
    """The groups of everybody that an ACL names."""
    entries = [
        grantee
        for policy in blocks(side, "access_control_policy")
        for grant in blocks(policy, "grant")
        for grantee in blocks(grant, "grantee")
    ]
    names = {str(entry.get("uri") or "").rpartition("/")[2] for entry in [*entries, *blocks(side, "grant")]}
    return names & {"AllUsers", "AuthenticatedUsers"}


def _invoked_by_anybody(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    anybody = change.type == "aws_cloudwatch_event_permission" and begins(change, "principal", "*")
    if anybody and not blocks(change.after, "condition"):
        yield Hit("anybody can put events", "principal", change.before.get("principal"), "*", "critical")
    if change.type != "aws_lambda_permission" or not (change.creates or goes_on(change)):
        return
    if _held_back(change.after, change):
        return
    who = str(change.after.get("principal") or "")
    gone = plan.gone.get((change.type, str(change.after.get("function_name"))), ())
    moved = [one.before for one in gone if one.before.get("principal") == who]
    moved.sort(key=lambda side: _held_back(side, None))
    was = change.before or (moved[0] if moved else {})
    same = was.get("principal") == who
    if same and not _held_back(was, None):
        return
    if who == "*":
        yield Hit("anybody can call the function", "principal", was.get("principal"), "*", "critical")
    elif who in _OF_ANY_ACCOUNT or (same and ".amazon" in who):
        was_for = was.get("source_arn") or was.get("source_account")
        text = f"{who} can call the function for any account"
        yield Hit(text, "source_arn", was_for, change.after.get("source_arn"), "medium")


def _held_back(side: Mapping[str, Any], change: Change | None) -> bool:
    names = ("principal_org_id", "source_account", "source_arn", "event_source_token")
    return any(side.get(name) or (change is not None and change.is_unknown(name)) for name in names)


def _open_in_other_ways(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    opens = _from_public(change.after.get("policy")) and not _from_public(change.before.get("policy"))
    if change.type == "aws_opensearchserverless_security_policy" and opens:
        yield Hit("collections are reached from the internet", "policy", severity="high")
    if change.type == "aws_vpc_endpoint_service":
        before, after = (set(side.get("allowed_principals") or ()) for side in (change.before, change.after))
        if "*" in after - before:
            yield Hit("any account can connect to the service", "allowed_principals", None, "*")
    yield from ways_to_the_internet(change, plan)
    yield from no_more_private(change)
    yield from no_more_asked(change)
    if change.type == "aws_elb" and begins(change, "internal", False):
        yield Hit("the load balancer faces the internet", "internal", True, False, "medium")


def _from_public(text: Any) -> bool:
    try:
        rules = json.loads(text)
    except (ValueError, TypeError):
        return False
    found = rules if isinstance(rules, list) else [rules]
    return any(isinstance(one, Mapping) and one.get("AllowFromPublic") is True for one in found)


def _widened(change: Change, path: str, what: str) -> Iterator[Hit]:
    keys = dotted(path)
    before, after = set(at(change.before, *keys) or ()), set(at(change.after, *keys) or ())
    if (
        not change.is_unknown(*keys)
        and after & WORLD
        and not before & WORLD
        and at(change.after, "vpc_config", 0, "endpoint_public_access")
    ):
        yield Hit(
            f"{what} is open to {', '.join(sorted(after & WORLD))}",
            path,
            sorted(before),
            sorted(after),
            "critical",
        )
