"""checkov over plans and modules, in process and failing closed.

A scanner that crashed, could not read its input or saw fewer resources than there are fails the
run: no findings must mean that there are none.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from orchestrator.addresses import without_keys
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import write_atomic
from orchestrator.modules.module import Module, Resource
from orchestrator.policy.rules import Policy
from orchestrator.policy.unknown import scan_input
from orchestrator.policy.waivers import Waiver


@dataclass(frozen=True)
class Finding:
    """One failed, skipped or waived check. ``file`` and ``line`` are the module's source."""

    id: str
    name: str
    address: str
    layer: str | None
    file: str | None
    line: int | None
    status: Literal["failed", "skipped", "waived"]
    reason: str | None
    guideline: str | None
    waiver: Waiver | None = None
    scan: Literal["code", "plan"] = "plan"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        waiver = self.waiver.as_json() if self.waiver else None
        return {**{item.name: getattr(self, item.name) for item in fields(self)}, "waiver": waiver}


@dataclass(frozen=True)
class ScanReport:
    """What a scan saw: the scanner's version, how many resources and checks, and the findings."""

    scanner: str
    resources: int
    passed: int
    findings: tuple[Finding, ...]
    enforcement: str
    max_failed: int
    evaluated: frozenset[tuple[str, str]] = frozenset()
    """(check, address without instance keys) of all that was looked at; not in JSON."""

    @property
    def failed(self) -> list[Finding]:
        """The findings that count."""
        return [finding for finding in self.findings if finding.status == "failed"]

    @property
    def skipped(self) -> list[Finding]:
        """The findings that a written reason excuses."""
        return [finding for finding in self.findings if finding.status == "skipped"]

    @property
    def waived(self) -> list[Finding]:
        """The findings that somebody has accepted for a time."""
        return [finding for finding in self.findings if finding.status == "waived"]

    @property
    def blocks(self) -> bool:
        """Whether the command must fail."""
        return self.enforcement == "block" and len(self.failed) > self.max_failed

    def as_json(self) -> dict[str, Any]:
        """Plain data, read back by :func:`report_from_json`."""
        return {
            "scanner": self.scanner,
            "resources": self.resources,
            "passed": self.passed,
            "enforcement": self.enforcement,
            "max_failed": self.max_failed,
            "blocks": self.blocks,
            "findings": [finding.as_json() for finding in self.findings],
        }


def report_from_json(raw: Mapping[str, Any]) -> ScanReport:
    """The inverse of :meth:`ScanReport.as_json`."""
    findings = tuple(
        Finding(**{**item, "waiver": Waiver.model_validate(item["waiver"]) if item["waiver"] else None})
        for item in raw["findings"]
    )
    return ScanReport(
        raw["scanner"], raw["resources"], raw["passed"], findings, raw["enforcement"], raw["max_failed"]
    )


def with_code(plan: ScanReport, code: ScanReport) -> ScanReport:
    """A plan's report with what only the scan of the code saw: of what is planned, checks that the plan's scan has not made."""
    planned = {address for _, address in plan.evaluated}
    more = tuple(
        finding
        for finding in code.findings
        if finding.address in planned and (finding.id, finding.address) not in plan.evaluated
    )
    return replace(plan, findings=tuple(sorted((*plan.findings, *more), key=_order)))


def preload() -> threading.Thread:
    """Import checkov in the background, while Terraform is at work (it takes more than a second)."""

    def load() -> None:
        with contextlib.suppress(Exception):  # the scan itself reports what is wrong
            _checkov()

    thread = threading.Thread(target=load, name="checkov-preload", daemon=True)
    thread.start()
    return thread


def _checkov() -> Any:
    os.environ.setdefault("LOG_LEVEL", "ERROR")  # checkov configures the root logger on import
    import checkov.terraform.plan_runner
    import checkov.terraform.runner
    from checkov.runner_filter import RunnerFilter

    logging.getLogger().setLevel(logging.ERROR)
    return checkov.terraform.plan_runner.Runner, checkov.terraform.runner.Runner, RunnerFilter


@contextlib.contextmanager
def _failing_closed(what: str) -> Iterator[None]:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except OrchestratorError:
        raise
    except Exception as error:
        raise OrchestratorError(
            f"checkov could not scan {what}: {type(error).__name__}: {error}",
            remedy="nothing may be applied unscanned; look at it with `orchestrator --debug …` and report it",
        ) from error


@dataclass(frozen=True)
class Look:
    """What checkov said of one resource: the check, the address, ``passed``, ``failed`` or ``skipped``, and a skip's reason."""

    id: str
    name: str
    address: str
    result: str
    comment: str | None
    guideline: str | None


def scan_plan(
    plan: Mapping[str, Any], modules: Mapping[str, Module], policy: Policy, kept: Path | None = None
) -> ScanReport:
    """Scan a redacted JSON plan. ``modules``: the layers' modules by layer. ``kept``: a file that has what checkov said last;
    it is not asked again when it would be given the very same.

    Raises:
        OrchestratorError: the scan failed, or saw fewer resources than are planned.
    """
    planned = {raw["address"] for raw in _planned_resources(plan) if raw.get("mode") == "managed"}
    if not planned:
        return _empty(policy)
    with _failing_closed("the plan"):
        content = json.dumps(scan_input(plan), sort_keys=True)
    scanner = f"checkov {version('checkov')}"
    of = hashlib.sha256(f"{scanner}\0{content}".encode()).hexdigest()
    looks = _read_kept(kept, of) if kept else None
    if looks is None:
        looks = _ask_checkov(content, planned)
        if kept is not None:
            write_atomic(
                kept, json.dumps({"of": of, "looks": [list(astuple(look)) for look in looks]}).encode()
            )
    findings = [_plan_finding(look, modules, policy) for look in looks if look.result != "passed"]
    return ScanReport(
        scanner,
        len(planned),
        sum(look.result == "passed" for look in looks),
        tuple(sorted(findings, key=_order)),
        policy.enforcement,
        policy.rules.max_failed,
        frozenset((look.id, without_keys(look.address)) for look in looks),
    )


def _ask_checkov(content: str, planned: set[str]) -> list[Look]:
    with _failing_closed("the plan"), tempfile.TemporaryDirectory(prefix="orchestrator-scan-") as folder:
        plan_runner, _, runner_filter = _checkov()
        path = Path(folder) / "plan.json"
        path.write_text(content, encoding="utf-8")
        report = plan_runner().run(
            root_folder=None, files=[str(path)], runner_filter=runner_filter(framework=["terraform_plan"])
        )
    seen = {str(name).split(":", 1)[1] for name in report.resources}
    missing = sorted(planned - seen)
    if report.parsing_errors or missing:
        raise OrchestratorError(
            f"checkov saw {len(planned) - len(missing)} of {len(planned)} planned resources",
            remedy="nothing may be applied unscanned; please report this",
            details=tuple(missing[:20]),
        )
    return [
        Look(
            record.check_id,
            record.check_name,
            str(record.resource_address or record.resource),
            "skipped" if result == "failed" and _is_skipped(record) else result,
            record.check_result.get("suppress_comment") if result != "passed" else None,
            record.guideline,
        )
        for result, records in (
            ("passed", report.passed_checks),
            ("failed", (*report.failed_checks, *report.skipped_checks)),
        )
        for record in records
    ]


def _read_kept(path: Path, of: str) -> list[Look] | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        raw = json.loads(path.read_bytes())
        if raw["of"] == of:
            return [Look(*item) for item in raw["looks"]]
    return None


def scan_code(project: Project, policy: Policy) -> ScanReport:
    """Scan the modules' code.

    Raises:
        OrchestratorError: the scan failed, or saw no resources although there are modules.
    """
    folders = (
        [path for path in sorted(project.modules.glob("*")) if path.is_dir()]
        if project.modules.is_dir()
        else []
    )
    if not folders:
        raise OrchestratorError(
            "there are no modules to scan", where=Where(file=project.shown(project.modules))
        )
    with _failing_closed("the modules"):
        _, code_runner, runner_filter = _checkov()
        report = code_runner().run(
            root_folder=str(project.modules), runner_filter=runner_filter(framework=["terraform"])
        )
    if report.parsing_errors or not report.resources:
        raise OrchestratorError(
            f"checkov could not read {len(report.parsing_errors)} files and saw {len(report.resources)} resources",
            remedy="mend these files",
            details=tuple(str(item) for item in report.parsing_errors[:20]),
        )
    findings = [
        _code_finding(record, project, policy) for record in (*report.failed_checks, *report.skipped_checks)
    ]
    return ScanReport(
        f"checkov {version('checkov')}",
        len(report.resources),
        len(report.passed_checks),
        tuple(sorted(set(findings), key=_order)),
        policy.enforcement,
        policy.rules.max_failed,
    )


def _empty(policy: Policy) -> ScanReport:
    return ScanReport(f"checkov {version('checkov')}", 0, 0, (), policy.enforcement, policy.rules.max_failed)


def _planned_resources(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    stack = [(plan.get("planned_values") or {}).get("root_module") or {}]
    while stack:
        module = stack.pop()
        yield from module.get("resources", ())
        stack.extend(module.get("child_modules", ()))


def _plan_finding(look: Look, modules: Mapping[str, Module], policy: Policy) -> Finding:
    general = without_keys(look.address)
    words = general.split(".", 2)
    layer = words[1] if words[0] == "module" and len(words) == 3 else None
    resource: Resource | None = None
    if layer in modules and layer is not None:
        resource = modules[layer].resource_at(words[2])
    reason = policy.skip_reason(look.id, general)
    if reason is None and resource is not None:
        reason = resource.skips.get(look.id)
    if reason is None and look.result == "skipped":
        reason = look.comment or "skipped in the code"
    return _judged(
        Finding(
            id=look.id,
            name=look.name,
            address=look.address,
            layer=layer,
            file=str(resource.origin.file) if resource else None,
            line=resource.origin.line if resource else None,
            status="failed" if reason is None else "skipped",
            reason=reason,
            guideline=look.guideline,
        ),
        policy,
    )


def _code_finding(record: Any, project: Project, policy: Policy) -> Finding:
    path = Path(record.file_abs_path)
    layer = path.relative_to(project.modules).parts[0] if path.is_relative_to(project.modules) else None
    address = without_keys(str(record.resource))
    full = f"module.{layer}.{address}" if layer else address
    reason = policy.skip_reason(record.check_id, full)
    if reason is None and _is_skipped(record):
        reason = record.check_result.get("suppress_comment") or "skipped in the code"
    return _judged(
        Finding(
            id=record.check_id,
            name=record.check_name,
            address=full,
            layer=layer,
            file=str(project.shown(path)),
            line=record.file_line_range[0],
            status="failed" if reason is None else "skipped",
            reason=reason,
            guideline=record.guideline,
            scan="code",
        ),
        policy,
    )


def _judged(finding: Finding, policy: Policy) -> Finding:
    waiver = policy.waivers.find(finding.id, finding.address) if finding.status == "failed" else None
    return replace(finding, status="waived", reason=waiver.reason, waiver=waiver) if waiver else finding


def _order(finding: Finding) -> tuple[str, str, str]:
    return (finding.status, finding.id, finding.address)


def _is_skipped(record: Any) -> bool:
    result = record.check_result.get("result")
    return str(getattr(result, "value", result)).upper() == "SKIPPED"
