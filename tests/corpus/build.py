"""``python -m tests.corpus.build [--missing] [NAME…]``: plans the cases with real Terraform against the embedded emulator.

A name is a case's or a category's; ``--missing`` builds only the cases that lack a plan. For each case ``before`` is
applied, and each variant planned from there. What is stored is the plan as ``terraform show -json`` prints it, less what
says nothing about the change.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from orchestrator import emulator
from orchestrator.terraform.cli_config import find_cli_config
from orchestrator.terraform.client import clean_environment
from tests.corpus.cases import PLANS, Case, Variant, load_cases

AT_ONCE = 2
HEADER = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
"""
PROVIDER = """\
provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false
  s3_use_path_style           = true
}
"""
OTHER_PROVIDER = "providers.example.com/acme/aws"
"""The AWS provider under another name: what a provider from elsewhere looks like in a plan."""
MODULE = """\
variable "name" { type = string }
resource "aws_sqs_queue" "this" { name = var.name }
"""
MODULE_HOST = "https://git.example.com/"
MODULE_NAME = "modules/queue.git"
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
REATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(.*)'")
TIME = "2026-01-01T00:00:00Z"
KEPT = ("format_version", "terraform_version", "variables", "output_changes", "configuration", "complete")
PRIOR = ("address", "mode", "type", "name", "index", "provider_name")


class BuildError(Exception):
    """Terraform did not do what a case needs."""


class Provider:
    """The AWS provider as a process that Terraforms attach to, one after another (two at once make it fail)."""

    def __init__(self, binary: Path, environment: Mapping[str, str], folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._environment = environment
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [str(self._binary), "-debug"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        found = next(filter(None, map(REATTACH.search, self._process.stdout)), None)
        if found is None:
            raise BuildError("the provider did not start")
        self._address = found[1]

    def address(self) -> str:
        """What Terraform attaches to; a provider that has crashed is started again."""
        if self._process.poll() is not None:
            self._start()
        return self._address

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()


class Workshop:
    """A folder with the provider, an emulator's address, and what the cases refer to."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self.endpoint = endpoint
        self.data = folder / "data"
        self._environment = {
            **clean_environment(os.environ),
            "TF_CLI_CONFIG_FILE": str(find_cli_config(folder / "config", os.environ).file),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        # The emulator speaks plain HTTP, and a provider that is configured twice fails over a bundle of certificates.
        self._environment.pop("AWS_CA_BUNDLE", None)
        with zipfile.ZipFile(
            folder / "code.zip", "w"
        ) as code:  # the provider looks for it where it runs itself
            code.writestr(zipfile.ZipInfo("index.py"), "def handler(event, context): return event\n")
        first = folder / "first"
        first.mkdir()
        (first / "main.tf").write_text(HEADER + PROVIDER)
        self._terraform(first, self.data, "init", "-backend=false")
        self._lock = first / ".terraform.lock.hcl"
        self._providers: SimpleQueue[Provider] = SimpleQueue()

    def start_providers(self) -> None:
        """A provider for each Terraform at a time; every Terraform would else spend seconds on starting one."""
        (binary,) = self.data.glob(
            "providers/registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws*"
        )
        for _ in range(AT_ONCE):
            self._providers.put(Provider(binary, self._environment, self.folder))

    def stop_providers(self) -> None:
        """End them."""
        while not self._providers.empty():
            self._providers.get().stop()

    def build(self, case: Case) -> dict[str, Any]:
        """The plan of each variant of a case, by the variant's title."""
        provider = self._providers.get()
        try:
            return self._build(case, provider)
        finally:
            self._providers.put(provider)

    def _build(self, case: Case, provider: Provider) -> dict[str, Any]:
        folder = self.folder / case.name
        folder.mkdir()
        data = folder / ".terraform" if case.init else self.data
        if not case.init:
            shutil.copy(self._lock, folder)
        if case.before:
            self._write(folder, case.before, case.init)
            self._terraform(folder, data, "apply", "-auto-approve", "-lock=false", provider=provider)
        return {variant.title: self._plan(folder, data, variant, provider) for variant in case.variants}

    def _plan(self, folder: Path, data: Path, variant: Variant, provider: Provider) -> Any:
        self._write(folder, variant.after, variant.case.init)
        words = ["plan", "-out=plan.tfplan", "-lock=false", "-refresh=false"]
        self._terraform(folder, data, *words, provider=provider)
        text = self._terraform(folder, data, "show", "-json", "plan.tfplan", provider=provider)
        text = TIMESTAMP.sub(TIME, text).replace(self.endpoint, "http://emulator")
        for leak in (str(self.folder), str(Path.home())):
            if leak in text and leak != "/":
                raise BuildError(f"{variant.title}: the plan names {leak}")
        return trimmed(json.loads(text))

    def _write(self, folder: Path, text: str, init: bool) -> None:
        header = "" if "required_providers" in text else HEADER
        (folder / "main.tf").write_text(header + PROVIDER + text)
        if init:
            self._terraform(folder, folder / ".terraform", "init", "-backend=false", mirrored=True)

    def _terraform(
        self,
        folder: Path,
        data: Path,
        *words: str,
        mirrored: bool = False,
        provider: Provider | None = None,
    ) -> str:
        environment = {**self._environment, "TF_DATA_DIR": str(data)}
        if provider is not None and data == self.data:
            environment["TF_REATTACH_PROVIDERS"] = provider.address()
        if mirrored:
            environment |= self._others()
        done = subprocess.run(
            [
                "terraform",
                words[0],
                "-no-color",
                *([] if words[0] == "show" else ["-input=false"]),
                *words[1:],
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise BuildError(f"{folder.name}: terraform {words[0]}: {done.stderr.strip()[:400]}")
        return done.stdout

    def _others(self) -> dict[str, str]:
        """The environment in which another's provider and module are found, without a network."""
        mirror = self.folder / "mirror"
        ours = self.data / "providers" / "registry.terraform.io" / "hashicorp" / "aws"
        repository = self.folder / "git" / MODULE_NAME
        settings = mirror / "cli.tfrc"
        if not settings.exists():
            for name in ("registry.terraform.io/hashicorp/aws", OTHER_PROVIDER):
                (mirror / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copytree(ours, mirror / name, copy_function=os.symlink)
            _repository(repository)
            settings.write_text(
                f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n'
            )
        return {
            "TF_CLI_CONFIG_FILE": str(settings),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{repository.parents[1].as_uri()}/.insteadOf",
            "GIT_CONFIG_VALUE_0": MODULE_HOST,
        }


def _repository(folder: Path) -> None:
    """A module in a repository whose commit is the same wherever it is made."""
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(MODULE)
    who = {"NAME": "Corpus", "EMAIL": "corpus@example.com", "DATE": "2026-01-01T00:00:00Z"}
    environment = {
        **os.environ,
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()},
    }
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "main.tf"],
        ["commit", "--quiet", "--no-gpg-sign", "--message=A queue"],
        ["tag", "v1.0.0"],
    ):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)


def trimmed(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan says about its changes. The state before is kept as far as the changes do not have it themselves."""
    kept = {key: plan[key] for key in KEPT if key in plan}
    prior = plan.get("prior_state", {}).get("values", {}).get("root_module")
    if prior:
        kept["prior_state"] = {"format_version": "1.0", "values": {"root_module": _prior(prior)}}
    return {**kept, "resource_changes": plan.get("resource_changes", [])}


def _prior(module: Mapping[str, Any]) -> dict[str, Any]:
    """The resources of the state; values only of data sources."""
    resources = [
        {
            key: value
            for key, value in resource.items()
            if key in PRIOR or (key == "values" and resource["mode"] == "data")
        }
        for resource in module.get("resources", ())
    ]
    children = [_prior(child) for child in module.get("child_modules", ())]
    address = {"address": module["address"]} if "address" in module else {}
    return {**address, "resources": resources, **({"child_modules": children} if children else {})}


def written(plan: Mapping[str, Any]) -> str:
    """As JSON: a line for each resource's change, keys sorted, so that a difference can be read."""
    lines = []
    for key in sorted(plan):
        value = plan[key]
        if key == "resource_changes" and value:
            changes = ",\n  ".join(json.dumps(change, sort_keys=True) for change in value)
            lines.append(f' "{key}": [\n  {changes}\n ]')
        else:
            lines.append(f' "{key}": {json.dumps(value, sort_keys=True)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


@contextmanager
def workshop() -> Iterator[Workshop]:
    """A workshop with an emulator of its own."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as name:
        folder = Path(name).resolve()
        emulator.start(folder / "emulator", stop_with_pid=os.getpid())
        try:
            endpoint = emulator.status(folder / "emulator").endpoint
            if endpoint is None:
                raise BuildError("the emulator has no address")
            place = Workshop(folder, endpoint)
            try:
                place.start_providers()
                yield place
            finally:
                place.stop_providers()
        finally:
            emulator.stop(folder / "emulator")


def build(cases: Iterable[Case]) -> list[str]:
    """Build and store the cases' plans; what went wrong."""
    wrong: list[str] = []

    def one(case: Case) -> None:
        try:
            plans = place.build(case)
        except BuildError as error:
            wrong.append(str(error))
            print(f"FAILED {error}", flush=True)
            return
        for variant in case.variants:
            variant.path.parent.mkdir(parents=True, exist_ok=True)
            variant.path.write_text(written(plans[variant.title]))
        print(f"{case.name}: {len(case.variants)}", flush=True)

    with workshop() as place, ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, cases))
    return wrong


def main(names: list[str]) -> int:
    """The command; 1 when a case could not be built."""
    every = load_cases()
    wanted = set(names) - {"--missing"}
    chosen = [case for case in every if not wanted or {case.name, case.category} & wanted]
    if "--missing" in names:
        chosen = [case for case in chosen if not all(variant.path.exists() for variant in case.variants)]
    if not wanted:
        expected = {variant.path for case in every for variant in case.variants}
        for path in PLANS.rglob("*.json"):
            if path not in expected:
                path.unlink()
    return 1 if build(chosen) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
