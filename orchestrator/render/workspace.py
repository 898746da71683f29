"""Terraform roots as plain data: one for the whole environment, one for each layer.

Values travel in ``terraform.tfvars.json``, where Terraform takes them literally; nothing from an
environment file is ever read as an expression. Values of sensitive variables are not written at
all: they are handed to Terraform's process in its environment.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.config.destination import Destination
from orchestrator.config.environment import Environment, Layer
from orchestrator.config.schema import S3Backend
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import to_json, write_atomic
from orchestrator.graph.graph import LayerGraph
from orchestrator.modules.reference import ENVIRONMENT, Reference
from orchestrator.render.providers import (
    ProviderNames,
    assume_role,
    escape_template,
    own_providers,
    root_providers,
)

MAIN = "main.tf.json"
VALUES = "terraform.tfvars.json"
IMPORTS = "imports.tf.json"
"""Import blocks: they belong to one plan, and are never left in a root."""
TERRAFORM_VERSION = ">= 1.11"
AWS_PROVIDER = {"source": "hashicorp/aws", "version": ">= 5.100, < 7"}

OutputValues = Mapping[str, Any]
"""A layer's outputs by name; an output that is null is absent, as in Terraform's state."""


@dataclass(frozen=True)
class Workspace:
    """A root to be written to ``path``: file name → content, and the secret variables."""

    path: Path
    files: dict[str, bytes]
    secrets: dict[str, Any] = field(default_factory=dict)

    def write(self) -> None:
        """Write the files; those that are as they should be stay untouched, import blocks of a dead run go."""
        remove_imports(self.path)
        for name, content in self.files.items():
            write_atomic(self.path / name, content)

    def digests(self) -> dict[str, str]:
        """sha256 of every file, in hex."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}

    def process_variables(self) -> dict[str, str]:
        """The secret variables as ``TF_VAR_…``; Terraform reads them as expressions, hence the escapes."""
        return {f"TF_VAR_{name}": escape_template(json.dumps(value)) for name, value in self.secrets.items()}


@dataclass(frozen=True)
class Inputs:
    """What a layer's module is called with: values by variable, and which of them are secret.

    ``pending`` are the references whose layer has not been applied yet.
    """

    values: dict[str, Any]
    sensitive: frozenset[str]
    ephemeral: frozenset[str]
    pending: dict[str, Reference]


def resolve_inputs(
    environment: Environment, layer: Layer, upstream: Mapping[str, OutputValues | None]
) -> Inputs:
    """The values of a layer's variables, with upstream outputs as their states record them.

    ``upstream`` has the outputs of the layers it takes values from; None for one that has not
    been applied.

    Raises:
        OrchestratorError: an output lacks the key that a reference names.
    """
    values: dict[str, Any] = {name: node.plain() for name, node in layer.variables.items()}
    pending: dict[str, Reference] = {}
    for name, ref in layer.inputs.items():
        if ref.layer == ENVIRONMENT:
            values[name] = environment.attribute(ref.output, layer)
        elif ref.layer not in environment.layers:
            values[name] = None
        elif (outputs := upstream.get(ref.layer)) is None:
            pending[name] = ref
        else:
            values[name] = _pick(layer.name, name, ref, outputs)
    variables = layer.module.variables
    sensitive = {
        name
        for name in (*values, *pending)
        if variables[name].sensitive or _from_secret(environment, layer, name)
    }
    ephemeral = {name for name in values if variables[name].ephemeral}
    return Inputs(values, frozenset(sensitive), frozenset(ephemeral), pending)


def _from_secret(environment: Environment, layer: Layer, variable: str) -> bool:
    ref = layer.inputs.get(variable)
    if ref is None or ref.layer not in environment.layers:
        return False
    return environment.layers[ref.layer].module.outputs[ref.output].sensitive


def _pick(layer: str, variable: str, ref: Reference, outputs: OutputValues) -> Any:
    value = outputs.get(ref.output)
    for key in ref.path:
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]  # type: ignore[index]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            known = ", ".join(sorted(value)) if isinstance(value, dict) else "none"
            raise OrchestratorError(
                f'{ref} has no "{key}" (there are: {known})',
                where=Where(ref.origin.file, ref.origin.line, f"inputs.{variable}", layer),
                remedy=f"mend the reference, or add {key} to the layer {ref.layer}",
            ) from error
    return value


def layer_workspace(
    environment: Environment,
    layer: Layer,
    inputs: Inputs,
    path: Path,
    destination: Destination | None = None,
) -> Workspace:
    """The root of one layer: its backend, the provider, the module call, and its outputs again.

    ``destination``: where it goes, if not where the environment file says.
    """
    arguments = {name: f"${{var.{name}}}" for name in (*inputs.values, *inputs.pending)}
    main = {
        "terraform": {**_requirements(), "backend": _backend(environment, layer.name, path)},
        "provider": {"aws": own_providers(environment, destination or layer.destination)},
        "variable": {
            name: declare(name in inputs.sensitive, name in inputs.ephemeral)
            for name in sorted((*inputs.values, *inputs.pending))
        },
        "module": {layer.name: {**_call(layer, path, _own_names(layer)), **arguments}},
        "output": {
            name: _output(layer.name, name, output.sensitive)
            for name, output in sorted(layer.module.outputs.items())
            if not output.ephemeral
        },
    }
    hidden = inputs.sensitive | inputs.ephemeral
    shown = {name: value for name, value in inputs.values.items() if name not in hidden}
    secrets = {name: value for name, value in inputs.values.items() if name in hidden}
    files = {MAIN: to_json(_without_empty(main)), VALUES: to_json(shown), **environment.files_of(layer)}
    return Workspace(path, files, secrets)


@dataclass(frozen=True)
class EnvironmentRoot:
    """The root that calls every layer of a slice, and which of its outputs is whose."""

    workspace: Workspace
    outputs: dict[str, tuple[str, str]]
    """Name of a root output → (layer, output)."""
    secret_variables: frozenset[str]
    providers: dict[str, ProviderNames]
    """By layer: what the configurations of the provider ``aws`` of its own root are called in this one."""


def environment_root(
    environment: Environment,
    graph: LayerGraph,
    upstream: Mapping[str, OutputValues | None],
    path: Path,
    imports: Mapping[str, str] | None = None,
) -> EnvironmentRoot:
    """The root of the whole slice: layers in it are wired to each other's module outputs.

    Layers outside the slice are represented by the outputs that their states record
    (``upstream``). ``imports``: address → id of what is there and is to be taken in.

    Raises:
        OrchestratorError: a layer outside the slice has not been applied.
    """
    variables: dict[str, Any] = {}
    modules: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    names: dict[str, tuple[str, str]] = {}
    values: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    providers = root_providers(environment, graph.upstream)
    for name in graph.order():
        layer = environment.layers[name]
        inputs = resolve_inputs(
            environment, layer, {k: v for k, v in upstream.items() if k not in graph.upstream}
        )
        call = _call(layer, path, providers.passed(name, layer.module.aliases))
        for variable, value in sorted(inputs.values.items()):
            qualified = qualify(name, variable)
            call[variable] = f"${{var.{qualified}}}"
            variables[qualified] = declare(variable in inputs.sensitive, variable in inputs.ephemeral)
            hidden = variable in inputs.sensitive or variable in inputs.ephemeral
            (secrets if hidden else values)[qualified] = value
        for variable, ref in sorted(inputs.pending.items()):
            if ref.layer not in graph.upstream:
                raise OrchestratorError(
                    f"its {variable} comes from {ref}, and the layer {ref.layer} has not been applied",
                    where=Where(ref.origin.file, ref.origin.line, f"inputs.{variable}", name),
                    remedy=f"include it (--with-dependencies), or apply {ref.layer} first",
                )
            call[variable] = _module_output(ref)
        modules[name] = call
        for output, declared in layer.module.outputs.items():
            if not declared.ephemeral:
                qualified = qualify(name, output)
                outputs[qualified] = _output(name, output, declared.sensitive)
                names[qualified] = (name, output)
    main = {
        "terraform": _requirements(),
        "provider": {"aws": providers.blocks},
        "variable": variables,
        "module": modules,
        "output": outputs,
    }
    files = {MAIN: to_json(_without_empty(main)), VALUES: to_json(values)}
    if imports:
        files[IMPORTS] = import_blocks(imports)
    for name in graph.upstream:
        files |= environment.files_of(environment.layers[name])
    return EnvironmentRoot(Workspace(path, files, secrets), names, frozenset(secrets), providers.names)


def import_blocks(ids: Mapping[str, str]) -> bytes:
    """Address → import id, as a file of Terraform's JSON syntax.

    https://developer.hashicorp.com/terraform/language/block/import
    """
    blocks = [{"to": address, "id": escape_template(id)} for address, id in sorted(ids.items())]
    return json.dumps({"import": blocks}, indent=2).encode()


def write_imports(root: Path, ids: Mapping[str, str]) -> None:
    """Let the next plan of a root import these, and nothing else."""
    if ids:
        write_atomic(root / IMPORTS, import_blocks(ids))
    else:
        remove_imports(root)


def remove_imports(root: Path) -> None:
    """Let plans of a root import nothing any more."""
    (root / IMPORTS).unlink(missing_ok=True)


def qualify(layer: str, name: str) -> str:
    """The name of a layer's variable or output in the environment root (layer names have no ``__``)."""
    return f"{layer}__{name}"


def split_qualified(qualified: str) -> tuple[str, str]:
    """The inverse of :func:`qualify`: layer and name."""
    layer, _, name = qualified.partition("__")
    return layer, name


def state_only_workspace(
    environment: Environment, layer: str, path: Path, destination: Destination
) -> Workspace:
    """A root that holds nothing but the backend and the provider: planning it destroys all there is."""
    main = {
        "terraform": {**_requirements(), "backend": _backend(environment, layer, path)},
        "provider": {"aws": own_providers(environment, destination)},
    }
    return Workspace(path, {MAIN: to_json(main), VALUES: to_json({})})


def state_path(environment: Environment, layer: str) -> Path:
    """Where a local backend keeps a layer's state."""
    return environment.work / "state" / f"{layer}.tfstate"


def state_key(backend: S3Backend, environment: str, layer: str) -> str:
    """The S3 object of a layer's state."""
    return f"{backend.key_prefix}/{environment}/{layer}.tfstate"


def _requirements() -> dict[str, Any]:
    return {"required_version": TERRAFORM_VERSION, "required_providers": {"aws": AWS_PROVIDER}}


def _backend(environment: Environment, layer: str, path: Path) -> dict[str, Any]:
    backend = environment.backend
    if isinstance(backend, S3Backend):
        settings: dict[str, Any] = {
            "bucket": backend.bucket,
            "key": state_key(backend, environment.name, layer),
            "region": backend.region,
            "encrypt": True,
            "use_lockfile": True,
        }
        if backend.kms_key_id:
            settings["kms_key_id"] = backend.kms_key_id
        if backend.assume_role:
            settings["assume_role"] = assume_role(backend.assume_role, environment.name)
        if environment.settings.emulator:
            settings |= {"use_path_style": True, "skip_metadata_api_check": True}
        return {"s3": settings}
    return {"local": {"path": os.path.relpath(state_path(environment, layer), path)}}


def _own_names(layer: Layer) -> dict[str, str]:
    if not layer.module.aliases:
        return {}
    return {name: name for name in ("aws", *(f"aws.{alias}" for alias in sorted(layer.module.aliases)))}


def _call(layer: Layer, path: Path, providers: Mapping[str, str]) -> dict[str, Any]:
    call: dict[str, Any] = {"source": _source(layer, path)}
    return {**call, "providers": dict(providers)} if providers else call


def _source(layer: Layer, path: Path) -> str:
    relative = os.path.relpath(layer.module.path, path)
    return relative if relative.startswith("..") else f"./{relative}"


def declare(sensitive: bool, ephemeral: bool) -> dict[str, Any]:
    """A root's variable, as Terraform's JSON syntax has it."""
    declared: dict[str, Any] = {"type": "any"}
    if sensitive:
        declared["sensitive"] = True
    if ephemeral:
        declared["ephemeral"] = True
    return declared


def _output(module: str, name: str, sensitive: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"value": f"${{module.{module}.{name}}}"}
    return {**value, "sensitive": True} if sensitive else value


def _module_output(ref: Reference) -> str:
    return f"${{module.{ref.layer}.{ref.output}{''.join(f'[{json.dumps(key)}]' for key in ref.path)}}}"


def _without_empty(main: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in main.items() if value}
