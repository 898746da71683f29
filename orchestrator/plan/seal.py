"""The seal of a plan bundle, its signature, and the approvals it was given.

``seal.json`` has the sha256 of every file of the bundle and until when it may be applied; what is made from it
(configuration, rendered files, states, versions) is in the manifest, which the seal covers. A signature is over the
seal, an approval over the seal's digest, who, when, and which losses were confirmed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from orchestrator import clock
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.plan.signing import Key, Signature

FORMAT = 1
SEAL = "seal.json"
SIGNATURE = "seal.sig.json"
APPROVALS = "approvals"
REPORT = "apply.json"
_LATER = (SEAL, SIGNATURE, REPORT)
"""What is in a bundle and not under its seal; logs of the apply and approvals come later too."""


@dataclass(frozen=True)
class Seal:
    """What a bundle consists of. Times are ISO 8601 in UTC; ``files`` has paths below the bundle → sha256 in hex."""

    id: str
    environment: str
    created_at: str
    expires_at: str
    files: dict[str, str]
    format: int = FORMAT

    def message(self) -> bytes:
        """The bytes that a signature is over."""
        return b"orchestrator seal v1\n" + _canonical(asdict(self))

    @property
    def digest(self) -> str:
        """sha256 of these, in hex."""
        return hashlib.sha256(self.message()).hexdigest()

    def expired(self, now: datetime) -> bool:
        """Whether it is too late to apply the bundle."""
        return now >= datetime.fromisoformat(self.expires_at)


@dataclass(frozen=True)
class Approval:
    """Somebody's word that a bundle may be applied: who, when, which seal, and which losses they confirmed.

    ``by``: the approver whose key signed; ``person``: what tells who used it (``orchestrator.identity``).
    """

    by: str
    at: str
    bundle: str
    seal: str
    confirmed: tuple[str, ...]
    comment: str
    person: tuple[str, ...]
    signature: Signature

    def message(self) -> bytes:
        """The bytes that the signature is over."""
        return approval_message(
            self.by, self.at, self.bundle, self.seal, self.confirmed, self.comment, self.person
        )

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "confirmed": list(self.confirmed), "person": list(self.person)}


def approval_message(
    by: str,
    at: str,
    bundle: str,
    seal: str,
    confirmed: tuple[str, ...],
    comment: str,
    person: tuple[str, ...],
) -> bytes:
    """What an approver signs."""
    said = {
        "by": by,
        "at": at,
        "bundle": bundle,
        "seal": seal,
        "confirmed": confirmed,
        "comment": comment,
        "person": person,
    }
    return b"orchestrator approval v1\n" + _canonical(said)


def write_seal(
    folder: Path, bundle: str, environment: str, created_at: str, valid: timedelta, key: Key | None
) -> Seal:
    """Seal what is in a folder, and sign that when there is a key."""
    expires = datetime.fromisoformat(created_at) + valid
    seal = Seal(bundle, environment, created_at, expires.isoformat(timespec="seconds"), _digests(folder))
    write_atomic(folder / SEAL, to_json(asdict(seal)))
    if key is not None:
        write_atomic(folder / SIGNATURE, to_json(key.sign(seal.message()).as_json()))
    return seal


def open_seal(folder: Path, bundle: str) -> Seal:
    """Read a bundle's seal and compare every file with it.

    Raises:
        OrchestratorError: it is missing or damaged; a file is missing, has changed, or was put there since.
    """
    raw = _read(folder / SEAL, bundle)
    try:
        seal = Seal(**raw)
        datetime.fromisoformat(seal.expires_at)
        files = dict(seal.files)
    except (TypeError, ValueError) as error:
        raise _damaged(folder / SEAL, bundle, str(error)) from error
    if seal.format != FORMAT or seal.id != bundle:
        raise _damaged(folder / SEAL, bundle, f"it is the seal of {seal.id}, format {seal.format}")
    there = _digests(folder)
    problems = [f"{name} is missing" for name in sorted(files.keys() - there.keys())]
    problems += [
        f"{name} has changed" for name in sorted(files) if there.get(name, files[name]) != files[name]
    ]
    problems += [
        f"{name} was put there"
        for name in sorted(there.keys() - files.keys())
        if not name.startswith("logs/")
    ]
    if problems:
        raise OrchestratorError(
            f"the plan {bundle} is not as it was sealed: {problems[0]}",
            where=Where(file=folder),
            remedy="plan again; somebody or something has touched this one",
            details=tuple(problems[1:]),
        )
    return seal


def check_signature(folder: Path, seal: Seal, key: Key) -> None:
    """Check that a seal was signed with the environment's key.

    Raises:
        OrchestratorError: it was not signed, or with another key, or the signature does not fit.
    """
    path = folder / SIGNATURE
    if not path.is_file():
        raise OrchestratorError(
            f"the plan {seal.id} is not signed, and {seal.environment} takes signed plans only",
            remedy="plan where the signing key is",
        )
    signature = _signature(_read(path, seal.id), path, seal.id)
    if not key.verifies(seal.message(), signature):
        other = (
            f"with another key ({signature.key}, not {key.name})" if signature.key != key.name else "wrongly"
        )
        raise OrchestratorError(
            f"the plan {seal.id} is signed {other}",
            where=Where(file=path),
            remedy="apply only what your own planner made; plan again",
        )


def approve(
    folder: Path,
    seal: Seal,
    by: str,
    key: Key,
    *,
    confirmed: tuple[str, ...],
    comment: str,
    person: tuple[str, ...] = (),
) -> Approval:
    """Write an approval into the bundle."""
    at = clock.now()
    signature = key.sign(approval_message(by, at, seal.id, seal.digest, confirmed, comment, person))
    approval = Approval(by, at, seal.id, seal.digest, confirmed, comment, person, signature)
    make_private_folder(folder / APPROVALS)
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", by)
    write_atomic(folder / APPROVALS / f"{name}.json", to_json(approval.as_json()))
    return approval


def read_approvals(folder: Path, seal: Seal, keys: Mapping[str, Key]) -> list[Approval]:
    """The approvals of a bundle, each checked. ``keys``: the approvers'.

    Raises:
        OrchestratorError: one is damaged, of another seal, of nobody who may approve, or wrongly signed.
    """
    found: list[Approval] = []
    for path in sorted((folder / APPROVALS).glob("*.json")):
        raw = _read(path, seal.id)
        try:
            signature = _signature(raw["signature"], path, seal.id)
            lists = {name: tuple(raw[name]) for name in ("confirmed", "person")}
            approval = Approval(**{**raw, **lists, "signature": signature})
        except (KeyError, TypeError) as error:
            raise _damaged(path, seal.id, str(error)) from error
        refusal = _refusal(approval, seal, keys)
        if refusal:
            raise OrchestratorError(
                f"an approval of the plan {seal.id} does not count: {refusal}",
                where=Where(file=path),
                remedy="remove it, and have the plan approved again",
            )
        found.append(approval)
    return found


def _refusal(approval: Approval, seal: Seal, keys: Mapping[str, Key]) -> str | None:
    key = keys.get(approval.by)
    if key is None:
        return f"{approval.by} is none of the approvers"
    if (approval.bundle, approval.seal) != (seal.id, seal.digest):
        return f"it is of the plan {approval.bundle} as it was then, not of this one"
    if not key.verifies(approval.message(), approval.signature):
        return f"its signature is not {approval.by}'s"
    return None


def _digests(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or (not path.is_dir() and not path.is_file()):
            found[name] = "no regular file"
        elif path.is_file() and name not in _LATER and not name.startswith(f"{APPROVALS}/"):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _read(path: Path, bundle: str) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, bundle, str(error)) from error
    if not isinstance(raw, dict):
        raise _damaged(path, bundle, "it is no JSON object")
    return raw


def _signature(raw: Any, path: Path, bundle: str) -> Signature:
    try:
        return Signature(**raw)
    except TypeError as error:
        raise _damaged(path, bundle, str(error)) from error


def _damaged(path: Path, bundle: str, why: str) -> OrchestratorError:
    return OrchestratorError(
        f"the plan {bundle} is damaged ({why})", where=Where(file=path), remedy="plan again"
    )


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
