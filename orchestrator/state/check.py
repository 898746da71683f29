"""Whether the states that are there are those that were applied last: looked at before anything is planned upon them.

A state that is gone reads as "nothing exists", and one of another lineage or an older serial as an environment of another day:
planned upon, each would create again what is there, or destroy what is not its own. What an apply left behind is in its record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from orchestrator.errors import OrchestratorError, Where
from orchestrator.state.state import State
from orchestrator.state.store import MOVE, StateStore, damaged_mark

APPLIED = "state"
"""The key of a record under which an apply leaves the lineage and serial of the state it wrote."""


def identity(state: State | None) -> dict[str, Any] | None:
    """A state's lineage and serial; None when there is no state."""
    return None if state is None else {"lineage": state.lineage, "serial": state.serial}


def check_states(
    store: StateStore, environment: str, layers: list[str], states: Mapping[str, State], terraform: str
) -> None:
    """Check these layers' states (those of ``states``) against their records, and against the version of Terraform at hand.

    Raises:
        OrchestratorError: one is gone, older, of another lineage, or written by a newer Terraform; a move was cut off.
    """
    refuse_moving(store, environment)
    records = store.records(layers)
    for layer in layers:
        state, applied = states.get(layer), records.get(layer, {}).get(APPLIED)
        try:
            _check_applied(store, environment, layer, state, applied)
        except OrchestratorError:
            # Another run may have written both since the state was read, which was before the record.
            _check_applied(store, environment, layer, store.read(layer), applied)
        if state is not None:
            check_version(state, layer, store.place(layer), terraform)


def refuse_moving(store: StateStore, environment: str) -> None:
    """Check that no move of resources between states was cut off: some would be in two of them.

    Raises:
        OrchestratorError: one was.
    """
    move = read_move(store)
    if move is not None:
        command = move.get("command", "state mv")
        raise OrchestratorError(
            f"`{command}` by {move.get('by')} at {move.get('at')} was cut off; what it moved may be in two states",
            remedy=f"`orchestrator {move.get('again', f'state mv --env {environment} --resume')}` ends it",
        )


def read_move(store: StateStore) -> dict[str, Any] | None:
    """The mark of a move that was begun; None when there is none.

    Raises:
        OrchestratorError: it is damaged.
    """
    move = store.document(MOVE)
    if move is None:
        return None
    layers = move.get("layers")
    named = isinstance(layers, list) and all(isinstance(layer, str) for layer in layers)
    if not named or not all(isinstance(move.get(key) or {}, dict) for key in ("before", "after")):
        raise damaged_mark(store, MOVE, "a move was cut off, and it does not say between which states")
    return move


def check_version(state: State, layer: str, place: str, terraform: str) -> None:
    """Check that this Terraform is not of an older line (1.11, 1.12 …) than the one that wrote the state.

    Terraform itself looks at the file's format only, and would write its own version over what it may not understand.

    Raises:
        OrchestratorError: it is.
    """
    if _line(state.terraform_version) > _line(terraform):
        raise OrchestratorError(
            f"the state {place} was written by Terraform {state.terraform_version}, and this is {terraform}",
            where=Where(layer=layer),
            remedy=f"use Terraform {state.terraform_version} or newer (--terraform-bin), or restore a backup that is older",
        )


def _line(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _check_applied(
    store: StateStore, environment: str, layer: str, state: State | None, applied: Mapping[str, Any] | None
) -> None:
    if not isinstance(applied, Mapping):
        return
    place, lineage, serial = store.place(layer), applied.get("lineage"), int(applied.get("serial", 0))
    if state is None:
        what = f"the layer was applied (serial {serial}), but its state {place} is gone"
    elif state.lineage != lineage:
        what = f"the state {place} is not the one that was applied: its lineage is {state.lineage}, not {lineage}"
    elif state.serial < serial:
        what = f"the state {place} is older (serial {state.serial}) than the one that was applied (serial {serial})"
    else:
        return
    raise OrchestratorError(
        what,
        where=Where(layer=layer),
        remedy=f"`orchestrator state restore --env {environment} latest --layer {layer}` puts a backup back, or take an "
        f"earlier version of the object; if it is right as it is: `orchestrator state accept --env {environment} {layer}`",
    )


def gone(store: StateStore, layers: Iterable[str], states: Mapping[str, State]) -> list[str]:
    """Those of the layers that were applied, and have no state (in ``states``) any more."""
    return [layer for layer in layers if layer not in states and _was_applied(store, layer)]


def _was_applied(store: StateStore, layer: str) -> bool:
    with suppress(OrchestratorError):  # a damaged record is told of where it matters
        return isinstance((store.record(layer) or {}).get(APPLIED), Mapping)
    return False


def accept(store: StateStore, layer: str) -> dict[str, Any] | None:
    """Take a layer's state (None: its absence) for the one that was applied; its lineage and serial.

    A record that is damaged is dropped.

    Raises:
        OrchestratorError: it is damaged.
    """
    now = identity(store.read(layer))
    try:
        record = store.record(layer)
    except OrchestratorError:
        store.forget(layer)
        return now
    if record is not None and now is None:
        store.forget(layer)
    elif record is not None:
        store.write_record(layer, {**record, APPLIED: now})
    return now
