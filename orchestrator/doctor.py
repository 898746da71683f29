"""Looks at everything a run needs before one is started, and says how to mend what is not as it should be."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from orchestrator.apply.freeze import current
from orchestrator.apply.journal import check_free
from orchestrator.apply.lock import HeldError, holders
from orchestrator.audit import SET_ASIDE, verify
from orchestrator.aws import aws_client
from orchestrator.config.destination import Credentials, Destination
from orchestrator.config.schema import S3Backend
from orchestrator.errors import OrchestratorError
from orchestrator.files import disk_error
from orchestrator.session import Session
from orchestrator.state.bootstrap import bootstrap_of
from orchestrator.state.check import check_states
from orchestrator.state.errored import errored
from orchestrator.terraform.lock_file import locked_versions

Status = Literal["ok", "warning", "failed"]
LEAST_DISK = 2 * 2**30
"""Bytes: a provider is unpacked once, and every layer has a workspace."""
LARGEST_SKEW = 300
"""Seconds: AWS refuses requests that are signed with a clock further off than this."""


@dataclass(frozen=True)
class Result:
    """One look: what was looked at, how it is, and what to do when it is not well."""

    name: str
    status: Status
    found: str
    remedy: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """Plain data."""
        return {"name": self.name, "status": self.status, "found": self.found, "remedy": self.remedy}


def examine(session: Session) -> Iterator[Result]:
    """Every look in turn; one that can't be taken is a failed one, and the others go on."""
    looks: tuple[tuple[str, Callable[[Session], Result | Iterator[Result]]], ...] = (
        ("Terraform", _terraform),
        ("Python packages", _packages),
        ("providers", _providers),
        ("disk", _disk),
        ("earlier run", _run),
        ("freeze", _freeze),
        ("audit log", _audit),
        ("emulator" if session.environment.settings.emulator else "credentials", _aws),
        ("accounts", _accounts),
        ("states", _states),
        ("state bucket", _bucket),
    )
    for name, look in looks:
        try:
            found = look(session)
            yield from (found,) if isinstance(found, Result) else found
        except OrchestratorError as error:
            yield _failed(name, error)
        except OSError as error:
            yield _failed(name, disk_error(error))


def _failed(name: str, error: OrchestratorError) -> Result:
    place = str(error.where)
    return Result(name, "failed", f"{place}: {error.message}" if place else error.message, error.remedy)


def _terraform(session: Session) -> Result:
    return Result(
        "Terraform", "ok", f"{session.terraform.terraform} ({shutil.which(session.binary) or session.binary})"
    )


def _packages(_session: Session) -> Result:
    found = []
    for name in ("checkov", "policy-sentry", "boto3", "cryptography"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return Result("Python packages", "failed", f"{name} is missing", "install orchestrator again")
    return Result("Python packages", "ok", ", ".join(found))


def _providers(session: Session) -> Result:
    locked = locked_versions(session.lock_file)
    source = f"CLI configuration {session.cli_config.file}"
    if not locked:
        return Result("providers", "ok", f"none is locked yet; the first plan does it ({source})")
    names = ", ".join(f"{name.rpartition('/')[2]} {found}" for name, found in sorted(locked.items()))
    return Result("providers", "ok", f"locked: {names} ({source})")


def _disk(session: Session) -> Result:
    work = session.work  # which may lie on a disk of its own
    folder = next(path for path in (work, *work.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 2**30:.1f} GiB free at {folder}"
    if not os.access(folder, os.W_OK):
        return Result("disk", "failed", f"{folder} can't be written to", "mend its permissions")
    if free < LEAST_DISK:
        return Result("disk", "failed", found, f"make room: {LEAST_DISK // 2**30} GiB are needed")
    return Result("disk", "ok", found)


def _run(session: Session) -> Result:
    name, env = "earlier run", session.environment.name
    held = sorted(holders(session.store), key=lambda one: not one.dead())
    if held and held[0].dead():
        return Result(name, "failed", f"{held[0]} is dead", f"`orchestrator unlock --env {env}`")
    if held:
        return Result(name, "warning", f"{held[0]} is under way", "wait until it has ended")
    try:
        check_free(session)
    except HeldError as error:
        return Result(name, "warning", error.message, error.remedy)
    except OrchestratorError as error:
        return _failed(name, error)
    locks = session.store.terraform_locks()
    if locks:
        found = f"Terraform has locked a state, and no run of ours is under way: {locks[0]}"
        return Result(
            name, "failed", found, f"`orchestrator unlock --env {env}` removes it when its Terraform is gone"
        )
    waiting = errored(session)
    if waiting:
        found = f"could not save the state of {', '.join(waiting)}"
        return Result(name, "failed", found, f"`orchestrator state push --env {env}`")
    return Result(name, "ok", "none is under way, and none was killed")


def _freeze(session: Session) -> Result:
    env, frozen = session.environment.name, current(session.store)
    if frozen is not None:
        return Result(
            "freeze", "warning", f"{env} is frozen: {frozen}", f"`orchestrator freeze --env {env} --thaw`"
        )
    windows = session.environment.settings.maintenance_windows
    if windows and not any(window.has(datetime.now(UTC)) for window in windows):
        shown = "; ".join(map(str, windows))
        return Result(
            "freeze",
            "warning",
            f"{env} is outside its maintenance windows: {shown}",
            "wait, or --outside-window REASON",
        )
    return Result("freeze", "ok", f"{env} may be changed")


def _audit(session: Session) -> Result:
    verdict, env = verify(session.store), session.environment.name
    if verdict.ok:
        return Result("audit log", "ok", f"it holds: {verdict.records} records")
    line = f"line {verdict.line}: " if verdict.line else ""
    return Result(
        "audit log",
        "failed",
        f"it does not hold: {line}{verdict.problem}",
        f"see who changed it (`orchestrator audit show --env {env}`); {SET_ASIDE}",
    )


def _aws(session: Session) -> Result:
    from botocore.exceptions import BotoCoreError, ClientError

    settings = session.environment.settings
    name = "emulator" if settings.emulator else "credentials"
    try:
        sts = aws_client("sts", settings.region, session.variables, emulator=settings.emulator)
        before = time.time()
        identity = sts.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        profile = f" --profile {settings.profile}" if settings.profile else ""
        return Result(name, "failed", str(error), f"sign in to AWS (for example `aws sso login{profile}`)")
    skew = _skew(identity, before)
    if skew > LARGEST_SKEW:
        return Result(name, "failed", f"the clock is {skew:.0f} s off", "set the clock (NTP)")
    who = f"{identity['Arn']} in account {identity['Account']}"
    if settings.assume_role is None and identity["Account"] != settings.account_id:
        return Result(
            name,
            "failed",
            f"{who}; {session.environment.name} is account {settings.account_id}",
            "sign in to the environment's account, or mend `account_id`",
        )
    return Result(name, "ok", who)


def _accounts(session: Session) -> Iterator[Result]:
    """One look for each account and role that layers go to with."""
    by_credentials: dict[Credentials, dict[str, Destination]] = {}
    for name, place in session.environment.destinations(session.environment.layers).items():
        by_credentials.setdefault(place.credentials, {})[name] = place
    session.accounts.begin(
        {name: place for places in by_credentials.values() for name, place in places.items()}
    )
    for credentials, places in by_credentials.items():
        role = credentials.role.role_arn if credentials.role else None
        by = role or (
            f"profile {credentials.profile}" if credentials.profile else "the credentials as they are"
        )
        where = f"{', '.join(sorted(places))} by {by}"
        name = f"account {credentials.account_id}"
        try:
            session.accounts.check(places)
        except OrchestratorError as error:
            yield Result(name, "failed", f"{where}: {error.message}", error.remedy)
        else:
            yield Result(name, "ok", where)


def _skew(answer: dict[str, Any], now: float) -> float:
    """Seconds between this clock and AWS's; 0 when the answer has no date."""
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        theirs = parsedate_to_datetime(date) if date else None
    except ValueError:
        theirs = None
    return abs((theirs - datetime.fromtimestamp(now, UTC)).total_seconds()) if theirs else 0.0


def _states(session: Session) -> Result:
    session.check_emulator_memory()
    layers = session.store.layers()
    states = session.store.read_all(layers)
    check_states(session.store, session.environment.name, layers, states, session.terraform.terraform)
    orphans = session.orphans()
    resources = sum(len(state.addresses()) for state in states.values())
    found = f"{len(states)} layers applied, {resources} resources"
    if orphans:
        return Result(
            "states",
            "warning",
            f"{found}; {', '.join(orphans)} left the environment and still hold resources",
            f"`orchestrator destroy --env {session.environment.name} --layer {orphans[0]}`",
        )
    return Result("states", "ok", found)


def _bucket(session: Session) -> Result:
    backend, settings = session.environment.backend, session.environment.settings
    if not isinstance(backend, S3Backend):
        return Result("state bucket", "ok", f"none: states are files below {session.work}")
    wrong = [
        step
        for step in bootstrap_of(backend, settings, session.variables, dry_run=True).run()
        if step.status != "as it should be"
    ]
    if not wrong:
        return Result("state bucket", "ok", f"s3://{backend.bucket} is as it should be")
    missing = any(step.bucket == backend.bucket and step.what == "the bucket" for step in wrong)
    return Result(
        "state bucket",
        "failed" if missing else "warning",
        f"s3://{backend.bucket}: " + ", ".join(f"{step.what} ({step.status})" for step in wrong[:4]),
        f"`orchestrator bootstrap --env {session.environment.name}`",
    )
