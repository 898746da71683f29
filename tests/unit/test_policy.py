"""Policy: skips, thresholds, unknown values, and failing closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.modules.module import Module, read_module
from orchestrator.policy import code_scan, scan
from orchestrator.policy.rules import Policy, load_policy
from orchestrator.policy.scan import scan_plan
from orchestrator.policy.unknown import PLACEHOLDER, scan_input
from tests.conftest import Cli
from tests.project import ProjectFolder

TABLE = "module.data.aws_dynamodb_table.this"


def plan(values: dict[str, Any], unknown: dict[str, Any], expressions: dict[str, Any]) -> dict[str, Any]:
    """A plan that creates one table."""
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": unknown}
    base = {"address": TABLE, "mode": "managed", "type": "aws_dynamodb_table", "name": "this"}
    resource = {
        "address": "aws_dynamodb_table.this",
        "type": "aws_dynamodb_table",
        "name": "this",
        "mode": "managed",
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {
            "root_module": {"child_modules": [{"address": "module.data", "resources": [{**base, "values": values}]}]}
        },
        "resource_changes": [{**base, "change": change}],
        "configuration": {
            "root_module": {"module_calls": {"data": {"module": {"resources": [{**resource, "expressions": expressions}]}}}}
        },
    }  # fmt: skip


ENCRYPTED = plan(
    {
        "name": "t",
        "server_side_encryption": [{"enabled": True}],
        "point_in_time_recovery": [{"enabled": False}],
    },
    {"arn": True, "server_side_encryption": [{"kms_key_arn": True}]},
    {
        "name": {"constant_value": "t"},
        "server_side_encryption": [{"kms_key_arn": {"references": ["var.key"]}}],
    },
)


@pytest.fixture
def modules(folder: ProjectFolder) -> dict[str, Module]:
    folder.module(
        "data",
        'resource "aws_dynamodb_table" "this" {\n  #checkov:skip=CKV_AWS_28:restored from elsewhere\n  name = "t"\n}\n',
    )
    return {"data": read_module(folder.root / "terraform/modules/data", Path("terraform/modules/data"))}


def policy(folder: ProjectFolder, text: str, environment: str | None = "dev") -> Policy:
    folder.write("policy/checkov.yaml", text)
    return load_policy(Project(folder.root), environment)


def test_a_key_that_the_same_plan_creates_counts_as_set_and_a_computed_attribute_does_not() -> None:
    filled = scan_input(ENCRYPTED)["planned_values"]["root_module"]["child_modules"][0]["resources"][0][
        "values"
    ]
    assert filled["server_side_encryption"] == [{"enabled": True, "kms_key_arn": f"{PLACEHOLDER} var.key"}]
    assert "arn" not in filled


def test_modules_in_another_order_are_the_same_to_the_scanner() -> None:
    def plan(*names: str) -> dict[str, Any]:
        modules = [{"address": f"module.{name}", "resources": []} for name in names]
        changes = [
            {"address": f"module.{name}.aws_vpc.this", "change": {"actions": ["create"]}} for name in names
        ]
        return {"planned_values": {"root_module": {"child_modules": modules}}, "resource_changes": changes}

    assert scan_input(plan("a", "b")) == scan_input(plan("b", "a"))


def test_findings_name_the_line_and_take_reasons_from_code_and_policy(
    folder: ProjectFolder, modules: dict[str, Module]
) -> None:
    report = scan_plan(ENCRYPTED, modules, policy(folder, "enforcement: {default: block}\n"))
    found = {finding.id: finding for finding in report.findings}
    assert "CKV_AWS_119" not in found  # encrypted with a customer's key
    assert (found["CKV_AWS_28"].status, found["CKV_AWS_28"].reason) == ("skipped", "restored from elsewhere")
    assert (found["CKV_AWS_28"].file, found["CKV_AWS_28"].line) == ("terraform/modules/data/main.tf", 7)
    assert report.resources == 1

    plain = plan({"name": "t"}, {}, {"name": {"constant_value": "t"}})
    report = scan_plan(plain, modules, policy(folder, "enforcement: {default: block}\n"))
    assert "CKV_AWS_119" in {finding.id for finding in report.failed}
    assert report.blocks
    warned = policy(folder, "enforcement: {environments: {dev: warn}}\n")
    assert not scan_plan(plain, modules, warned).blocks
    tolerated = policy(folder, f"max_failed: {len(report.failed)}\n")
    assert not scan_plan(plain, modules, tolerated).blocks
    skipped = policy(
        folder,
        "skips: [{id: CKV_AWS_119, resource: module.data.*, environments: [dev], reason: only for tests}]\n",
    )
    assert "CKV_AWS_119" not in {finding.id for finding in scan_plan(plain, modules, skipped).failed}


def test_the_same_plan_is_scanned_once_and_judged_anew_each_time(
    folder: ProjectFolder, modules: dict[str, Module], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "scan.json"
    first = scan_plan(ENCRYPTED, modules, policy(folder, "{}\n"), kept)
    one = first.failed[0]
    skip = f"skips: [{{id: {one.id}, resource: module.data.*, reason: only for tests}}]\n"
    with monkeypatch.context() as patched:
        patched.setattr(scan, "_checkov", lambda: 1 / 0)
        assert scan_plan(ENCRYPTED, modules, policy(folder, "{}\n"), kept) == first
        again = scan_plan(ENCRYPTED, modules, policy(folder, skip), kept)
        assert one.id in {finding.id for finding in again.skipped}
        assert one not in again.failed
        other = plan({"name": "t"}, {}, {"name": {"constant_value": "t"}})
        with pytest.raises(OrchestratorError, match="checkov could not scan the plan"):
            scan_plan(other, modules, policy(folder, "{}\n"), kept)
    kept.write_text(kept.read_text()[:-10])
    assert scan_plan(ENCRYPTED, modules, policy(folder, "{}\n"), kept) == first


def test_a_scanner_that_crashes_fails_the_scan(
    folder: ProjectFolder, modules: dict[str, Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_checkov", lambda: 1 / 0)
    with pytest.raises(OrchestratorError, match="checkov could not scan the plan: ZeroDivisionError"):
        scan_plan(ENCRYPTED, modules, policy(folder, "{}\n"))


def test_a_scanner_that_sees_fewer_resources_than_are_planned_fails_the_scan(
    folder: ProjectFolder, modules: dict[str, Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "scan_input", lambda plan: scan_input({**plan, "planned_values": {}}))
    with pytest.raises(OrchestratorError, match="checkov saw 0 of 1 planned resources"):
        scan_plan(ENCRYPTED, modules, policy(folder, "{}\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "skips: [{id: CKV_AWS_1, reson: because of this}]\n",
            ["policy/checkov.yaml:1", 'did you mean "reason"?'],
        ),
        ("skips: [{id: CKV_AWS_1, reason: no}]\n", ["policy/checkov.yaml:1", "skips[0].reason"]),
        ("enforcment: {}\n", ["policy/checkov.yaml:1", 'did you mean "enforcement"?']),
        ("enforcement: {default: ignore}\n", ["policy/checkov.yaml:1", "enforcement.default"]),
    ],
)
def test_a_bad_policy_file_is_refused(
    folder: ProjectFolder, cli: Cli, text: str, expected: list[str]
) -> None:
    folder.simple()
    folder.write("policy/checkov.yaml", text)
    answer = cli("scan")
    assert answer.code == 1
    for part in expected:
        assert part in answer.err


def test_what_only_the_codes_scan_sees_is_in_the_plans_report_once(folder: ProjectFolder) -> None:
    def seen(check: str, address: str, origin: Literal["code", "plan"]) -> scan.Finding:
        return scan.Finding(check, "x", address, "data", None, None, "failed", None, None, scan=origin)

    both = ("CKV_AWS_1", TABLE)
    planned = scan.ScanReport(
        "checkov", 1, 0, (seen(*both, "plan"),), "block", 0, frozenset({both, ("CKV_AWS_2", TABLE)})
    )
    code = scan.ScanReport(
        "checkov", 1, 0,
        tuple(
            seen(check, address, "code")
            for check, address in (
                both,
                ("CKV_AWS_2", TABLE),
                ("CKV_AWS_3", TABLE),
                ("CKV_AWS_3", "module.data.x.unplanned"),
            )
        ),
        "block", 0,
    )  # fmt: skip
    together = scan.with_code(planned, code)
    assert [(item.id, item.scan) for item in together.findings] == [
        ("CKV_AWS_1", "plan"),
        ("CKV_AWS_3", "code"),
    ]


def test_a_scan_of_the_code_is_kept_until_code_or_policy_change(folder: ProjectFolder) -> None:
    folder.simple()
    project = Project(folder.root)
    report = scan.ScanReport("checkov", 1, 0, (), "block", 0)
    assert code_scan.kept(project) is None
    code_scan.keep(project, report)
    assert code_scan.kept(project) == report
    folder.write("policy/checkov.yaml", "max_failed: 1\n")
    assert code_scan.kept(project) is None
    code_scan.keep(project, report)
    folder.write("terraform/modules/base/more.tf", "locals {}\n")
    assert code_scan.kept(project) is None
    (folder.root / ".orchestrator" / "code-scan.json").write_text("{")
    assert code_scan.kept(project) is None
