"""The newest scan of the modules' code, kept until code or policy change: a plan's review has its findings too.

Scanning the code takes longer than planning, and says the same as long as nothing is edited. ``orchestrator scan`` makes it;
what only it can see is then in every review, once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from orchestrator.config.project import Project
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.policy.rules import POLICY_FILE
from orchestrator.policy.scan import ScanReport, report_from_json
from orchestrator.policy.waivers import WAIVER_FILE

_FILE = "code-scan.json"


def keep(project: Project, report: ScanReport) -> None:
    """Keep a scan of the code as it is now."""
    path = _path(project)
    make_private_folder(path.parent)
    write_atomic(path, to_json({"of": _digest(project), "report": report.as_json()}))


def kept(project: Project) -> ScanReport | None:
    """The kept scan; None when there is none of this code, this policy and this checkov."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        raw = json.loads(_path(project).read_bytes())
        report = report_from_json(raw["report"])
        today = datetime.now(UTC).date()
        lapsed = any(finding.waiver and finding.waiver.expires < today for finding in report.findings)
        if raw["of"] == _digest(project) and not lapsed:
            return report
    return None


def _path(project: Project) -> Path:
    return project.root / ".orchestrator" / _FILE


def _digest(project: Project) -> str:
    digest = hashlib.sha256(version("checkov").encode())
    files = [path for path in sorted(project.modules.rglob("*.tf*")) if ".terraform" not in path.parts]
    for path in (*files, project.policy / POLICY_FILE, project.policy / WAIVER_FILE):
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"\0{project.shown(path)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
