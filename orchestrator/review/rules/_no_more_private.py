"""What was kept to a network, or to those who say who they are, and is not any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestrator.review.finding import Hit, Severity
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import begins, goes_on, loses, shown, stops

_KEPT_IN: tuple[tuple[str, str, Any, Severity, str], ...] = (
    # type, path, the value that keeps it in, severity, what its end means
    ("aws_transfer_server", "endpoint_type", "VPC", "high", "the server is reached from the internet"),
    (
        "aws_transfer_server",
        "endpoint_type",
        "VPC_ENDPOINT",
        "high",
        "the server is reached from the internet",
    ),
    (
        "aws_mwaa_environment",
        "webserver_access_mode",
        "PRIVATE_ONLY",
        "high",
        "its web server is reached from the internet",
    ),
    ("aws_appsync_graphql_api", "visibility", "PRIVATE", "high", "the API is reached from the internet"),
    (
        "aws_apprunner_service",
        "network_configuration.0.ingress_configuration.0.is_publicly_accessible",
        False,
        "high",
        "the service is reached from the internet",
    ),
    (
        "aws_codebuild_project",
        "project_visibility",
        "PRIVATE",
        "high",
        "everybody sees builds and their logs",
    ),
    (
        "aws_api_gateway_rest_api",
        "disable_execute_api_endpoint",
        True,
        "low",
        "it is reached past its own domain and what guards that",
    ),
    (
        "aws_apigatewayv2_api",
        "disable_execute_api_endpoint",
        True,
        "low",
        "it is reached past its own domain and what guards that",
    ),
    (
        "aws_secretsmanager_secret_policy",
        "block_public_policy",
        True,
        "low",
        "a policy for everybody is not refused",
    ),
    (
        "aws_vpc_endpoint_service",
        "acceptance_required",
        True,
        "low",
        "whom it admits connects without being accepted",
    ),
)
_IN_A_NETWORK: tuple[tuple[str, str, Severity, str], ...] = (
    # type, block, severity, what its end means
    ("aws_opensearch_domain", "vpc_options", "high", "the domain is reached from the internet"),
    ("aws_elasticsearch_domain", "vpc_options", "high", "the domain is reached from the internet"),
    (
        "aws_grafana_workspace",
        "network_access_control",
        "medium",
        "the workspace is reached from the internet",
    ),
    ("aws_s3_access_point", "vpc_configuration", "medium", "objects are reached from outside the VPC too"),
)
_ENDPOINTS = ("aws_api_gateway_rest_api", "aws_api_gateway_domain_name")
_ACCESS_POINTS = {
    "aws_s3_access_point": "public_access_block_configuration.0.",
    "aws_s3control_multi_region_access_point": "details.0.public_access_block.0.",
}
_PUBLIC_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")

ASKS: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    # type: path, what is open now, values that ask nobody
    "aws_apigatewayv2_route": ("authorization_type", "the route", (None, "", "NONE")),
    "aws_api_gateway_method": ("authorization", "the method", (None, "", "NONE")),
    "aws_lambda_function_url": ("authorization_type", "the function", (None, "", "NONE")),
    "aws_vpclattice_service": ("auth_type", "the service", (None, "", "NONE")),
    "aws_vpclattice_service_network": ("auth_type", "the services", (None, "", "NONE")),
    "aws_appsync_graphql_api": ("authentication_type", "the API (with its key)", (None, "", "API_KEY")),
}
"""What asks callers who they are."""
_CERTIFICATES = (
    ("aws_api_gateway_domain_name", "mutual_tls_authentication"),
    ("aws_apigatewayv2_domain_name", "mutual_tls_authentication"),
)
_SIGNED = ("trusted_key_groups", "trusted_signers")


def no_more_private(change: Change) -> Iterator[Hit]:
    """It was reached from its network only."""
    yield from _access_point(change)
    if not goes_on(change):
        return
    for kind, path, kept, severity, meaning in _KEPT_IN:
        keys = dotted(path)
        if kind == change.type and stops(change, path, kept):
            now = at(change.after, *keys)
            if isinstance(kept, bool) or now not in (None, "", "VPC", "VPC_ENDPOINT", "PRIVATE"):
                yield Hit(f"{shown(path)} is {str(now).lower()}: {meaning}", path, kept, now, severity)
    for kind, name, severity, meaning in _IN_A_NETWORK:
        if kind == change.type and loses(change, name):
            yield Hit(f"{name} is taken away: {meaning}", name, severity=severity)
    path = "endpoint_configuration.0.types"
    before, after = at(change.before, *dotted(path)) or (), at(change.after, *dotted(path)) or ()
    if change.type in _ENDPOINTS and "PRIVATE" in before and after and "PRIVATE" not in after:
        what = "the API" if change.type == _ENDPOINTS[0] else "the domain"
        yield Hit(f"{what} is reached from the internet", path, before, after, "high")


def _access_point(change: Change) -> Iterator[Hit]:
    """An access point's own guards; those of its bucket and account hold all the same."""
    place = _ACCESS_POINTS.get(change.type)
    if place is None:
        return
    off = [name for name in _PUBLIC_FLAGS if begins(change, place + name, False)]
    if not off:
        return
    was_on = any(stops(change, place + name, True) for name in off)
    yield Hit(
        f"{', '.join(off)} {'is' if len(off) == 1 else 'are'} off: the access point may become public",
        place + off[0],
        at(change.before, *dotted(place + off[0])),
        False,
        "high" if was_on else "medium",
    )


def never_asks(change: Change) -> bool:
    """Whether it is a browser's question before a call, which carries no credentials, or a message on an open WebSocket."""
    if change.type == "aws_api_gateway_method":
        return bool(change.after.get("http_method") == "OPTIONS")
    key = change.after.get("route_key")
    if change.type != "aws_apigatewayv2_route" or not isinstance(key, str):
        return False
    return key.startswith("OPTIONS ") or (" " not in key and key not in ("$connect", "$default"))


def no_more_asked(change: Change) -> Iterator[Hit]:
    """Callers were asked who they are."""
    if not goes_on(change):
        return
    if change.type in ASKS:
        path, what, nobody = ASKS[change.type]
        before, after = change.before.get(path), change.after.get(path)
        if before not in nobody and after in nobody and not change.is_unknown(path):
            yield Hit(f"anybody can call {what}: it asked for {before}", path, before, after, "high")
        scopes = "authorization_scopes"
        gone = change.before.get(scopes) and not change.after.get(scopes) and not change.is_unknown(scopes)
        if gone and after not in nobody:
            yield Hit("any token will do, whatever its scopes", scopes, change.before[scopes], None, "medium")
    for kind, name in _CERTIFICATES:
        if kind == change.type and loses(change, name):
            yield Hit("clients need no certificate any more", name, severity="high")
    path = "mutual_authentication.0.mode"
    if change.type in ("aws_lb_listener", "aws_alb_listener") and stops(change, path, "verify"):
        yield Hit(
            "clients need no certificate any more", path, "verify", at(change.after, *dotted(path)), "high"
        )
    yield from _unsigned(change)
    if change.type == "aws_appsync_graphql_api" and not change.is_unknown(
        "additional_authentication_provider"
    ):
        was, now = (
            {entry.get("authentication_type") for entry in blocks(side, "additional_authentication_provider")}
            | {side.get("authentication_type")}
            for side in (change.before, change.after)
        )
        if "API_KEY" in now - was and change.after.get("authentication_type") != "API_KEY":
            yield Hit(
                "whoever has the key can call it",
                "additional_authentication_provider",
                None,
                "API_KEY",
                "medium",
            )


def _unsigned(change: Change) -> Iterator[Hit]:
    """A distribution that gave its files to those with a signed address only."""
    if change.type != "aws_cloudfront_distribution":
        return
    for name in ("default_cache_behavior", "ordered_cache_behavior"):
        if change.is_unknown(name):
            continue
        before = {entry.get("path_pattern"): entry for entry in blocks(change.before, name)}
        for position, entry in enumerate(blocks(change.after, name)):
            was = before.get(entry.get("path_pattern")) or {}
            unknown = any(change.is_unknown(name, position, one) for one in _SIGNED)
            if (
                any(was.get(one) for one in _SIGNED)
                and not any(entry.get(one) for one in _SIGNED)
                and not unknown
            ):
                what = entry.get("path_pattern") or "what it serves"
                yield Hit(f"{what} needs no signed address any more", name, severity="high")
