"""Traffic is encrypted less."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted

# Oldest protocol that a policy accepts, higher is better; those that are not listed are not judged.
_TLS = {
    "ELBSecurityPolicy-TLS-1-0-2015-04": 10,
    "ELBSecurityPolicy-2016-08": 10,
    "ELBSecurityPolicy-TLS13-1-0-2021-06": 10,
    "ELBSecurityPolicy-TLS-1-1-2017-01": 11,
    "ELBSecurityPolicy-TLS13-1-1-2021-06": 11,
    "ELBSecurityPolicy-TLS-1-2-2017-01": 12,
    "ELBSecurityPolicy-TLS-1-2-Ext-2018-06": 12,
    "ELBSecurityPolicy-FS-1-2-2019-08": 12,
    "ELBSecurityPolicy-FS-1-2-Res-2020-10": 12,
    "ELBSecurityPolicy-TLS13-1-2-2021-06": 12,
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": 12,
    "ELBSecurityPolicy-TLS13-1-3-2021-06": 13,
    "TLS_1_0": 10,
    "TLS_1_2": 12,
    "SSLv3": 3,
    "TLSv1": 10,
    "TLSv1_2016": 10,
    "TLSv1.1_2016": 11,
    "TLSv1.2_2018": 12,
    "TLSv1.2_2019": 12,
    "TLSv1.2_2021": 12,
    "Policy-Min-TLS-1-0-2019-07": 10,
    "Policy-Min-TLS-1-2-2019-07": 12,
    "Policy-Min-TLS-1-2-PFS-2023-10": 12,
}


@rule(
    "EX005",
    "Traffic is encrypted less",
    "high",
    "exposure",
    why="Old TLS versions can be broken, plain HTTP can be read and changed on the way.",
    fix="Take a policy of TLS 1.2 or newer; redirect HTTP to HTTPS.",
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
)
def transport_is_weakened(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    for path in (
        "ssl_policy",
        "security_policy",
        "minimum_protocol_version",
        "domain_name_configuration.0.security_policy",
        "viewer_certificate.0.minimum_protocol_version",
        "domain_endpoint_options.0.tls_security_policy",
    ):
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if change.action == "delete" or change.is_unknown(*keys) or before == after or after not in _TLS:
            continue
        if _TLS[after] < 12 and _TLS.get(before, 12) > _TLS[after]:
            yield Hit(f"{path.rpartition('.')[2]} {after} accepts TLS before 1.2", path, before, after)
    if change.type in ("aws_lb_listener", "aws_alb_listener") and change.turned("protocol", "HTTPS", "HTTP"):
        yield Hit("the listener speaks HTTP instead of HTTPS", "protocol", "HTTPS", "HTTP")
    for path, good, bad in (
        ("transit_encryption_enabled", True, False),
        ("domain_endpoint_options.0.enforce_https", True, False),
        ("node_to_node_encryption.0.enabled", True, False),
    ):
        if change.turned(path, good, bad):
            yield Hit(
                f"{path.rpartition('.')[2] if path.endswith('https') else path.partition('.')[0]} is switched off",
                path,
                good,
                bad,
            )
