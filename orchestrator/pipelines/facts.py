"""What templates are told of a project: plain frozen values, complete and checked before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.config.environment import Environment
from orchestrator.config.project import Project
from orchestrator.config.schema import S3Backend
from orchestrator.errors import OrchestratorError, UsageError
from orchestrator.graph.graph import LayerGraph
from orchestrator.pipelines.pins import Pin
from orchestrator.pipelines.settings import EnvironmentSettings, Settings, SettingsFile
from orchestrator.pipelines.target import Requirement, Target

REQUIREMENTS: dict[Requirement, str] = {
    "repository": "the repository's slug, `owner/name`",
    "remote_backend": "every environment keeps its states in S3: a runner forgets its disk",
    "roles": "every environment has a role that plans and one that applies, in CI environments of their own",
    "install": "how orchestrator is installed on a runner",
}
"""What a target can require, and what that means."""

SESSION_HOURS = 2
"""The default of the layer auth's variable ``deploy.max_session_hours``."""


@dataclass(frozen=True)
class Backend:
    """Where an environment's states are."""

    bucket: str
    region: str
    key_prefix: str
    kms_key_id: str | None


@dataclass(frozen=True)
class LayerFacts:
    """A layer. ``needs``: the layers whose outputs it takes; ``upstream``: these and all that they depend on, in order;
    ``module``: its folder, None when it is remote.
    """

    name: str
    needs: tuple[str, ...]
    upstream: tuple[str, ...]
    module: str | None
    environment: str


@dataclass(frozen=True)
class ServiceFacts:
    """A microservice. ``entry``: all its attributes, as layers are given them; ``path``: its code or zip in the repository."""

    name: str
    runtime: str
    path: str | None
    entry: Mapping[str, Any]
    environment: str


@dataclass(frozen=True)
class EnvironmentFacts:
    """An environment in the order of promotion; ``after``: the one before it.

    ``plan_gate`` and ``apply_gate`` are the CI tool's environments, which decide who may use which role.
    ``session_seconds``: how long both roles may be had at a time; None when one is not the layer auth's, and it is not known.
    """

    name: str
    description: str
    after: str | None
    project: str
    name_prefix: str
    account_id: str
    region: str
    partition: str
    protected: bool
    backend: Backend | None
    plan_role: str | None
    apply_role: str | None
    plan_gate: str
    apply_gate: str
    session_seconds: int | None
    layers: tuple[LayerFacts, ...]
    waves: tuple[tuple[str, ...], ...]
    services: tuple[ServiceFacts, ...]
    files: tuple[str, ...]
    """The environment file and those that it extends."""


@dataclass(frozen=True)
class Facts:
    """All that a template is told, besides its options."""

    repository: str | None
    default_branch: str
    runner: str
    python: str
    terraform: str
    install: tuple[str, ...]
    environments: tuple[EnvironmentFacts, ...]
    pins: Mapping[str, Pin]

    def environment(self, name: str) -> EnvironmentFacts:
        """The environment of that name."""
        return next(one for one in self.environments if one.name == name)


def promotion(project: Project, file: SettingsFile, chosen: tuple[str, ...] = ()) -> list[str]:
    """The environments' names in the order of promotion: as chosen, else as in the settings; empty: neither says.

    Raises:
        OrchestratorError: one does not exist, or is chosen twice.
    """
    names = list(chosen or file.settings.environments)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"--env {twice} is given twice")
    for name in names:
        try:
            project.environment_file(name)
        except OrchestratorError as error:
            where = None if chosen else file.where("environments", name)
            raise OrchestratorError(error.message, where=where, remedy=error.remedy) from error
    return names


def build_facts(
    target: Target,
    file: SettingsFile,
    environments: list[tuple[Environment, LayerGraph]],
    pins: Mapping[str, Pin],
) -> Facts:
    """Put it together, and check that what the target requires is there. ``environments``: in the order of promotion.

    Raises:
        OrchestratorError: something that the target requires is missing, with the place where it belongs.
    """
    settings = file.settings
    if not environments:
        raise OrchestratorError(
            "no environment can have a pipeline: none keeps its states in S3",
            where=file.where("environments"),
            remedy="give one `backend: {type: s3, bucket: …}`, and name it below `environments`",
        )
    _require(target, "repository", settings.repository, file, "repository", "add `repository: owner/name`")
    _require(
        target, "install", settings.install, file, "install",
        "say how a runner installs orchestrator, e.g. `install: [python -m pip install -r requirements.txt]`",
    )  # fmt: skip
    found: list[EnvironmentFacts] = []
    for environment, graph in environments:
        own = settings.environments.get(environment.name, EnvironmentSettings())
        facts = _environment(environment, graph, own, found[-1].name if found else None)
        _check(target, environment, facts, settings)
        found.append(facts)
    return Facts(
        settings.repository,
        settings.default_branch,
        settings.runner,
        settings.python,
        settings.terraform,
        tuple(settings.install),
        tuple(found),
        pins,
    )


def _require(
    target: Target, what: Requirement, value: object, file: SettingsFile, key: str, remedy: str
) -> None:
    if what in target.file.requires and not value:
        raise OrchestratorError(
            f"the target {target.name} must know {REQUIREMENTS[what]}", where=file.where(key), remedy=remedy
        )


def partition_of(region: str) -> str:
    """``aws``, ``aws-cn`` or ``aws-us-gov``."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(
        "us-gov" if region.startswith("us-gov-") else region.split("-")[0], "aws"
    )


def _environment(
    environment: Environment, graph: LayerGraph, own: EnvironmentSettings, after: str | None
) -> EnvironmentFacts:
    settings, name, project = environment.settings, environment.name, environment.project
    prefix = environment.attributes["name_prefix"]
    github = _github(environment)
    partition = partition_of(settings.region)
    role = f"arn:{partition}:iam::{settings.account_id}:role/{prefix}-auth-deploy-"
    backend = None
    if isinstance(settings.backend, S3Backend):
        s3 = settings.backend
        backend = Backend(s3.bucket, s3.region, s3.key_prefix, s3.kms_key_id)
    return EnvironmentFacts(
        name=name,
        description=settings.description,
        after=after,
        project=settings.project,
        name_prefix=prefix,
        account_id=settings.account_id,
        region=settings.region,
        partition=partition,
        protected=settings.protected,
        backend=backend,
        plan_role=own.plan_role or (f"{role}plan" if github else None),
        apply_role=own.apply_role or (f"{role}apply" if github else None),
        plan_gate=own.plan_gate or str((github or {}).get("plan_environment") or f"{name}-plan"),
        apply_gate=own.apply_gate or str((github or {}).get("environment") or name),
        session_seconds=None
        if own.plan_role or own.apply_role or not github
        else _session_seconds(environment),
        layers=tuple(
            LayerFacts(
                layer,
                tuple(sorted(graph.upstream[layer])),
                tuple(one for one in graph.order() if one in graph.dependencies([layer])),
                None
                if environment.layers[layer].source
                else environment.layers[layer].module.shown.as_posix(),
                name,
            )
            for layer in graph.order()
        ),
        waves=tuple(tuple(wave) for wave in graph.waves()),
        services=tuple(_service(environment, service) for service in sorted(_enabled(environment))),
        files=tuple(project.shown(path).as_posix() for path in environment.files),
    )


def _enabled(environment: Environment) -> list[str]:
    return [name for name, service in environment.settings.services.items() if service.enabled]


def _service(environment: Environment, name: str) -> ServiceFacts:
    # Not `environment.services`: that would zip every service's code, which may not be built where pipelines are written.
    service = environment.settings.services[name]
    entry = service.model_dump(mode="json")
    path = service.package.path if service.package is not None else None
    return ServiceFacts(name, str(entry["runtime"]), path, entry, environment.name)


def _github(environment: Environment) -> dict[str, Any] | None:
    """The variable ``github`` of the layer auth, which makes the roles."""
    auth = environment.layers.get("auth")
    node = auth.variables.get("github") if auth else None
    value = node.plain() if node is not None else None
    return value if isinstance(value, dict) else None


def _session_seconds(environment: Environment) -> int | None:
    """What the layer auth sets as its roles' longest session; None when it takes the number from elsewhere."""
    node = environment.layers["auth"].variables.get("deploy")
    given = node.plain() if node is not None else {}
    hours = given.get("max_session_hours", SESSION_HOURS) if isinstance(given, dict) else None
    return int(hours * 3600) if isinstance(hours, int | float) else None


def _check(target: Target, environment: Environment, facts: EnvironmentFacts, settings: Settings) -> None:
    place = environment.tree.origin.file
    if "remote_backend" in target.file.requires and facts.backend is None:
        node = environment.tree.child("backend")
        raise OrchestratorError(
            f"the environment {facts.name} keeps its states on the local disk, which a runner forgets",
            where=(node or environment.tree).origin.where("backend"),
            remedy="give it `backend: {type: s3, …}` (`orchestrator bootstrap` makes the bucket), or leave it out of `environments`",
        )
    if "roles" not in target.file.requires:
        return
    auth = environment.tree.child("layers")
    where = auth.nearest(("auth", "variables", "github")).origin.where("layers.auth.variables.github")  # type: ignore[union-attr]
    if facts.plan_role is None or facts.apply_role is None:
        raise OrchestratorError(
            f"the environment {facts.name} has no roles for pipelines",
            where=where,
            remedy="set the variable `github` of its layer auth, which makes them, "
            f"or `environments.{facts.name}.plan_role` and `.apply_role` in pipelines/settings.yaml",
        )
    if facts.plan_gate == facts.apply_gate:
        raise OrchestratorError(
            f"plans and applies of {facts.name} would share the CI environment {facts.plan_gate}, and with it the role that applies",
            where=where,
            remedy=f"set `plan_environment: {facts.name}-plan` there",
        )
    trusted = (_github(environment) or {}).get("repository")
    if trusted and settings.repository and trusted != settings.repository:
        raise OrchestratorError(
            f"the roles of {facts.name} trust the repository {trusted}, not {settings.repository}",
            where=where,
            remedy=f"make them the same ({place} and pipelines/settings.yaml)",
        )
