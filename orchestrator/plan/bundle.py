"""The plan bundle: what was reviewed, written whole to ``.orchestrator/<env>/plans/<id>/``.

=================  ==========================================================================
manifest.json      environment, layers, digests, state lineages and serials, tool versions
changes.json       the change set by layer (values redacted)
plan.json          Terraform's JSON plan, redacted; what checkov scanned
findings.json      checkov's report
review.json        what in the plan can hurt, worst first, and what checkov found
review.html        the same as a page for a browser
summary.md         the same for people
logs/              Terraform's own output, one file a step
seal.json          the sha256 of all these, and until when the bundle may be applied
seal.sig.json      the seal's signature, where the environment names a signer
approvals/         signed approvals
apply.json         how the apply went
=================  ==========================================================================
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.modules.types import suggest
from orchestrator.plan.model import ChangeSet, change_set_from_json
from orchestrator.plan.seal import Seal, open_seal, write_seal
from orchestrator.plan.signing import Key
from orchestrator.policy.scan import ScanReport, report_from_json
from orchestrator.render.workspace import VALUES
from orchestrator.review.review import Review, review_from_json

FORMAT = 2
MANIFEST = "manifest.json"
CHANGES = "changes.json"
PLAN = "plan.json"
FINDINGS = "findings.json"
REVIEW = "review.json"
SUMMARY = "summary.md"
PAGE = "review.html"


@dataclass(frozen=True)
class Manifest:
    """What a plan was made of. Every digest is a sha256 in hex.

    ``configuration``: environment files, policy file and module folders, by path; ``rendered``:
    the files that Terraform was given; ``secrets``: a keyed digest of the values handed over in the
    process environment; ``states``: layer → lineage and serial (None: never applied); ``lock_file``:
    of the providers' lock file; ``sources``: layer → source and version of a module from elsewhere;
    ``git``: commit, and whether files differed from it (None: no repository); ``reality``: a keyed digest of the states as
    Terraform found them when it refreshed them; ``imports``: address → id of what is there and is taken into a state;
    ``planned_as``: all that tells who planned, where approvals are asked for (``orchestrator.identity``).
    """

    id: str
    environment: str
    created_at: str
    layers: tuple[str, ...]
    selection: dict[str, Any]
    configuration: dict[str, str]
    rendered: dict[str, str]
    secrets: str
    states: dict[str, dict[str, Any] | None]
    tools: dict[str, Any]
    emulator: str | None
    counts: dict[str, int]
    planned_by: str
    git: dict[str, Any] | None
    lock_file: str | None
    sources: dict[str, str]
    reality: str | None = None
    format: int = FORMAT
    imports: dict[str, str] = field(default_factory=dict)
    planned_as: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "layers": list(self.layers), "planned_as": list(self.planned_as)}


@dataclass(frozen=True)
class Bundle:
    """A plan that was written down."""

    path: Path
    manifest: Manifest
    changes: ChangeSet
    scan: ScanReport
    review: Review
    seal: Seal
    notes: tuple[str, ...] = field(default=())

    @property
    def logs(self) -> Path:
        """The folder of Terraform's own output."""
        return self.path / "logs"


def plans_folder(work: Path) -> Path:
    """Where an environment's bundles are."""
    return work / "plans"


def write_bundle(
    partial: Path,
    target: Path,
    manifest: Manifest,
    changes: ChangeSet,
    scan: ScanReport,
    review: Review,
    texts: Mapping[str, str],
    *,
    valid: timedelta,
    key: Key | None,
) -> Bundle:
    """Complete the bundle in ``partial`` (which has plan.json and logs), seal it, and move it to its place.

    ``texts``: the summary and the page by file name.
    """
    write_atomic(partial / MANIFEST, to_json(manifest.as_json()))
    write_atomic(partial / CHANGES, to_json(changes.as_json()))
    write_atomic(partial / FINDINGS, to_json(scan.as_json()))
    write_atomic(partial / REVIEW, to_json(review.as_json()))
    for name, text in texts.items():
        write_atomic(partial / name, text.encode())
    seal = write_seal(partial, manifest.id, manifest.environment, manifest.created_at, valid, key)
    make_private_folder(target.parent)
    partial.rename(target)
    return Bundle(target, manifest, changes, scan, review, seal)


def part_of(bundle: Bundle, layers: tuple[str, ...]) -> frozenset[str] | None:
    """The layers of a bundle that a run is to apply; None: all of it.

    Raises:
        OrchestratorError: the bundle has no such layer.
    """
    for name in layers:
        if name not in bundle.changes.layers:
            raise OrchestratorError(
                f"the plan {bundle.manifest.id} has no layer {name}",
                remedy=suggest(name, list(bundle.manifest.layers)),
            )
    return frozenset(layers) or None


def load_bundle(work: Path, plan_id: str) -> Bundle:
    """Read a bundle.

    Raises:
        OrchestratorError: there is none of that id, or it is not as it was sealed.
    """
    folder = plans_folder(work)
    known = bundle_ids(work)
    if plan_id == "latest" and known:
        plan_id = known[-1]
    if plan_id not in known:
        raise OrchestratorError(
            f"there is no plan {plan_id!r} in {folder}",
            remedy=suggest(plan_id, known) if known else "make one with `orchestrator plan`",
        )
    path = folder / plan_id
    try:
        raw = json.loads((path / MANIFEST).read_bytes())
        if raw.get("format") != FORMAT:
            raise OrchestratorError(
                f"the plan {plan_id} was written by another version (format {raw.get('format')})",
                remedy="plan again",
            )
        seal = open_seal(path, plan_id)
        planned_as = tuple(raw.get("planned_as", ()))
        manifest = Manifest(**{**raw, "layers": tuple(raw["layers"]), "planned_as": planned_as})
        changes = change_set_from_json(json.loads((path / CHANGES).read_bytes()))
        # JSON objects are written with sorted keys; the manifest keeps the order of layers.
        changes = ChangeSet({name: changes.layers[name] for name in manifest.layers})
        scan = report_from_json(json.loads((path / FINDINGS).read_bytes()))
        review = review_from_json(json.loads((path / REVIEW).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OrchestratorError(
            f"the plan {plan_id} is damaged ({error})", where=Where(file=path), remedy="plan again"
        ) from error
    if (manifest.id, manifest.environment) != (seal.id, seal.environment):
        raise OrchestratorError(
            f"the plan {plan_id} is damaged (manifest and seal are of different plans)",
            where=Where(file=path),
            remedy="plan again",
        )
    return Bundle(path, manifest, changes, scan, review, seal)


def bundle_ids(work: Path) -> list[str]:
    """The ids of an environment's bundles, oldest first."""
    folder = plans_folder(work)
    if not folder.is_dir():
        return []
    return sorted(
        path.parent.name for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")
    )


def rendered_variables(workspace: Path, manifest: Manifest) -> dict[str, Any]:
    """The values that the root of a plan was given (by variable, as ``{"value": …}``), while they are as they were; no secrets."""
    try:
        content = (workspace / VALUES).read_bytes()
    except OSError:
        return {}
    if hashlib.sha256(content).hexdigest() != manifest.rendered.get(VALUES):
        return {}
    return {name: {"value": value} for name, value in json.loads(content).items()}


def moved_on(reviewed: Manifest, now: Manifest) -> list[str]:
    """In what ways the world has changed since the plan was made; empty when it has not."""
    found: list[str] = []
    found += _changed("configuration", reviewed.configuration, now.configuration)
    found += _changed("rendered file", reviewed.rendered, now.rendered)
    if reviewed.secrets != now.secrets:
        found.append("the values of sensitive variables have changed")
    for layer in reviewed.layers:
        old, new = reviewed.states.get(layer), now.states.get(layer)
        if old != new:
            found.append(f"the state of layer {layer} has moved on: {_state(old)} → {_state(new)}")
    for layer in sorted((set(reviewed.states) | set(now.states)) - set(reviewed.layers)):
        if reviewed.states.get(layer) != now.states.get(layer):
            found.append(f"the state of layer {layer}, which this plan takes values from, has moved on")
    if reviewed.lock_file != now.lock_file:
        found.append("the providers' lock file has changed")
    if reviewed.sources != now.sources:
        found.append("the sources of modules have changed")
    for tool in ("terraform", "providers"):
        if reviewed.tools.get(tool) != now.tools.get(tool):
            found.append(f"{tool}: {reviewed.tools.get(tool)} → {now.tools.get(tool)}")
    if reviewed.emulator != now.emulator:
        found.append("the emulator has been restarted or reset")
    return found


def _changed(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return [f"{what} {name} {_verb(name, old, new)}" for name in names]


def _verb(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    if name not in new:
        return "is gone"
    return "is new" if name not in old else "has changed"


def _state(state: Mapping[str, Any] | None) -> str:
    return f"serial {state['serial']}" if state else "never applied"


def discard(partial: Path, keep_logs_in: Path | None) -> None:
    """Drop an incomplete bundle; its logs stay for the search of the cause."""
    logs = partial / "logs"
    if keep_logs_in is not None and logs.is_dir() and any(logs.iterdir()):
        make_private_folder(keep_logs_in.parent)
        shutil.move(logs, keep_logs_in)
    shutil.rmtree(partial, ignore_errors=True)
