"""Plans an environment as one graph over its layers' states, and writes the bundle."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestrator import __version__
from orchestrator.audit import whoami
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.graph.graph import LayerGraph
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
from orchestrator.plan.signing import Key
from orchestrator.plan.summary import markdown
from orchestrator.policy import code_scan
from orchestrator.policy.rules import POLICY_FILE, load_policy
from orchestrator.policy.scan import preload, scan_plan, with_code
from orchestrator.policy.waivers import WAIVER_FILE
from orchestrator.render.workspace import EnvironmentRoot, environment_root
from orchestrator.review.page import about, page
from orchestrator.review.plan import plan_of
from orchestrator.review.review import review_plan
from orchestrator.review.source import LayersSource
from orchestrator.session import Session
from orchestrator.state.errored import refuse_errored
from orchestrator.state.state import State, join_states
from orchestrator.terraform.client import OnEvent
from orchestrator.terraform.events import Event

ROOT = "environment"
SCAN = "scan.json"
"""What checkov said of the newest plan, below ``.orchestrator/<env>``."""
OnPhase = Callable[[str], None]


@dataclass(frozen=True)
class Selection:
    """The slice of an environment that was asked for; empty: all of it."""

    layers: tuple[str, ...] = ()
    with_dependencies: bool = False
    with_dependents: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "layers": list(self.layers),
            "with_dependencies": self.with_dependencies,
            "with_dependents": self.with_dependents,
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


def prepare(session: Session, selection: Selection, plan_id: str) -> Prepared:
    """Read the states, render the root, and note what both are.

    Raises:
        OrchestratorError: an upstream layer outside the slice was never applied; a damaged state;
            the emulator is not running or was restarted.
    """
    session.check_emulator_memory()
    graph = selection.of(session.graph)
    order = graph.order()
    refuse_errored(session, order)
    outside = {name for layer in order for name in session.graph.upstream[layer]} - set(order)
    states = session.store.read_all([*order, *sorted(outside)])
    root = environment_root(
        session.environment, graph, session.upstream_outputs(outside), session.workspace(ROOT)
    )
    policies = (session.project.policy / POLICY_FILE, session.project.policy / WAIVER_FILE)
    manifest = Manifest(
        id=plan_id,
        environment=session.environment.name,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        layers=tuple(order),
        selection=selection.as_json(),
        configuration=session.configuration_digests(order, policies),
        rendered=root.workspace.digests(),
        secrets=session.redactor.token(root.workspace.secrets),
        states={name: _identity(states.get(name)) for name in (*order, *sorted(outside))},
        tools=_tools(session),
        emulator=session.emulator_instance,
        counts={},
        planned_by=whoami(),
        git=git_commit(session.project.root),
        lock_file=None,
        sources={
            name: f"{layer.source} {layer.version or ''}".strip()
            for name in order
            if (layer := session.environment.layers[name]).source
        },
    )
    return Prepared(graph, order, root, {name: states[name] for name in order if name in states}, manifest)


def _identity(state: State | None) -> dict[str, Any] | None:
    return None if state is None else {"lineage": state.lineage, "serial": state.serial}


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
) -> Bundle:
    """Plan, scan, and write the bundle, whose id is ``plan_id`` (default: a new one).

    Raises:
        OrchestratorError: Terraform or the scan failed; Terraform's logs stay below ``failed/``.
    """
    selection.of(session.graph)  # a layer that is not there is named before anything is started
    plan_id = plan_id or new_plan_id()
    on_phase("reading states")
    session.terraform  # noqa: B018  (a Terraform that is missing or too old is named first)
    prepared = prepare(session, selection, plan_id)
    workspace = prepared.root.workspace
    workspace.write()
    extra = workspace.process_variables()
    for value in workspace.secrets.values():
        session.redactor.learn(value)
    partial = make_private_folder(plans_folder(session.work) / f".{plan_id}.partial")
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
            write_atomic(state, join_states(prepared.states, prepared.root.outputs))
            out = scratch / "environment.tfplan"
            session.client.plan(
                workspace.path,
                out,
                state=state,
                extra=extra,
                on_event=_preloading(on_event),
                log=partial / "logs" / "environment.plan.jsonl",
            )
            on_phase("reading the plan")
            raw = session.client.show(workspace.path, out, extra=extra)
        redacted = session.redactor.plan(raw, prepared.root.secret_variables)
        del raw
        write_atomic(partial / PLAN, to_json(redacted))
        changes = split_plan(redacted, prepared.order, prepared.root.outputs)
        on_phase("scanning")
        session.interrupts.check()
        policy = load_policy(session.project, session.environment.name)
        modules = {name: session.environment.layers[name].module for name in prepared.order}
        scan = scan_plan(redacted, modules, policy, session.work / SCAN)
        code = code_scan.kept(session.project)
        if code is not None:
            scan = with_code(scan, code)
        on_phase("reviewing")
        reviewed = plan_of(redacted)
        review = review_plan(
            reviewed,
            LayersSource(session.environment),
            scan=scan,
            policy=policy,
            known=session.known_checks({finding.layer for finding in scan.failed if finding.layer}),
        )
        manifest = _complete(prepared.manifest, session, changes)
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
                PAGE: page(review, reviewed, about(manifest, prepared.graph), changes),
            },
            valid=timedelta(hours=session.environment.settings.plans.valid_hours),
            key=key,
        )
    except BaseException:
        discard(partial, session.work / "failed" / plan_id)
        raise
    return replace(bundle, notes=(*_notes(session), *note))


def _preloading(on_event: OnEvent | None) -> OnEvent:
    """Import checkov as soon as Terraform speaks of a change: without one, it has scanned the same before."""
    asked = False

    def told(event: Event) -> None:
        nonlocal asked
        if event.kind == "planned_change" and not asked:
            asked = True
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


def _complete(manifest: Manifest, session: Session, changes: ChangeSet) -> Manifest:
    lock = session.lock_file
    return replace(
        manifest,
        tools={**manifest.tools, "providers": locked_providers(lock)},
        counts=changes.counts(),
        lock_file=hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None,
    )


def locked_providers(lock_file: Path) -> dict[str, str]:
    """The providers that a lock file selects: source address → version."""
    import re

    if not lock_file.is_file():
        return {}
    pairs = re.findall(r'provider "([^"]+)" \{\s*version\s*=\s*"([^"]+)"', lock_file.read_text())
    return dict(pairs)


def _notes(session: Session) -> tuple[str, ...]:
    return (
        *session.cli_config.notes,
        *(
            f"the layer {name} has a state but is no longer in the environment; "
            f"`orchestrator destroy --env {session.environment.name} --layer {name}` removes what it holds"
            for name in session.orphans()
        ),
    )


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
    selection = Selection(**{**reviewed.selection, "layers": tuple(reviewed.selection["layers"])})
    prepared = prepare(session, selection, reviewed.id)
    now = _complete(prepared.manifest, session, bundle.changes)
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
