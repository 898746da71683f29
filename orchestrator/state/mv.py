"""Moves resources between layers' states, or within one: by Terraform's own ``state mv``, on copies, so that none is lost.

The state that gains a resource is written before the one that gives it away. A mark beside the states (``MOVE``) says what is under
way, with the digests of both states before and after: while it is there nothing is planned or applied, and whoever resumes can tell a
resource that is in two states from two resources. ``docs/decisions/0008-moving-states.md`` says why it is done so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from orchestrator import clock
from orchestrator.apply.journal import check_ended
from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import write_atomic
from orchestrator.session import Session
from orchestrator.state.address import Place, general, place_of
from orchestrator.state.backup import Backup, back_up
from orchestrator.state.check import check_states, refuse_moving
from orchestrator.state.errored import refuse_errored
from orchestrator.state.state import State, instances, parse_state
from orchestrator.state.store import MOVE, STATE_SUFFIX, StateStore
from orchestrator.yaml_tree import read_yaml

Contents = Mapping[str, "bytes | None"]
"""States as they are kept, by layer; None: there is none."""


@dataclass(frozen=True)
class Move:
    """One resource, instance or module, and where it goes."""

    source: Place
    target: Place

    @property
    def layers(self) -> tuple[str, str]:
        """From which layer to which."""
        return self.source.layer, self.target.layer

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


def moves_in(path: Path, from_layer: str | None, to_layer: str | None, layers: set[str]) -> list[Move]:
    """The moves of a YAML file that maps old addresses to new ones.

    Raises:
        OrchestratorError: no such map; an address that is none, or that says no layer.
    """
    tree = read_yaml(path)
    if not isinstance(tree.value, dict) or not tree.value:
        raise OrchestratorError(
            "a mapping file maps old addresses to new ones",
            where=tree.origin.where(),
            remedy="write `module.data.aws_sqs_queue.jobs: module.messaging.aws_sqs_queue.jobs`, one a line",
        )
    return [
        move_of(old, str(node.value), from_layer, to_layer, layers, node.origin.where(old))
        for old, node in tree.value.items()
    ]


def move_of(
    old: str,
    new: str,
    from_layer: str | None,
    to_layer: str | None,
    layers: set[str],
    where: Where | None = None,
) -> Move:
    """A move as it was asked for; without a layer to go to it stays in its own.

    Raises:
        OrchestratorError: an address that is none, or that says no layer.
    """
    source = place_of(old, from_layer, layers, where)
    if to_layer is None and not any(new.startswith(f"module.{layer}.") for layer in layers):
        to_layer = source.layer
    target = place_of(new, to_layer, layers, where)
    for wrong, why in (
        (source == target, "it is there already"),
        (source.is_module != target.is_module, "a module can't become a resource, nor a resource a module"),
        (
            not source.is_module and _type_of(source) != _type_of(target),
            f"one is {_type_of(source)} and the other {_type_of(target)}",
        ),
    ):
        if wrong:
            raise OrchestratorError(f"{source} can't be moved to {target}: {why}", where=where)
    return Move(source, target)


def _type_of(place: Place) -> str:
    """``aws_sqs_queue``; of a module: ``module``."""
    return general(place.address).split(".")[-2]


def check_moves(states: Mapping[str, State], moves: Iterable[Move]) -> dict[str, str]:
    """What every moved instance will be called: old address → new one.

    Raises:
        OrchestratorError: there is nothing at an address, or something at the new one; two moves of the same.
    """
    names: dict[str, str] = {}
    for move in moves:
        (state, there) = (states.get(layer) for layer in move.layers)
        found = [address for address in instances(state) if move.source.covers(address)] if state else []
        if not found:
            raise OrchestratorError(
                f"there is nothing at {move.source}",
                where=Where(layer=move.source.layer),
                remedy=f"`orchestrator state show … {move.source.layer}` lists what there is",
            )
        new = {address: move.target.full + address[len(move.source.full) :] for address in found}
        taken = [name for name in (instances(there) if there else ()) if move.target.covers(name)]
        if taken or set(new.values()) & set(names.values()):
            raise OrchestratorError(
                f"there is something at {move.target} already",
                where=Where(layer=move.target.layer),
                remedy="move that away first, or choose another address",
            )
        if set(new) & set(names):
            raise OrchestratorError(f"{sorted(set(new) & set(names))[0]} would be moved twice")
        names |= new
    return names


@dataclass(frozen=True)
class Prepared:
    """Moves that may be carried out: ``names`` has every instance's old address and new one."""

    moves: tuple[Move, ...]
    names: dict[str, str]
    layers: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "moves": [[str(move.source), str(move.target)] for move in self.moves],
            "instances": self.names,
        }


def prepare_moves(session: Session, moves: list[Move]) -> Prepared:
    """Check moves against the states that are there, before anybody is asked.

    Raises:
        OrchestratorError: see :func:`check_moves` and ``state.check``; a run was killed, or left a state unsaved.
    """
    layers = sorted({layer for move in moves for layer in move.layers})
    check_ended(session, session.store)
    refuse_errored(session, layers)
    states = session.store.read_all(layers)
    check_states(session.store, session.environment.name, layers, states, session.terraform.terraform)
    return Prepared(tuple(moves), check_moves(states, moves), tuple(layers))


def move(session: Session, prepared: Prepared, run: str) -> Backup:
    """Carry moves out; the backup that was taken first. The caller holds the environment.

    Raises:
        OrchestratorError: Terraform refused, the result is not what it should be (nothing is written then), or a state
            could not be written (``resume`` ends it then).
    """
    store = session.store
    refuse_moving(store, session.environment.name)
    kept = back_up(store, session.work, list(prepared.layers))
    groups = [
        [[str(move.source), str(move.target)] for move in moves]
        for _, moves in groupby(prepared.moves, key=lambda move: move.layers)
    ]
    mark = {
        "command": "state mv",
        "again": f"state mv --env {session.environment.name} --resume",
        "by": whoami(),
        "at": clock.now(),
        "run": run,
        "backup": kept.id,
        "layers": list(prepared.layers),
        "groups": groups,
    }
    _carry_out(session, mark, 0)
    return kept


def resume(session: Session) -> dict[str, Any] | None:
    """End a move that was cut off; its mark, None when there is none. The caller holds the environment.

    Raises:
        OrchestratorError: a state has been changed since.
    """
    store = session.store
    mark = store.document(MOVE)
    if mark is None:
        return None
    if mark.get("command") != "state mv" or "group" not in mark:
        raise OrchestratorError(
            "the mark of a move is another command's, or damaged",
            remedy=f"`orchestrator {mark.get('again')}`",
        )
    moves = _moves(mark["groups"][mark["group"]])
    source, target = moves[0].layers
    now = _contents(store, {source, target})
    is_new = {layer: _digest(now[layer]) == mark["after"][layer] for layer in now}
    is_old = {layer: _digest(now[layer]) == mark["before"][layer] for layer in now}
    if all(is_new.values()):
        _carry_out(session, mark, mark["group"] + 1)
    elif all(is_old.values()):
        _carry_out(session, mark, mark["group"])
    elif is_new[target] and is_old[source]:
        # What goes is in both: Terraform takes it out once more, and what comes out must be what the other one has.
        after = _moved(session, moves, {source: now[source], target: None})
        arrived, present = (
            parse_state(_there(content), target, target) for content in (after[target], now[target])
        )
        if not instances(arrived).items() <= instances(present).items():
            raise _changed(mark, target)
        _write(store, {source: now[source]}, {source: after[source]}, (source,))
        _carry_out(session, mark, mark["group"] + 1)
    else:
        raise _changed(mark, next(layer for layer in now if not (is_new[layer] or is_old[layer])))
    return mark


def _changed(mark: Mapping[str, Any], layer: str) -> OrchestratorError:
    return OrchestratorError(
        "the state has been changed since the move was cut off",
        where=Where(layer=layer),
        remedy=f"compare it with the backup {mark['backup']}; `orchestrator state restore … {mark['backup']}` puts "
        f"{', '.join(mark['layers'])} back as they were before, and ends the move",
    )


def _carry_out(session: Session, mark: dict[str, Any], first: int) -> None:
    store = session.store
    for number in range(first, len(mark["groups"])):
        session.interrupts.check(
            "interrupted between two moves; `state mv --resume` goes on"
            if number
            else "interrupted; nothing was changed"
        )
        moves = _moves(mark["groups"][number])
        source, target = moves[0].layers
        before = _contents(store, {source, target})
        after = _moved(session, moves, before)
        _check_result(before, after, moves)
        digests = {
            side: {layer: _digest(content) for layer, content in contents.items()}
            for side, contents in (("before", before), ("after", after))
        }
        store.write_document(MOVE, {**mark, **digests, "group": number})
        _write(store, before, after, (target,) if source == target else (target, source))
    store.write_document(MOVE, None)


def _moves(pairs: list[list[str]]) -> list[Move]:
    return [Move(*(Place(*text.removeprefix("module.").split(".", 1)) for text in pair)) for pair in pairs]


def _contents(store: StateStore, layers: set[str]) -> dict[str, bytes | None]:
    return {layer: store.read_raw(layer + STATE_SUFFIX) for layer in sorted(layers)}


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _there(content: bytes | None) -> bytes:
    assert content is not None
    return content


def _moved(session: Session, moves: list[Move], before: Contents) -> dict[str, bytes | None]:
    """The states after ``terraform state mv`` on copies of them."""
    source, target = moves[0].layers
    with session.scratch() as scratch:
        files = {layer: scratch / f"{layer}{STATE_SUFFIX}" for layer in (source, target)}
        for layer, content in before.items():
            if content is not None:
                write_atomic(files[layer], content)
        for move in moves:
            out = None if source == target else files[target]
            session.client.move_state(scratch, files[source], out, move.source.full, move.target.full)
        after: dict[str, bytes | None] = {layer: file.read_bytes() for layer, file in files.items()}
    return {**after, target: with_dependencies(_there(after[target]), moves)}


def with_dependencies(content: bytes, moves: list[Move]) -> bytes:
    """The state with what resources depend on under its new address, which ``state mv`` leaves as it was.

    Terraform destroys in that order what is no longer in the code.
    """
    raw: dict[str, Any] = json.loads(content)
    new = {general(move.source.full): general(move.target.full) for move in moves}

    def renamed(address: str) -> str:
        first = next((old for old in new if address == old or address.startswith(f"{old}.")), None)
        return address if first is None else new[first] + address[len(first) :]

    for resource in raw.get("resources") or ():
        for instance in resource.get("instances") or ():
            if "dependencies" in instance:
                instance["dependencies"] = sorted({renamed(one) for one in instance["dependencies"]})
    return json.dumps(raw, indent=2, ensure_ascii=False).encode() + b"\n"


def _check_result(before: Contents, after: Contents, moves: list[Move]) -> None:
    """Check that every instance is in exactly one state, where it should be and as it was, and that nothing else is another.

    Raises:
        OrchestratorError: it is not so.
    """
    old = {
        layer: parse_state(content, layer, layer) for layer, content in before.items() if content is not None
    }
    new = {layer: parse_state(_there(content), layer, layer) for layer, content in after.items()}
    names = check_moves(old, moves)
    homes = {move.source.full: move.target.layer for move in moves}
    expected: dict[str, dict[str, Any]] = {layer: {} for layer in new}
    for layer, state in old.items():
        for address, instance in instances(state).items():
            moved = next(
                (move for move in moves if layer == move.source.layer and move.source.covers(address)), None
            )
            home = homes[moved.source.full] if moved else layer
            expected[home][names[address] if moved else address] = instance
    for layer, state in new.items():
        same = layer not in old or (
            state.lineage == old[layer].lineage
            and state.serial > old[layer].serial
            and state.outputs == old[layer].outputs
        )
        if not same or instances(state) != expected[layer]:
            raise OrchestratorError(
                "Terraform's result is not what was to be moved, and was thrown away; nothing is changed",
                where=Where(layer=layer),
                remedy="report this with the addresses",
            )


def _write(store: StateStore, before: Contents, after: Contents, order: tuple[str, ...]) -> None:
    """Write the states in this order, under Terraform's locks, and read each back.

    Raises:
        OrchestratorError: a state is not what it was when it was read, or not what was written.
    """
    with store.locked(list(order), "orchestrator state mv"):
        for layer in order:
            _expect(store, layer, before[layer], "it was changed by somebody else meanwhile")
        for layer in order:
            store.write_raw(layer + STATE_SUFFIX, _there(after[layer]))
            _expect(store, layer, after[layer], "what was written is not what is read back")


def _expect(store: StateStore, layer: str, content: bytes | None, otherwise: str) -> None:
    if store.read_raw(layer + STATE_SUFFIX) != content:
        raise OrchestratorError(otherwise, where=Where(layer=layer), remedy="run the same command again")
