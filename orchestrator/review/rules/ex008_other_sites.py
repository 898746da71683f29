"""Other websites are trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import goes_on
from orchestrator.review.rules._exposure import as_moved

_ANY = frozenset({"*", "http://*", "https://*", "http*"})
_CORS: dict[str, tuple[str, str, str, str]] = {
    # type: block, its origins, whether with credentials, its methods
    "aws_apigatewayv2_api": ("cors_configuration", "allow_origins", "allow_credentials", "allow_methods"),
    "aws_lambda_function_url": ("cors", "allow_origins", "allow_credentials", "allow_methods"),
    "aws_s3_bucket_cors_configuration": ("cors_rule", "allowed_origins", "", "allowed_methods"),
    "aws_s3_bucket": ("cors_rule", "allowed_origins", "", "allowed_methods"),
    "aws_cloudfront_response_headers_policy": (
        "cors_config",
        "access_control_allow_origins.0.items",
        "access_control_allow_credentials",
        "access_control_allow_methods.0.items",
    ),
}
_FILES = ("aws_s3_bucket_cors_configuration", "aws_s3_bucket", "aws_cloudfront_response_headers_policy")
"""What serves files mostly, which any page may show."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_RESPONSES = {
    "aws_api_gateway_integration_response": "response_parameters",
    "aws_api_gateway_gateway_response": "response_parameters",
}
_ORIGIN = re.compile(r"response\.header\.access-control-allow-origin$", re.IGNORECASE)
_URLS = ("callback_urls", "logout_urls")
_SHARED = ("co", "com", "org", "net", "gov", "ac", "edu", "or")
"""What stands before a country under which everybody registers (``example.co.uk``)."""
_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


@rule(
    "EX008",
    "Other websites are trusted",
    "low",
    "exposure",
    why="A page that somebody else made reads answers, or gets what a browser is given when its user signs in.",
    fix="Name the origins and addresses of one's own pages; let clients sign in with a code (PKCE), not with the implicit flow.",
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html",
)
def other_sites_are_trusted(given: Change, plan: PlanInContext) -> Iterable[Hit]:
    change = as_moved(given, plan)
    if change is None:
        return
    if not change.creates and not goes_on(change):
        return
    if change.type in _CORS:
        yield from _origins(change)
    if change.type in _RESPONSES:
        yield from _headers(change, _RESPONSES[change.type])
    if change.type == "aws_cognito_user_pool_client":
        yield from _flows(change)
        yield from _hosts(change)


def _origins(change: Change) -> Iterator[Hit]:
    name, origins, credentials, methods = _CORS[change.type]
    was = {
        (_with(entry, credentials), method)
        for entry in blocks(change.before, name)
        if _any_of(entry, origins)
        for method in _methods(entry, methods)
    }
    path = f"{name}.{origins}"
    for entry in blocks(change.after, name):
        if not _any_of(entry, origins):
            continue
        new = {method for method in _methods(entry, methods) if (True, method) not in was}
        if _with(entry, credentials):
            if new:
                yield Hit("any page may call it as whoever looks at it", path, None, "*", "medium")
            continue
        new = {method for method in new if (False, method) not in was}
        if not new:
            continue
        severity: Severity = "info" if change.type in _FILES and new <= _READS else "low"
        yield Hit(
            f"any page may call it from a browser ({', '.join(sorted(new))})", path, None, "*", severity
        )


def _any_of(entry: Mapping[str, Any], origins: str) -> bool:
    return bool(_ANY & set(at(entry, *dotted(origins)) or ()))


def _with(entry: Mapping[str, Any], credentials: str) -> bool:
    return bool(credentials) and entry.get(credentials) is True


def _methods(entry: Mapping[str, Any], path: str) -> set[str]:
    """What may be called; a word for all where that is not said."""
    found = {str(one).upper() for one in at(entry, *dotted(path)) or ()}
    return {"every method"} if not found or found & {"*", "ALL"} else found


def _headers(change: Change, name: str) -> Iterator[Hit]:
    """An answer of a REST API named its origin, and names all."""
    was, now = change.before.get(name) or {}, change.after.get(name) or {}
    for key in sorted(now):
        if _ORIGIN.search(key) and now[key] == "'*'" and was.get(key) not in (None, "'*'"):
            yield Hit("any page may read the answer", name, was[key], now[key])


def _flows(change: Change) -> Iterator[Hit]:
    name = "allowed_oauth_flows"
    was, now = (set(side.get(name) or ()) for side in (change.before, change.after))
    if "implicit" in now - was and not change.is_unknown(name):
        yield Hit(
            "tokens stand in the address that a browser is sent to (implicit flow)", name, None, "implicit"
        )


def _hosts(change: Change) -> Iterator[Hit]:
    """Hosts of another domain than those that users were sent back to before."""
    known = {_domain(url) for name in _URLS for url in change.before.get(name) or ()}
    if not known:
        return
    for name in _URLS:
        if change.is_unknown(name):
            continue
        for url in sorted(set(change.after.get(name) or ()) - set(change.before.get(name) or ())):
            host = _domain(url)
            if host and host not in known and not str(url).startswith("http://"):  # EX005 tells of these
                what = "who has signed in" if name == _URLS[0] else "who has signed out"
                yield Hit(f"{what} is sent to {url}, of another domain than before", name, None, url)


def _domain(url: Any) -> str:
    """The part of a host's name that tells whose it is; of an app's address its scheme. Empty: one's own machine."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return str(url)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:"
    host = parts.hostname or ""
    if host in _OWN_MACHINE:
        return ""
    words = host.split(".")
    return ".".join(words[-3:] if words[-2:-1] and words[-2] in _SHARED else words[-2:])
