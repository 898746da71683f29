"""Exposure: what more people can reach, see or call after the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.plan import Change, dotted

WORLD = frozenset({"0.0.0.0/0", "::/0"})

_IDENTITY = {
    "aws_api_gateway_method": ("rest_api_id", "resource_id", "http_method"),
    "aws_apigatewayv2_route": ("api_id", "route_key"),
    "aws_lambda_function_url": ("function_name", "qualifier"),
    "aws_lb_listener": ("load_balancer_arn", "port"),
    "aws_alb_listener": ("load_balancer_arn", "port"),
    "aws_s3_bucket_acl": ("bucket",),
    "aws_s3_bucket_cors_configuration": ("bucket",),
    "aws_s3_bucket_ownership_controls": ("bucket",),
    "aws_s3_bucket_public_access_block": ("bucket",),
}
"""What two resources have in common that are the same thing, at one address before and at another after."""


def as_moved(change: Change, plan: PlanInContext) -> Change | None:
    """A change, compared with what it was at another address; None for what goes on at another address."""
    keys = _IDENTITY.get(change.type)
    if keys is None or change.deposed or change.action not in ("create", "delete"):
        return change
    side = change.after if change.creates else change.before
    contrary = "delete" if change.creates else "create"
    for other in plan.by_type.get(change.type, ()):
        twin = other.before if change.creates else other.after
        if (
            other.action == contrary
            and side.get(keys[0])
            and all(side.get(key) == twin.get(key) for key in keys)
        ):
            return replace(change, action="replace", before=twin) if change.creates else None
    return change


def group_of(kind: str, side: Mapping[str, Any]) -> Any:
    """The id of the security group that something is, or is a rule of."""
    return side.get("security_group_id" if kind.endswith("_rule") else "id")


def in_group_before(group: Any, kinds: Iterable[str], plan: PlanInContext) -> Iterator[Change]:
    """What the plan has of a security group that was there before."""
    for kind in kinds:
        for other in plan.by_type.get(kind, ()):
            if group and not other.creates and group_of(kind, other.before) == group:
                yield other


def is_set(change: Change, name: str) -> bool:
    """Whether an attribute has a value after apply."""
    return change.is_unknown(name) or bool(change.after.get(name))


def asked_for(change: Change, path: str, plan: PlanInContext) -> bool:
    """Whether the configuration itself says something of an attribute (dotted path), or of the block that it is in."""
    return bool(plan.sets(change, str(dotted(path)[0])))
