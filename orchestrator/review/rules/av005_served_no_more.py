"""A name or an address is served no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at
from orchestrator.review.rules._common import goes_on

_ENTRANCES = {
    "aws_alb": "the load balancer",
    "aws_lb": "the load balancer",
    "aws_elb": "the load balancer",
    "aws_api_gateway_rest_api": "the API",
    "aws_apigatewayv2_api": "the API",
    "aws_appsync_graphql_api": "the API",
    "aws_cloudfront_distribution": "the distribution",
    "aws_globalaccelerator_accelerator": "the accelerator",
    "aws_apprunner_service": "the service",
}
_DOMAINS = {
    "aws_amplify_domain_association": "domain_name",
    "aws_api_gateway_domain_name": "domain_name",
    "aws_apigatewayv2_domain_name": "domain_name",
    "aws_apprunner_custom_domain_association": "domain_name",
    "aws_appsync_domain_name": "domain_name",
    "aws_cognito_user_pool_domain": "domain",
}
_MINOR = ("TXT", "CAA", "PTR", "SPF", "NAPTR", "DS", "SSHFP", "TLSA")
"""Kinds of records by which nobody is reached."""


@rule(
    "AV005",
    "A name or an address is served no more",
    "medium",
    "availability",
    why="Who calls it finds nothing, and resolvers keep the old answer, or that there is none, for the record's TTL.",
    fix="Lead callers away first, and see in the logs that nobody comes any more.",
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-deleting.html",
)
def served_no_more(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.deposed:
        return
    if change.type == "aws_route53_record" and change.ends:
        yield from _record(change, plan)
    if change.type == "aws_acm_certificate" and goes_on(change):
        yield from _certificate(change, plan)
    if change.type == "aws_cloudfront_distribution" and goes_on(change):
        yield from _aliases(change, plan)
    if change.action == "delete" and change.type in _ENTRANCES:
        yield Hit(f"{_ENTRANCES[change.type]} is gone, and so is its address", severity="low")
    name = _DOMAINS.get(change.type)
    if name and change.ends:
        was, now = change.before.get(name), change.after.get(name)
        if was != now and not change.is_unknown(name) and not _elsewhere(change, name, was, plan):
            yield Hit(f"{was} is not answered here any more", name, was, now)


def _record(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    before, kind = change.before, str(change.before.get("type"))
    name = _plain(before.get("fqdn") or before.get("name"))
    alias = at(before, "alias", 0, "name")
    targets = [*_list(before.get("records")), alias]
    if plan.ends(before.get("zone_id")) or any(_target_ends(target, plan) for target in targets if target):
        return
    if any(_answers(other, change, name) for other in plan.by_type["aws_route53_record"]):
        return
    severity: Severity = "low" if kind in _MINOR or name.startswith("_") else "medium"
    if name.startswith("_") and any(_plain(target).endswith("acm-validations.aws") for target in targets):
        if any(other.ends for other in plan.by_type.get("aws_acm_certificate", ())):
            return
        yield Hit(
            f"the certificate that {name} speaks for is not renewed by itself any more",
            "name",
            severity="low",
        )
        return
    yield Hit(f"{name} ({kind}) is not answered any more", "name", before.get("name"), None, severity)


def _answers(other: Change, gone: Change, name: str) -> bool:
    """Whether another record, or what the same becomes, answers for the name."""
    if other.action == "delete" or (other is gone and gone.is_unknown("name")):
        return other.action != "delete"
    if other.is_unknown("name"):
        return True
    theirs = _plain(other.after.get("name"))
    zones = other.after.get("zone_id"), gone.before.get("zone_id")
    within = zones[0] == zones[1] or zones[0] is None
    kinds = {str(other.after.get("type")), str(gone.before.get("type"))}
    addresses = kinds <= {
        "A",
        "AAAA",
        "CNAME",
        "NS",
    }  # what begins to be an alias, or another zone's, is answered
    return (theirs == name or (within and name.startswith(f"{theirs}."))) and (len(kinds) == 1 or addresses)


def _target_ends(target: Any, plan: PlanInContext) -> bool:
    """Whether what a record leads to ends in the same plan: then that is what is told."""
    ended = {
        _plain(value).removeprefix("dualstack.")
        for kind in (*_ENTRANCES, "aws_instance", "aws_eip", "aws_db_instance", "aws_rds_cluster", *_DOMAINS)
        for other in plan.by_type.get(kind, ())
        if other.ends
        for key in ("dns_name", "domain_name", "public_ip", "private_ip", "public_dns", "address", "endpoint")
        if (value := other.before.get(key))
    }
    return _plain(target).removeprefix("dualstack.") in ended


def _certificate(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    if change.is_unknown("domain_name") or change.is_unknown("subject_alternative_names"):
        return
    kept = [
        name
        for other in plan.by_type["aws_acm_certificate"]
        if other.action != "delete"
        for name in _names(other.after)
    ]
    gone = sorted(name for name in _names(change.before) if not any(_covers(other, name) for other in kept))
    if gone:
        yield Hit(
            f"the certificate is not for {', '.join(gone)} any more",
            "subject_alternative_names",
            change.before.get("subject_alternative_names"),
            change.after.get("subject_alternative_names"),
            "low",
        )


def _aliases(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    if change.is_unknown("aliases"):
        return
    kept = {
        _plain(name)
        for other in plan.by_type[change.type]
        if other.action != "delete"
        for name in _list(other.after.get("aliases"))
    }
    gone = sorted({_plain(name) for name in _list(change.before.get("aliases"))} - kept)
    gone = [name for name in gone if not any(_covers(other, name) for other in kept)]
    if gone:
        yield Hit(
            f"{', '.join(gone)} is not answered here any more",
            "aliases",
            change.before.get("aliases"),
            change.after.get("aliases"),
        )


def _elsewhere(change: Change, name: str, value: Any, plan: PlanInContext) -> bool:
    return any(
        other.action != "delete" and other.after.get(_DOMAINS[kind]) == value
        for kind in _DOMAINS
        for other in plan.by_type.get(kind, ())
    )


def _names(side: Mapping[str, Any]) -> set[str]:
    return {
        _plain(name)
        for name in (side.get("domain_name"), *_list(side.get("subject_alternative_names")))
        if name
    }


def _covers(certificate: str, name: str) -> bool:
    """Whether a certificate's name, which may begin with ``*``, is for a name."""
    return certificate == name or (certificate.startswith("*.") and name.partition(".")[2] == certificate[2:])


def _plain(name: Any) -> str:
    return str(name or "").lower().rstrip(".")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
