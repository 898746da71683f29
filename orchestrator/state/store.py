"""Where states are kept: local files or S3 objects, read without a Terraform process.

Beside each state lies the *record* of the inputs its layer was last applied with, so that a
layer can be destroyed after what it depended on is gone. Records hold the same values as states
and get the same protection.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import hashlib
import json
import os
import platform
import random
import secrets
import shutil
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from orchestrator.aws import aws_client
from orchestrator.config.environment import Environment
from orchestrator.config.schema import S3Backend
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import explained, make_private_folder, to_json, write_atomic
from orchestrator.render.workspace import state_key, state_path
from orchestrator.state.state import State, parse_state

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

T = TypeVar("T")
RECORD_SUFFIX = ".inputs.json"
LOCK_SUFFIX = ".tfstate.tflock"
"""Of the S3 backend's ``use_lockfile``."""
KEY_NAME = ".fingerprint-key"
AUDIT_LOG = ".audit.jsonl"
AUDIT_HEAD = ".audit-head.json"
AUDIT_NOTE = ".audit-note-"
"""Of records that wait to be taken into the audit log, each an object of its own: ``.audit-note-<run>.json``."""
FREEZE = ".freeze.json"
RUN_LOCK = ".run-lock.json"
JOURNAL = ".run.json"
MOVE = ".move.json"
"""A move of resources between states that was begun (see ``state.mv``)."""
MIGRATED = ".migrated.json"
"""In a place that states have left: where they are now (see ``state.migrate``)."""
ARRIVING = ".migrating.json"
"""In a place that states are being copied to: from where."""
STATE_SUFFIX = ".tfstate"
CHANGES_LOCK = ".changes.lock"
"""Held (flock) while a file is compared and replaced."""
SIGNED_OUT = (
    *("ExpiredToken", "ExpiredTokenException", "InvalidToken", "InvalidAccessKeyId", "InvalidClientTokenId"),
    *("SignatureDoesNotMatch", "TokenRefreshRequired", "UnrecognizedClientException"),
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError"),
    *("SSOTokenLoadError", "UnauthorizedSSOTokenError", "ProfileNotFound"),
)
"""What AWS, or boto3 before it is asked, says of credentials that are none, no more, or wrong."""
PATIENCE = 60.0
"""Seconds for which a change is tried again while others change the same object."""
_PASSING = (
    RUN_LOCK,
    LOCK_SUFFIX,
    ".lock.info",
    ".backup",
    MIGRATED,
    ARRIVING,
    ".emulator-instance",
    CHANGES_LOCK,
)
"""What says nothing of the environment itself, and is not copied to another place."""


@dataclass(frozen=True)
class TerraformLock:
    """Terraform's own lock on one layer's state, as it describes itself. ``created`` is ISO 8601 in UTC."""

    layer: str
    id: str
    who: str
    operation: str
    created: str

    def __str__(self) -> str:
        return f"{self.operation} of {self.layer} by {self.who} since {self.created}"

    def as_json(self) -> dict[str, str]:
        """Plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Look:
    """What is kept under a name (None: nothing), and what tells this version of it from any other."""

    content: bytes | None
    version: str | None


class StateStore(ABC):
    """The states of one environment."""

    is_shared = False
    """Whether other machines work on the same states."""

    @cached_property
    def audited(self) -> set[str]:
        """The runs of this process that have a record in the audit log."""
        return set()

    @abstractmethod
    def layers(self) -> list[str]:
        """The layers that have a state or a record, sorted; also those no longer in the environment."""

    @abstractmethod
    def place(self, layer: str) -> str:
        """Where the layer's state is, for messages."""

    @abstractmethod
    def _get(self, name: str) -> bytes | None: ...

    @abstractmethod
    def _put(self, name: str, content: bytes) -> None: ...

    @abstractmethod
    def _delete(self, name: str) -> None: ...

    @abstractmethod
    def look(self, name: str) -> Look:
        """What is kept under a name, and its version."""

    @abstractmethod
    def replace(self, name: str, content: bytes, version: str | None) -> bool:
        """Write it if what is there is still that version (None: nothing is there); False when it is not."""

    def change(self, name: str, make: Callable[[bytes | None], bytes | None]) -> None:
        """Replace what is kept under a name by what ``make`` makes of it, also while others do the same; None: it stays.

        ``make`` is called again with what is there by then whenever somebody else was faster. A request that was
        carried out and whose answer was lost looks like that, too: ``make`` may meet its own work.

        Raises:
            OrchestratorError: as ``make`` does; others keep being faster.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            there = self.look(name)
            content = make(there.content)
            if content is None or content == there.content or self.replace(name, content, there.version):
                return
            if time.monotonic() > deadline:
                raise OrchestratorError(
                    f"{self.location}/{name} can't be changed: others change it all the time",
                    remedy="try again when fewer runs are at work on this environment",
                )
            time.sleep(random.uniform(0.01, 0.2))  # noqa: S311  (so that two do not meet again)

    def read(self, layer: str) -> State | None:
        """The layer's state, None when it was never applied.

        Raises:
            OrchestratorError: it is damaged or can't be read.
        """
        content = self._get(f"{layer}.tfstate")
        return parse_state(content, layer, self.place(layer)) if content else None

    def read_all(self, layers: list[str]) -> dict[str, State]:
        """The states of these layers that have one."""
        return self._each(self.read, layers)

    def records(self, layers: list[str]) -> dict[str, dict[str, Any]]:
        """The records of these layers that have one."""
        return self._each(self.record, layers)

    def _each(self, read: Callable[[str], T | None], layers: list[str]) -> dict[str, T]:
        """By layer; side by side where each is a request."""
        with ThreadPoolExecutor(8 if self.is_shared else 1, thread_name_prefix="states") as pool:
            found = dict(zip(layers, pool.map(read, layers), strict=True))
        return {layer: one for layer, one in found.items() if one is not None}

    def read_raw(self, name: str) -> bytes | None:
        """A state or record as it is kept (``network.tfstate``), None when there is none."""
        return self._get(name)

    def write_raw(self, name: str, content: bytes) -> None:
        """Put a state or record back; the caller holds the environment and has checked it."""
        self._put(name, content)

    def record(self, layer: str) -> dict[str, Any] | None:
        """What :meth:`write_record` wrote last, None when nothing was.

        Raises:
            OrchestratorError: it is damaged.
        """
        content = self._get(layer + RECORD_SUFFIX)
        if content is None:
            return None
        try:
            record = json.loads(content)
            problem = _misshapen(record)
        except ValueError as error:
            record, problem = None, str(error)
        if problem is not None:
            raise OrchestratorError(
                f"the record of what the layer was applied with ({self.location}/{layer}{RECORD_SUFFIX}) is damaged: {problem}",
                where=Where(layer=layer),
                remedy=f"`orchestrator state restore` puts a backup back; `orchestrator state accept … {layer}` drops it",
            )
        assert isinstance(record, dict)
        return record

    def write_record(self, layer: str, record: dict[str, Any]) -> None:
        """Keep what the layer is applied with: ``inputs`` (by variable) and ``module``."""
        self._put(layer + RECORD_SUFFIX, to_json(record))

    def forget(self, layer: str) -> None:
        """Drop the record of a layer that has been destroyed."""
        self._delete(layer + RECORD_SUFFIX)

    def read_log(self) -> bytes:
        """The audit log (see ``orchestrator.audit``); empty before the first record."""
        return self._get(AUDIT_LOG) or b""

    def append_log(self, line_after: Callable[[bytes], bytes | None]) -> None:
        """Add the line that comes after this log, also while others add theirs; None: it is there already.

        Raises:
            OrchestratorError: as ``line_after`` does; the log can't be written.
        """

        def extended(log: bytes | None) -> bytes | None:
            line = line_after(log or b"")
            return None if line is None else (log or b"") + line

        self.change(AUDIT_LOG, extended)

    def write_note(self, run: str, content: bytes) -> bool:
        """Leave a record for the audit log without holding the environment; False when that run has left one."""
        return self.replace(f"{AUDIT_NOTE}{run}.json", content, None)

    def notes(self) -> list[str]:
        """The names of these, oldest run first."""
        return [name for name in self.names() if name.startswith(AUDIT_NOTE)]

    def read_head(self) -> dict[str, Any] | None:
        """The last audit record's number and hash, kept apart from the log itself; None before the first."""
        return self._document(AUDIT_HEAD)

    def write_head(self, head: dict[str, Any]) -> None:
        """Keep the last audit record's number and hash, unless somebody has written a later one since."""

        def later(content: bytes | None) -> bytes | None:
            number = (_parsed(content) or {}).get("number")
            return None if isinstance(number, int) and number > head["number"] else to_json(head)

        self.change(AUDIT_HEAD, later)

    def read_freeze(self) -> dict[str, Any] | None:
        """Who froze the environment, why and until when (see ``apply.freeze``); None when nobody has."""
        return self._document(FREEZE)

    def write_freeze(self, freeze: dict[str, Any] | None) -> None:
        """Freeze the environment, or (None) thaw it."""
        if freeze is None:
            self._delete(FREEZE)
        else:
            self._put(FREEZE, to_json(freeze))

    @property
    def place_of_journal(self) -> str:
        """Where the journal of the last run is, for messages."""
        return self.place("x").removesuffix("x.tfstate") + JOURNAL

    def read_journal(self) -> dict[str, Any] | None:
        """What the last run did (see ``apply.journal``); None before the first."""
        return self._document(JOURNAL)

    def change_journal(self, make: Callable[[dict[str, Any] | None], dict[str, Any]]) -> None:
        """Keep what a run in progress has done; others that hold the environment with it do so at the same time.

        ``make`` is given what is there (empty: it is damaged).
        """
        self.change(JOURNAL, lambda content: to_json(make(_parsed(content))))

    def read_lock(self) -> dict[str, Any] | None:
        """Who holds the environment (see ``apply.lock``); None when nobody ever did, empty when it is damaged."""
        return self._document(RUN_LOCK)

    def change_lock(self, make: Callable[[dict[str, Any] | None], dict[str, Any] | None]) -> None:
        """Take, renew or give back the lock; see :meth:`change`."""

        def content(there: bytes | None) -> bytes | None:
            lock = make(_parsed(there))
            return None if lock is None else to_json(lock)

        self.change(RUN_LOCK, content)

    def remove_lock(self) -> None:
        """Take a lock away that can't be read."""
        self._delete(RUN_LOCK)

    def terraform_locks(self) -> list[TerraformLock]:
        """The layers' states that a Terraform has locked, or had locked when it was killed; see ``unlock``."""
        return []

    def remove_terraform_lock(self, lock: TerraformLock) -> None:
        """Take a lock away whose Terraform is gone."""
        self._delete(lock.layer + LOCK_SUFFIX)

    @abstractmethod
    def names(self) -> list[str]:
        """All that is kept of the environment, sorted: states, records, key, audit log, journal …; no locks and no marks."""

    def delete_raw(self, name: str) -> None:
        """Remove a state or record; the caller holds the environment and has a copy."""
        self._delete(name)

    def document(self, name: str) -> dict[str, Any] | None:
        """One of the marks (``MOVE``, ``MIGRATED``, ``ARRIVING``); empty when it is damaged, None when there is none."""
        return self._document(name)

    def write_document(self, name: str, document: dict[str, Any] | None) -> None:
        """Set such a mark, or (None) take it away."""
        if document is None:
            self._delete(name)
        else:
            self._put(name, to_json(document))

    @property
    def location(self) -> str:
        """Where all of it is, for messages and marks."""
        return self.place("x").removesuffix("/x.tfstate")

    @property
    @abstractmethod
    def spoken(self) -> str:
        """The place as ``state migrate --from`` takes it."""

    @contextlib.contextmanager
    def locked(self, layers: list[str], operation: str) -> Iterator[None]:
        """Hold the lock that Terraform itself takes on these layers' states.

        Raises:
            OrchestratorError: a Terraform has one of them.
        """
        with contextlib.ExitStack() as held:
            for layer in sorted(layers):
                held.enter_context(self._terraform_lock(layer, operation))
            yield

    @contextlib.contextmanager
    def _terraform_lock(self, layer: str, operation: str) -> Iterator[None]:
        yield

    def _document(self, name: str) -> dict[str, Any] | None:
        """A JSON object; empty when it is damaged, None when there is none."""
        return _parsed(self._get(name))

    @cached_property
    def fingerprint_key(self) -> bytes:
        """A random key of this environment: sensitive values are compared by keyed digests."""
        key = self._get(KEY_NAME)
        if not key:
            key = secrets.token_bytes(32)
            self._put(KEY_NAME, key)
        return key


def _parsed(content: bytes | None) -> dict[str, Any] | None:
    """A JSON object; empty when it is damaged, None when there is none."""
    try:
        found = json.loads(content) if content else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) or found is None else {}


_RECORDED: Mapping[str, tuple[type, ...]] = {
    "inputs": (dict,),
    "sensitive": (list,),
    "providers": (dict,),
    "checks": (list,),
    "applied_at": (str,),
    "origin": (str,),
    "state": (dict, type(None)),
}


def _misshapen(record: Any) -> str | None:
    """What of a layer's record is not what it has to be; None when nothing is. Older ones lack some of it."""
    if not isinstance(record, dict):
        return "it is no object"
    for key, types in _RECORDED.items():
        if key in record and not isinstance(record[key], types):
            return f"its {key} is {json.dumps(record[key])[:40]}"
    if not all(isinstance(one, dict) for one in record.get("providers", {}).values()):
        return "its providers are no map of objects"
    if not all(isinstance(one, list) and len(one) == 2 for one in record.get("checks", ())):
        return "its checks are no list of pairs"
    state = record.get("state")
    if state and not (isinstance(state.get("lineage"), str) and isinstance(state.get("serial"), int)):
        return "its state has no lineage and serial"
    return None


class LocalStateStore(StateStore):
    """Files below ``.orchestrator/<env>/state``."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.folder = state_path(environment, "x").parent

    def layers(self) -> list[str]:
        suffixes = (".tfstate", RECORD_SUFFIX)
        names = {
            path.name.removesuffix(suffix)
            for path in (self.folder.iterdir() if self.folder.is_dir() else ())
            for suffix in suffixes
            if path.name.endswith(suffix) and not path.name.startswith(".")
        }
        return sorted(names)

    @property
    def spoken(self) -> str:
        return "local"

    def names(self) -> list[str]:
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path.name for path in found if path.is_file() and not path.name.endswith(_PASSING))

    def place(self, layer: str) -> str:
        return str(self._environment.project.shown(self.folder / f"{layer}.tfstate"))

    @contextlib.contextmanager
    def _terraform_lock(self, layer: str, operation: str) -> Iterator[None]:
        """Only a look: Terraform's lock is fcntl's, which would be lost whenever we read the file."""
        path = self.folder / f"{layer}.tfstate"
        if path.exists():
            with contextlib.ExitStack() as held:
                with explained(path):
                    file = held.enter_context(path.open("r+b"))
                try:
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    raise _locked(layer, "a Terraform on this machine is at work on it") from error
        yield

    def _get(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OrchestratorError(
                f"the file can't be read ({error.strerror})", where=Where(file=self.folder / name)
            ) from error

    def _put(self, name: str, content: bytes) -> None:
        make_private_folder(self.folder)
        write_atomic(self.folder / name, content)

    def look(self, name: str) -> Look:
        content = self._get(name)
        return Look(content, None if content is None else hashlib.sha256(content).hexdigest())

    def replace(self, name: str, content: bytes, version: str | None) -> bool:
        with self._changing():
            if self.look(name).version != version:
                return False
            write_atomic(self.folder / name, content)
        return True

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """One process at a time compares and writes."""
        with contextlib.ExitStack() as held:
            path = make_private_folder(self.folder) / CHANGES_LOCK
            with explained(path):
                lock = held.enter_context(path.open("ab"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _delete(self, name: str) -> None:
        with explained(self.folder / name):
            (self.folder / name).unlink(missing_ok=True)

    def append_log(self, line_after: Callable[[bytes], bytes | None]) -> None:
        try:
            with self._changing(), (self.folder / AUDIT_LOG).open("ab") as log:
                log.write(line_after(self.read_log()) or b"")
                log.flush()
                os.fsync(log.fileno())
        except OSError as error:
            raise OrchestratorError(
                f"the audit record can't be written ({error.strerror})",
                where=Where(file=self.folder / AUDIT_LOG),
                remedy="make room or mend the permissions; the run itself is over and its states are saved",
            ) from error

    def set_aside(self) -> Path | None:
        """Move all states away, into a folder of their own; None when there are none."""
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            return None
        target = self.folder.parent / "backups" / datetime.now(UTC).strftime("state-%Y%m%dT%H%M%S%fZ")
        make_private_folder(target.parent)
        with explained(self.folder):
            shutil.move(self.folder, target)
        return target

    def leave(self, mark: dict[str, Any]) -> Path:
        """Move all that :meth:`names` tells of into the backups, after leaving the mark that says where it is now."""
        target = self.folder.parent / "backups" / f"migrated-{mark['run']}"
        make_private_folder(target)
        self.write_document(MIGRATED, mark)
        try:
            for path in sorted(self.folder.iterdir()):
                if path.name != MIGRATED:
                    path.replace(target / path.name)
        except OSError as error:
            raise OrchestratorError(
                f"the states can't be moved away ({error.strerror})",
                where=Where(file=self.folder),
                remedy="make room or mend the permissions, then run the migration again",
            ) from error
        return target


class S3StateStore(StateStore):
    """Objects ``<key_prefix>/<env>/<layer>.tfstate`` in one bucket."""

    is_shared = True

    def __init__(
        self, environment: Environment, backend: S3Backend, process_environment: dict[str, str]
    ) -> None:
        self._backend = backend
        self._name = environment.name
        self._emulator = environment.settings.emulator
        self._process_environment = process_environment
        self._account = backend.owner(environment.settings.account_id)
        self._owner: Any = {"ExpectedBucketOwner": self._account}

    @cached_property
    def _client(self) -> S3Client:
        client: S3Client = aws_client(
            "s3",
            self._backend.region,
            self._process_environment,
            emulator=self._emulator,
            role=self._backend.assume_role,
        )
        return client

    def _key(self, name: str) -> str:
        return f"{self._backend.key_prefix}/{self._name}/{name}"

    def layers(self) -> list[str]:
        return sorted({*self._named(".tfstate"), *self._named(RECORD_SUFFIX)})

    def _named(self, suffix: str) -> list[str]:
        """The layers that have an object of this suffix."""
        return [
            name.removesuffix(suffix)
            for name in self._listed()
            if name.endswith(suffix) and not name.startswith(".")
        ]

    def _listed(self) -> list[str]:
        prefix = self._key("")
        with self._explained():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._backend.bucket, Prefix=prefix, **self._owner
            )
            keys = [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", ())]
        return [key for key in keys if key and "/" not in key]

    @property
    def spoken(self) -> str:
        more = f"&kms_key_id={self._backend.kms_key_id}" if self._backend.kms_key_id else ""
        more += f"&bucket_owner={self._backend.bucket_owner}" if self._backend.bucket_owner else ""
        return f"s3://{self._backend.bucket}/{self._backend.key_prefix}?region={self._backend.region}{more}"

    def names(self) -> list[str]:
        return sorted(name for name in self._listed() if not name.endswith(_PASSING))

    @contextlib.contextmanager
    def _terraform_lock(self, layer: str, operation: str) -> Iterator[None]:
        ours = {
            "ID": str(uuid.uuid4()),
            "Operation": operation,
            "Info": "",
            "Who": f"{getpass.getuser()}@{platform.node()}",
            "Version": "",
            "Created": datetime.now(UTC).isoformat(),
            "Path": f"{self._backend.bucket}/{self._key(layer + STATE_SUFFIX)}",
        }
        if not self.replace(layer + LOCK_SUFFIX, json.dumps(ours).encode(), None):
            there = self._document(layer + LOCK_SUFFIX) or {}
            raise _locked(
                layer, f"{there.get('Operation')} by {there.get('Who')} since {there.get('Created')}"
            )
        try:
            yield
        finally:
            self._delete(layer + LOCK_SUFFIX)

    def terraform_locks(self) -> list[TerraformLock]:
        found: list[TerraformLock] = []
        for layer in self._named(LOCK_SUFFIX):
            raw = self._document(layer + LOCK_SUFFIX)
            if raw is not None:  # it may have been given back since
                names = ("ID", "Who", "Operation", "Created")
                found.append(TerraformLock(layer, *(str(raw.get(name, "?")) for name in names)))
        return found

    def place(self, layer: str) -> str:
        return f"s3://{self._backend.bucket}/{state_key(self._backend, self._name, layer)}"

    def _get(self, name: str) -> bytes | None:
        return self.look(name).content

    def _put(self, name: str, content: bytes) -> None:
        with self._explained():
            self._client.put_object(
                Bucket=self._backend.bucket,
                Key=self._key(name),
                Body=content,
                **self._encryption(),
                **self._owner,
            )

    def look(self, name: str) -> Look:
        from botocore.exceptions import ClientError

        with self._explained():
            try:
                found = self._client.get_object(
                    Bucket=self._backend.bucket, Key=self._key(name), **self._owner
                )
                return Look(found["Body"].read(), found["ETag"])
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    return Look(None, None)
                raise

    def replace(self, name: str, content: bytes, version: str | None) -> bool:
        """By S3's conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"""
        from botocore.exceptions import ClientError

        condition: Any = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        with self._explained():
            try:
                self._client.put_object(
                    Bucket=self._backend.bucket,
                    Key=self._key(name),
                    Body=content,
                    **condition,
                    **self._encryption(),
                    **self._owner,
                )
            except ClientError as error:
                # 412: it is another one by now, or there; 404: it is gone; 409: somebody else writes it at this moment
                missed = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
                if error.response["Error"]["Code"] in missed:
                    return False
                raise
        return True

    def _encryption(self) -> dict[str, Any]:
        encryption: dict[str, Any] = {"ServerSideEncryption": "aws:kms"}
        if self._backend.kms_key_id:
            encryption["SSEKMSKeyId"] = self._backend.kms_key_id
        return encryption

    def _delete(self, name: str) -> None:
        with self._explained():
            self._client.delete_object(Bucket=self._backend.bucket, Key=self._key(name), **self._owner)

    @contextlib.contextmanager
    def _explained(self) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            remedy = {
                "NoSuchBucket": "create the state bucket with `orchestrator bootstrap`, or mend `backend.bucket`",
                "AccessDenied": "give these credentials access to the state bucket; it must belong to the account "
                f"{self._account} (else name its owner as `backend.bucket_owner`)",
                **dict.fromkeys(
                    (
                        "PermanentRedirect",
                        "AuthorizationHeaderMalformed",
                        "IllegalLocationConstraintException",
                    ),
                    "the bucket is in another region: mend `backend.region`",
                ),
                **dict.fromkeys(SIGNED_OUT, "sign in to AWS again (for example `aws sso login`)"),
                "RequestTimeTooSkewed": "set this machine's clock (NTP)",
            }.get(code, "check credentials, region and network; `orchestrator doctor` looks at all of them")
            raise OrchestratorError(
                f"the state bucket {self._backend.bucket} does not answer as it should: {error}",
                remedy=remedy,
            ) from error


def refuse_migrated(store: StateStore, environment: str) -> None:
    """Check that a place has the environment's states, all of them.

    Raises:
        OrchestratorError: they have been migrated to another one, or a migration to this one did not end.
    """
    left = store.document(MIGRATED)
    if left is not None:
        if not isinstance(left.get("to"), str):
            raise damaged_mark(
                store, MIGRATED, "the states were migrated from here, and it does not say where to"
            )
        place, at = left.get("to", "another place"), left.get("at", "?")
        raise OrchestratorError(
            f"the states of {environment} are no longer in {store.location}: they were migrated to {place} at {at}",
            remedy="mend `backend` in the environment file (is this checkout older than the migration?)",
        )
    coming = store.document(ARRIVING)
    if coming is not None:
        if not isinstance(coming.get("said"), str):
            raise damaged_mark(
                store, ARRIVING, "a migration to here was cut off, and it does not say where from"
            )
        raise OrchestratorError(
            f"the migration of {environment} from {coming.get('from')} to {store.location} has not ended",
            remedy=f"`orchestrator state migrate --env {environment} --from '{coming.get('said', 'PLACE')}'` ends it",
        )


def damaged_mark(store: StateStore, name: str, what: str) -> OrchestratorError:
    """The error of a mark that can't be read: which states are right is for people to find out."""
    return OrchestratorError(
        f"the mark {store.location}/{name} is damaged: {what}",
        remedy="find out which states are right (the backups, and the history of the environment file, tell); then remove the mark",
    )


def _locked(layer: str, by: str) -> OrchestratorError:
    return OrchestratorError(
        f"the state is locked: {by}",
        where=Where(layer=layer),
        remedy="wait until it has ended; `orchestrator unlock` removes the lock of a Terraform that is gone",
    )


def open_store(environment: Environment, process_environment: Callable[[], dict[str, str]]) -> StateStore:
    """The store that the environment's ``backend`` names; ``process_environment`` gives the AWS settings if need be."""
    if isinstance(environment.backend, S3Backend):
        return S3StateStore(environment, environment.backend, process_environment())
    return LocalStateStore(environment)
