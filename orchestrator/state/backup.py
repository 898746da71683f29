"""Backups of an environment's states, and putting one back: whole, checked first, and never over something newer by mistake."""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.modules.types import suggest
from orchestrator.state.check import accept, read_move
from orchestrator.state.state import State, parse_state
from orchestrator.state.store import MOVE, RECORD_SUFFIX, STATE_SUFFIX, StateStore

INDEX = "backup.json"


@dataclass(frozen=True)
class Backup:
    """What was kept: file name → sha256 in hex. ``path`` is its folder."""

    id: str
    path: Path
    environment: str
    created_at: str
    files: dict[str, str]

    @property
    def layers(self) -> list[str]:
        """The layers whose states it has."""
        return sorted(name.removesuffix(STATE_SUFFIX) for name in self.files if name.endswith(STATE_SUFFIX))


def back_up(store: StateStore, work: Path, layers: list[str]) -> Backup:
    """Copy states and records, as they are, into a private folder of their own.

    Raises:
        OrchestratorError: there is nothing to keep, or a state is damaged.
    """
    now = datetime.now(UTC)
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    contents: dict[str, bytes] = {}
    for layer in layers:
        state = store.read_raw(layer + STATE_SUFFIX)
        if not state:
            continue
        parse_state(state, layer, store.place(layer))
        contents[layer + STATE_SUFFIX] = state
        record = store.read_raw(layer + RECORD_SUFFIX)
        if record is not None:
            contents[layer + RECORD_SUFFIX] = record
    if not contents:
        raise OrchestratorError("there are no states to keep", remedy="nothing has been applied yet")
    folder = make_private_folder(work / "backups" / name)
    for file, content in contents.items():
        write_atomic(folder / file, content)
    files = {file: hashlib.sha256(content).hexdigest() for file, content in contents.items()}
    created = now.isoformat(timespec="seconds")
    write_atomic(folder / INDEX, to_json({"environment": work.name, "created_at": created, "files": files}))
    return Backup(name, folder, work.name, created, files)


def set_damaged_aside(store: StateStore, work: Path, layers: list[str]) -> dict[str, Path]:
    """Copy the states of these layers that can't be read, as they are; layer → the copy.

    They are no part of a backup: nothing could be made of them, and `latest` would be one of theirs.

    Raises:
        OrchestratorError: a copy can't be written.
    """
    copies: dict[str, Path] = {}
    for layer in layers:
        content = store.read_raw(layer + STATE_SUFFIX)
        if content and _readable(content, layer) is None:
            digest = hashlib.sha256(content).hexdigest()[:8]
            copies[layer] = work / "backups" / f"damaged-{layer}-{digest}{STATE_SUFFIX}"
            write_atomic(copies[layer], content)
    return copies


def _readable(content: bytes | None, layer: str) -> State | None:
    """A state; None where there is none, or it is damaged."""
    with suppress(OrchestratorError):
        return parse_state(content, layer, layer) if content else None
    return None


def forgotten(store: StateStore, backup: Backup, layers: list[str]) -> list[str]:
    """What the states there know and the backup's do not: it goes on to exist, and no state has it.

    With its id where it was made anew since.
    """
    lost: list[str] = []
    for layer in layers:
        now = _objects(_readable(store.read_raw(layer + STATE_SUFFIX), layer))
        file = backup.path / (layer + STATE_SUFFIX)
        kept = _objects(_readable(file.read_bytes(), layer)) if file.is_file() else {}
        for address, id in sorted(now.items()):
            if address not in kept:
                lost.append(address)
            elif kept[address] != id:
                lost.append(f"{address} ({id}; the backup has {kept[address]})")
    return lost


def _objects(state: State | None) -> dict[str, str]:
    """The id of what is at each address."""
    return {address: str(values.get("id")) for address, _, values in (state.instances() if state else ())}


def backups(work: Path) -> list[str]:
    """The ids of an environment's backups, oldest first."""
    return sorted(path.parent.name for path in (work / "backups").glob(f"*/{INDEX}"))


def open_backup(work: Path, name: str) -> Backup:
    """Read a backup and compare every file with its digest.

    Raises:
        OrchestratorError: there is none of that id, or it is damaged.
    """
    known = backups(work)
    if name == "latest" and known:
        name = known[-1]
    if name not in known:
        if name == "latest":
            raise OrchestratorError("there is no backup yet", remedy="`orchestrator state backup` makes one")
        remedy = suggest(name, known) if known else "make one with `orchestrator state backup`"
        raise OrchestratorError(f"there is no backup {name!r}", remedy=remedy)
    folder = work / "backups" / name
    try:
        raw = json.loads((folder / INDEX).read_bytes())
        found = Backup(name, folder, str(raw["environment"]), str(raw["created_at"]), dict(raw["files"]))
        wrong = [
            file
            for file, digest in found.files.items()
            if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OrchestratorError(
            f"the backup {name} is damaged ({_why(error)})",
            where=Where(file=folder),
            remedy=_another(known, name),
        ) from error
    if wrong:
        raise OrchestratorError(
            f"the backup {name} is damaged ({wrong[0]} has changed)",
            where=Where(file=folder),
            remedy=_another(known, name),
        )
    if found.environment != work.name:
        raise OrchestratorError(
            f"the backup {name} is of the environment {found.environment}, not of {work.name}",
            where=Where(file=folder),
            remedy=_another(known, name),
        )
    return found


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{Path(str(error.filename)).name}: {error.strerror}"
    return f"{INDEX} is not what it has to be"


def _another(known: list[str], name: str) -> str:
    others = [one for one in known if one != name]
    return f"take another one: {', '.join(reversed(others[-5:]))}" if others else "there is no other one"


def restore(
    store: StateStore, backup: Backup, layers: list[str], *, force: bool = False
) -> dict[str, tuple[int | None, int]]:
    """Put states back; layer → serial before and after. The serial goes on from the newer of the two, as Terraform wants it.

    Everything is checked before anything is written. A state there that is damaged gives way (see :func:`set_damaged_aside`).

    Raises:
        OrchestratorError: the backup lacks a layer, or a state there is of another lineage (``force``: all the same).
    """
    read_move(store)
    writes: dict[str, bytes] = {}
    serials: dict[str, tuple[int | None, int]] = {}
    for layer in layers:
        if layer + STATE_SUFFIX not in backup.files:
            raise OrchestratorError(
                f"the backup {backup.id} has no state of the layer {layer}",
                remedy=suggest(layer, backup.layers),
            )
        content = (backup.path / (layer + STATE_SUFFIX)).read_bytes()
        kept = parse_state(content, layer, str(backup.path))
        now = _readable(store.read_raw(layer + STATE_SUFFIX), layer)
        if now is not None and now.lineage != kept.lineage and not force:
            raise OrchestratorError(
                f"the state of {layer} is of another lineage than the backup's ({now.lineage}, not {kept.lineage})",
                where=Where(layer=layer),
                remedy="it was destroyed and applied anew since; --force puts the old one over it",
            )
        raw: dict[str, Any] = json.loads(content)
        raw["serial"] = max(kept.serial, now.serial if now else 0) + 1
        writes[layer + STATE_SUFFIX] = json.dumps(raw, indent=2).encode() + b"\n"
        if layer + RECORD_SUFFIX in backup.files:
            writes[layer + RECORD_SUFFIX] = (backup.path / (layer + RECORD_SUFFIX)).read_bytes()
        serials[layer] = (now.serial if now else None, raw["serial"])
    for name, content in writes.items():
        store.write_raw(name, content)
    for layer in layers:
        if layer + RECORD_SUFFIX not in writes:
            accept(store, layer)
    _undo_move(store, layers)
    return serials


def _undo_move(store: StateStore, layers: list[str]) -> None:
    """A move that was cut off is undone when its layers are as they were; a state that it was about to make goes."""
    move = read_move(store)
    if move is None:
        return
    before, after = move.get("before") or {}, move.get("after") or {}
    for layer in set(move["layers"]) - set(layers):
        made = store.read_raw(layer + STATE_SUFFIX)
        if before.get(layer) is not None:
            return
        if made is not None:
            if hashlib.sha256(made).hexdigest() != after.get(layer):
                return
            store.delete_raw(layer + STATE_SUFFIX)
    store.write_document(MOVE, None)
