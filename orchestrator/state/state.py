"""Terraform's state files as values: read, checked, and joined into one.

Format: version 4, https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.errors import OrchestratorError, Where


@dataclass(frozen=True)
class State:
    """One layer's state. ``outputs``: name → {value, type, sensitive}; ``resources`` as in the file."""

    lineage: str
    serial: int
    terraform_version: str
    resources: tuple[Mapping[str, Any], ...]
    outputs: Mapping[str, Mapping[str, Any]]

    def output_values(self) -> dict[str, Any]:
        """The values of the outputs by name."""
        return {name: output.get("value") for name, output in self.outputs.items()}

    def addresses(self) -> list[str]:
        """The address of every managed resource instance, sorted."""
        return sorted(address for address, _, _ in self.instances())

    def instances(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Every managed resource instance: address, type and attributes."""
        for resource in self.resources:
            if resource.get("mode") != "managed":
                continue
            prefix = f"{resource['module']}." if resource.get("module") else ""
            for instance in resource.get("instances", ()):
                address = f"{prefix}{resource['type']}.{resource['name']}{_suffix(instance)}"
                yield address, resource["type"], instance.get("attributes") or {}

    def uses_provider(self, alias: str) -> bool:
        """Whether a resource is managed by the root's configuration of the provider ``aws`` of this alias."""
        found = (_AWS_PROVIDER.match(str(resource.get("provider", ""))) for resource in self.resources)
        return any(match is not None and match[2] == alias for match in found)

    @property
    def is_empty(self) -> bool:
        """Whether no managed resource is in it."""
        return not any(resource.get("mode") == "managed" for resource in self.resources)


def parse_state(content: bytes, layer: str, place: str) -> State:
    """Read a state file's content; ``place`` says where it came from.

    Raises:
        OrchestratorError: damaged, or of a format that this Terraform line does not use.
    """
    where = Where(layer=layer)
    try:
        raw = json.loads(content)
    except ValueError as error:
        raise OrchestratorError(
            f"the state {place} is damaged: {error}", where=where, remedy=_RESTORE
        ) from error
    if not isinstance(raw, dict) or raw.get("version") != 4:
        version = raw.get("version") if isinstance(raw, dict) else None
        raise OrchestratorError(
            f"the state {place} has format version {version!r}, not 4",
            where=where,
            remedy=f"use the Terraform that wrote it, or {_RESTORE}",
        )
    if problem := _misshapen(raw):
        raise OrchestratorError(f"the state {place} is damaged: {problem}", where=where, remedy=_RESTORE)
    return State(
        lineage=str(raw.get("lineage", "")),
        serial=raw.get("serial", 0),
        terraform_version=str(raw.get("terraform_version", "")),
        resources=tuple(raw.get("resources") or ()),
        outputs=raw.get("outputs") or {},
    )


def _misshapen(raw: Mapping[str, Any]) -> str | None:
    """What of a state is not what it has to be; None when nothing is."""
    serial, resources, outputs = raw.get("serial", 0), raw.get("resources") or (), raw.get("outputs") or {}
    if not isinstance(serial, int) or isinstance(serial, bool) or serial < 0:
        return f"its serial is {serial!r}"
    if not isinstance(outputs, Mapping) or not all(isinstance(one, Mapping) for one in outputs.values()):
        return "its outputs are no map of objects"
    if not isinstance(resources, list | tuple):
        return "its resources are no list"
    for number, resource in enumerate(resources, start=1):
        if not isinstance(resource, Mapping) or not all(
            isinstance(resource.get(key), str) for key in ("type", "name")
        ):
            return f"its resource {number} has no type and name"
        found = resource.get("instances") or ()
        if not isinstance(found, list | tuple) or not all(isinstance(one, Mapping) for one in found):
            return f"the instances of its resource {number} ({resource['type']}.{resource['name']}) are no list of objects"
    return None


_RESTORE = "`orchestrator state restore` puts a backup back"
_AWS_PROVIDER = re.compile(r'(provider\["[^"]*/hashicorp/aws"\])(?:\.([\w-]+))?\Z')
"""The root's configurations of the provider ``aws``, as a resource names the one that it is managed by."""


def join_states(
    states: Mapping[str, State],
    output_names: Mapping[str, tuple[str, str]],
    providers: Mapping[str, Mapping[str | None, str | None]],
) -> bytes:
    """One state file with every resource of the layers' states, as the environment root sees them.

    ``output_names`` maps the root's output names to (layer, output). Addresses already match,
    because every layer's root calls its module by the layer's name. ``providers`` says, by layer,
    what the configurations of its own root (by alias; None: the default one) are called there.
    """
    outputs = {
        name: states[layer].outputs[output]
        for name, (layer, output) in output_names.items()
        if layer in states and output in states[layer].outputs
    }
    versions = [state.terraform_version for state in states.values() if state.terraform_version]
    joined = {
        "version": 4,
        "terraform_version": max(versions, key=_version_key, default="1.11.0"),
        "serial": 1,
        "lineage": "orchestrator-environment",
        "outputs": outputs,
        "resources": [
            _managed_by(resource, providers.get(layer, {}))
            for layer in sorted(states)
            for resource in states[layer].resources
        ],
        "check_results": None,
    }
    return json.dumps(joined).encode()


def _managed_by(resource: Mapping[str, Any], names: Mapping[str | None, str | None]) -> Mapping[str, Any]:
    match = _AWS_PROVIDER.match(str(resource.get("provider", "")))
    if match is None or names.get(match[2], match[2]) == match[2]:
        return resource
    alias = names[match[2]]
    return {**resource, "provider": f"{match[1]}.{alias}" if alias else match[1]}


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("-")[0].split("."))


def instances(state: State) -> dict[str, dict[str, Any]]:
    """Every instance, data included, by its address: its provider, and all that is kept of it but what it depends on."""
    found: dict[str, dict[str, Any]] = {}
    for resource in state.resources:
        prefix = f"{resource['module']}." if resource.get("module") else ""
        data = "data." if resource.get("mode") == "data" else ""
        for instance in resource.get("instances", ()):
            kept = {key: value for key, value in instance.items() if key not in ("index_key", "dependencies")}
            address = f"{prefix}{data}{resource['type']}.{resource['name']}{_suffix(instance)}"
            found[address + (f" (deposed {kept['deposed']})" if kept.get("deposed") else "")] = {
                "sensitive_attributes": [],
                "provider": resource.get("provider"),
                **kept,
            }
    return found


def _suffix(instance: Mapping[str, Any]) -> str:
    key = instance.get("index_key")
    return "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
