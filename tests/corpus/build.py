"""``python -m tests.corpus.build [WORDS…]``: make the corpus's plans with real Terraform on the embedded emulator.

Each entry's ``before`` is applied, each variant planned, and the plan stored without what the review does not read. WORDS
choose the cases whose names hold one of them. Names in the HCL are the entries' own, so that entries do not meet.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

from orchestrator import emulator
from tests.corpus.cases import PLANS, Case, cases

PROVIDERS = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  skip_metadata_api_check     = true
  s3_use_path_style           = true
}
"""
AT_ONCE = 2
_KEPT = ("format_version", "terraform_version", "resource_changes", "configuration", "output_changes")


def build(chosen: Iterable[Case], plans: Path = PLANS, endpoint: str | None = None) -> list[str]:
    """Make the plans of these cases below ``plans``; what could not be made, with Terraform's words.

    ``endpoint``: of an emulator that runs; without one, one is started for it.
    """
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        root = Path(folder)
        if endpoint is not None:
            return _build(list(chosen), plans, root, endpoint)
        emulator.start(root / "emulator", stop_with_pid=os.getpid())
        try:
            return _build(list(chosen), plans, root, str(emulator.status(root / "emulator").endpoint))
        finally:
            emulator.stop(root / "emulator")


def _build(chosen: list[Case], plans: Path, root: Path, endpoint: str) -> list[str]:
    environment = _environment(endpoint)
    shared = root / "init"
    _write(shared, "")
    _terraform(shared, environment, "init")
    environment["TF_DATA_DIR"] = str(shared / ".terraform")
    entries = [list(group) for _, group in groupby(chosen, key=_entry_of)]

    def make(numbered: tuple[int, list[Case]]) -> list[str]:
        return _entry(root / str(numbered[0]), shared, environment, numbered[1], plans)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [problem for problems in pool.map(make, enumerate(entries)) for problem in problems]


def _entry_of(case: Case) -> tuple[str, str]:
    return case.category, case.name.split("--")[0]


def _environment(endpoint: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_"))}
    return {
        **kept,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }


def _entry(
    folder: Path, shared: Path, environment: Mapping[str, str], group: list[Case], plans: Path
) -> list[str]:
    problems = []
    try:
        _write(folder, group[0].before)
        shutil.copy(shared / ".terraform.lock.hcl", folder)
        if group[0].before:
            _terraform(folder, environment, "apply", "-auto-approve")
    except RuntimeError as error:
        return [f"{case.category}/{case.name}: before: {error}" for case in group]
    for case in group:
        try:
            _write(folder, case.after)
            _terraform(folder, environment, "plan", "-out=plan", "-lock=false")
            plan = json.loads(_terraform(folder, environment, "show", "-json", "plan", plain=True))
        except RuntimeError as error:
            problems.append(f"{case.category}/{case.name}: {error}")
            continue
        target = case.plan_below(plans)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(_trimmed(plan), indent=1, sort_keys=True) + "\n")
        print(f"{case.category}/{case.name}", flush=True)
    return problems


def _write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(PROVIDERS + text)


def _terraform(folder: Path, environment: Mapping[str, str], *words: str, plain: bool = False) -> str:
    more = () if plain else ("-no-color", "-input=false")
    done = subprocess.run(
        ["terraform", words[0], *more, *words[1:]],
        cwd=folder, env=dict(environment), capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(" ".join((done.stderr or done.stdout).split())[:600])
    return done.stdout


def _trimmed(plan: dict[str, Any]) -> dict[str, Any]:
    """What the review reads; of the prior state only which providers it knows."""
    kept = {key: plan[key] for key in _KEPT if key in plan}
    known = (((plan.get("prior_state") or {}).get("values") or {}).get("root_module") or {}).get(
        "resources"
    ) or ()
    names = sorted({item["provider_name"] for item in known if item.get("mode") == "managed"})
    resources = [{"mode": "managed", "provider_name": name} for name in names]
    return {**kept, "prior_state": {"values": {"root_module": {"resources": resources}}}}


def main() -> int:
    """Build; 1 when a plan could not be made."""
    words = sys.argv[1:]
    chosen = [
        case for case in cases() if not words or any(word in f"{case.category}/{case.name}" for word in words)
    ]
    problems = build(chosen)
    for problem in problems:
        print(f"not made: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
