"""An environment: what its file says, checked against the modules it deploys."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from orchestrator.cdk import CdkApp, StackTemplate, Target, synthesize
from orchestrator.config.attributes import HEAD, attributes, templated
from orchestrator.config.destination import (
    ALIASES,
    Destination,
    check_destination,
    check_environment_role,
    default_destination,
    layer_destination,
)
from orchestrator.config.merge import read_merged
from orchestrator.config.packages import Package, read_package
from orchestrator.config.problems import schema_error
from orchestrator.config.project import Project
from orchestrator.config.schema import (
    EnvironmentFile,
    LayerEntry,
    LocalBackend,
    S3Backend,
    is_layer_name,
)
from orchestrator.config.services import Service
from orchestrator.config.uses import check_services
from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.module import Module, parse_inputs, read_module
from orchestrator.modules.reference import ENVIRONMENT, Reference
from orchestrator.modules.types import misfits, suggest
from orchestrator.yaml_tree import Node, dotted

SERVICES = "services"
CDK_STACKS = "cdk_stacks"
Entry = TypeVar("Entry", Service, CdkApp)
"""The one attribute of an environment that is no string: ``environment.services``."""

FetchModule = Callable[[str, "str | None"], Path]
"""Brings a remote module (source, version) to a local folder and returns it."""


@dataclass(frozen=True)
class Layer:
    """One layer: a module with its variables and the references that wire it.

    ``variables`` are the values set in the environment file (by variable name), ``inputs`` the
    references of the other wired variables; ``destination`` is where it goes. ``source`` is as a module block takes it when the
    module is remote; a local module is found through ``module.path``.
    """

    name: str
    module: Module
    source: str | None
    version: str | None
    variables: dict[str, Node]
    inputs: dict[str, Reference]
    node: Node
    destination: Destination

    @property
    def origin(self) -> str:
        """Where its module comes from: a folder of the project, or a remote source with its version."""
        return f"{self.source} {self.version or ''}".strip() if self.source else str(self.module.shown)

    def upstream(self) -> set[str]:
        """The layers that this one takes values from."""
        return {ref.layer for ref in self.inputs.values() if ref.layer != ENVIRONMENT}


@dataclass(frozen=True)
class Environment:
    """An environment whose file holds together. ``tree`` keeps the origin of every value."""

    name: str
    project: Project
    settings: EnvironmentFile
    layers: dict[str, Layer]
    tree: Node
    files: tuple[Path, ...]

    @property
    def attributes(self) -> dict[str, str]:
        """What ``environment.<name>`` references and templates can use outside the layers that go elsewhere."""
        return self._attributes_at(self.destination)

    @cached_property
    def destination(self) -> Destination:
        """Where layers go that name nothing else."""
        return default_destination(self.settings)

    @property
    def replica_region(self) -> str:
        """Where copies go; the environment's own region when none is named."""
        return self.destination.replica_region

    @property
    def accounts(self) -> frozenset[str]:
        """The environment's accounts: its own, and those of layers that go elsewhere."""
        return frozenset(
            {self.destination.account_id} | {layer.destination.account_id for layer in self.layers.values()}
        )

    def destinations(self, layers: Iterable[str]) -> dict[str, Destination]:
        """Where these layers go."""
        return {name: self.layers[name].destination for name in layers}

    def attribute(self, name: str, layer: Layer) -> Any:
        """The value of an ``environment.<name>`` reference of a layer: account and regions are those that it goes to."""
        if name == CDK_STACKS:
            return {stack.name: stack.variable(self.work) for stack in self.cdk_stacks}
        return self.services if name == SERVICES else self._attributes_at(layer.destination)[name]

    def _attributes_at(self, destination: Destination) -> dict[str, str]:
        home = self.destination
        return attributes(self.name, *(self._words(place) for place in (destination, home)))

    def _words(self, place: Destination) -> dict[str, str]:
        return {
            "project": self.settings.project,
            "region": place.region,
            "account_id": place.account_id,
            "replica_region": place.replica_region,
        }

    def files_of(self, layer: Layer) -> dict[str, bytes]:
        """What the layer's values refer to, by file name below a root: functions' code, CDK templates and assets."""
        taken = {ref.output for ref in layer.inputs.values() if ref.layer == ENVIRONMENT}
        files: dict[str, bytes] = {}
        if SERVICES in taken:
            files |= {name: package.content for name, package in self.packages.items()}
        if CDK_STACKS in taken:
            for stack in self.cdk_stacks:
                paths = (stack.template, *stack.assets.values())
                files |= {path.relative_to(self.work).as_posix(): path.read_bytes() for path in paths}
        return files

    @cached_property
    def services(self) -> dict[str, dict[str, Any]]:
        """The enabled services, every attribute with a value (see ``config.services``)."""
        return {
            name: service.normalised(self._package(name, service))
            for name, service in _enabled(self.settings.services).items()
        }

    @cached_property
    def packages(self) -> dict[str, Package]:
        """The zip of each service whose code is in the repository, by file name below a root."""
        found: dict[str, Package] = {}
        for name, service in _enabled(self.settings.services).items():
            if service.package is not None and service.package.path is not None:
                key = ("services", name, "package", "path")
                where = self.tree.nearest(key).origin.where(dotted(key))
                path = (self.project.root / service.package.path).resolve()
                if not path.is_relative_to(self.project.root):
                    raise OrchestratorError(
                        f"{service.package.path} lies outside the project",
                        where=where,
                        remedy="keep the code, or its zip, in the repository",
                    )
                found[f"packages/{name}.zip"] = read_package(path, where)
        return found

    @cached_property
    def cdk_stacks(self) -> list[StackTemplate]:
        """The stacks of the enabled CDK apps; asking for them runs the apps (see ``cdk.synthesize``)."""
        settings, found = self.settings, []
        place = next(
            (layer.destination for layer in self.layers.values() if _takes(layer, CDK_STACKS)),
            self.destination,
        )
        bucket = f"{self.attributes['name_prefix']}-cicd-cdk-assets-{place.account_id}"
        for name, app in _enabled(settings.cdk_apps).items():
            key = ("cdk_apps", name)
            where = self.tree.nearest(key).origin.where(dotted(key))
            target = Target(place.account_id, place.region, bucket)
            out = self.work / "cdk" / name
            found += synthesize(app, self.project.root, out, name=name, target=target, where=where)
        return found

    def _package(self, name: str, service: Service) -> dict[str, Any] | None:
        if service.package is None:
            return None
        file = f"packages/{name}.zip"
        zipped = self.packages.get(file)
        return {
            "filename": file if zipped else None,
            "source_code_hash": zipped.digest if zipped else None,
            **service.package.model_dump(exclude={"path"}),
        }

    @property
    def work(self) -> Path:
        """``.orchestrator/<env>``."""
        return self.project.work(self.name)

    @property
    def backend(self) -> LocalBackend | S3Backend:
        """Where the states are."""
        return self.settings.backend

    def layer(self, name: str) -> Layer:
        """The layer of that name.

        Raises:
            OrchestratorError: the environment has no such layer.
        """
        if name not in self.layers:
            raise OrchestratorError(
                f'the environment {self.name} has no layer "{name}"', remedy=suggest(name, self.layers)
            )
        return self.layers[name]

    def place_of(self, layer: str, variable: str, said: str = "") -> Where | None:
        """Where the value of a layer's variable comes from: the environment file, or the reference that fills it.

        The layer's entry, where it could be set, if neither says it.
        ``said``: what is wrong with it. An entry of the value that it names, and no other, is the place.
        """
        known = self.layers.get(layer)
        if known is None:
            return None
        if variable in known.variables:
            return _named(known.variables[variable], ("layers", layer, "variables", variable), said)
        ref = known.inputs.get(variable)
        if ref is None:
            return known.node.origin.where(f"layers.{layer}.variables.{variable}")
        services = self.tree.child(SERVICES)
        if (ref.layer, ref.output) == (ENVIRONMENT, SERVICES) and services is not None:
            return _named(services, (SERVICES,), said)
        return ref.origin.where(f"{layer}: inputs.{variable}")

    def public_tree(self) -> Node:
        """The tree with the values of sensitive variables taken out."""
        layers = self.tree.child("layers")
        if layers is None or not isinstance(self.tree.value, dict) or not isinstance(layers.value, dict):
            return self.tree
        shown = {name: self._public_layer(name, node) for name, node in layers.value.items()}
        return Node({**self.tree.value, "layers": Node(shown, layers.origin)}, self.tree.origin)

    def _public_layer(self, name: str, node: Node) -> Node:
        layer, variables = self.layers.get(name), node.child("variables")
        if layer is None or variables is None or not isinstance(variables.value, dict):
            return node
        hidden = {
            key: Node("(sensitive)", child.origin, child.replaced)
            if layer.module.variables[key].sensitive
            else child
            for key, child in variables.value.items()
        }
        assert isinstance(node.value, dict)
        return Node({**node.value, "variables": Node(hidden, variables.origin)}, node.origin)


def _named(node: Node, path: tuple[str, ...], said: str) -> Where:
    """The entry of a value that a sentence begins with, or else names and no other; and so on in it.

    ``engine_version is 13 to 18; got 9.6 (reviews)`` → ``reviews.engine_version``.
    """
    words = re.findall(r"[\w-]+", said)
    named = [key for key in node.value if key in words] if isinstance(node.value, dict) else []
    if named and words[0] in named:
        named = [words[0]]
    child = node.child(named[0]) if len(named) == 1 else None
    return node.origin.where(dotted(path)) if child is None else _named(child, (*path, named[0]), said)


def _enabled(services: Mapping[str, Entry]) -> dict[str, Entry]:
    return {name: service for name, service in services.items() if service.enabled}


def _takes(layer: Layer, attribute: str) -> bool:
    return any(ref.layer == ENVIRONMENT and ref.output == attribute for ref in layer.inputs.values())


def no_remote_modules(source: str, _version: str | None) -> Path:
    """The :data:`FetchModule` of a caller that can't fetch.

    Raises:
        OrchestratorError: always.
    """
    raise OrchestratorError(f"the module {source} is remote and can't be fetched here")


def load_environment(project: Project, name: str, fetch: FetchModule = no_remote_modules) -> Environment:
    """Read, merge, template and check an environment.

    Raises:
        OrchestratorError: the first thing that is wrong, with file, line, key and remedy.
    """
    tree, files = read_merged(project, project.environment_file(name))
    tree = templated(tree, name)
    settings = _validated(tree)
    check_environment_role(settings, tree)
    layers_node = tree.child("layers")
    assert layers_node is not None
    layers: dict[str, Layer] = {}
    for layer_name, entry in settings.layers.items():
        node = layers_node.child(layer_name)
        assert node is not None
        if not is_layer_name(layer_name):
            raise OrchestratorError(
                f"{layer_name!r} can't be a layer's name",
                where=node.origin.where(f"layers.{layer_name}"),
                remedy="use lower-case letters, digits, hyphens and single underscores; some words are reserved",
            )
        if entry.enabled:
            check_destination(settings, layer_name, node, entry)
            place = layer_destination(settings, entry)
            layers[layer_name] = _layer(project, layer_name, entry, node, fetch, place)
    for layer in layers.values():
        _check_references(project, layer, layers)
        _check_required(layer)
        _check_aliases(layer)
    check_services(tree, _enabled(settings.services), layers)
    return Environment(name, project, settings, layers, tree, tuple(files))


def _validated(tree: Node) -> EnvironmentFile:
    try:
        return EnvironmentFile.model_validate(tree.plain())
    except ValidationError as error:
        raise schema_error(tree, error, _keys_at) from error


def _keys_at(tree: Node, path: tuple[str | int, ...]) -> list[str]:
    """The keys that a map at this path of an environment file may have."""
    if path == ("backend",):
        kind = tree.nearest(("backend", "type")).value
        return list((S3Backend if kind == "s3" else LocalBackend).model_fields)
    found: Any = EnvironmentFile
    for part in path:
        found = _plain_annotation(found)
        if typing.get_origin(found) in (dict, list):
            found = typing.get_args(found)[-1]
        else:
            fields = found.model_fields if _is_model(found) else {}
            found = fields[str(part)].annotation if str(part) in fields else None
    found = _plain_annotation(found)
    known = list(found.model_fields) if _is_model(found) else []
    return known if path else [*known, "extends"]


def _plain_annotation(annotation: Any) -> Any:
    """``Model`` of ``Model | None`` and of ``Annotated[Model, …]``."""
    while (origin := typing.get_origin(annotation)) in (typing.Annotated, typing.Union, types.UnionType):
        arguments = typing.get_args(annotation)
        kept = arguments[:1] if origin is typing.Annotated else [a for a in arguments if a is not type(None)]
        annotation = kept[0]
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _layer(
    project: Project, name: str, entry: LayerEntry, node: Node, fetch: FetchModule, destination: Destination
) -> Layer:
    module, source = _module(project, name, entry, node, fetch)
    key = f"layers.{name}"
    variables: dict[str, Node] = {}
    variables_node = node.child("variables")
    if variables_node is not None and isinstance(variables_node.value, dict):
        variables = dict(variables_node.value)
    for variable, value in variables.items():
        declared = module.variables.get(variable)
        if declared is None:
            raise OrchestratorError(
                f"the module of layer {name} has no variable {variable!r}",
                where=value.origin.where(f"{key}.variables.{variable}"),
                remedy=suggest(variable, module.variables),
            )
        for misfit in misfits(value, declared.type):
            raise OrchestratorError(
                misfit.message,
                where=misfit.node.origin.where(dotted(("layers", name, "variables", variable, *misfit.path))),
                remedy=misfit.remedy or f"see {declared.origin.file}:{declared.origin.line}",
            )
    inputs = dict(module.inputs)
    inputs_node = node.child("inputs")
    if inputs_node is not None and inputs_node.value:
        inputs.update(parse_inputs(inputs_node, module.variables, f"{key}.inputs"))
    wired = {
        variable: ref
        for variable, ref in inputs.items()
        if variable not in variables and (not ref.when or any(_is_set(variables, path) for path in ref.when))
    }
    return Layer(name, module, source, entry.version, variables, wired, node, destination)


def _is_set(variables: Mapping[str, Node], path: str) -> bool:
    """Whether a path into the variables (``pipes.*.source.table``) leads to anything: not null, empty or false."""
    name, *steps = path.split(".")
    found = [variables[name].plain()] if name in variables else []
    for step in steps:
        maps = [value for value in found if isinstance(value, dict)]
        found = [inner for value in maps for key, inner in value.items() if step in ("*", key)]
    return any(found)


def _module(
    project: Project, name: str, entry: LayerEntry, node: Node, fetch: FetchModule
) -> tuple[Module, str | None]:
    """The layer's module; the second value is its source when it is remote, else None."""
    source_node = node.child("source") or node
    if entry.source is None:
        path = project.modules / name
        if not path.is_dir():
            known = (
                sorted(p.name for p in project.modules.iterdir() if p.is_dir())
                if project.modules.is_dir()
                else []
            )
            raise OrchestratorError(
                f"there is no module folder {project.shown(path)} for this layer",
                where=node.origin.where(f"layers.{name}"),
                remedy=f"{suggest(name, known)} Or give the layer a `source`",
            )
        return read_module(path, project.shown(path)), None
    where = source_node.origin.where(f"layers.{name}.source")
    if entry.source.startswith((".", "/")):
        if entry.version is not None:
            raise OrchestratorError("a local module has no version", where=where, remedy="remove `version`")
        path = (project.root / entry.source).resolve()
        if not path.is_dir():
            raise OrchestratorError(
                f"{entry.source} is not a folder",
                where=where,
                remedy="local sources are relative to the project's folder",
            )
        return read_module(path, project.shown(path)), None
    try:
        path = fetch(entry.source, entry.version)
    except OrchestratorError as error:
        raise OrchestratorError(
            error.message, where=where, remedy=error.remedy, details=error.details
        ) from error
    return read_module(path, Path(entry.source)), entry.source


def _check_references(project: Project, layer: Layer, layers: Mapping[str, Layer]) -> None:
    for variable, ref in layer.inputs.items():
        where = ref.origin.where(f"inputs.{variable}")
        if ref.layer == ENVIRONMENT:
            known = [*attributes("", dict.fromkeys(HEAD, "")), SERVICES, CDK_STACKS]
            if ref.output not in known or ref.path:
                raise OrchestratorError(
                    f"an environment has no {'.'.join((ref.output, *ref.path))}",
                    where=where,
                    remedy=suggest(ref.output, known),
                )
        elif ref.layer == layer.name:
            raise OrchestratorError(f"the layer {layer.name} refers to itself", where=where)
        elif ref.layer not in layers:
            if not ref.optional:
                there = (project.modules / ref.layer).is_dir()
                raise OrchestratorError(
                    f'{ref} refers to the layer "{ref.layer}", which is not in this environment',
                    where=where,
                    remedy=f"add {ref.layer} to `layers`, or write {ref}? if it may be absent"
                    if there
                    else suggest(ref.layer, layers),
                )
        elif ref.output not in layers[ref.layer].module.outputs:
            raise OrchestratorError(
                f'{ref} refers to an output that the layer "{ref.layer}" does not have',
                where=where,
                remedy=suggest(ref.output, layers[ref.layer].module.outputs),
            )


def _check_required(layer: Layer) -> None:
    for name, variable in layer.module.variables.items():
        if variable.required and name not in layer.variables and name not in layer.inputs:
            raise OrchestratorError(
                f"the required variable {name!r} of layer {layer.name} is not set",
                where=layer.node.origin.where(f"layers.{layer.name}.variables.{name}"),
                remedy=f"set it ({variable.origin.file}:{variable.origin.line}: {variable.description or 'no description'})",
            )


def _check_aliases(layer: Layer) -> None:
    for alias in layer.module.aliases:
        if alias not in ALIASES:
            raise OrchestratorError(
                f"the module of layer {layer.name} asks for the provider aws.{alias}",
                where=layer.node.origin.where(f"layers.{layer.name}"),
                remedy=suggest(alias, ALIASES),
            )


def provenance(tree: Node) -> Iterator[tuple[str, Any, str, list[str]]]:
    """Every value: its dotted key, the value, ``file:line`` that set it, and those it replaced."""
    for path, node in tree.leaves():
        origins = [f"{origin.file}:{origin.line}" for origin in node.replaced]
        yield dotted(path), node.plain(), f"{node.origin.file}:{node.origin.line}", origins
