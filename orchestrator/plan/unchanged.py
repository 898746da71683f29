"""A plan that changes nothing, made of the very same as an earlier one that changed nothing, is the earlier one.

Asking Terraform to describe a plan (``terraform show -json``) takes about half as long as planning, because it loads the provider
and its schema once more. Terraform's own events say whether a plan changes anything; the plan file, a zip archive, holds the states as
Terraform found them in reality (``tfstate``). If nothing changes, and configuration, values, states, tools and reality are those
of an earlier bundle, then its ``plan.json`` says all that this plan's would. In any doubt Terraform is asked.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.plan.bundle import PLAN, Manifest, bundle_ids, load_bundle
from orchestrator.plan.redact import Redactor
from orchestrator.terraform.events import Event

REALITY = "tfstate"
"""The entry of a plan file that has the refreshed state."""
_OWN = ("id", "created_at", "planned_by", "planned_as", "git", "counts")
"""What differs between manifests of the same plan."""
_SETS = {"sensitive_attributes", "dependencies"}
"""Of a resource instance: written in any order."""
_LOOKED_AT = 3


class Watch:
    """Whether Terraform speaks of any change while it plans. Drift alone is none: it is part of what was found."""

    def __init__(self) -> None:
        self.changes = False
        self._summed = False

    def event(self, event: Event) -> None:
        """Take note of one of Terraform's lines."""
        if event.kind == "planned_change":
            self.changes = True
        elif event.kind == "outputs":
            actions = {output.get("action") for output in event.raw.get("outputs", {}).values()}
            self.changes |= bool(actions - {"noop"})
        elif event.kind == "change_summary":
            self._summed = True
            counts = event.raw.get("changes", {})
            self.changes |= any(counts.get(name) != 0 for name in ("add", "change", "import", "remove"))

    @property
    def nothing(self) -> bool:
        """Terraform has said that it would change nothing."""
        return self._summed and not self.changes


def reality_of(plan_file: Path, redactor: Redactor) -> str | None:
    """A keyed digest of what Terraform found; None when the plan file does not have it where it is looked for."""
    try:
        with zipfile.ZipFile(plan_file) as archive:
            found = json.loads(archive.read(REALITY))
        for resource in found["resources"]:
            for instance in resource["instances"]:
                for name in _SETS & instance.keys():
                    instance[name] = sorted(map(json.dumps, instance[name] or ()))
        return redactor.token([found["resources"], found.get("outputs"), found.get("check_results")])
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        return None


def earlier_plan(work: Path, now: Manifest) -> dict[str, Any] | None:
    """The redacted plan of an earlier bundle without changes that was made of the very same; None when there is none."""
    if now.reality is None:
        return None
    for plan_id in reversed(bundle_ids(work)[-_LOOKED_AT:]):
        try:
            bundle = load_bundle(work, plan_id)
            if not bundle.changes and _made_of(bundle.manifest) == _made_of(now):
                plan = json.loads((bundle.path / PLAN).read_bytes())
                return {**plan, "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        except (OrchestratorError, OSError, ValueError):
            continue
    return None


def _made_of(manifest: Manifest) -> dict[str, Any]:
    return {name: value for name, value in asdict(manifest).items() if name not in _OWN}
