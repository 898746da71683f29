"""A root of nothing but the layers' variables and the values that the environment file gives them.

It needs no provider, no state and no credentials: Terraform tells in a blink which values a module's rules refuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.config.environment import CDK_STACKS, Environment, Layer
from orchestrator.files import to_json
from orchestrator.modules.reference import ENVIRONMENT
from orchestrator.modules.rules import UNKNOWN, variables_alone
from orchestrator.render.workspace import (
    MAIN,
    TERRAFORM_VERSION,
    VALUES,
    Inputs,
    Workspace,
    declare,
    qualify,
    resolve_inputs,
)


def values_root(environment: Environment, layers: Iterable[str], path: Path) -> Workspace:
    """The root of these layers' values. What another layer's outputs, or the stacks of a CDK app, fill is unknown in it."""
    variables: dict[str, Any] = {}
    modules: dict[str, Any] = {}
    values: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name in layers:
        inputs, unknown = _inputs(environment, environment.layers[name])
        call: dict[str, Any] = {"source": f"./{name}"}
        for variable, value in sorted(inputs.values.items()):
            qualified = qualify(name, variable)
            call[variable] = f"${{var.{qualified}}}"
            hidden = variable in inputs.sensitive or variable in inputs.ephemeral
            variables[qualified] = declare(variable in inputs.sensitive, variable in inputs.ephemeral)
            (secrets if hidden else values)[qualified] = value
        call |= dict.fromkeys(sorted(unknown), f"${{{UNKNOWN}}}")
        modules[name] = call
        code = variables_alone(environment.layers[name].module)
        files |= {f"{name}/{file}": text.encode() for file, text in code.items()}
    main = {
        "terraform": {"required_version": TERRAFORM_VERSION},
        "variable": variables,
        "resource": {"terraform_data": {"unknown": {}}},
        "module": modules,
    }
    return Workspace(path, {MAIN: to_json(main), VALUES: to_json(values), **files}, secrets)


def _inputs(environment: Environment, layer: Layer) -> tuple[Inputs, set[str]]:
    """What is known of a layer's inputs, and the names of those that are not. (A CDK app is run when there is a plan to make.)"""
    stacks = {
        name for name, ref in layer.inputs.items() if (ref.layer, ref.output) == (ENVIRONMENT, CDK_STACKS)
    }
    wired = {name: ref for name, ref in layer.inputs.items() if name not in stacks}
    inputs = resolve_inputs(environment, replace(layer, inputs=wired), {})
    return inputs, stacks | inputs.pending.keys()
