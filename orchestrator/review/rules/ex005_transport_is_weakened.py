"""Traffic is encrypted less."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import begins, goes_on, shown, stops
from orchestrator.review.rules._exposure import as_moved, asked_for
from orchestrator.review.rules._plain_http import plain_http

_NAMED = (
    "ssl_policy",
    "security_policy",
    "minimum_protocol_version",
    "domain_name_configuration.0.security_policy",
    "viewer_certificate.0.minimum_protocol_version",
    "domain_endpoint_options.0.tls_security_policy",
)
# Policies whose names do not tell the oldest protocol that they accept, or tell another.
_OLD = {
    "ELBSecurityPolicy-2016-08": 10,
    "ELBSecurityPolicy-2015-05": 10,
    "ELBSecurityPolicy-2015-03": 10,
    "ELBSecurityPolicy-2015-02": 10,
    "ELBSecurityPolicy-2014-10": 10,
    "ELBSecurityPolicy-2014-01": 10,
    "ELBSecurityPolicy-2011-08": 10,
    "ELBSecurityPolicy-FS-2018-06": 10,
    "SSLv3": 3,
    "TLSv1": 10,
    "TLSv1_2016": 10,
}
_SWITCHES: tuple[tuple[str, str, Any, str], ...] = (
    # type ("" for all), path, the value that encrypts, what it is
    ("", "transit_encryption_enabled", True, ""),
    ("", "domain_endpoint_options.0.enforce_https", True, ""),
    ("", "node_to_node_encryption.0.enabled", True, ""),
    ("aws_memorydb_cluster", "tls_enabled", True, ""),
    ("aws_db_proxy", "require_tls", True, ""),
    (
        "aws_msk_cluster",
        "encryption_info.0.encryption_in_transit.0.in_cluster",
        True,
        "encryption between brokers",
    ),
    ("aws_dax_cluster", "cluster_endpoint_encryption_type", "TLS", "TLS to the cluster"),
    ("aws_elasticache_replication_group", "transit_encryption_mode", "required", "TLS for every client"),
)
_MSK = "encryption_info.0.encryption_in_transit.0.client_broker"
_CACHE = "default_cache_behavior.0.viewer_protocol_policy"
_BAD: tuple[tuple[str, str, Any, Severity, str], ...] = (
    # type, path, the value that does not encrypt, severity from the start, what that means
    ("aws_msk_cluster", _MSK, "PLAINTEXT", "medium", "clients talk to the brokers in the clear"),
    ("aws_msk_cluster", _MSK, "TLS_PLAINTEXT", "low", "clients may talk to the brokers in the clear"),
    ("aws_cloudfront_distribution", _CACHE, "allow-all", "low", "viewers may use plain HTTP"),
)
_PARAMETERS: dict[str, dict[str, tuple[str, ...]]] = {
    # type: parameter, and what switches it on
    "aws_db_parameter_group": {
        "rds.force_ssl": ("1", "on", "true"),
        "require_secure_transport": ("1", "on", "true"),
    },
    "aws_rds_cluster_parameter_group": {
        "rds.force_ssl": ("1", "on", "true"),
        "require_secure_transport": ("1", "on", "true"),
    },
    "aws_docdb_cluster_parameter_group": {"tls": ("enabled", "fips-140-3", "tls1.2+", "tls1.3+")},
    "aws_neptune_cluster_parameter_group": {"neptune_enforce_ssl": ("1",)},
    "aws_redshift_parameter_group": {"require_ssl": ("1", "on", "true")},
}
"""Switches of databases that are kept in groups of parameters."""


@rule(
    "EX005",
    "Traffic is encrypted less",
    "high",
    "exposure",
    why="Old TLS versions can be broken, plain HTTP can be read and changed on the way.",
    fix="Take a policy of TLS 1.2 or newer; redirect HTTP to HTTPS.",
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
)
def transport_is_weakened(given: Change, plan: PlanInContext) -> Iterable[Hit]:
    change = as_moved(given, plan)
    if change is None:
        return
    if not change.creates and not goes_on(change):
        return
    yield from _policies(change)
    yield from plain_http(change, plan)
    yield from _switches(change, plan)
    if change.type == "aws_sns_topic_subscription" and begins(change, "protocol", "http"):
        yield Hit("messages travel in the clear", "protocol", change.before.get("protocol"), "http")
    if change.type == "aws_transfer_server" and not change.is_unknown("protocols"):
        was, now = (set(side.get("protocols") or ()) for side in (change.before, change.after))
        if "FTP" in now - was:
            yield Hit("files and passwords travel in the clear (FTP)", "protocols", None, "FTP", "medium")
    if change.type == "aws_cognito_user_pool_client":
        yield from _callbacks(change)
    if change.type == "aws_ecs_task_definition" and goes_on(change):
        yield from _volumes(change)
    if change.type in _PARAMETERS:
        yield from _parameters(change, _PARAMETERS[change.type])


def _switches(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    for kind, path, good, what in _SWITCHES:
        if kind not in ("", change.type):
            continue
        keys = dotted(path)
        now = at(change.after, *keys)
        if stops(change, path, good):
            yield Hit(f"{what or shown(path)} is switched off", path, good, now)
        elif change.creates and good is True and now is False and asked_for(change, path, plan):
            yield Hit(f"{what or shown(path)} is off from the start", path, None, False, "medium")
    for kind, path, bad, severity, what in _BAD:
        if kind == change.type and begins(change, path, bad):
            before = at(change.before, *dotted(path))
            yield Hit(what, path, before, bad, None if goes_on(change) else severity)


def _policies(change: Change) -> Iterator[Hit]:
    for path in _NAMED:
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if change.is_unknown(*keys) or before == after:
            continue
        was, now = oldest_protocol(before), oldest_protocol(after)
        if now is not None and now < 12 and (was is None or was > now):
            yield Hit(f"{path.rpartition('.')[2]} {after} accepts TLS before 1.2", path, before, after)
        elif now is None and was is not None and isinstance(after, str) and after:
            yield Hit(
                f"{path.rpartition('.')[2]} {after} is not known here: see that it asks for TLS 1.2",
                path,
                before,
                after,
                "low",
            )


def oldest_protocol(name: Any) -> int | None:
    """The oldest TLS version (12 for 1.2) that a policy of AWS accepts, by its name; None where that does not tell."""
    if not isinstance(name, str):
        return None
    if name in _OLD:
        return _OLD[name]
    if match := re.search(r"(?:TLS13|FS|TLS|Min-TLS)-1-([0-3])(?!\d)", name):
        return 10 + int(match[1])
    if match := re.match(r"TLS(?:v|_)1[._]?([0-3])?", name):
        return 10 + int(match[1] or 0)
    return None


def _callbacks(change: Change) -> Iterator[Hit]:
    """Cognito takes plain HTTP for one's own machine only, unless it was told otherwise long ago."""
    for name in ("callback_urls", "logout_urls"):
        if change.is_unknown(name):
            continue
        for url in sorted(set(change.after.get(name) or ()) - set(change.before.get(name) or ())):
            if re.match(r"http://(?!localhost[:/]|localhost$|127\.0\.0\.1[:/])", str(url)):
                yield Hit(f"who has signed in is sent to {url} in the clear", name, None, url, "medium")


def _volumes(change: Change) -> Iterator[Hit]:
    path = ("efs_volume_configuration", 0, "transit_encryption")
    was = {entry.get("name") for entry in blocks(change.before, "volume") if at(entry, *path) == "ENABLED"}
    for entry in blocks(change.after, "volume"):
        if entry.get("name") in was and at(entry, *path) != "ENABLED":
            yield Hit(
                f"files of the volume {entry.get('name')} travel in the clear",
                "volume",
                "ENABLED",
                at(entry, *path),
            )


def _parameters(change: Change, switches: Mapping[str, tuple[str, ...]]) -> Iterator[Hit]:
    was, now = (
        {str(entry.get("name")): str(entry.get("value")).lower() for entry in blocks(side, "parameter")}
        for side in (change.before, change.after)
    )
    for name, on in switches.items():
        off = now.get(name) not in on and not change.is_unknown("parameter")
        if was.get(name) in on and off:
            yield Hit(
                f"{name} is switched off: the database takes connections in the clear",
                "parameter",
                was[name],
                now.get(name),
            )
        elif change.creates and name in now and now[name] != "none" and off:
            yield Hit(f"{name} is off from the start", "parameter", None, now[name], "low")
