"""Takes reality into the states, for named resources only. What is in AWS is not touched, and neither is the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.addresses import layer_of
from orchestrator.apply.freeze import check_open
from orchestrator.apply.journal import hold_states
from orchestrator.audit import audited
from orchestrator.drift.classify import Drift, ResourceDrift, classify, drift_plan
from orchestrator.drift.difference import differences, same, shown
from orchestrator.drift.ignore import IgnoreList
from orchestrator.drift.report import DriftReport
from orchestrator.drift.run import look_for_drift, selection_of_addresses
from orchestrator.errors import OrchestratorError, Where
from orchestrator.plan.model import split_plan
from orchestrator.session import Session
from orchestrator.state.backup import back_up
from orchestrator.state.state import State

OnPhase = Callable[[str], None]


@dataclass(frozen=True)
class Accepted:
    """What was taken in: layer → serial of its state before and after; the backup of the states before."""

    run: str
    addresses: tuple[str, ...]
    serials: dict[str, tuple[int, int]]
    backup: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "run": self.run,
            "addresses": list(self.addresses),
            "serials": {layer: list(pair) for layer, pair in self.serials.items()},
            "backup": self.backup,
        }


def look_at(
    session: Session, addresses: tuple[str, ...], *, on_phase: OnPhase = lambda _: None
) -> DriftReport:
    """What drifted of these resources.

    Raises:
        OrchestratorError: one of them is in no state, or has not drifted; or something that they depend on has, too, and
            is not named: Terraform can't take one in without the other.
    """
    report = look_for_drift(session, selection_of_addresses(session, addresses), on_phase=on_phase)
    check_named(report.drift, addresses)
    return report


def check_named(drift: Drift, addresses: tuple[str, ...]) -> None:
    """Check that just these resources have drifted.

    Raises:
        OrchestratorError: see :func:`look_at`.
    """
    found = {item.address for item in drift.resources}
    for address in addresses:
        if address not in found:
            raise OrchestratorError(
                "it has not drifted: the state says what is there",
                where=Where(layer=layer_of(address), address=address),
                remedy="leave it out",
            )
    more = sorted(found - set(addresses))
    if more:
        raise OrchestratorError(
            f"{more[0]}, which one of these depends on, has drifted as well",
            remedy=f"deal with that first, or name it, too: {' '.join(map(repr, more))}",
        )


def accept(
    session: Session, report: DriftReport, run: str, *, on_phase: OnPhase = lambda _: None
) -> Accepted:
    """Take into the states what ``report`` (of :func:`look_at`) shows, and nothing else; ``run`` is its id in the audit log.

    Each layer's state is refreshed by Terraform itself, for the named resources; what it would write is compared with
    what was shown, and what it wrote with the state before.

    Raises:
        OrchestratorError: the environment is frozen or held; something else would be, or was, taken in; drift is still there.
    """
    addresses = tuple(item.address for item in report.drift.resources)
    layers = list(dict.fromkeys(item.change.layer for item in report.drift.resources))
    about = {
        "command": "drift accept",
        "environment": session.environment.name,
        "run": run,
        "addresses": list(addresses),
    }
    with hold_states(session, "drift accept", run), audited(session.store, about) as record:
        session.interrupts.check()
        check_open(session, outside_windows=True)  # a window is about AWS, and nothing is changed there
        backup = back_up(session.store, session.work, layers)
        record["backup"] = backup.id
        serials: dict[str, tuple[int, int]] = {}
        for name in layers:
            on_phase(f"taking into the state of {name}")
            serials[name] = _take_in(session, name, report)
            record["layers"] = {layer: list(pair) for layer, pair in serials.items()}
        on_phase("verifying")
        _check_gone(session, addresses)
        record["ok"] = True
    return Accepted(run, addresses, serials, backup.id)


def _take_in(session: Session, name: str, report: DriftReport) -> tuple[int, int]:
    """Refresh the named resources in a layer's state; its serial before and after."""
    before = _state(session, name)
    layer = session.environment.layers[name]
    workspace = session.root_of(layer, session.inputs_of(layer))
    shown_ones = {item.address: item for item in report.drift.resources if item.change.layer == name}
    session.initialise(workspace, name)
    extra = workspace.process_variables()
    with session.scratch() as scratch:
        out = scratch / f"{name}.tfplan"
        session.client.plan(
            workspace.path, out, layer=name, refresh_only=True, targets=list(shown_ones), extra=extra
        )
        plan = session.redactor.plan(session.client.show(workspace.path, out, extra=extra), workspace.secrets)
        check_as_shown(name, plan, shown_ones)
        outputs = {output: (name, output) for output in layer.module.outputs}
        now = {output.name: output.after for output in split_plan(plan, [name], outputs).layers[name].outputs}
        told = {output.name: output.after for output in report.outputs.get(name, ())}
        for output, value in now.items():
            if output not in told or not same(value, told[output]):
                raise _another(name, f"its output {output} would change, which was not shown")
        session.client.apply(workspace.path, out, layer=name, extra=extra)
    after = _state(session, name)
    check_rest(name, before, after, shown_ones)
    return before.serial, after.serial


def _state(session: Session, name: str) -> State:
    state = session.store.read(name)
    if state is None:
        raise OrchestratorError("its state is gone", where=Where(layer=name))
    return state


def check_as_shown(name: str, plan: Mapping[str, Any], shown_ones: Mapping[str, ResourceDrift]) -> None:
    """Check that the refresh takes in just what was shown.

    Raises:
        OrchestratorError: it would take in something else.
    """
    drift = classify(drift_plan(plan), None, lambda _: None, IgnoreList())
    now = {item.address: item for item in drift.resources}
    for address in sorted({*now, *shown_ones}):
        old, new = shown_ones.get(address), now.get(address)
        if old is None or new is None or _content(old) != _content(new):
            raise _another(name, f"what is there of {address} is not what was shown any more")


def _content(item: ResourceDrift) -> tuple[Any, ...]:
    return item.change.action, [
        (attribute.path, attribute.state, attribute.real) for attribute in item.attributes
    ]


def _another(name: str, message: str) -> OrchestratorError:
    return OrchestratorError(
        message,
        where=Where(layer=name),
        remedy="its state was not touched; look again with `orchestrator drift`",
    )


def check_rest(name: str, before: State, after: State, named: Mapping[str, ResourceDrift]) -> None:
    """Check that nothing else in the state means anything else now.

    Raises:
        OrchestratorError: something does.
    """
    old, new = dict(_instances(before)), dict(_instances(after))
    for key in sorted({*old, *new}):
        found = next(differences(old.get(key), new.get(key)), None)
        if key[0] not in named and found is not None:
            raise OrchestratorError(
                f"the state's {key[0]} changed as well ({shown(found[0]) or 'all of it'})",
                where=Where(layer=name, address=key[0]),
                remedy="`orchestrator state restore` puts the backup back",
            )


def _instances(state: State) -> Iterator[tuple[tuple[str, str], Any]]:
    """The attributes of every managed instance, by address and deposed key."""
    for resource in state.resources:
        if resource.get("mode") == "managed":
            for instance in resource.get("instances", ()):
                one = State("", 0, "", ({**resource, "instances": [instance]},), {})
                yield (one.addresses()[0], instance.get("deposed") or ""), instance.get("attributes")


def _check_gone(session: Session, addresses: tuple[str, ...]) -> None:
    """Check that these resources have not drifted any more; those that were gone are in no state now."""
    states = session.store.read_all(sorted({layer_of(address) or "" for address in addresses}))
    known = {address for state in states.values() for address in state.addresses()}
    left = tuple(address for address in addresses if address in known)
    if not left:
        return
    report = look_for_drift(session, selection_of_addresses(session, left))
    for item in report.drift.resources:
        if item.address in left:
            raise OrchestratorError(
                "it still differs from the state that was just taken from it",
                where=Where(layer=item.change.layer, address=item.address),
                remedy="somebody is changing it right now, or AWS gives another answer each time: look again",
            )
