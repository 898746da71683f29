"""Something becomes public."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._exposure import _WORLD, _is_set

_FLAGS: tuple[tuple[str, str, Any, Severity, str], ...] = (
    # type ("" for all), path, the value that exposes, severity, what that means
    ("", "publicly_accessible", True, "critical", "reached from the internet"),
    ("aws_subnet", "map_public_ip_on_launch", True, "medium", "whatever starts in it has a public address"),
    ("aws_instance", "associate_public_ip_address", True, "high", "it has a public address"),
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
    ("aws_redshift_cluster", "publicly_accessible", True, "critical", "reached from the internet"),
    ("aws_dms_replication_instance", "publicly_accessible", True, "critical", "reached from the internet"),
    ("aws_mq_broker", "publicly_accessible", True, "critical", "reached from the internet"),
)


@rule(
    "EX002",
    "Something becomes public",
    "high",
    "exposure",
    why="Who can reach it is no longer decided by the network or by IAM.",
    fix="Keep it private; where it has to be public, say so in a waiver with a reason.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-networks.html",
)
def flag_exposes(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action == "delete":
        if change.type == "aws_s3_bucket_public_access_block":
            yield Hit("the bucket's block of public access is removed", severity="high")
        elif change.type == "aws_s3_account_public_access_block":
            yield Hit("the account's block of public access is removed", severity="critical")
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
        yield Hit(
            f"{path.rpartition('.')[2]} is {str(after).lower()}: {meaning}", path, before, after, severity
        )
    if change.type in ("aws_s3_bucket_acl", "aws_s3_bucket"):
        before, after = change.before.get("acl"), change.after.get("acl")
        if after in ("public-read", "public-read-write", "authenticated-read") and before != after:
            yield Hit(f"the ACL is {after}", "acl", before, after, "critical")
    if change.type == "aws_lambda_permission" and change.creates and change.after.get("principal") == "*":
        held_back = [
            name for name in ("principal_org_id", "source_account", "source_arn") if _is_set(change, name)
        ]
        if not held_back:
            yield Hit("anybody can call the function", "principal", None, "*", "critical")
    if change.type == "aws_eks_cluster":
        yield from _widened(change, "vpc_config.0.public_access_cidrs", "the Kubernetes API")


def _widened(change: Change, path: str, what: str) -> Iterator[Hit]:
    keys = dotted(path)
    before, after = set(at(change.before, *keys) or ()), set(at(change.after, *keys) or ())
    if (
        not change.is_unknown(*keys)
        and after & _WORLD
        and not before & _WORLD
        and at(change.after, "vpc_config", 0, "endpoint_public_access")
    ):
        yield Hit(
            f"{what} is open to {', '.join(sorted(after & _WORLD))}",
            path,
            sorted(before),
            sorted(after),
            "critical",
        )
