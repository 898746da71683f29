"""An apply is bound to what was reviewed: seal, signature, approvals, confirmation of losses, audit log."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.errors import OrchestratorError
from orchestrator.plan.seal import approve, open_seal
from orchestrator.plan.signing import Ed25519Key
from orchestrator.state.store import LocalStateStore
from tests.conftest import Cli
from tests.e2e.conftest import Aws, Platform
from tests.keys import key_pair

STORE = """\
variable "prefix" { type = string }
variable "tables" { type = map(object({ suffix = string })) }
resource "aws_dynamodb_table" "this" {
  for_each     = var.tables
  name         = "${var.prefix}-${each.value.suffix}"
  hash_key     = "id"
  billing_mode = "PAY_PER_REQUEST"
  attribute {
    name = "id"
    type = "S"
  }
}
output "ids" { value = { for key, table in aws_dynamodb_table.this : key => table.id } }
"""
READER = """\
variable "prefix" { type = string }
variable "ids" { type = map(string) }
locals {
  path = "/${var.prefix}/${var.ids["orders"]}"
}
resource "aws_ssm_parameter" "reader" {
  name           = local.path
  type           = "String"
  insecure_value = "x"
}
"""
TABLE = 'module.store.aws_dynamodb_table.this["orders"]'


class Shop:
    """Two layers, a table and a parameter that is named after it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        wiring = "inputs:\n  prefix: environment.name_prefix\n"
        platform.folder.module("store", STORE, wiring)
        platform.folder.module("reader", READER, wiring + "  ids: store.ids\n")
        self.configure("one")

    def configure(self, suffix: str, header: str = "") -> None:
        """The environment, with the table's suffix."""
        self.platform.folder.write(
            "terraform/envs/local/environment.yaml",
            f'project: {self.platform.name}\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\n{header}'
            f"layers:\n  store:\n    variables:\n      tables:\n        orders:\n          suffix: {suffix}\n  reader: {{}}\n",
        )

    def waive(self, text: str) -> None:
        """The project's waivers."""
        self.platform.folder.write("policy/waivers.yaml", text)


@pytest.fixture
def shop(platform: Platform) -> Shop:
    return Shop(platform)


def test_what_is_lost_is_confirmed_by_name_or_waived_and_yes_is_not_enough(shop: Shop, cli: Cli) -> None:
    assert cli("apply", "--env", "local", "--yes").code == 0
    applied_once = shop.platform.serial("store")
    shop.configure("two")

    refused = cli("apply", "--env", "local", "--yes")
    assert refused.code == 3
    assert f"DL001 {TABLE}: replaced, forced by name" in refused.err
    assert "--confirm ADDRESS" in refused.err
    review = cli("review", "--env", "local", "--json").json()
    finding = next(item for item in review["findings"] if item["id"] == "DL001")
    assert finding["key"] == "layers.store.variables.tables.orders.suffix"
    assert finding["key_file"] == "terraform/envs/local/environment.yaml"
    assert finding["key_line"] == 10
    assert review["cascades"] == [
        {
            "address": TABLE,
            "key": "layers.store.variables.tables.orders.suffix",
            "replaced": ["module.reader.aws_ssm_parameter.reader"],
        }
    ]

    assert cli("apply", "--env", "local", "--yes", "--confirm", "module.store.nothing").code == 64
    assert _typed(shop, "yes") == 1
    assert shop.platform.serial("store") == applied_once
    assert _typed(shop, TABLE) == 0

    shop.configure("three")
    waiver = (
        "waivers:\n"
        f"  - id: DL001\n    address: '{TABLE}'\n    environments: [local]\n    owner: data team\n"
        "    reason: the table is empty until launch\n    ticket: DATA-7\n    expires: {expires}\n"
    )
    shop.waive(waiver.format(expires="2020-01-01"))
    assert cli("apply", "--env", "local", "--yes").code == 3
    from datetime import UTC, datetime, timedelta

    shop.waive(waiver.format(expires=datetime.now(UTC).date() + timedelta(days=30)))
    applied = cli("apply", "--env", "local", "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert "waived by data team until" in applied.out

    assert cli("plan", "--env", "local").code == 0
    unused = cli("scan", "--env", "local", "--plan", "latest")
    assert unused.code == 1
    assert f"policy/waivers.yaml:2: the waiver of DL001 for {TABLE} is not used" in unused.out

    records = cli("audit", "show", "--env", "local", "--json").json()["records"]
    assert [record["command"] for record in records].count("plan") == 1
    applies = [record for record in records if record["command"] == "apply"]
    assert [
        record["error"] for record in applies if "confirmed" not in record and not record.get("refused")
    ] != []
    done = [record for record in applies if "confirmed" in record]
    assert [record["confirmed"] for record in done] == [[], [TABLE], []]
    refused_ones = [record["error"] for record in records if record.get("refused")]
    assert ["did not agree" in error for error in refused_ones] == [False, True, False]
    assert done[2]["waived"] == [{"id": "DL001", "address": TABLE, "owner": "data team", "ticket": "DATA-7"}]
    destroyed = cli("destroy", "--env", "local", "--yes")
    assert destroyed.code == 0, destroyed.err
    assert cli("audit", "verify", "--env", "local", "--json").json() == {
        "ok": True, "records": 9, "waiting": 0, "problem": None, "line": None,
    }  # fmt: skip


def _typed(shop: Shop, answer: str) -> int:
    """Apply with --yes on a terminal, where this is typed; the exit code."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "orchestrator", "apply", "--env", "local", "--yes"],
            cwd=shop.platform.folder.root,
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert "This is lost for good. Type its address to go on." in done.stdout, done.stdout
    return done.returncode


def test_a_plan_that_needs_a_signature_and_approvals_is_applied_with_these_and_as_it_was_sealed(
    shop: Shop, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = shop.platform.folder.root / "policy" / "keys"
    planner = key_pair(keys / "planner.pub", tmp_path / "planner")
    alice = key_pair(keys / "alice.pub", tmp_path / "alice", ssh=True)
    mallory = key_pair(tmp_path / "mallory.pub", tmp_path / "mallory")
    shop.configure(
        "one",
        "plans:\n  signer: {ed25519: policy/keys/planner.pub}\n  approvals:\n    required: 1\n"
        "    approvers:\n      alice: {ed25519: policy/keys/alice.pub}\n"
        "      planner: {ed25519: policy/keys/planner.pub}\n",
    )

    def refusal(*words: str) -> str:
        answer = cli(*words)
        assert answer.code == 1, answer.out + answer.err
        return answer.err

    monkeypatch.delenv("ORCHESTRATOR_SIGNING_KEY", raising=False)
    assert "local takes approved plans only" in refusal("apply", "--env", "local", "--yes")
    with monkeypatch.context() as reading_only:  # as a CI's role for plans is
        reading_only.setattr(LocalStateStore, "write_note", denied)
        answer = cli("plan", "--env", "local", "--json")
    assert answer.code == 0
    assert "this run is not in the audit log, where these credentials can't write" in " ".join(
        answer.err.split()
    )
    unsigned = answer.json()["id"]
    assert "is not signed" in refusal("apply", "--env", "local", "--plan", unsigned)
    monkeypatch.setenv("ORCHESTRATOR_SIGNING_KEY", str(planner))
    monkeypatch.setenv("GITHUB_ACTOR", "peter")
    plan = cli("plan", "--env", "local", "--json").json()["id"]
    monkeypatch.delenv("ORCHESTRATOR_SIGNING_KEY")
    apply = ("apply", "--env", "local", "--plan", plan)
    approve = ("approve", "--env", "local", "--plan", plan, "--yes")
    assert "needs 1 approvals and has 0 (by nobody)" in refusal(*apply)
    assert "none of the approvers' keys is at hand" in refusal(*approve, "--key", str(mallory))
    assert "signed the plan, and own approvals do not count" in refusal(*approve, "--key", str(planner))
    assert "peter made the plan, whatever the key" in refusal(*approve, "--key", str(alice))
    approve_as_peter(shop.platform, plan, alice)
    said = refusal(*apply)
    assert "has 0 (by nobody)" in said
    assert "alice's does not count: peter made the plan" in said
    monkeypatch.setenv("GITHUB_ACTOR", "alice")
    assert cli(*approve, "--key", str(alice), "--comment", "looks right").code == 0

    bundle = shop.platform.work / "plans" / plan
    for name, change, words in (
        ("changes.json", lambda text: text + " ", "is not as it was sealed: changes.json has changed"),
        ("extra.txt", lambda _: "x", "extra.txt was put there"),
        ("review.json", lambda _: None, "review.json is missing"),
        ("seal.json", lambda text: text.replace('"expires_at": "2', '"expires_at": "3'), "signed wrongly"),
        ("approvals/alice.json", lambda text: text.replace("looks", "Looks"), "its signature is not alice's"),
        (
            "approvals/alice.json",
            lambda text: text.replace("ci:alice", "ci:bob"),
            "its signature is not alice's",
        ),
    ):
        _with(bundle / name, change, lambda words=words: assert_in(words, refusal(*apply)))
    expired = lambda text: text.replace('"expires_at": "2', '"expires_at": "1')  # noqa: E731
    _with(bundle / "seal.json", expired, lambda: assert_in("expired at 1", refusal(*apply)))
    records = cli("audit", "show", "--env", "local", "--json").json()["records"]
    assert [record["bundle"] for record in records if record["command"] == "plan"] == [plan]
    assert cli(*apply).code == 0
    record = cli("audit", "show", "--env", "local", "--json").json()["records"][-1]
    assert "refused" not in record
    assert [item["by"] for item in record["approvals"]] == ["alice"]
    assert len(record["seal"]) == 64
    assert record["ok"] is True

    log = shop.platform.work / "state" / ".audit.jsonl"
    verify = ("audit", "verify", "--env", "local")
    _with(
        log,
        lambda text: text.replace('"by": "', '"by": "not '),
        lambda: assert_in("has been changed", refusal(*verify)),
    )
    _with(log, lambda _: "", lambda: assert_in("the last one written was", refusal(*verify)))


def denied(*_: object) -> bool:
    raise OrchestratorError("AccessDenied")


def approve_as_peter(platform: Platform, plan: str, private: Path) -> None:
    """What a command that does not look who it is would write."""
    folder = platform.work / "plans" / plan
    public = platform.folder.root / "policy" / "keys" / "alice.pub"
    key = Ed25519Key(public, public, private)
    approve(folder, open_seal(folder, plan), "alice", key, confirmed=(), comment="", person=("ci:peter",))


def assert_in(words: str, text: str) -> None:
    assert words in text


def _with(path: Path, change, then) -> None:  # type: ignore[no-untyped-def]
    """Do something while a file is other than it was."""
    before = path.read_text() if path.is_file() else None
    after = change(before)
    path.unlink(missing_ok=True)
    if after is not None:
        path.write_text(after)
    then()
    path.unlink(missing_ok=True)
    if before is not None:
        path.write_text(before)


def test_a_bundle_is_signed_and_checked_with_a_key_in_kms(shop: Shop, cli: Cli, aws: Aws) -> None:
    kms = aws.client("kms")
    key = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
    other = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
    shop.configure("one", f"plans: {{signer: {{kms: '{key}'}}}}\n")
    plan = cli("plan", "--env", "local", "--json").json()["id"]
    signature = json.loads((shop.platform.work / "plans" / plan / "seal.sig.json").read_text())
    assert (signature["key"], signature["algorithm"]) == (key, "kms/ECDSA_SHA_256")
    shop.configure("one", f"plans: {{signer: {{kms: '{other}'}}}}\n")
    assert "is signed with another key" in cli("apply", "--env", "local", "--plan", plan).err
    shop.configure("one", f"plans: {{signer: {{kms: '{key}'}}}}\n")
    assert cli("apply", "--env", "local", "--plan", plan).code == 0
    symmetric = kms.create_key()["KeyMetadata"]["Arn"]
    shop.configure("one", f"plans: {{signer: {{kms: '{symmetric}'}}}}\n")
    assert "can't sign with SHA-256" in cli("plan", "--env", "local").err


def test_a_provider_that_is_not_the_locked_one_is_not_started(shop: Shop, cli: Cli, tmp_path: Path) -> None:
    assert cli("plan", "--env", "local").code == 0
    workspace = shop.platform.folder.root / ".orchestrator/local/workspaces/environment"
    (package,) = (workspace / ".terraform/providers").glob("*/*/*/*/*")
    program = next(package.glob("terraform-provider-*")).name
    another = tmp_path / "another"
    another.mkdir()
    (another / program).write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    (another / program).chmod(0o755)
    package.unlink()
    package.symlink_to(another)
    refused = cli("plan", "--env", "local")
    assert refused.code == 1
    assert "does not match any of the checksums" in " ".join(refused.err.split())
    assert not (tmp_path / "started").exists()
