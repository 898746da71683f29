"""Signing in becomes easier, or somebody else decides who does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._common import goes_on, number, stops

_NEEDED = ("require_symbols", "require_numbers", "require_lowercase", "require_uppercase")
_PASSWORDS: Mapping[str, tuple[str, tuple[tuple[str, int], ...], tuple[str, ...]]] = {
    # type: where the rules are, numbers that may not fall with what 0 would be, and switches
    "aws_iam_account_password_policy": (
        "",
        (("minimum_password_length", 0), ("password_reuse_prevention", 0)),
        (*_NEEDED[:2], "require_lowercase_characters", "require_uppercase_characters"),
    ),
    "aws_cognito_user_pool": (
        "password_policy.0.",
        (("minimum_length", 0), ("password_history_size", 0)),
        _NEEDED,
    ),
}
_SHORTEST = 8
"""What AWS asks for by itself, of users and of those of a user pool."""
_OF_CODE_HOSTS = re.compile(
    r"(?:https://)?(?:token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io"
    r"|api\.bitbucket\.org|oidc\.circleci\.com|agent\.buildkite\.com|oidc\.eks\.[\w-]+\.amazonaws\.com)(?:/|$)"
)
"""Issuers that everybody knows; who of theirs is let in is the roles' trust (IA007)."""
_PROVIDERS = ("aws_iam_openid_connect_provider", "aws_iam_saml_provider", "aws_cognito_identity_provider")
_DECIDES = ("url", "client_id_list", "thumbprint_list", "saml_metadata_document", "provider_details")


@rule(
    "IA011",
    "Signing in becomes easier, or somebody else decides who does",
    "medium",
    "iam",
    why="Whoever can sign in has all that is given to those who may.",
    fix="Keep passwords long and sign-up closed; see who runs the identity provider, and which roles trust it.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
)
def signing_in_is_easier(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type in _PASSWORDS:
        yield from _passwords(change)
    only = "admin_create_user_config.0.allow_admin_create_user_only"
    if change.type == "aws_cognito_user_pool" and stops(change, only, True):
        yield Hit("anybody can sign up", only, True, at(change.after, *dotted(only)))
    if change.type in _PROVIDERS:
        yield from _providers(change, plan)
    if change.type == "aws_apigatewayv2_authorizer" and goes_on(change):
        yield from _tokens(change)


def _passwords(change: Change) -> Iterator[Hit]:
    place, numbers, switches = _PASSWORDS[change.type]
    if change.action == "delete" and not place:
        yield Hit("passwords need no more than AWS asks for")
    if change.creates:
        yield from _short(change, place + numbers[0][0])
    if not goes_on(change):
        return
    for name, least in numbers:
        path = place + name
        before, after = at(change.before, *dotted(path)), at(change.after, *dotted(path))
        now = least if after is None else after
        if number(before) and number(now) and now < before and not change.is_unknown(*dotted(path)):
            yield Hit(f"{name.replace('_', ' ')} goes from {before} to {now}", path, before, after)
    for name in switches:
        if stops(change, place + name, True):
            yield Hit(f"{name.replace('_', ' ')} is switched off", place + name, True, False)


def _short(change: Change, path: str) -> Iterator[Hit]:
    """A new rule that asks for less than AWS does where there is none."""
    length = at(change.after, *dotted(path))
    if number(length) and length < _SHORTEST:
        yield Hit(f"passwords of {length} characters will do", path, None, length, "low")


def _tokens(change: Change) -> Iterator[Hit]:
    """An API takes tokens that it did not."""
    issuer, audience = "jwt_configuration.0.issuer", "jwt_configuration.0.audience"
    before, after = at(change.before, *dotted(issuer)), at(change.after, *dotted(issuer))
    if before and after and before != after:
        yield Hit(f"tokens of {after} are taken", issuer, before, after)
    was, now = (set(at(side, *dotted(audience)) or ()) for side in (change.before, change.after))
    if was and now - was:
        yield Hit(
            f"tokens for {', '.join(sorted(map(str, now - was)))} are taken",
            audience,
            None,
            sorted(now - was),
        )


def _providers(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    if change.creates:
        url = change.after.get("url") or change.after.get("name") or change.after.get("provider_name")
        moved = any(
            other.ends and (other.before.get("url") or other.before.get("name")) == url
            for other in plan.by_type.get(change.type, ())
        )
        if not moved:
            severity: Severity = "low" if _is_unheard_of(change) else "info"
            yield Hit(f"{url or 'an identity provider'} says who signs in", "url", None, url, severity)
        return
    if not goes_on(change):
        return
    for name in _DECIDES:
        before, after = change.before.get(name), change.after.get(name)
        if change.is_unknown(name) or _meant(before) == _meant(after) or not after:
            continue
        if isinstance(after, list) and isinstance(before, list) and set(after) <= set(before):
            continue
        if name == "thumbprint_list":  # AWS checks well-known providers by its own trust store
            yield Hit("another certificate vouches for the provider", name, before, after, "low")
        else:
            yield Hit(f"{name.replace('_', ' ')} is another one", name, before, after)


def _is_unheard_of(change: Change) -> bool:
    """Whether a new provider for roles is none that everybody uses; a cluster's comes with apply."""
    if change.type == "aws_iam_openid_connect_provider":
        url = change.after.get("url")
        return bool(url) and not _OF_CODE_HOSTS.match(str(url))
    return change.type == "aws_iam_saml_provider"


def _meant(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value
