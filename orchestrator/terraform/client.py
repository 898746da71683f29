"""The one place that starts Terraform.

python-terraform gives the words of each command; the process is ours, because its own can't be
streamed, given an environment, or interrupted (see ``docs/decisions/0003-python-terraform.md``).
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Protocol

from python_terraform import IsFlagged, Terraform

from orchestrator.errors import InterruptedRunError, OrchestratorError
from orchestrator.render.workspace import MAIN
from orchestrator.terraform.events import Diagnostic, Event, PlaceOf, TerraformError, diagnostic, parse_line
from orchestrator.terraform.lock_file import LOCK_FILE
from orchestrator.terraform.packages import CheckedPackages
from orchestrator.terraform.provider_cache import ProviderCache

MINIMUM_VERSION = (1, 11, 0)
CONCURRENCY = 20
"""How many resources Terraform works on at a time; its own default of 10 makes what only waits wait twice."""
POLL_SECONDS = 0.05
"""How long a line of Terraform's may wait until it is read."""
_DROPPED = re.compile(r"TF_(CLI_ARGS.*|VAR_.*|WORKSPACE|DATA_DIR|INPUT|IN_AUTOMATION|CLI_CONFIG_FILE)\Z")

OnEvent = Callable[[Event], None]


class Process(Protocol):
    """What wants to know of one Terraform process; ``variables`` are added to its environment."""

    variables: Mapping[str, str]

    def event(self, event: Event) -> None:
        """A line of its output."""

    def ended(self, exit_code: int) -> None:
        """It has ended; below zero: by that signal."""


Observe = Callable[[Path, str], Process]
"""Told of every process before it is started: the folder it runs in, and Terraform's command."""


class _Unobserved:
    variables: Mapping[str, str] = MappingProxyType({})

    def event(self, event: Event) -> None:
        pass

    def ended(self, exit_code: int) -> None:
        pass


def unobserved(_folder: Path, _action: str) -> Process:
    """Nobody wants to know."""
    return _Unobserved()


_COLLECT_LESS = {"GOGC": "400", "GOMEMLIMIT": "2GiB"}
"""Of the runtime of Terraform and of its providers, unless the user sets them (https://pkg.go.dev/runtime): a provider's
schema is much allocation in little memory, and collecting it takes a sixth of a small layer's time; its process is a
twentieth larger for that."""


def clean_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """A process environment in which nothing alters what Terraform does behind the reviewed plan."""
    kept = {name: value for name, value in variables.items() if not _DROPPED.match(name)}
    return {**_COLLECT_LESS, **kept, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


def terraform_in(folder: Path) -> bool:
    """Whether a process works in this folder, where the system says so (/proc)."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink() == folder:
                return True
    return False


@dataclass(frozen=True)
class Versions:
    """What ``terraform version`` says; ``providers`` by source address, for the folder it ran in."""

    terraform: str
    providers: dict[str, str]


@dataclass
class Interrupts:
    """Stops every Terraform process of a run: the first request politely, the second at once."""

    requested: int = 0
    running: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, said: str = "interrupted; nothing was changed") -> None:
        """Stop here if the user has asked to.

        Raises:
            InterruptedRunError: they have; it says ``said``.
        """
        if self.requested:
            raise InterruptedRunError(said)

    def request(self) -> None:
        """Send SIGINT to each: Terraform finishes the resource in hand and saves its state.

        A second SIGINT makes it give up what is in hand.
        """
        self.requested += 1
        self.stop()

    def stop(self) -> None:
        """Send SIGINT to each, without the user having asked for it."""
        for pid in list(self.running):
            try:
                os.kill(pid, signal.SIGINT)
            except ProcessLookupError:
                continue


class TerraformClient(Terraform):  # type: ignore[misc]
    """Runs Terraform in workspaces.

    ``variables`` is the whole environment of its processes. ``scrub`` is applied to every line
    before it is logged or shown. Files that diagnostics name are given relative to ``root``.
    """

    def __init__(
        self,
        binary: str,
        variables: Mapping[str, str],
        *,
        root: Path | None = None,
        interrupts: Interrupts | None = None,
        scrub: Callable[[str], str] = lambda text: text,
        place_of: PlaceOf = lambda _layer, _variable, _said: None,
        cache: ProviderCache | None = None,
        packages: CheckedPackages | None = None,
        concurrency: int = CONCURRENCY,
        observe: Observe = unobserved,
    ) -> None:
        super().__init__(terraform_bin_path=binary)
        self.binary = binary
        self.variables = dict(variables)
        self.root = root or Path.cwd()
        self.interrupts = interrupts or Interrupts()
        self.scrub = scrub
        self.place_of = place_of
        self.cache = cache
        self.packages = packages or CheckedPackages()
        self.concurrency = concurrency
        self.observe = observe

    def read_state_file(self, file_path: str | None = None) -> None:
        """States are read by the state store, never here."""

    def versions(self, folder: Path | None = None) -> Versions:
        """The versions in use.

        Raises:
            OrchestratorError: too old, or no Terraform.
        """
        raw = json.loads(
            self._capture(self.generate_cmd_string("version", json=IsFlagged), folder or Path.cwd(), {})
        )
        found = str(raw.get("terraform_version", "0"))
        numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:3])
        if numbers < MINIMUM_VERSION:
            wanted = ".".join(map(str, MINIMUM_VERSION[:2]))
            raise OrchestratorError(
                f"{self.binary} is version {found}, but {wanted} or newer is needed",
                remedy=f"install Terraform ≥ {wanted}, or name another binary with --terraform-bin",
            )
        return Versions(found, dict(raw.get("provider_selections") or {}))

    def init(
        self,
        folder: Path,
        *,
        fingerprint: str,
        lock_file: Path,
        layer: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> bool:
        """``terraform init``, unless this folder was initialised for the same ``fingerprint``.

        ``lock_file`` is shared by all workspaces of an environment: it is copied in before and
        out after. The providers' packages are checked against it (see :mod:`orchestrator.terraform.packages`).
        True when init ran.
        """
        marker = folder / ".terraform" / "orchestrator-init"
        lock = lock_file.read_bytes() if lock_file.is_file() else b""
        wanted = hashlib.sha256((folder / MAIN).read_bytes() + lock + fingerprint.encode()).hexdigest()
        if marker.is_file() and marker.read_text() == wanted and self.packages.known(folder):
            self.packages.check(folder)
            return False
        self.packages.forget(folder)
        if lock:
            (folder / LOCK_FILE).write_bytes(lock)
        words = self.generate_cmd_string("init", json=IsFlagged, input=False, reconfigure=IsFlagged)
        with self.cache.held() if self.cache else contextlib.nullcontext():
            cached = self.cache.variables(locked=bool(lock)) if self.cache else {}
            self._stream(words, folder, {**cached, **(extra or {})}, None, "init", layer)
            if self.cache:
                self.cache.keep(folder)
        written = folder / LOCK_FILE
        if written.is_file() and not lock:
            lock_file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(written, lock_file)
            lock = lock_file.read_bytes()
            wanted = hashlib.sha256((folder / MAIN).read_bytes() + lock + fingerprint.encode()).hexdigest()
        self.packages.keep(folder)
        marker.write_text(wanted)
        self.packages.check(folder)
        return True

    def get_module(self, folder: Path) -> None:
        """``terraform get``: bring the modules that the root calls."""
        self._capture(self.generate_cmd_string("get", no_color=IsFlagged), folder, {})

    def plan(
        self,
        folder: Path,
        out: Path | None = None,
        *,
        layer: str | None = None,
        state: Path | None = None,
        destroy: bool = False,
        refresh_only: bool = False,
        refresh: bool = True,
        lock: bool = True,
        targets: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
        on_event: OnEvent | None = None,
        log: Path | None = None,
    ) -> None:
        """``terraform plan``, kept as ``out``. With ``state``, that file is planned upon and nothing is locked.

        ``refresh_only``: only what is there is looked at. ``refresh=False``: what is there is not looked at.
        ``lock=False``: the state is read without its lock. ``targets``: the addresses that are planned, with what
        they depend on; default all.
        """
        options: dict[str, Any] = {"json": IsFlagged, "input": False, "parallelism": self.concurrency}
        if out is not None:
            options["out"] = out
        if state is not None:
            options |= {"state": state, "lock": False}
        if not lock:
            options["lock"] = False
        if destroy:
            options["destroy"] = IsFlagged
        if refresh_only:
            options["refresh_only"] = IsFlagged
        if not refresh:
            options["refresh"] = False
        if targets:
            options["target"] = list(targets)
        self._stream(
            self.generate_cmd_string("plan", **options), folder, extra or {}, on_event, "plan", layer, log
        )

    def show(self, folder: Path, plan: Path, *, extra: Mapping[str, str] | None = None) -> dict[str, Any]:
        """``terraform show -json`` of a plan file, parsed. It holds secrets: redact it first of all."""
        words = self.generate_cmd_string("show", str(plan), json=IsFlagged)
        parsed = json.loads(self._capture(words, folder, extra or {}))
        assert isinstance(parsed, dict)
        return parsed

    def apply(
        self,
        folder: Path,
        plan: Path,
        *,
        layer: str | None = None,
        extra: Mapping[str, str] | None = None,
        on_event: OnEvent | None = None,
        log: Path | None = None,
    ) -> None:
        """``terraform apply`` of a saved plan."""
        words = self.generate_cmd_string(
            "apply", str(plan), json=IsFlagged, input=False, parallelism=self.concurrency
        )
        self._stream(words, folder, extra or {}, on_event, "apply", layer, log)

    def refreshed(
        self, folder: Path, plan: Path, state: Path, new: Path, *, extra: Mapping[str, str] | None = None
    ) -> None:
        """Write to ``new`` what ``state`` becomes by a refresh-only plan of it; nothing else is changed."""
        words = self.generate_cmd_string(
            "apply",
            str(plan),
            json=IsFlagged,
            input=False,
            state=state,
            state_out=new,
            backup="-",
            lock=False,
        )
        self._stream(words, folder, extra or {}, None, "apply", None)

    def push_state(self, folder: Path, state: Path, *, layer: str | None = None) -> None:
        """``terraform state push``: the root's state becomes this file, unless the one there is another's or newer."""
        words = self.generate_cmd_string("state push", str(state))
        self._stream(words, folder, {}, None, "state push", layer)

    def move_state(self, folder: Path, state: Path, out: Path | None, old: str, new: str) -> None:
        """``terraform state mv`` between two files (``out`` None: within one); an ``out`` that is not there is made."""
        options: dict[str, Any] = {"lock": False, "state": state, "backup": f"{state}.before"}
        if out is not None:
            options |= {"state_out": out, "backup_out": f"{out}.before"}
        words = self.generate_cmd_string("state mv", old, new, **options)
        self._stream(words, folder, {}, None, "state mv", None)

    def pull_state(self, folder: Path) -> bytes:
        """``terraform state pull``: what the root's own backend says the state is."""
        words = self.generate_cmd_string("state pull")
        return self._capture(words, folder, {}).encode()

    def _shown(self, folder: Path, file: str) -> str:
        path = os.path.normpath(folder / file)
        return os.path.relpath(path, self.root) if path.startswith(f"{self.root}{os.sep}") else path

    def _spawn(
        self, words: list[str], folder: Path, extra: Mapping[str, str], stdout: Any, stderr: Any
    ) -> subprocess.Popen[str]:
        self.packages.restore(folder)
        try:
            return subprocess.Popen(
                words,
                cwd=folder,
                env={**self.variables, **extra},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches Terraform through us, once
                preexec_fn=_stop_with_parent,
            )
        except FileNotFoundError as error:
            raise OrchestratorError(
                f"Terraform was not found ({self.binary})",
                remedy="install Terraform ≥ 1.11 (https://developer.hashicorp.com/terraform/install), "
                "or name the binary with --terraform-bin",
            ) from error
        except OSError as error:
            raise OrchestratorError(f"{self.binary} can't be started ({error.strerror})") from error

    def _capture(self, words: list[str], folder: Path, extra: Mapping[str, str]) -> str:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as stderr:
            observed = self.observe(folder, words[1])
            process = self._spawn(words, folder, {**extra, **observed.variables}, subprocess.PIPE, stderr)
            with self._tracked(process, observed) as running:
                output, _ = running.communicate()
            if process.returncode != 0:
                stderr.seek(0)
                text = self.scrub(re.sub(r"\x1b\[[0-9;]*m", "", stderr.read()))
                lines = tuple(line.strip(" │╷╵") for line in text.splitlines() if line.strip(" │╷╵"))
                raise OrchestratorError(f"terraform {words[1]} failed", details=lines[:40])
            return output

    def _stream(
        self,
        words: list[str],
        folder: Path,
        extra: Mapping[str, str],
        on_event: OnEvent | None,
        action: str,
        layer: str | None,
        log: Path | None = None,
    ) -> None:
        diagnostics: list[Diagnostic] = []
        observed = self.observe(folder, action)
        environment = {**extra, **observed.variables}
        # Not a pipe: a Terraform whose reader was killed would die of it before its state is saved.
        with (
            tempfile.TemporaryFile(dir=folder) as output,
            self._tracked(
                self._spawn(words, folder, environment, output, subprocess.STDOUT), observed
            ) as process,
            _open_log(log) as sink,
        ):
            for line in _follow(output.fileno(), process):
                sink.write(self.scrub(line))
                event = parse_line(self.scrub(line.rstrip("\n")))
                found = diagnostic(event, lambda file: self._shown(folder, file), self.place_of)
                if found is not None:
                    diagnostics.append(found)
                elif event.kind == "text" and event.message.strip():
                    diagnostics.append(Diagnostic("text", event.message, "", "", "", None))
                observed.event(event)
                if on_event is not None:
                    on_event(event)
        if process.returncode == 0:
            return
        if self.interrupts.requested:
            raise InterruptedRunError(f"terraform {action} was interrupted")
        if not any(item.severity == "error" for item in diagnostics):
            texts = [item.summary for item in diagnostics if item.severity == "text"]
            summary = f"it ended with code {process.returncode}" + (
                f": {' '.join(texts[-12:])}" if texts else ""
            )
            diagnostics.append(Diagnostic("error", summary, "", "", "", None))
        raise TerraformError(layer, action, diagnostics, None)

    def _tracked(self, process: subprocess.Popen[str], observed: Process) -> _Tracked:
        return _Tracked(self.interrupts, process, observed)


def _follow(descriptor: int, process: subprocess.Popen[str]) -> Iterator[str]:
    """The lines that a process writes to a file, as they come, until it has ended."""
    place, rest = 0, b""
    while True:
        ended = process.poll() is not None  # asked first: what it wrote last is read afterwards
        while chunk := os.pread(descriptor, 1 << 16, place):
            place += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace") + "\n"
        if ended:
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECONDS)
    if rest:
        yield rest.decode("utf-8", "replace")


def _libc() -> Any:
    try:
        return ctypes.CDLL(None) if sys.platform == "linux" else None
    except OSError:
        return None


_LIBC = _libc()
_PR_SET_PDEATHSIG = 1


def _stop_with_parent() -> None:
    """Let the kernel interrupt Terraform when we are killed: it finishes what is in hand and saves its state (prctl(2))."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


class _Tracked:
    """Registers a process for interrupts while it runs."""

    def __init__(self, interrupts: Interrupts, process: subprocess.Popen[str], observed: Process) -> None:
        self.interrupts, self.process, self.observed = interrupts, process, observed

    def __enter__(self) -> subprocess.Popen[str]:
        with self.interrupts.lock:
            self.interrupts.running.add(self.process.pid)
        if self.interrupts.requested:
            self.process.send_signal(signal.SIGINT)
        return self.process

    def __exit__(self, *_: object) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process.wait()
        with self.interrupts.lock:
            self.interrupts.running.discard(self.process.pid)
        if self.process.returncode < 0:
            _end_group(self.process.pid)
        self.observed.ended(-1 if self.process.returncode is None else self.process.returncode)


def _end_group(pid: int) -> None:
    """End the providers of a Terraform that was killed: one that it was just starting waits for it for ever, and what another
    creates from now on would be in no state.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


class _open_log:  # noqa: N801  (a context manager that reads like a function)
    """A private file that lines are added to; on a full disk they are left out, since Terraform must be waited for all the same."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def __enter__(self) -> _open_log:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self.file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)
        return self

    def write(self, line: str) -> None:
        """Add a line, at once: what a run was doing is read from here after it was killed."""
        if self.file is not None:
            with contextlib.suppress(OSError):
                self.file.write(line)

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            with contextlib.suppress(OSError):
                self.file.close()
