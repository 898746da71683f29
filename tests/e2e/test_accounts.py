"""One environment in several accounts and regions."""

from __future__ import annotations

import json
import os
import pty
import secrets
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from orchestrator.emulator import EmulatorStatus
from orchestrator.emulator.access_keys import access_key_of
from tests.conftest import Cli
from tests.project import ProjectFolder

FIRST, SECOND = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{SECOND}:role/ci/deploy"
BASE = """\
variable "name" { type = string }
variable "here" { type = string }
resource "aws_ssm_parameter" "main" {
  name           = "/${var.name}/base"
  type           = "String"
  insecure_value = var.here
}
output "arn" { value = aws_ssm_parameter.main.arn }
"""
FAR = """\
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 5.100, < 7"
      configuration_aliases = [aws.replica]
    }
  }
}
variable "name" { type = string }
variable "base_arn" { type = string }
variable "here" { type = string }
resource "aws_ssm_parameter" "main" {
  name           = "/${var.name}/far"
  type           = "String"
  insecure_value = "${var.here} ${var.base_arn}"
}
resource "aws_ssm_parameter" "copy" {
  provider       = aws.replica
  name           = "/${var.name}/copy"
  type           = "String"
  insecure_value = aws_ssm_parameter.main.arn
}
output "arn" { value = aws_ssm_parameter.main.arn }
"""
FAR_ENTRY = f"""\
  far:
    account_id: "{SECOND}"
    region: eu-central-1
    assume_role:
      role_arn: {ROLE}
      external_id: shop-1
      session_tags: {{team: "${{data}}"}}
      duration: 1h30m
    inputs: {{base_arn: base.arn}}
    variables:
      name: NAME
      here: "{{{{ environment.region }}}} {{{{ environment.account_id }}}} {{{{ environment.home_account_id }}}}"
"""


class Accounts:
    """A project of three layers: ``base`` at home, ``edge`` in another region, ``far`` in another account."""

    def __init__(self, folder: ProjectFolder, emulator_root: Path, endpoint: str) -> None:
        self.folder, self.endpoint = folder, endpoint
        self.name = f"a{secrets.token_hex(3)}"
        folder.module("base", BASE, "inputs: {here: environment.region}\n")
        folder.module("edge", BASE.replace("/base", "/edge-home"), "inputs: {here: environment.region}\n")
        folder.write("terraform/modules/far/main.tf", FAR)
        folder.write("terraform/modules/far/layer.yaml", "description: far\n")
        folder.write("policy/checkov.yaml", "enforcement: {default: warn}\n")
        (folder.root / ".orchestrator").mkdir()
        (folder.root / ".orchestrator" / "emulator").symlink_to(emulator_root)
        self.configure()

    def configure(self, far: str = FAR_ENTRY, header: str = "emulator: true\n") -> None:
        """Write the environment file."""
        text = (
            f'project: {self.name}\nregion: eu-west-1\naccount_id: "{FIRST}"\n{header}layers:\n'
            "  base: {variables: {name: NAME}}\n  edge: {region: us-east-1, variables: {name: NAME}}\n"
        )
        self.folder.write("terraform/envs/local/environment.yaml", (text + far).replace("NAME", self.name))

    def client(self, account: str, region: str, service: str = "ssm") -> Any:
        """boto3 with the credentials of an account."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=access_key_of(account),
            aws_secret_access_key="test",
        )

    def there(self) -> dict[str, dict[str, str]]:
        """What is in each account and region: name → value."""
        prefix = f"/{self.name}/"
        found = {}
        for account in (FIRST, SECOND):
            for region in ("eu-west-1", "eu-central-1", "us-east-1"):
                answer = self.client(account, region).get_parameters_by_path(Path=prefix)["Parameters"]
                if answer:
                    values = {one["Name"].removeprefix(prefix): one["Value"] for one in answer}
                    found[f"{account} {region}"] = values
        return found


@pytest.fixture
def accounts(folder: ProjectFolder, emulator_root: Path, running: EmulatorStatus) -> Accounts:
    assert running.endpoint is not None
    return Accounts(folder, emulator_root, running.endpoint)


def test_layers_of_two_accounts_and_three_regions_are_one_graph(accounts: Accounts, cli: Cli) -> None:
    accounts.configure(FAR_ENTRY + "    replica_region: eu-west-1\n")
    applied = cli("apply", "--env", "local", "--yes", "--json")
    assert applied.code == 0, applied.out + applied.err
    far = f"arn:aws:ssm:eu-central-1:{SECOND}:parameter/{accounts.name}/far"
    base = f"arn:aws:ssm:eu-west-1:{FIRST}:parameter/{accounts.name}/base"
    assert accounts.there() == {
        f"{FIRST} eu-west-1": {"base": "eu-west-1"},
        f"{FIRST} us-east-1": {"edge-home": "us-east-1"},
        f"{SECOND} eu-central-1": {"far": f"eu-central-1 {SECOND} {FIRST} {base}"},
        f"{SECOND} eu-west-1": {"copy": far},
    }
    again = cli("plan", "--env", "local", "--detailed-exitcode")
    assert again.code == 0, again.out + again.err
    well = cli("doctor", "--env", "local", "--json")
    assert well.code == 0, well.out
    looks = [(look["name"], look["status"], look["found"]) for look in well.json()["looks"]]
    assert (f"account {SECOND}", "ok", f"far by {ROLE}") in looks

    state = json.loads(
        (accounts.folder.root / ".orchestrator/local/state/far.tfstate").read_text(encoding="utf-8")
    )
    default = 'provider["registry.terraform.io/hashicorp/aws"]'
    assert {resource["provider"] for resource in state["resources"]} == {
        default,
        f"{default}.replica",
    }
    _sent_elsewhere_and_left_out(accounts, cli)


def _sent_elsewhere_and_left_out(accounts: Accounts, cli: Cli) -> None:
    """What was applied stays within reach, wherever the file says by now that it is."""
    accounts.configure(FAR_ENTRY.replace("eu-central-1", "eu-north-1") + "    replica_region: eu-west-1\n")
    moved = cli("plan", "--env", "local")
    assert moved.code == 1
    assert f"was applied to {SECOND} eu-central-1 copies in eu-west-1" in moved.err
    assert "environment.yaml:8" in moved.err

    accounts.configure("")
    destroyed = cli("destroy", "--env", "local", "--yes")
    assert destroyed.code == 0, destroyed.out + destroyed.err
    assert accounts.there() == {}


@pytest.mark.slow
def test_credentials_of_another_account_are_refused_before_anything_is_done(
    accounts: Accounts, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    accounts.configure("", header="")  # AWS itself, as far as the environment knows
    config = tmp_path / "config"
    config.write_text(
        f"[profile deploy]\nregion = eu-west-1\ncredential_process = {sys.executable} {tmp_path / 'process.py'}\n"
        f"[profile coded]\nrole_arn = arn:aws:iam::{FIRST}:role/x\nsource_profile = deploy\n"
        "mfa_serial = arn:aws:iam::111111111111:mfa/phone\n"
    )
    keys = {"Version": 1, "AccessKeyId": access_key_of(FIRST), "SecretAccessKey": "test"}
    (tmp_path / "process.py").write_text(f"print({json.dumps(json.dumps(keys))})\n")
    for name, value in {
        "AWS_ENDPOINT_URL": accounts.endpoint,
        "AWS_ACCESS_KEY_ID": access_key_of("333333333333"),
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    plans = accounts.folder.root / ".orchestrator/local/plans"
    refused = cli("plan", "--env", "local")
    assert refused.code == 1
    assert "environment.yaml:3: account_id: these credentials (arn:aws:sts::333333333333" in (refused.err)
    assert f"the account 333333333333, and the layers base, edge go into {FIRST}" in refused.err
    assert not plans.exists()

    accounts.configure("", header="profile: deploy\n")  # whatever the environment has
    applied = cli("apply", "--env", "local", "--layer", "base", "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert accounts.there() == {f"{FIRST} eu-west-1": {"base": "eu-west-1"}}

    accounts.configure("", header="")
    left = cli("destroy", "--env", "local", "--confirm", "local")
    assert left.code == 1
    assert "the layer base goes into 111111111111" in left.err

    accounts.configure("", header="profile: coded\n")
    unasked = cli("plan", "--env", "local")
    assert unasked.code == 1
    assert "environment.yaml:4: profile: the profile coded asks for a code of arn:aws:iam" in unasked.err
    code, shown = _on_a_terminal(
        accounts.folder.root, "123456", "destroy", "--env", "local", "--confirm", "local"
    )
    assert code == 0, shown
    assert "MFA code" in shown
    assert accounts.there() == {}


def _on_a_terminal(folder: Path, answer: str, *words: str) -> tuple[int, str]:
    """Run orchestrator on a terminal of its own, and answer the first question; exit code and all that was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-m", "orchestrator", *words])  # noqa: S606
    shown, answered = b"", False
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
            if not answered and b"MFA code" in shown:
                os.write(terminal, f"{answer}\n".encode())
                answered = True
    except OSError:  # the other side has gone
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode(errors="replace")
