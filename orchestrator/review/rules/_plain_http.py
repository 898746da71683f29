"""Plain HTTP: of load balancers, and of distributions and what they fetch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity
from orchestrator.review.plan import Change, at, blocks
from orchestrator.review.rules._common import goes_on, stops

_LISTENERS = ("aws_lb_listener", "aws_alb_listener")
_RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")
_BALANCERS = ("aws_lb", "aws_alb")
_TARGETS = ("aws_lb_target_group", "aws_alb_target_group")
_HTTPS = 443


def plain_http(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """What is served, or fetched, without TLS from now on."""
    if change.type in _LISTENERS and not change.is_unknown("protocol"):
        yield from _listener(change, plan)
    if change.type in _RULES:
        yield from _forwarded(change, plan)
    if change.type in _TARGETS and goes_on(change) and stops(change, "protocol", "HTTPS"):
        after = change.after.get("protocol")
        yield Hit("targets are asked in the clear", "protocol", "HTTPS", after, "medium")
    if change.type == "aws_elb" and goes_on(change) and not change.is_unknown("listener"):
        was, now = (
            {str(entry.get("lb_protocol")).upper() for entry in blocks(side, "listener")}
            for side in (change.before, change.after)
        )
        if was & {"HTTPS", "SSL"} and not now & {"HTTPS", "SSL"}:
            yield Hit("no listener speaks TLS any more", "listener", sorted(was), sorted(now))
    if change.type == "aws_cloudfront_distribution" and goes_on(change):
        yield from _behaviours(change)
        yield from _origins(change)


def _listener(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    before, after = change.before.get("protocol"), change.after.get("protocol")
    if (before, after) in (("HTTPS", "HTTP"), ("TLS", "TCP")):
        yield Hit(f"the listener speaks {after} instead of {before}", "protocol", before, after)
        return
    if after != "HTTP":
        return
    was, now = (_actions(side, "default_action") for side in (change.before, change.after))
    if was == {"redirect"} and "forward" in now and goes_on(change):
        yield Hit("plain HTTP is served instead of redirected", "default_action", "redirect", "forward")
    elif "forward" in now and (change.creates or "forward" not in was):
        severity = _seen_from(change, plan)
        if severity:
            text = "plain HTTP is served instead of redirected to HTTPS"
            yield Hit(text, "default_action", None, "forward", severity)
            return
    if change.creates and change.after.get("port") == _HTTPS:
        yield Hit("the listener speaks plain HTTP at the port of HTTPS", "protocol", None, "HTTP", "low")


def _seen_from(change: Change, plan: PlanInContext) -> Severity | None:
    """How bad plain HTTP is: not worth a word inside a network, where a certificate is often out of reach."""
    balancer = _referred(change, "load_balancer_arn", _BALANCERS, plan)
    if balancer is None or balancer.is_unknown("internal"):
        return "low"
    return None if balancer.after.get("internal") is True else "medium"


def _forwarded(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """A rule that serves what its listener redirects."""
    if "forward" not in _actions(change.after, "action") or "forward" in _actions(change.before, "action"):
        return
    listener = _referred(change, "listener_arn", _LISTENERS, plan)
    if listener is None or listener.after.get("protocol") != "HTTP":
        return
    if _actions(listener.after, "default_action") == {"redirect"} and _seen_from(listener, plan):
        yield Hit("plain HTTP is served beside what is redirected", "action", None, "forward", "low")


def _referred(change: Change, name: str, kinds: tuple[str, ...], plan: PlanInContext) -> Change | None:
    """The resource of the plan that an attribute names; None where it is another's, or one of several."""
    arn = change.after.get(name)
    if arn:
        every = (other for kind in kinds for other in plan.by_type.get(kind, ()))
        return next((other for other in every if other.before.get("arn") == arn), None)
    found = [other for other in plan.made_from(change, (name,), *kinds) if other.after]
    return found[0] if len({str(one.after.get("internal")) for one in found}) == 1 else None


def _actions(side: Mapping[str, Any], name: str) -> set[str]:
    return {str(entry.get("type")) for entry in blocks(side, name)}


def _behaviours(change: Change) -> Iterator[Hit]:
    """Paths that are served in the clear; of the default the switches tell."""
    name, policy = "ordered_cache_behavior", "viewer_protocol_policy"
    was = {entry.get("path_pattern"): entry.get(policy) for entry in blocks(change.before, name)}
    for entry in blocks(change.after, name):
        before, after = was.get(entry.get("path_pattern")), entry.get(policy)
        if after == "allow-all" and before not in (None, "allow-all"):
            yield Hit(f"viewers of {entry.get('path_pattern')} may use plain HTTP", name, before, after)


def _origins(change: Change) -> Iterator[Hit]:
    path = ("custom_origin_config", 0, "origin_protocol_policy")
    was = {entry.get("domain_name"): at(entry, *path) for entry in blocks(change.before, "origin")}
    for entry in blocks(change.after, "origin"):
        name, after = entry.get("domain_name"), at(entry, *path)
        if was.get(name) == "https-only" and after in ("http-only", "match-viewer"):
            yield Hit(f"{name} is asked in the clear", "origin", "https-only", after, "medium")
