"""The plan's summary in Markdown: counts, the review, each layer's changes, checkov."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from orchestrator.plan.bundle import Manifest
from orchestrator.plan.model import Change, ChangeSet, OutputChange, count
from orchestrator.policy.scan import ScanReport
from orchestrator.review.render import markdown as review_markdown
from orchestrator.review.review import Review

SIGNS = {
    "create": "+",
    "update": "~",
    "replace": "±",
    "delete": "-",
    "forget": "○",
    "move": "→",
    "import": "←",
    "read": "<",
    "no-op": " ",
}
VERBS = {
    "create": "to create",
    "update": "to change",
    "replace": "to replace",
    "delete": "to destroy",
    "forget": "to forget",
    "move": "to move",
    "import": "to import",
}
UNKNOWN = "(known after apply)"
_ABSENT = object()


def verb_of(change: Change) -> str:
    """What will be done to it: ``to change``; ``to import (vpc-0a1b), then to change``."""
    verb = VERBS.get(change.action, change.action)
    if change.importing is None:
        return verb
    imported = f"{VERBS['import']} ({change.importing})"
    return imported if change.action == "import" else f"{imported}, then {verb}"


def counts_text(counts: dict[str, int]) -> str:
    """``3 to create, 1 to replace``; "no resource changes" when there is none."""
    parts = [f"{number} {VERBS.get(action, action)}" for action, number in counts.items() if number]
    return ", ".join(parts) or "no resource changes"


def attribute_lines(change: Change, limit: int = 160) -> Iterator[tuple[str, str, str, bool]]:
    """The attributes a change sets: name, before, after, and whether it forces the replacement.

    Of a deletion nothing is listed but its identity. Values are cut at ``limit`` characters.
    """
    before = change.before if isinstance(change.before, dict) else {}
    after = change.after if isinstance(change.after, dict) else {}
    unknown = change.unknown if isinstance(change.unknown, dict) else {}
    forcing = {str(path[0]) for path in change.replace_paths if path}
    if change.action == "delete":
        yield from (
            (name, show(before[name], limit), "", False) for name in ("id", "arn") if before.get(name)
        )
        return
    for name in sorted({*before, *after, *unknown}):
        old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
        is_unknown = _holds_unknown(unknown.get(name, False))
        if change.action == "create":
            if new in (None, _ABSENT, "", [], {}) or unknown.get(name) is True:
                continue
        elif old == new and not is_unknown:
            continue
        shown = UNKNOWN if unknown.get(name) is True else show(new, limit)
        yield name, "" if change.action == "create" else show(old, limit), shown, name in forcing


def output_line(output: OutputChange) -> str:
    """One output's change."""
    after = UNKNOWN if _holds_unknown(output.unknown) else show(output.after)
    if output.action == "create":
        return f"{output.name} = {after}"
    return f"{output.name}: {show(output.before)} → {after}"


def _holds_unknown(flag: Any) -> bool:
    if isinstance(flag, dict):
        return any(_holds_unknown(child) for child in flag.values())
    if isinstance(flag, list):
        return any(_holds_unknown(child) for child in flag)
    return flag is True


def show(value: Any, limit: int = 160) -> str:
    """A value on one line, cut at ``limit`` characters."""
    if value is _ABSENT or value is None:
        return "null"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def markdown(manifest: Manifest, changes: ChangeSet, scan: ScanReport, review: Review) -> str:
    """The whole summary."""
    lines = [f"# Plan {manifest.id} for environment `{manifest.environment}`", ""]
    lines += [
        f"**{counts_text(changes.counts())}** in {len(manifest.layers)} layers, of which {len(changes.changed())} change.",
        "",
    ]
    only = manifest.selection.get("addresses")
    if only:
        lines += [f"Only {', '.join(map(_code, only))}; the rest of the environment is not in this plan.", ""]
    columns = {"create": "create", "update": "change", "replace": "replace", "delete": "destroy"}
    if "import" in changes.counts():
        columns = {"import": "import", **columns}
    lines += [
        f"| layer | {' | '.join(columns.values())} | outputs |",
        f"|---|{'--:|' * len(columns)}--:|",
    ]
    for name, layer in changes.layers.items():
        counts = count(list(layer.changes))
        cells = [str(counts.get(action, 0)) for action in columns]
        lines.append(f"| {name} | {' | '.join(cells)} | {len(layer.outputs)} |")
    lines += ["", *review_markdown(review).rstrip().splitlines()]
    for name, layer in changes.layers.items():
        if layer:
            lines += ["", f"## {name}", ""]
            lines += [item for change in layer.changes for item in _change_markdown(change)]
            lines += [f"- output {_code(output_line(output))}" for output in layer.outputs]
    drift = [change for layer in changes.layers.values() for change in layer.drift]
    if drift:
        lines += [
            "",
            "## Changed outside Terraform",
            "",
            *(f"- {_code(change.address)} ({change.action})" for change in drift),
        ]
    lines += ["", "## Policy", "", *_scan_markdown(scan), "", "---", ""]
    tools = ", ".join(
        f"{name} {version}" for name, version in manifest.tools.items() if isinstance(version, str)
    )
    lines.append(f"Made {manifest.created_at} with {tools}. Sensitive values are shown as digests.")
    return "\n".join(lines) + "\n"


def _change_markdown(change: Change) -> Iterator[str]:
    reason = f", {change.reason.replace('_', ' ')}" if change.reason else ""
    yield f"- `{SIGNS[change.action]}` {_code(change.address)} {verb_of(change)}{reason}"
    if change.action == "create":
        return
    for name, before, after, forces in attribute_lines(change):
        text = f"{name}: {before} → {after}" if after else f"{name}: {before}"
        yield f"    - {_code(text)}" + (" **forces replacement**" if forces else "")


def _scan_markdown(scan: ScanReport) -> Iterator[str]:
    yield (
        f"{scan.scanner}: {scan.resources} resources, {scan.passed} checks passed, "
        f"{len(scan.failed)} failed, {len(scan.skipped)} skipped with a reason."
    )
    if scan.failed:
        yield ""
        for finding in scan.failed:
            place = f" ({finding.file}:{finding.line})" if finding.file else ""
            yield f"- **{finding.id}** {finding.name}: {_code(finding.address)}{place}"


def _code(text: str) -> str:
    fence = "`" * (max((len(run) for run in _runs(text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _runs(text: str) -> list[str]:
    import re

    return re.findall(r"`+", text)
