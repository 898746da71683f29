"""One seeded run: apply, a fault at a random moment, one resume, and what must hold then."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from tests.faults.proxy import Faults, Proxy, proxy_to
from tests.project import ProjectFolder

FIRST = """\
variable "prefix" { type = string }
variable "note" { type = string }
resource "aws_ssm_parameter" "named" {
  for_each       = toset(["one", "two", "three"])
  name           = "/${var.prefix}/first/${each.key}"
  type           = "String"
  value          = var.note
}
resource "aws_iam_role" "main" {
  name               = "${var.prefix}-first"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
resource "aws_cloudwatch_log_group" "main" {
  name       = "/${var.prefix}/first"
  depends_on = [aws_iam_role.main]
}
resource "aws_ssm_parameter" "last" {
  name           = "/${var.prefix}/first/last"
  type           = "SecureString"
  value          = aws_cloudwatch_log_group.main.arn
}
output "arn" { value = aws_ssm_parameter.last.arn }
"""
SECOND = """\
variable "prefix" { type = string }
variable "arn" { type = string }
resource "aws_sns_topic" "main" { name = "${var.prefix}-second" }
resource "aws_ssm_parameter" "chained" {
  name           = "/${var.prefix}/second/${aws_sns_topic.main.name}"
  type           = "String"
  value          = var.arn
}
resource "aws_cloudwatch_log_group" "main" { name = "/${var.prefix}/second" }
"""
UNNAMED = """\
resource "aws_vpc" "main" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "${var.prefix}-vpc" }
}
resource "aws_eip" "main" {
  domain = "vpc"
  tags   = { Name = "${var.prefix}-address" }
}
resource "aws_kms_key" "main" { tags = { Name = "${var.prefix}-key" } }
"""
"""What AWS makes a second time when an answer is lost and the provider asks again: not in runs where answers get lost."""
WIRING = "inputs:\n  prefix: environment.name_prefix\n"


@dataclass
class World:
    """A project behind a faulty proxy."""

    folder: ProjectFolder
    name: str
    proxy: Proxy
    shared: bool
    log: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """Of the names of all that it creates."""
        return f"{self.name}-local"

    def client(self, service: str) -> Any:
        """boto3 on the emulator itself, past the proxy."""
        host, port = self.proxy.upstream
        make: Any = boto3.client
        return make(
            service,
            region_name="eu-west-1",
            endpoint_url=f"http://{host}:{port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """orchestrator in a process of its own; its output goes to a file."""
        self.log.append(f"$ orchestrator {' '.join(words)}")
        output = (self.folder.root / "output.txt").open("w")
        return subprocess.Popen(
            [sys.executable, "-m", "orchestrator", *words],
            cwd=self.folder.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self, process: subprocess.Popen[str], timeout: float = 240) -> int:
        """The exit code."""
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            for pid in [*descendants(process.pid), process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"it did not end:\n{self.said()}") from None
        finally:
            self.log.append((self.folder.root / "output.txt").read_text())
        return code

    def said(self) -> str:
        """Everything that was run and printed so far."""
        return "\n".join(self.log)

    def real(self) -> Counter[str]:
        """What exists in the emulator, by type and name."""
        found: Counter[str] = Counter()
        for page in self.client("ssm").get_paginator("describe_parameters").paginate():
            found.update(
                f"aws_ssm_parameter {item['Name']}" for item in page["Parameters"] if self._ours(item["Name"])
            )
        for page in self.client("iam").get_paginator("list_roles").paginate():
            found.update(
                f"aws_iam_role {item['RoleName']}" for item in page["Roles"] if self._ours(item["RoleName"])
            )
        for page in self.client("logs").get_paginator("describe_log_groups").paginate():
            found.update(
                f"aws_cloudwatch_log_group {item['logGroupName']}"
                for item in page["logGroups"]
                if self._ours(item["logGroupName"])
            )
        for page in self.client("sns").get_paginator("list_topics").paginate():
            names = [item["TopicArn"].rpartition(":")[2] for item in page["Topics"]]
            found.update(f"aws_sns_topic {name}" for name in names if self._ours(name))
        ec2, kms = self.client("ec2"), self.client("kms")
        for type, items in (
            ("aws_vpc", ec2.describe_vpcs()["Vpcs"]),
            ("aws_eip", ec2.describe_addresses()["Addresses"]),
        ):
            found.update(self._tagged(type, [item.get("Tags", []) for item in items]))
        # One whose creation was cut off is tainted, and replaced: AWS keeps what is deleted for a while.
        described = [kms.describe_key(KeyId=item["KeyId"])["KeyMetadata"] for item in kms.list_keys()["Keys"]]
        keys = [item["KeyId"] for item in described if item["KeyState"] != "PendingDeletion"]
        tags = [kms.list_resource_tags(KeyId=key)["Tags"] for key in keys]
        found.update(
            self._tagged(
                "aws_kms_key",
                [[{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in one] for one in tags],
            )
        )
        return found

    def _tagged(self, type: str, tags: list[list[dict[str, str]]]) -> list[str]:
        names = [tag["Value"] for one in tags for tag in one if tag["Key"] == "Name"]
        return [f"{type} {name}" for name in names if self._ours(name)]

    def _ours(self, name: str) -> bool:
        return name.lstrip("/").startswith(self.prefix)

    def in_states(self) -> Counter[str]:
        """What the layers' states have, by type and name."""
        found: Counter[str] = Counter()
        for state in self.states():
            for resource in state["resources"]:
                for instance in resource["instances"]:
                    attributes = instance["attributes"]
                    name = attributes.get("name") or attributes["tags"]["Name"]
                    found[f"{resource['type']} {name}"] += 1
        return found

    def states(self) -> Iterator[dict[str, Any]]:
        """The layers' states."""
        if not self.shared:
            for path in (self.folder.root / ".orchestrator/local/state").glob("*.tfstate"):
                yield json.loads(path.read_bytes())
            return
        s3 = self.client("s3")
        for item in s3.list_objects_v2(Bucket=self.bucket).get("Contents", ()):
            if item["Key"].endswith(".tfstate"):
                yield json.loads(s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read())

    def locks(self) -> list[str]:
        """Locks that lie in the bucket, and that somebody holds."""
        if not self.shared:
            return []
        s3 = self.client("s3")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=self.bucket).get("Contents", ())]
        return [
            key
            for key in keys
            if key.endswith(".tflock")
            or (
                key.endswith(".run-lock.json")
                and json.loads(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())["holders"]
            )
        ]

    @property
    def bucket(self) -> str:
        """Of the states."""
        return f"{self.name}-states"


def descendants(pid: int) -> list[int]:
    """The processes below one, children first."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            child, _, rest = path.read_text().partition(" (")
            parents.setdefault(int(rest.rpartition(") ")[2].split()[1]), []).append(int(child))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(0), [])
        found += children
        waiting += children
    return found


def _named(pid: int, part: str) -> list[int]:
    found = []
    for child in descendants(pid):
        with contextlib.suppress(OSError):
            if part in Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")[0]:
                found.append(child)
    return found


def _kill(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def _kill_us(_: World, pid: int) -> None:
    _kill([pid], signal.SIGKILL)


def _term_us(_: World, pid: int) -> None:
    _kill([pid], signal.SIGTERM)


def _kill_terraform(_: World, pid: int) -> None:
    _kill(
        [child for child in _named(pid, "terraform") if child not in _named(pid, "terraform-provider")],
        signal.SIGKILL,
    )


def _kill_provider(_: World, pid: int) -> None:
    _kill(_named(pid, "terraform-provider"), signal.SIGKILL)


def _kill_all(_: World, pid: int) -> None:
    _kill([pid, *descendants(pid)], signal.SIGKILL)


def _network(seconds: float, **faults: Any) -> Callable[[World, int], None]:
    def strike(world: World, pid: int) -> None:
        world.proxy.faults = Faults(**faults)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
            time.sleep(0.1)
        world.proxy.faults = Faults()

    return strike


FAULTS: dict[str, Callable[[World, int], None]] = {
    "SIGKILL of orchestrator": _kill_us,
    "SIGTERM of orchestrator": _term_us,
    "SIGKILL of Terraform": _kill_terraform,
    "SIGKILL of the provider": _kill_provider,
    "SIGKILL of everything": _kill_all,
    "the emulator gone for a while": _network(6, gone=True),
    "throttling": _network(10, throttle=0.4),
    "internal errors": _network(10, internal_error=0.3),
    "resets": _network(10, reset=0.3),
    "lost answers": _network(15, lost=0.5),
    "slow and stale answers": _network(15, slow=0.2, stale=0.3),
    "S3 refusing states": _network(25, deny_state_writes=True),
}


KILLS = ("SIGKILL of Terraform", "SIGKILL of everything")
"""Faults of which half strike in the moment in which something without a name exists and only AWS knows its id."""
UNNAMED_CALLS = ("CreateVpc", "AllocateAddress", "CreateKey")
MADE_TWICE = ("lost answers",)
"""Faults at which AWS itself makes what has no name a second time, for the provider asks again."""


@dataclass(frozen=True)
class Outcome:
    """How a seeded run went. ``resumed``: the fault left something to resume."""

    seed: int
    fault: str
    shared: bool
    moment: float
    first: int
    resumed: bool
    struck: dict[str, int]
    seconds: float


def fault_of(seed: int) -> tuple[str, bool, random.Random]:
    """The fault of a seed, whether its states are in S3, and what draws the rest."""
    names = list(FAULTS)
    draw = random.Random(seed)
    name = names[seed % len(names)]
    shared = name == "S3 refusing states" or draw.random() < 0.6
    return name, shared, draw


def run(seed: int, root: Path, emulator_root: Path) -> Outcome:
    """Apply, strike, resume, and check.

    Raises:
        AssertionError: something was lost, is there twice, or does not converge.
    """
    began = time.monotonic()
    fault, shared, draw = fault_of(seed)
    record = json.loads((emulator_root / "emulator.json").read_text())
    with proxy_to(record["port"], seed) as proxy:
        world = _world(seed, root, shared, proxy, record)
        first = FIRST if fault in MADE_TWICE else FIRST + UNNAMED
        world.folder.module("first", first, WIRING)
        unanswered = draw.choice(UNNAMED_CALLS) if fault in KILLS and draw.random() < 0.5 else ""
        proxy.faults = Faults(hold=unanswered)
        process = world.start("apply", "--env", "local", "--yes")
        if unanswered:
            moment = 0.0
            _until(process, proxy.held.is_set)
        elif draw.random() < 0.15:
            moment = draw.uniform(0, 6)  # at any time, also before there is anything to lose
            _sleep(process, moment)
        else:
            output = world.folder.root / "output.txt"
            _until(process, lambda: "applying" in output.read_text())
            moment = draw.uniform(0, 5)
            _sleep(process, moment)
        if process.poll() is None:
            FAULTS[fault](world, process.pid)
        ended = world.wait(process)
        proxy.faults = Faults()
        _no_process_left(world)
        resumed = _resume(world, ended)
        assert world.locks() == [], world.said()
        code = world.wait(world.start("plan", "--env", "local", "--detailed-exitcode"))
        assert code == 0, f"it does not converge to no changes:\n{world.said()}"
        real, known = world.real(), world.in_states()
        assert real == known, f"not in a state: {real - known}; not there: {known - real}\n{world.said()}"
        assert len(real) == (9 if fault in MADE_TWICE else 12), world.said()
        assert max(real.values()) == 1
    return Outcome(
        seed, fault, shared, round(moment, 1), ended, resumed, dict(proxy.done), time.monotonic() - began
    )


def _world(seed: int, root: Path, shared: bool, proxy: Proxy, record: dict[str, Any]) -> World:
    folder = ProjectFolder(root)
    world = World(folder, f"f{seed}x{os.getpid() % 10000}", proxy, shared)
    folder.module("second", SECOND, WIRING + "  arn: first.arn\n")
    folder.write("policy/checkov.yaml", "enforcement: {default: warn}\n")
    backend = f"backend: {{type: s3, bucket: {world.bucket}, region: eu-west-1}}\n" if shared else ""
    folder.write(
        "terraform/envs/local/environment.yaml",
        f'project: {world.name}\nregion: eu-west-1\naccount_id: "123456789012"\nemulator: true\n{backend}'
        "layers: {first: {variables: {note: x}}, second: {}}\n",
    )
    folder.write(".orchestrator/emulator/emulator.json", json.dumps({**record, "port": proxy.port}))
    if shared:
        world.client("s3").create_bucket(
            Bucket=world.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    return world


def _until(process: subprocess.Popen[str], is_so: Callable[[], bool]) -> None:
    while process.poll() is None and not is_so():
        time.sleep(0.05)


def _sleep(process: subprocess.Popen[str], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _no_process_left(world: World) -> None:
    """Terraform ends by itself when we were killed; nothing of the run is alive after that."""
    deadline = time.monotonic() + 120
    mine = str(world.folder.root)
    while time.monotonic() < deadline:
        alive = []
        for link in Path("/proc").glob("[0-9]*/cwd"):
            with contextlib.suppress(OSError):
                if str(link.readlink()).startswith(mine):
                    alive.append(link.parent.name)
        if not alive:
            return
        time.sleep(0.2)
    raise AssertionError(f"processes are left: {alive}\n{world.said()}")


def _resume(world: World, first: int) -> bool:
    """As its messages say: unlock where a lock lies, then one resume, or an apply where nothing had been begun."""
    if world.locks():
        assert world.wait(world.start("unlock", "--env", "local", "--yes")) == 0, world.said()
    code = world.wait(world.start("apply", "--env", "local", "--resume", "latest"))
    if code != 0 and "nothing was applied to local yet" in world.log[-1]:
        assert first != 0
        code = world.wait(world.start("apply", "--env", "local", "--yes"))
        assert code == 0, world.said()
        return False
    assert code == 0, world.said()
    return first != 0
