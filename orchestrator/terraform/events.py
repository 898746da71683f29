"""The lines of ``terraform … -json``: progress and diagnostics.

https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.errors import OrchestratorError, Where


@dataclass(frozen=True, slots=True)
class Event:
    """One line. ``kind`` is Terraform's ``type`` (``text`` for a line that is no JSON)."""

    kind: str
    message: str
    address: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or warning of Terraform's; ``key`` is the environment file's, where that is the cause."""

    severity: str
    summary: str
    detail: str
    address: str
    file: str
    line: int | None
    key: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        if self.key:  # a variable's own words on the value it was given
            return f"{place}{self.key}: {' '.join(self.detail.split())}"
        about = f"{self.address}: " if self.address else ""
        detail = " ".join(self.detail.split())
        return f"{place}{about}{self.summary}" + (f": {detail}" if detail else "")


class TerraformError(OrchestratorError):
    """Terraform ended with an error; its diagnostics are the details."""

    def __init__(
        self, layer: str | None, action: str, diagnostics: Sequence[Diagnostic], remedy: str | None
    ) -> None:
        errors = [item for item in diagnostics if item.severity == "error"]
        first = errors[0] if errors else None
        super().__init__(
            f"terraform {action} failed" + (f": {first}" if first else " without saying why"),
            where=Where(layer=layer, address=None),
            remedy=remedy or _remedy(errors),
            details=tuple(str(item) for item in errors[1:]),
        )
        self.diagnostics = tuple(diagnostics)


def _remedy(errors: Sequence[Diagnostic]) -> str | None:
    text = " ".join(f"{item.summary} {item.detail}" for item in errors)
    if any(
        words in text
        for words in (
            "Failed to query available provider",
            "Failed to install provider",
            "no available releases",
        )
    ):
        return (
            "no provider could be found: reach registry.terraform.io, or set TF_PLUGIN_MIRROR to a folder "
            "that mirrors it (made by `terraform providers mirror`)"
        )
    if "Error acquiring the state lock" in text:
        return "another run holds the state; wait for it, or see the lock's owner above"
    if "connection refused" in text.lower():
        return "the AWS endpoint does not answer; for the emulator: `orchestrator emulator status`"
    if (
        "ExpiredToken" in text
        or "InvalidClientTokenId" in text
        or "no valid credential sources" in text.lower()
    ):
        return "sign in to AWS again"
    return None


def named_in(error: TerraformError, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that an error is about."""
    texts = [
        f"{item.address} {item.summary} {item.detail}"
        for item in error.diagnostics
        if item.severity == "error"
    ]
    return {
        address
        for address in addresses
        for text in texts
        if re.search(_spelling(address) + r"(?![\w\[.])", text)
    }


def _spelling(address: str) -> str:
    """A pattern for an address as Terraform writes it, in quotes of its own too: ``this["a"]``, ``this[\\"a\\"]``."""
    return f"(?:{re.escape(address)}|{re.escape(json.dumps(address, ensure_ascii=False)[1:-1])})"


def parse_line(line: str) -> Event:
    """One line of output."""
    if line.startswith("{"):
        try:
            raw = json.loads(line)
        except ValueError:
            raw = None
        if isinstance(raw, dict):
            return Event(str(raw.get("type", "")), str(raw.get("@message", "")), _address(raw), raw)
    return Event("text", line, "", {})


def _address(raw: Mapping[str, Any]) -> str:
    for key in ("hook", "change"):
        part = raw.get(key)
        if isinstance(part, dict) and isinstance(part.get("resource"), dict):
            return str(part["resource"].get("addr", ""))
    return ""


PlaceOf = Callable[[str, str, str], "Where | None"]
"""Where the value of a layer's variable was written: (layer, variable, what is said of it) → file, line and key."""

_RULE = re.compile(r"\s*This was checked by the validation rule at .*", re.DOTALL)


def without_rule(detail: str) -> str:
    """What a rule of a variable says, without the place of the rule in the module's code."""
    return _RULE.sub("", detail)


def diagnostic(
    event: Event,
    shown: Callable[[str], str] = lambda file: file,
    place_of: PlaceOf = lambda _layer, _variable, _said: None,
) -> Diagnostic | None:
    """The diagnostic that an event carries, if it does.

    ``shown`` turns its file into what people know. A value that a module's validation refuses is reported where the
    environment says it (``place_of``), not in the root that was made from it.
    """
    raw = event.raw.get("diagnostic")
    if not isinstance(raw, dict):
        return None
    place = raw.get("range") or {}
    found = Diagnostic(
        severity=str(raw.get("severity", "error")),
        summary=str(raw.get("summary", "")),
        detail=str(raw.get("detail", "")),
        address=str(raw.get("address", "")),
        file=shown(str(place["filename"])) if place.get("filename") else "",
        line=(place.get("start") or {}).get("line"),
    )
    if found.summary != "Invalid value for variable":
        return found
    snippet = raw.get("snippet") or {}
    layer = re.fullmatch(r"module\.(\S+)", str(snippet.get("context") or ""))
    variable = re.match(r'\s*"(\w+)":', str(snippet.get("code") or ""))
    said = without_rule(found.detail)
    where = place_of(layer[1], variable[1], said) if layer and variable else None
    if where is None or where.key is None:
        return found
    return replace(found, detail=said, file=str(where.file), line=where.line, key=where.key)
