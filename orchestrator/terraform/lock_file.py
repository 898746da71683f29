"""Terraform's dependency lock file: which version of each provider is used, and the digests of its packages.

https://developer.hashicorp.com/terraform/language/files/dependency-lock
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK_FILE = ".terraform.lock.hcl"
_PROVIDER = re.compile(r'^provider "([^"]+)" \{\n(.*?)^\}', re.DOTALL | re.MULTILINE)
_VERSION = re.compile(r'^\s*version\s*=\s*"([^"]+)"', re.MULTILINE)
_HASH = re.compile(r'"((?:h1|zh):[^"]+)"')
_HASHES = re.compile(r"^ *hashes *= *\[[^\]]*\]\n", re.MULTILINE)


@dataclass(frozen=True)
class Locked:
    """One provider: its version, and the digests of the packages that may be installed."""

    version: str
    hashes: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Plain data, read back by :func:`locked_from_json`."""
        return {"version": self.version, "hashes": sorted(self.hashes)}


def locked_from_json(raw: Mapping[str, Any]) -> dict[str, Locked]:
    """Providers by source address, from what :meth:`Locked.as_json` gave."""
    return {name: Locked(item["version"], frozenset(item["hashes"])) for name, item in raw.items()}


def read_lock_file(path: Path) -> dict[str, Locked]:
    """The providers that a lock file selects, by source address; none when there is no file."""
    if not path.is_file():
        return {}
    found: dict[str, Locked] = {}
    for name, body in _PROVIDER.findall(path.read_text(encoding="utf-8")):
        version = _VERSION.search(body)
        if version:
            found[name] = Locked(version[1], frozenset(_HASH.findall(body)))
    return found


def locked_versions(path: Path) -> dict[str, str]:
    """Source address → version."""
    return {name: locked.version for name, locked in read_lock_file(path).items()}


def without_digests(text: str) -> str:
    """A lock file's text that says nothing of what the packages must be."""
    return _HASHES.sub("", text)
