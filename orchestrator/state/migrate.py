"""Moves an environment's states, and all that is kept beside them, to the place that its file now names.

Everything is copied and read back before the old place is given up. A mark in the new place (``ARRIVING``) keeps everybody out
until then, one in the old place (``MIGRATED``) afterwards; both say what a second run has to know to end what was cut off.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from orchestrator import clock
from orchestrator.apply.journal import check_ended, hold_here
from orchestrator.apply.lock import check_free
from orchestrator.audit import append, whoami
from orchestrator.config.schema import S3Backend
from orchestrator.errors import OrchestratorError, UsageError, Where
from orchestrator.session import Session
from orchestrator.state.backup import Backup, back_up
from orchestrator.state.check import check_version, refuse_moving
from orchestrator.state.errored import errored
from orchestrator.state.state import parse_state
from orchestrator.state.store import (
    ARRIVING,
    AUDIT_LOG,
    MIGRATED,
    STATE_SUFFIX,
    LocalStateStore,
    S3StateStore,
    StateStore,
)
from orchestrator.terraform.client import Interrupts

Status = Literal["to copy", "to replace", "there", "superseded"]


def open_place(session: Session, said: str) -> StateStore:
    """The place that ``local`` or ``s3://bucket/prefix?region=…&kms_key_id=…&bucket_owner=…`` names.

    The prefix is ``key_prefix`` (default ``orchestrator``); the region is the environment's own when none is said.

    Raises:
        UsageError: it is neither.
    """
    if said == "local":
        return LocalStateStore(session.environment)
    parts = urlsplit(said)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme != "s3" or not parts.netloc:
        raise UsageError(
            f"{said!r} is no place of states", remedy="say `local`, or `s3://BUCKET/PREFIX?region=REGION`"
        )
    settings = {
        "region": session.environment.settings.region,
        **options,
        "type": "s3",
        "bucket": parts.netloc,
    }
    if parts.path.strip("/"):
        settings["key_prefix"] = parts.path.strip("/")
    try:
        backend = S3Backend.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{said!r}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return S3StateStore(session.environment, backend, session.variables)


@dataclass(frozen=True)
class Item:
    """One thing that is kept: how large it is in bytes, and what is to be done about it in the new place."""

    name: str
    size: int
    status: Status

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "bytes": self.size, "status": self.status}


@dataclass(frozen=True)
class Migration:
    """What a migration has to do. ``unfinished``: an earlier one has copied it all, and was cut off after that."""

    source: StateStore
    target: StateStore
    items: tuple[Item, ...]
    unfinished: bool = False
    done: bool = False

    @property
    def layers(self) -> list[str]:
        """The layers whose states are on their way."""
        return [
            item.name.removesuffix(STATE_SUFFIX)
            for item in self.items
            if item.name.endswith(STATE_SUFFIX) and item.status != "superseded"
        ]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "from": self.source.location,
            "to": self.target.location,
            "items": [item.as_json() for item in self.items],
            "unfinished": self.unfinished,
            "done": self.done,
        }


def prepare_migration(session: Session, said: str) -> Migration:
    """Look at both places, and check that the one can become the other; nothing is written.

    Raises:
        OrchestratorError: there is nothing to migrate; a state is damaged, was written by a newer Terraform, or was not saved;
            a run, a move or a Terraform is under way; the new place has states of another lineage, newer ones, or others.
    """
    env, target = session.environment.name, session.backend
    source = open_place(session, said)
    if source.location == target.location:
        raise OrchestratorError(
            f"{env} keeps its states in {target.location} already",
            remedy="name the new place as `backend` in the environment file, and the old one with --from",
        )
    left, coming = source.document(MIGRATED), target.document(ARRIVING)
    if left is not None and left.get("to") == target.location:
        arrived = any(name.endswith(STATE_SUFFIX) for name in target.names())
        if coming is None and arrived and target.document(MIGRATED) is None:
            return Migration(source, target, (), done=True)
        if coming is not None:
            items = tuple(Item(name, 0, "there") for name in coming.get("files", ()))
            return Migration(source, target, items, unfinished=True)
    if left is not None:
        raise OrchestratorError(
            f"the states of {env} are no longer in {source.location}: {left.get('by')} migrated them to {left.get('to')}",
            remedy=f"say --from '{left.get('said')}'",
        )
    if coming is not None and coming.get("from") != source.location:
        raise OrchestratorError(
            f"a migration from {coming.get('from')} to {target.location} has not ended",
            remedy=f"end that one first (--from '{coming.get('said')}')",
        )
    _check_source(session, source)
    return Migration(source, target, items_to_copy(source, target))


def _check_source(session: Session, source: StateStore) -> None:
    env = session.environment.name
    with hold_here(session, source):
        check_free(source)
    check_ended(session, source)
    refuse_moving(source, env)
    for lock in source.terraform_locks():
        raise OrchestratorError(
            f"the state of the layer {lock.layer} is locked: {lock}",
            remedy="wait until it has ended, or remove the lock of a Terraform that is gone",
        )
    for layer in errored(session):
        raise OrchestratorError(
            "an earlier run could not save this layer's state",
            where=Where(layer=layer),
            remedy=f"`orchestrator state push --env {env}`, with the old `backend`",
        )
    if not any(name.endswith(STATE_SUFFIX) for name in source.names()):
        raise OrchestratorError(
            f"there are no states of {env} in {source.location}",
            remedy="mend --from; nothing has to be migrated where nothing was applied",
        )
    for name in source.names():
        if name.endswith(STATE_SUFFIX):
            layer = name.removesuffix(STATE_SUFFIX)
            state = source.read(layer)
            if state is not None and shutil.which(session.binary):
                check_version(state, layer, source.place(layer), session.terraform.terraform)


def items_to_copy(source: StateStore, target: StateStore) -> tuple[Item, ...]:
    """What is to be done about everything in both places.

    Raises:
        OrchestratorError: something there is not to be replaced.
    """
    returns = (target.document(MIGRATED) or {}).get("to") == source.location
    items = []
    for name in source.names():
        content, there = source.read_raw(name) or b"", target.read_raw(name)
        if there == content:
            items.append(Item(name, len(content), "there"))
            continue
        if there is not None:
            _check_replaceable(name, content, there, target)
        items.append(Item(name, len(content), "to copy" if there is None else "to replace"))
    for name in sorted(set(target.names()) - set(source.names())):
        if returns:
            items.append(Item(name, len(target.read_raw(name) or b""), "superseded"))
        elif name.endswith(STATE_SUFFIX):
            raise OrchestratorError(
                f"{target.location} has a state of its own that {source.location} has not",
                where=Where(layer=name.removesuffix(STATE_SUFFIX)),
                remedy="choose another bucket or key_prefix, or move that state away if nothing in it exists",
            )
    return tuple(items)


def _check_replaceable(name: str, content: bytes, there: bytes, target: StateStore) -> None:
    if name == AUDIT_LOG and not content.startswith(there):
        raise OrchestratorError(
            f"{target.location} has an audit log of its own",
            remedy="choose another bucket or key_prefix, or keep that log elsewhere first",
        )
    if not name.endswith(STATE_SUFFIX):
        return
    layer = name.removesuffix(STATE_SUFFIX)
    ours, theirs = parse_state(content, layer, name), parse_state(there, layer, target.place(layer))
    if ours.lineage != theirs.lineage:
        what = f"of another lineage ({theirs.lineage}, not {ours.lineage})"
    elif theirs.serial >= ours.serial:
        what = f"of serial {theirs.serial}, and the one to migrate has {ours.serial}"
    else:
        return
    raise OrchestratorError(
        f"there is a state in {target.place(layer)} already, {what}",
        where=Where(layer=layer),
        remedy="it would be lost: find out which is right, and move the other away",
    )


def migrate(session: Session, migration: Migration, run: str, verify: Callable[[], None]) -> Backup | None:
    """Copy, read back, verify, and give the old place up; the backup that was taken first. The caller holds both places.

    ``verify`` is called when all has arrived and nothing was given up yet; what it raises leaves the old place in use.

    Raises:
        OrchestratorError: something can't be read or written, or is not what was written; a second run goes on.
    """
    source, target = migration.source, migration.target
    kept = None
    if not migration.unfinished:
        migration = replace(migration, items=items_to_copy(source, target))  # both are held only now
        kept = back_up(source, session.work, migration.layers)
        files = {
            item.name: _digest(source.read_raw(item.name))
            for item in migration.items
            if item.status != "superseded"
        }
        mark = {
            "from": source.location,
            "said": source.spoken,
            "by": whoami(),
            "at": clock.now(),
            "files": files,
        }
        target.write_document(ARRIVING, mark)
        _copy(migration, session.interrupts)
    files = (target.document(ARRIVING) or {}).get("files") or {}
    _compare(target, files)
    verify()
    if not migration.unfinished:
        _compare(source, files)
    mark = {"to": target.location, "said": target.spoken, "by": whoami(), "at": clock.now(), "run": run}
    if isinstance(source, LocalStateStore):
        source.leave(mark)
    else:
        source.write_document(MIGRATED, mark)
    target.write_document(MIGRATED, None)
    target.write_document(ARRIVING, None)
    forget_backends(session)
    session.mark_emulator()
    append(
        target,
        {
            "command": "state migrate",
            "environment": session.environment.name,
            "run": run,
            "from": source.location,
            "to": target.location,
            "layers": [name.removesuffix(STATE_SUFFIX) for name in files if name.endswith(STATE_SUFFIX)],
            "ok": True,
        },
    )
    return kept


def _copy(migration: Migration, interrupts: Interrupts) -> None:
    for item in migration.items:
        interrupts.check("interrupted while copying; the old place is in use, and the same command goes on")
        if item.status == "superseded":
            migration.target.delete_raw(item.name)
        elif item.status != "there":
            migration.target.write_raw(item.name, migration.source.read_raw(item.name) or b"")


def _compare(place: StateStore, files: dict[str, str]) -> None:
    """Check that everything is in a place as it was copied, byte for byte.

    Raises:
        OrchestratorError: something is not.
    """
    for name, digest in files.items():
        if _digest(place.read_raw(name)) != digest:
            raise OrchestratorError(
                f"{name} in {place.location} is not what was copied",
                remedy="nothing was given up; see who else writes there, and run the migration again",
            )


def _digest(content: bytes | None) -> str:
    return hashlib.sha256(content or b"").hexdigest()


def forget_backends(session: Session) -> None:
    """Make every workspace be initialised again, with no memory of the backend it had."""
    for folder in (session.work / "workspaces").glob("*/.terraform"):
        for name in ("terraform.tfstate", "orchestrator-init"):
            with contextlib.suppress(FileNotFoundError):
                (folder / name).unlink()
