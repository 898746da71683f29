"""``docs/services.md`` from what the tests saw: ``python -m tests.services`` writes it, ``--check`` compares.

The tests of modules and the end-to-end tests record what they saw below ``.evidence``; run them first.
"""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from tests.evidence import recorded

PAGE = Path(__file__).parents[1] / "docs" / "services.md"
CATALOGUE = Path(__file__).parent / "services.yaml"
PLANNED = ("dev", "staging", "prod")
"""What is planned, and applied nowhere."""
HEAD = """\
# Services, and how each is proven

Made by `python -m tests.services` from what the tests saw, never by hand.

- **module tests**: `terraform validate`, and the runs of `terraform test` (with `mock_provider`) of the service's layer, all passed.
- **checkov**: failed checks that count, over the module's code and the plan of `prod`; and checks skipped, each with a written reason.
- **local**, **local-full**: resources of the service's types that real Terraform and the real AWS provider applied on the emulator,
  planned again without a change, and destroyed. "–": the environment has none. What takes the provider long, or AWS has ended, is
  applied by `make test-full` only; it says so.
- **dev, staging, prod**: resources of the service's types in the plan of each on an empty account. "–": it has none, for a reason that
  `tests/services.yaml` gives.

| service | layer | module tests | checkov | local | local-full | dev, staging, prod | remarks |
|---|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The page's text."""
    modules, environments, scans = recorded("modules"), recorded("environments"), recorded("scans")
    plans = recorded("plans")
    return HEAD + "".join(
        f"| {entry['service']} | `{entry['layer']}` | {_module(modules.get(entry['layer']))} | "
        f"{_scan(scans, entry)} | {_applied(environments.get('local'), entry)} | "
        f"{_elsewhere(environments, entry)} | {_planned(plans, entry)} | {entry.get('note', '')} |\n"
        for entry in catalogue()
    )


def catalogue() -> list[dict[str, Any]]:
    """The services, as the file lists them."""
    entries: list[dict[str, Any]] = yaml.safe_load(CATALOGUE.read_text())
    return entries


def matches(entry: dict[str, Any], layer: str, kind: str) -> bool:
    """Whether resources of this type in this layer are the service's."""
    return layer == entry["layer"] and any(fnmatch(kind, pattern) for pattern in entry["types"])


def number(types: dict[str, dict[str, int]], entry: dict[str, Any]) -> int:
    """How many resources are the service's, of layer → type → number."""
    return sum(
        count
        for layer, kinds in types.items()
        for kind, count in kinds.items()
        if matches(entry, layer, kind)
    )


def _planned(plans: dict[str, dict[str, Any]], entry: dict[str, Any]) -> str:
    seen = [plans.get(name) for name in PLANNED]
    return ", ".join("not run" if plan is None else str(number(plan["types"], entry) or "–") for plan in seen)


def _module(seen: dict[str, Any] | None) -> str:
    return f"{seen['passed']} passed" if seen else "not run"


def _scan(scans: dict[str, dict[str, Any]], entry: dict[str, Any]) -> str:
    if not scans:
        return "not run"
    ours = {
        (finding["status"], finding["id"], finding["type"])
        for seen in scans.values()
        for finding in seen["findings"]
        if matches(entry, finding["layer"], finding["type"])
    }
    failed = sum(status == "failed" for status, _, _ in ours)
    skipped = len({check for status, check, _ in ours if status == "skipped"})
    return f"{failed} failed, {skipped} skipped"


def _applied(seen: dict[str, Any] | None, entry: dict[str, Any]) -> str:
    if seen is None:
        return "not run"
    found = number(seen["applied"], entry)
    if not found:
        return "–"
    drift = "no drift" if seen["unchanged"] else "DRIFT"
    return f"{found}, {drift}, {'destroyed' if seen['destroyed'] else 'NOT destroyed'}"


def _elsewhere(environments: dict[str, dict[str, Any]], entry: dict[str, Any]) -> str:
    """In ``local-full``; where that has none, in what only `make test-full` applies."""
    seen = _applied(environments.get("local-full"), entry)
    for name, slow in sorted(environments.items()):
        if seen == "–" and name.startswith("slow: "):
            seen = _applied(slow, entry)
            seen += f" ({name.removeprefix('slow: ')})" if seen != "–" else ""
    return seen


def main(words: list[str]) -> int:
    """Write or compare; the exit code."""
    text = page()
    if "--check" in words:
        if PAGE.read_text() == text:
            return 0
        sys.stderr.write("docs/services.md is not what the tests saw; run `python -m tests.services`\n")
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
