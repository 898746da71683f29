"""Plans an environment as one graph over its layers' states, and writes the bundle."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestrator import __version__, clock
from orchestrator.audit import whoami
from orchestrator.config.destination import destination_from_json
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.graph.graph import LayerGraph
from orchestrator.identity import identities
from orchestrator.plan.bundle import (
    PAGE,
    PLAN,
    SUMMARY,
    Bundle,
    Manifest,
    discard,
    moved_on,
    plans_folder,
    write_bundle,
)
from orchestrator.plan.model import ChangeSet, split_plan
from orchestrator.plan.refused import check_values
from orchestrator.plan.signing import Key
from orchestrator.plan.summary import markdown
from orchestrator.plan.targeted import with_the_rest
from orchestrator.plan.unchanged import Watch, earlier_plan, reality_of
from orchestrator.policy import code_scan
from orchestrator.policy.rules import POLICY_FILE, load_policy
from orchestrator.policy.scan import preload, scan_plan, with_code
from orchestrator.policy.waivers import WAIVER_FILE
from orchestrator.render.workspace import EnvironmentRoot, environment_root, remove_imports
from orchestrator.review.page import about, page
from orchestrator.review.plan import Code, ReviewedPlan, plan_of, with_secrets
from orchestrator.review.review import review_plan
from orchestrator.review.source import LayersSource
from orchestrator.session import Session
from orchestrator.state.check import check_states, identity
from orchestrator.state.errored import refuse_errored
from orchestrator.state.state import State, join_states
from orchestrator.terraform.client import OnEvent
from orchestrator.terraform.events import Event
from orchestrator.terraform.lock_file import locked_versions, read_lock_file

ROOT = "environment"
SCAN = "scan.json"
"""What checkov said of the newest plan, below ``.orchestrator/<env>``."""
OnPhase = Callable[[str], None]


@dataclass(frozen=True)
class Selection:
    """The slice of an environment that was asked for; empty: all of it. ``addresses``: only these resources, and what they need."""

    layers: tuple[str, ...] = ()
    with_dependencies: bool = False
    with_dependents: bool = False
    addresses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "layers": list(self.layers),
            "with_dependencies": self.with_dependencies,
            "with_dependents": self.with_dependents,
            **({"addresses": list(self.addresses)} if self.addresses else {}),
        }

    def of(self, graph: LayerGraph) -> LayerGraph:
        """The slice of a graph."""
        return graph.slice(
            self.layers, with_dependencies=self.with_dependencies, with_dependents=self.with_dependents
        )


@dataclass(frozen=True)
class Prepared:
    """All that a plan is made from, before Terraform is asked."""

    graph: LayerGraph
    order: list[str]
    root: EnvironmentRoot
    states: dict[str, State]
    manifest: Manifest


OnPrepared = Callable[[Prepared], None]


def prepare(
    session: Session, selection: Selection, plan_id: str, imports: Mapping[str, str] | None = None
) -> Prepared:
    """Read the states, render the root, and note what both are. ``imports``: address → id of what is to be taken in.

    Raises:
        OrchestratorError: an upstream layer outside the slice was never applied; a state that is damaged, gone, or not the
            one that was applied last; the emulator is not running or was restarted; credentials of another account than
            a layer's, or a layer that was applied to another one.
    """
    session.check_emulator_memory()
    graph = selection.of(session.graph)
    with session.accounts.checked(session.environment.destinations(graph.upstream)):
        return _prepared(session, selection, graph, plan_id, imports)


def _prepared(
    session: Session,
    selection: Selection,
    graph: LayerGraph,
    plan_id: str,
    imports: Mapping[str, str] | None,
) -> Prepared:
    order = graph.order()
    refuse_errored(session, order)
    outside = {name for layer in order for name in session.graph.upstream[layer]} - set(order)
    wanted = [*order, *sorted(outside)]
    states = session.store.read_all(wanted)
    check_states(
        session.store, session.environment.name, wanted, states, terraform=session.terraform.terraform
    )
    check_moved(session, {name: state for name, state in states.items() if name in graph.upstream})
    root = environment_root(
        session.environment, graph, session.upstream_outputs(outside), session.workspace(ROOT), imports
    )
    policies = (session.project.policy / POLICY_FILE, session.project.policy / WAIVER_FILE)
    manifest = Manifest(
        id=plan_id,
        environment=session.environment.name,
        created_at=clock.now(),
        layers=tuple(order),
        selection=selection.as_json(),
        configuration=session.configuration_digests(order, policies),
        rendered=root.workspace.digests(),
        secrets=session.redactor.token(root.workspace.secrets),
        states={name: identity(states.get(name)) for name in wanted},
        tools=_tools(session),
        emulator=session.emulator_instance,
        counts={},
        planned_by=whoami(),
        planned_as=identities(session) if session.environment.settings.plans.approvals else (),
        git=git_commit(session.project.root),
        lock_file=None,
        sources={name: layer.origin for name in order if (layer := session.environment.layers[name]).source},
        imports=dict(imports or {}),
    )
    return Prepared(graph, order, root, {name: states[name] for name in order if name in states}, manifest)


def check_moved(session: Session, states: Mapping[str, State]) -> None:
    """Check that layers are still where they were applied: elsewhere, Terraform would not find what their states have.

    Raises:
        OrchestratorError: the environment file sends one that has resources to another account or region.
    """
    records = session.store.records([name for name, state in states.items() if not state.is_empty])
    for name, record in records.items():
        layer, then = session.environment.layers[name], destination_from_json(record.get("destination"))
        now = layer.destination
        if then is None or then == now:
            continue
        copies = [
            f"copies in {place.replica_region}" if states[name].uses_provider("replica") else ""
            for place in (then, now)
        ]
        places = [f"{place.account_id} {place.region}" for place in (then, now)]
        if places[0] != places[1] or copies[0] != copies[1]:
            was, will = (" ".join(filter(None, pair)) for pair in zip(places, copies, strict=True))
            raise OrchestratorError(
                f"the layer {name} was applied to {was}, and the environment file sends it to {will}",
                where=replace(layer.node.origin.where(f"layers.{name}"), layer=name),
                remedy="Terraform would not find what is there: put it back, or first "
                f"`orchestrator destroy --env {session.environment.name} --layer {name}`, which works where it was",
            )


def _tools(session: Session) -> dict[str, Any]:
    from importlib.metadata import version

    return {
        "orchestrator": __version__,
        "terraform": session.terraform.terraform,
        "checkov": version("checkov"),
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def git_commit(root: Path) -> dict[str, Any] | None:
    """The commit that is checked out, and whether files differ from it; None without git or a repository."""
    git = shutil.which("git")
    if git is None:
        return None

    def ask(*words: str) -> str | None:
        done = subprocess.run([git, *words], cwd=root, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    commit = ask("rev-parse", "HEAD")
    return {"commit": commit, "changed": bool(ask("status", "--porcelain"))} if commit else None


def new_plan_id() -> str:
    """Sorts by time; unique among plans made in the same second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def plan_environment(
    session: Session,
    selection: Selection,
    *,
    on_event: OnEvent | None = None,
    on_phase: OnPhase = lambda _: None,
    plan_id: str | None = None,
    imports: Mapping[str, str] | None = None,
    begun: OnPrepared = lambda _: None,
    check: Callable[[ChangeSet], None] = lambda _: None,
) -> Bundle:
    """Plan, scan, and write the bundle, whose id is ``plan_id`` (default: a new one).

    ``imports``: address → id of what is there and is to be taken in. ``begun`` is told what is planned when Terraform
    begins to. ``check`` is told the changes before they are scanned, and may refuse them.

    Raises:
        OrchestratorError: Terraform or the scan failed; Terraform's logs stay below ``failed/``.
    """
    graph = selection.of(session.graph)  # a layer that is not there is named before anything is started
    plan_id = plan_id or new_plan_id()
    on_phase("checking values")
    session.accounts.begin(session.environment.destinations(graph.upstream))
    session.terraform  # noqa: B018  (a Terraform that is missing or too old is named first)
    session.packages.begin(session.workspace(ROOT))
    check_values(session, graph.order())
    on_phase("reading states")
    prepared = prepare(session, selection, plan_id, imports)
    with _unfinished(session, plan_id) as partial:
        log = partial / "logs" / "environment.plan.jsonl"
        planned = _planned(session, prepared, on_event, on_phase, log, selection.addresses, begun)
        redacted, reviewed = planned.redacted, planned.reviewed
        write_atomic(partial / PLAN, to_json(redacted))
        changes = split_plan(redacted, prepared.order, prepared.root.outputs)
        _imports_just(prepared.manifest.imports, changes)
        check(changes)
        on_phase("scanning")
        session.interrupts.check()
        policy = load_policy(session.project, session.environment.name)
        modules = {name: session.environment.layers[name].module for name in prepared.order}
        scan = scan_plan(redacted, modules, policy, session.work / SCAN)
        code = code_scan.kept(session.project)
        if code is not None:
            scan = with_code(scan, code)
        on_phase("reviewing")
        source = LayersSource(session.environment)
        review = review_plan(
            replace(reviewed, code=_code(session, prepared.order), code_before=session.code_before()),
            source,
            scan=scan,
            policy=policy,
            known=session.known_checks({finding.layer for finding in scan.failed if finding.layer}),
            accounts=session.environment.accounts,
        )
        manifest = replace(planned.manifest, counts=changes.counts())
        session.interrupts.check()
        key, note = _signer(session)
        bundle = write_bundle(
            partial,
            plans_folder(session.work) / plan_id,
            manifest,
            changes,
            scan,
            review,
            {
                SUMMARY: markdown(manifest, changes, scan, review),
                PAGE: page(review, reviewed, about(manifest, prepared.graph), changes, source),
            },
            valid=timedelta(hours=session.environment.settings.plans.valid_hours),
            key=key,
        )
    only = ("the rest of the environment is not in this plan",) if selection.addresses else ()
    return replace(bundle, notes=(*_notes(session), *note, *only))


@contextmanager
def _unfinished(session: Session, plan_id: str) -> Iterator[Path]:
    """Where a bundle grows; what is not moved from there is gone afterwards, but for the logs of a plan that failed."""
    with session.scratch() as scratch:
        partial = make_private_folder(scratch / plan_id)
        try:
            yield partial
        except BaseException:
            discard(partial, session.work / "failed" / plan_id)
            raise


def changes_ahead(
    session: Session,
    selection: Selection,
    *,
    imports: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
    on_phase: OnPhase = lambda _: None,
) -> ChangeSet:
    """What a plan would do, without a bundle.

    Raises:
        OrchestratorError: Terraform failed.
    """
    on_phase("reading states")
    session.terraform  # noqa: B018  (a Terraform that is missing or too old is named first)
    prepared = prepare(session, selection, new_plan_id(), imports)
    planned = _planned(session, prepared, on_event, on_phase, None)
    changes = split_plan(planned.redacted, prepared.order, prepared.root.outputs)
    _imports_just(prepared.manifest.imports, changes)
    return changes


@dataclass(frozen=True)
class _Planned:
    """Terraform's plan: as redacted JSON, as the rules see it, and the manifest with what is known only after it."""

    redacted: dict[str, Any]
    reviewed: ReviewedPlan
    manifest: Manifest


def _planned(
    session: Session,
    prepared: Prepared,
    on_event: OnEvent | None,
    on_phase: OnPhase,
    log: Path | None,
    targets: tuple[str, ...] = (),
    begun: OnPrepared = lambda _: None,
) -> _Planned:
    """Let Terraform plan the prepared root; an earlier bundle without changes stands for one that is the same."""
    workspace = prepared.root.workspace
    workspace.write()
    extra = workspace.process_variables()
    for value in workspace.secrets.values():
        session.redactor.learn(value)
    try:
        with session.scratch() as scratch:
            on_phase("initialising")
            session.client.init(
                workspace.path,
                fingerprint=session.module_fingerprint(prepared.order),
                lock_file=session.lock_file,
                extra=extra,
            )
            on_phase("planning")
            state = scratch / "environment.tfstate"
            write_atomic(state, join_states(prepared.states, prepared.root.outputs, prepared.root.providers))
            out = scratch / "environment.tfplan"
            watch = Watch()
            begun(prepared)
            session.client.plan(
                workspace.path,
                out,
                state=state,
                targets=targets,
                extra=extra,
                on_event=_watched(watch, on_event),
                log=log,
            )
            on_phase("reading the plan")
            manifest = _complete(prepared.manifest, session, reality_of(out, session.redactor))
            earlier = earlier_plan(session.work, manifest) if watch.nothing else None
            if earlier is not None:
                return _Planned(earlier, plan_of(earlier), manifest)
            raw = session.client.show(workspace.path, out, extra=extra)
    finally:
        remove_imports(workspace.path)
    if targets:
        raw = with_the_rest(raw)
    redacted = session.redactor.plan(raw, prepared.root.secret_variables)
    return _Planned(redacted, with_secrets(plan_of(raw), session.redactor, plan_of(redacted)), manifest)


def _imports_just(wanted: Mapping[str, str], changes: ChangeSet) -> None:
    """Check that a plan imports what was asked for: another plan of the environment may have rendered its root meanwhile."""
    imported = {change.address for change in changes.all() if change.importing is not None}
    for address in sorted(imported ^ wanted.keys()):
        said = "does not import it" if address in wanted else "would import it, which nobody asked for"
        raise OrchestratorError(
            f"the plan {said}: another plan of this environment was made at the same time",
            where=Where(address=address),
            remedy="do it again",
        )


def _watched(watch: Watch, on_event: OnEvent | None) -> OnEvent:
    """Import checkov as soon as Terraform speaks of a change: without one, it has scanned the same before."""

    def told(event: Event) -> None:
        before = watch.changes
        watch.event(event)
        if watch.changes and not before:
            preload()
        if on_event is not None:
            on_event(event)

    return told


def _signer(session: Session) -> tuple[Key | None, tuple[str, ...]]:
    """The key that the bundle is signed with; a note when the environment names one that can't be used here."""
    settings = session.environment.settings.plans.signer
    if settings is None:
        return None, ()
    key = session.key(settings)
    try:
        key.sign(b"orchestrator: may I?\n")
    except OrchestratorError as error:
        return None, (f"the bundle is not signed and can't be applied: {error}",)
    return key, ()


def _complete(manifest: Manifest, session: Session, reality: str | None) -> Manifest:
    """With what is known after initialising and planning."""
    lock = session.lock_file
    return replace(
        manifest,
        tools={**manifest.tools, "providers": locked_versions(lock)},
        reality=reality,
        lock_file=hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None,
    )


def _code(session: Session, order: list[str]) -> Code:
    """What the plan's code is made of."""
    return Code(
        read_lock_file(session.lock_file),
        {name: session.environment.layers[name].origin for name in order},
    )


def _notes(session: Session) -> tuple[str, ...]:
    return (
        *session.cli_config.notes,
        *(
            f"the layer {name} has a state but is no longer in the environment; "
            f"`orchestrator destroy --env {session.environment.name} --layer {name}` removes what it holds"
            for name in session.orphans()
        ),
    )


def selection_of(manifest: Manifest) -> Selection:
    """The slice that a plan was made of."""
    given: dict[str, Any] = dict(manifest.selection)
    for name in ("layers", "addresses"):
        given[name] = tuple(given.get(name, ()))
    return Selection(**given)


class OvertakenError(OrchestratorError):
    """What a bundle was made from has changed since. ``why``: the first thing."""

    def __init__(self, plan: str, differences: list[str], shown: Path) -> None:
        super().__init__(
            f"the plan {plan} no longer fits: {differences[0]}",
            where=Where(file=shown),
            remedy="plan again and review that",
            details=tuple(differences[1:]),
        )
        self.why = differences[0]


def verify_bundle(
    session: Session, bundle: Bundle, begun: Mapping[str, Mapping[str, Any] | None] | None = None
) -> Prepared:
    """Check that nothing a bundle was made from has changed.

    ``begun``: the layers that a run of this very bundle has worked on, with the lineage and serial it left behind (None
    where it was cut off). Their states may have moved on, within the lineage.

    Raises:
        OvertakenError: the world has moved on.
        OrchestratorError: it was made for another environment.
    """
    reviewed = bundle.manifest
    if reviewed.environment != session.environment.name:
        raise OrchestratorError(f"the plan {reviewed.id} is for environment {reviewed.environment}")
    prepared = prepare(session, selection_of(reviewed), reviewed.id, reviewed.imports)
    now = _complete(prepared.manifest, session, reviewed.reality)
    now = replace(now, states=_states_before(reviewed, now, begun or {}))
    differences = moved_on(reviewed, now)
    if differences:
        raise OvertakenError(reviewed.id, differences, session.project.shown(bundle.path))
    return prepared


def _states_before(
    reviewed: Manifest, now: Manifest, begun: Mapping[str, Mapping[str, Any] | None]
) -> dict[str, dict[str, Any] | None]:
    """The states as a run of the bundle found them, where only that run can have changed them."""
    states = dict(now.states)
    for name, left in begun.items():
        old, new = reviewed.states.get(name), now.states.get(name)
        same_line = old is None or (new is not None and new["lineage"] == old["lineage"])
        if name in states and same_line and (left is None or left == new):
            states[name] = old
    return states
