"""Looks for drift: one refresh-only plan of the whole environment, upon its layers' joined states; nothing is locked or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator import clock
from orchestrator.addresses import layer_of
from orchestrator.drift.classify import Ignores, classify, drift_plan
from orchestrator.drift.findings import review_drift
from orchestrator.drift.ignore import IgnoreList, load_ignore_list
from orchestrator.drift.report import DriftReport
from orchestrator.errors import InterruptedRunError, OrchestratorError, Where
from orchestrator.files import write_atomic
from orchestrator.modules.types import suggest
from orchestrator.plan.model import split_plan
from orchestrator.plan.run import OnPhase, Prepared, Selection, new_plan_id, prepare
from orchestrator.policy.rules import load_policy
from orchestrator.review.plan import ReviewedPlan, plan_of, with_secrets
from orchestrator.review.source import LayersSource
from orchestrator.session import Session
from orchestrator.state.check import identity
from orchestrator.state.state import join_states
from orchestrator.terraform.client import OnEvent


@dataclass(frozen=True)
class _Seen:
    """What Terraform said, redacted: the refresh-only plan, and the plan that would follow it (None: it could not be made).

    ``real`` is the drift as the review's rules see it, values that are marked sensitive included.
    """

    refreshed: Mapping[str, Any]
    following: Mapping[str, Any] | None
    real: ReviewedPlan
    notes: tuple[str, ...] = ()


def look_for_drift(
    session: Session,
    selection: Selection,
    *,
    on_event: OnEvent | None = None,
    on_phase: OnPhase = lambda _: None,
) -> DriftReport:
    """Compare what is really there with the states.

    Raises:
        OrchestratorError: Terraform failed, the ignore list or the policy is wrong, or a state moved on meanwhile: a look that
            failed says nothing.
    """
    selection.of(session.graph)  # a layer that is not there is named before anything is started
    known = load_ignore_list(session.project, session.environment.name)
    policy = load_policy(session.project, session.environment.name)
    on_phase("reading states")
    session.terraform  # noqa: B018  (a Terraform that is missing or too old is named first)
    prepared = prepare(session, selection, new_plan_id())
    looked_at = clock.now()
    seen = _look(session, prepared, selection, on_event, on_phase)
    _check_states(session, prepared)
    on_phase("reviewing")
    drifted = drift_plan(seen.refreshed)
    following = plan_of(seen.following) if seen.following is not None else None
    drift = classify(drifted, following, ignored_by(session), known)
    reviewed = sum(len(state.addresses()) for state in prepared.states.values())
    changes = split_plan(seen.refreshed, prepared.order, prepared.root.outputs)
    whole = not selection.layers and not selection.addresses
    return DriftReport(
        session.environment.name,
        looked_at,
        tuple(prepared.order),
        reviewed,
        drift,
        {name: layer.outputs for name, layer in changes.layers.items()},
        known.problems(drift.used(), () if selection.addresses else prepared.order, whole=whole),
        (*_never_applied(session, prepared), *seen.notes),
        review_drift(
            drift,
            replace(
                with_secrets(seen.real, session.redactor, drifted),
                given_accounts=session.environment.accounts,
            ),
            LayersSource(session.environment),
            policy,
            reviewed=reviewed,
        ),
        drifted,
    )


def ordinary_plan(session: Session, selection: Selection) -> Mapping[str, Any]:
    """The plan that an apply would be made from, redacted, with what drifted in it; nothing is written down.

    Raises:
        OrchestratorError: as for :func:`look_for_drift`.
    """
    prepared = prepare(session, selection, new_plan_id())
    with session.scratch() as scratch:
        state, out = _ready(session, prepared, scratch), scratch / "environment.tfplan"
        workspace = prepared.root.workspace
        extra = workspace.process_variables()
        session.client.plan(workspace.path, out, state=state, targets=selection.addresses, extra=extra)
        raw = session.client.show(workspace.path, out, extra=extra)
    return session.redactor.plan(raw, prepared.root.secret_variables)


def _ready(session: Session, prepared: Prepared, scratch: Path) -> Path:
    """Make the environment's root ready to be planned; the file with the joined states."""
    workspace = prepared.root.workspace
    workspace.write()
    for value in workspace.secrets.values():
        session.redactor.learn(value)
    session.client.init(
        workspace.path,
        fingerprint=session.module_fingerprint(prepared.order),
        lock_file=session.lock_file,
        extra=workspace.process_variables(),
    )
    state = scratch / "environment.tfstate"
    write_atomic(state, join_states(prepared.states, prepared.root.outputs, prepared.root.providers))
    return state


def _look(
    session: Session,
    prepared: Prepared,
    selection: Selection,
    on_event: OnEvent | None,
    on_phase: Callable[[str], None],
) -> _Seen:
    workspace = prepared.root.workspace
    extra = workspace.process_variables()
    with session.scratch() as scratch:
        on_phase("initialising")
        state, out = _ready(session, prepared, scratch), scratch / "environment.tfplan"
        on_phase("reading what is there")
        session.client.plan(
            workspace.path,
            out,
            state=state,
            refresh_only=True,
            targets=selection.addresses,
            extra=extra,
            on_event=on_event,
        )
        raw = session.client.show(workspace.path, out, extra=extra)
        refreshed = session.redactor.plan(raw, prepared.root.secret_variables)
        real = drift_plan(raw)
        del raw
        if not classify(drift_plan(refreshed), None, lambda _: None, IgnoreList()).resources:
            return _Seen(refreshed, refreshed, real)  # nothing to ask about
        on_phase("planning what would follow")
        try:
            following = _plan_what_follows(session, prepared, selection, state, out, scratch)
        except InterruptedRunError:
            raise
        except OrchestratorError as error:
            note = f"what the next apply would do about it is not known: {error}"
            return _Seen(refreshed, None, real, (note,))
        # What was recognised as a secret only now may stand in the first plan as well.
        return _Seen(session.redactor.again(refreshed), following, real)


def _plan_what_follows(
    session: Session, prepared: Prepared, selection: Selection, state: Path, out: Path, scratch: Path
) -> Mapping[str, Any]:
    """The ordinary plan upon what was found; AWS is not asked again for the resources."""
    workspace = prepared.root.workspace
    extra = workspace.process_variables()
    found, then = scratch / "refreshed.tfstate", scratch / "following.tfplan"
    session.client.refreshed(workspace.path, out, state, found, extra=extra)
    session.client.plan(
        workspace.path, then, state=found, refresh=False, targets=selection.addresses, extra=extra
    )
    raw = session.client.show(workspace.path, then, extra=extra)
    return session.redactor.plan(raw, prepared.root.secret_variables)


def _check_states(session: Session, prepared: Prepared) -> None:
    """Check that no run changed what was compared while it was compared."""
    now = session.store.read_all(prepared.order)
    for name in prepared.order:
        if identity(now.get(name)) != identity(prepared.states.get(name)):
            raise OrchestratorError(
                "its state moved on while drift was looked for, so the two can't be compared",
                where=Where(layer=name),
                remedy="look again when the other run has ended",
            )


def _never_applied(session: Session, prepared: Prepared) -> tuple[str, ...]:
    missing = [name for name in prepared.order if name not in prepared.states]
    left = session.orphans()
    return (
        *([f"never applied, so there is nothing to compare: {', '.join(missing)}"] if missing else []),
        *([f"not looked at, because no longer in the environment: {', '.join(left)}"] if left else []),
    )


def ignored_by(session: Session) -> Ignores:
    """What the modules' code says of ``ignore_changes``."""

    def ignores(address: str) -> tuple[str, ...] | None:
        layer = session.environment.layers.get(layer_of(address) or "")
        resource = layer.module.resource_at(address.split(".", 2)[2]) if layer else None
        return resource.ignores if resource else None

    return ignores


def selection_of_addresses(session: Session, addresses: tuple[str, ...]) -> Selection:
    """The slice that these resources of the states are.

    Raises:
        OrchestratorError: one of them is in no state of the environment's layers.
    """
    layers: dict[str, None] = {}
    for address in addresses:
        name = layer_of(address)
        if name is None or name not in session.environment.layers:
            raise OrchestratorError(
                f"{address} is in no layer of {session.environment.name}",
                remedy=f"write it as `orchestrator drift --env {session.environment.name}` shows it: module.LAYER.TYPE.NAME",
            )
        layers[name] = None
    states = session.store.read_all(list(layers))
    for address in addresses:
        name = layer_of(address) or ""
        known = states[name].addresses() if name in states else []
        if address not in known:
            near = [item for item in known if item.startswith(f"{address}[")]
            raise OrchestratorError(
                "there is no such resource in the state",
                where=Where(layer=name, address=address),
                remedy=f"name one of {', '.join(near[:5])}" if near else suggest(address, known),
            )
    return Selection(tuple(layers), addresses=tuple(dict.fromkeys(addresses)))
