"""Recognises secrets in plain values: by their form, by their name, by their randomness.

What stands for one after redaction is recognised too, so that a redacted plan is reviewed like the plan itself.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from orchestrator.plan.values import at, blocks

_MARK = re.compile(r"\(secret:([^:()]+):[0-9a-f]{24}\)")
_KNOWN = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a Stripe key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    "a GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "a Google API key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "an npm token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "a SendGrid key": re.compile(r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    "a Vault token": re.compile(r"\bhvs\.[A-Za-z0-9_-]{24,}"),
    "a JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]{6,}@"),
}
_WORDS = r"pass(?:word|wd|phrase)|pwd|secret|token|api_?key|access_?key|private_?key|credentials?"
_NAMED = re.compile(rf"(?i)(?:(?:^|[_.-])(?:{_WORDS})(?:$|[_.-])|(?:{_WORDS})$)")
_PASSWORD = re.compile(r"(?i)(?:pass(?:word|wd|phrase)|pwd)$")
_ABOUT = re.compile(
    r"(?i)(?:arn|name|id|url|uri|path|prefix|ttl|type|version|expir\w*|length|policy|header|method|mode|provider|source|enabled"
    r"|required|file|region|role|user|ref|store|algorithm|issuer|endpoint|host|from|parameter|field|claim|scope|days|units|expression|selection"
    r"|creation_token|client_token|request_token)$|[:/]"
)
"""Ends of names that speak about a secret, and do not hold it."""
_REFERENCE = re.compile(
    r"(?i)^(?:arn:|\$\{|\$[a-z]+\.|\{\{|https?://[^@]*$|ssm:|vault:|/[\w/.-]+$|\(sensitive:|\(known after)"
    r"|^(?:true|false|none|null|\d+)$|_arn$|_name$|_id$"
)


def entropy(text: str) -> float:
    """Bits a character."""
    counts = Counter(text)
    return (
        -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values()) if text else 0.0
    )


_ANY = re.compile(
    "|".join(f"(?P<k{index}>{pattern.pattern})" for index, pattern in enumerate(_KNOWN.values()))
)
_KINDS = tuple(_KNOWN)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|\Z)", re.DOTALL
)


def mark(kind: str, digest: str) -> str:
    """What stands for a secret of a kind; ``digest``: 24 hex digits."""
    return f"(secret:{kind}:{digest})"


def known_secrets(text: str) -> Iterator[tuple[str, str]]:
    """(kind, secret) for all in a text whose form gives them away."""
    for match in _ANY.finditer(text):
        kind = _KINDS[int(str(match.lastgroup)[1:])]
        whole = _PRIVATE_KEY.match(text, match.start()) if kind == "a private key" else None
        yield kind, (whole or match)[0]


def secret_in(name: str, value: Any, *, random: bool = True) -> str | None:
    """What secret a named value is, None when it is none; ``random``: also for no more than its randomness."""
    if not isinstance(value, str) or not value:
        return None
    if marked := _MARK.search(value):
        return marked[1]
    for what, pattern in _KNOWN.items():
        if pattern.search(value):
            return what
    if (
        _NAMED.search(name)
        and not _ABOUT.search(name)
        and _may_be_secret(value, bool(_PASSWORD.search(name)))
    ):
        return f"what looks like the value of {name}"
    if (
        random
        and len(value) >= 32
        and re.fullmatch(r"[A-Za-z0-9+/=_-]+", value)
        and entropy(value) >= 4.5
        and re.search(r"\d", value)
        and not _is_certificate(value)
    ):
        return "text as random as a key"
    return None


def _may_be_secret(value: str, password: bool) -> bool:
    """Whether a value may be what its name says. Mere words are taken for a secret only where a password is expected."""
    return (
        len(value) >= 8
        and " " not in value
        and not _REFERENCE.search(value)
        and entropy(value) >= 2.5
        and (password or bool(re.search(r"\d|[a-z][A-Z]|[^\w./:-]", value)))
    )


def _is_certificate(text: str) -> bool:
    """Whether it is DER with an X.509 name in it (attribute types 2.5.4.x): certificates have one, keys have none."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return decoded[:1] == b"\x30" and b"\x06\x03\x55\x04" in decoded


_ASSIGNED = re.compile(
    rf"""(?ix) (?:^|[\s;&|"'({{,]) -{{0,2}} ([a-z][\w-]*(?:{_WORDS})|(?:{_WORDS})[\w-]*)"""
    r"""(?:\s*=\s*|\s+|:\s*) ["']? ([^\s"';,&|)}]+)"""
)
_DEPTH = 20


def leaves(value: Any, name: str = "", path: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, name, text) of every text in a value, by the name that stands nearest to it.

    A name is the key of a map, the ``name`` beside a ``value``, the option before an argument, or what it is assigned to
    within a text; JSON within a text is looked into.
    """
    if path.count(".") > _DEPTH:
        return
    if isinstance(value, Mapping):
        yield from _named_pair(value, path)
        for key, child in value.items():
            yield from leaves(child, str(key), f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for option, argument in pairwise(value):
            if isinstance(option, str) and isinstance(argument, str) and option.startswith("-"):
                yield path, option.lstrip("-"), argument
        for index, child in enumerate(value):
            yield from leaves(child, name, f"{path}.{index}")
    elif isinstance(value, str) and value:
        yield path, name, value
        if value[:1] in "{[":
            with contextlib.suppress(ValueError, RecursionError):
                yield from leaves(json.loads(value), name, f"{path}.")
        for match in _ASSIGNED.finditer(value):
            yield path, match[1], match[2]


def encoded_secret(name: str, text: str) -> str | None:
    """What secret is in a text that is base64 of a script, as user data are; None when there is none."""
    if not name.startswith("user_data"):
        return None
    decoded = _decoded(text)
    kinds = [kind for kind, _ in known_secrets(decoded)]
    kinds += [
        kind for _, leaf, inner in leaves(decoded, name) if (kind := secret_in(leaf, inner, random=False))
    ]
    return kinds[0] if decoded != text and kinds else None


def _named_pair(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    for name, text in (("name", "value"), ("Name", "Value"), ("key", "value")):
        if isinstance(value.get(name), str) and isinstance(value.get(text), str):
            yield path, value[name], value[text]


def _members(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A value, and what is in it when it is a JSON object."""
    yield name, value
    if isinstance(value, str) and value.startswith("{"):
        try:
            inner = json.loads(value)
        except ValueError:
            return
        if isinstance(inner, dict):
            yield from inner.items()


def named_values(type: str, after: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(path, name, value) of the places of a resource where secrets end up."""
    for name, value in (
        (at(after, "environment", 0, "variables") or {}).items()
        if isinstance(at(after, "environment", 0, "variables"), Mapping)
        else ()
    ):
        for member, inner in _members(name, value):
            yield f"environment.variables.{name}", member, inner
    definitions = after.get("container_definitions")
    if isinstance(definitions, str):
        for match in re.finditer(
            r'\{[^{}]*"name"\s*:\s*"([^"]+)"[^{}]*"value"\s*:\s*"([^"]*)"[^{}]*\}|\{[^{}]*"value"\s*:\s*"([^"]*)"[^{}]*"name"\s*:\s*"([^"]+)"[^{}]*\}',
            definitions,
        ):
            yield "container_definitions", match[1] or match[4], match[2] or match[3]
    for block in (
        *blocks(after, "environment_variable"),
        *(
            entry
            for environment in blocks(after, "environment")
            for entry in blocks(environment, "environment_variable")
        ),
    ):
        if block.get("type") in (None, "PLAINTEXT"):
            yield "environment_variable", str(block.get("name")), block.get("value")
    for name in ("user_data", "user_data_base64"):
        text = after.get(name)
        if isinstance(text, str) and text:
            decoded = _decoded(text)
            for line in decoded.splitlines():
                key, _, value = line.strip().removeprefix("export ").partition("=")
                if value and re.fullmatch(r"\w+", key):
                    yield name, key, value.strip("\"'")
            yield (
                name,
                name,
                next(
                    (
                        line
                        for line in decoded.splitlines()
                        if any(pattern.search(line) for pattern in _KNOWN.values())
                    ),
                    None,
                ),
            )
    if type == "aws_ssm_parameter" and after.get("type") in ("String", "StringList"):
        yield (
            "value",
            str(after.get("name")).replace("/", "_"),
            after.get("value") or after.get("insecure_value"),
        )
    for name in ("master_password", "password", "admin_password", "auth_token", "master_user_password"):
        if isinstance(after.get(name), str) and after.get(name):
            yield name, name, after[name]


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return text
