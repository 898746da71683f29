"""Carries a layer's state over to the layer's new name: ``module.old.`` becomes ``module.new.`` in it, and state and record move.

Terraform's ``state mv`` would do the addresses, but not what resources say they depend on; both are rewritten here, and all else stays
byte for byte what it was. The new state is written before the old one goes, and a mark (``MOVE``) keeps everybody out in between.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from typing import Any

from orchestrator import clock
from orchestrator.apply.journal import check_ended
from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.types import suggest
from orchestrator.session import Session
from orchestrator.state.backup import Backup, back_up
from orchestrator.state.check import APPLIED, check_states, identity
from orchestrator.state.errored import refuse_errored
from orchestrator.state.state import State, instances, parse_state
from orchestrator.state.store import MOVE, STATE_SUFFIX

COMMAND = "state rename-layer"


def renamed(content: bytes, old: str, new: str) -> bytes:
    """A state whose module ``old`` is called ``new``; same lineage, next serial."""
    raw: dict[str, Any] = json.loads(content)
    raw["serial"] = int(raw.get("serial", 0)) + 1
    for resource in raw.get("resources") or ():
        if "module" in resource:
            resource["module"] = _renamed(resource["module"], old, new)
        for instance in resource.get("instances") or ():
            if "dependencies" in instance:
                instance["dependencies"] = [_renamed(one, old, new) for one in instance["dependencies"]]
    for check in raw.get("check_results") or ():
        check["config_addr"] = _renamed(check["config_addr"], old, new)
        for one in check.get("objects") or ():
            one["object_addr"] = _renamed(one["object_addr"], old, new)
    return json.dumps(raw, indent=2, ensure_ascii=False).encode() + b"\n"


def _renamed(address: str, old: str, new: str) -> str:
    first = f"module.{old}"
    return (
        f"module.{new}{address[len(first) :]}"
        if address == first or address.startswith(f"{first}.")
        else address
    )


def prepare_rename(session: Session, old: str, new: str) -> State:
    """The state that is to be carried over, after a check that it may be; also when an earlier attempt was cut off.

    Raises:
        OrchestratorError: the environment still has the old layer, or not the new one; there is no state, or one at the
            new name already; a state that is not the one applied last; a run was killed, or left a state unsaved.
    """
    environment, store = session.environment, session.store
    env, file = (
        environment.name,
        session.project.shown(environment.project.environment_file(environment.name)),
    )
    if old in environment.layers or new not in environment.layers:
        raise OrchestratorError(
            f"the environment still has the layer {old}"
            if old in environment.layers
            else f"the environment has no layer {new}",
            where=Where(file=file),
            remedy=f"rename the layer in the environment file (and its module's folder) first: {old} → {new}",
        )
    check_ended(session, store)
    refuse_errored(session, [old, new])
    states = store.read_all([old, new])
    if _is_under_way(store.document(MOVE), old, new):
        state = states.get(old) or states.get(new)
        assert state is not None
        return state
    check_states(store, env, [old, new], states, session.terraform.terraform)
    if old not in states:
        known = [name for name in store.layers() if name not in environment.layers]
        raise OrchestratorError(f"there is no state of a layer {old}", remedy=suggest(old, known))
    if new in states:
        raise OrchestratorError(
            f"the layer {new} has a state of its own already ({len(states[new].addresses())} resources)",
            where=Where(layer=new),
            remedy=f"if it was planned and applied under the new name: `orchestrator state mv` moves single resources; "
            f"if it is empty: `orchestrator destroy --env {env} --layer {new}`, and remove {store.place(new)}",
        )
    return states[old]


def _is_under_way(mark: Mapping[str, Any] | None, old: str, new: str) -> bool:
    return mark is not None and (mark.get("command"), mark.get("layers")) == (COMMAND, [old, new])


def rename_layer(session: Session, old: str, new: str, run: str) -> Backup | None:
    """Carry the state over; the backup that was taken first (None: by the attempt that was cut off). The caller holds the environment.

    Raises:
        OrchestratorError: it can't be written, or was changed meanwhile.
    """
    store = session.store
    mark, kept = store.document(MOVE), None
    before, record = store.read_raw(old + STATE_SUFFIX), store.record(old)
    if not _is_under_way(mark, old, new):
        kept = back_up(store, session.work, [old])
        mark = {
            "command": COMMAND,
            "again": f"{COMMAND} --env {session.environment.name} {old} {new}",
            "by": whoami(),
            "at": clock.now(),
            "run": run,
            "backup": kept.id,
            "layers": [old, new],
        }
        store.write_document(MOVE, mark)
    if before is not None:  # else it was deleted by the attempt that was cut off
        with store.locked([old, new], f"orchestrator {COMMAND}"):
            after = renamed(before, old, new)
            there = store.read_raw(new + STATE_SUFFIX)
            if there not in (None, after):
                raise OrchestratorError(
                    "the new state was changed since the rename was cut off",
                    where=Where(layer=new),
                    remedy=f"compare {store.place(old)} and {store.place(new)}, and remove one",
                )
            store.write_raw(new + STATE_SUFFIX, after)
            _verify(parse_state(before, old, store.place(old)), store.read(new), old, new)
            if record is not None:
                store.write_record(new, {**record, APPLIED: identity(store.read(new))})
            store.delete_raw(old + STATE_SUFFIX)
    store.forget(old)
    store.write_document(MOVE, None)
    shutil.rmtree(session.workspace(old), ignore_errors=True)
    return kept


def _verify(before: State, after: State | None, old: str, new: str) -> None:
    expected = {_renamed(address, old, new): instance for address, instance in instances(before).items()}
    if after is None or after.lineage != before.lineage or instances(after) != expected:
        raise OrchestratorError(
            "what was written is not what is read back",
            where=Where(layer=new),
            remedy="run the same command again",
        )
