"""The cloud assembly: what an app wrote, as templates and assets that Terraform can deploy.

https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema describes ``manifest.json`` and
the asset manifests. Assets go to a bucket of the layer ``cicd`` instead of the one that ``cdk bootstrap`` makes, so
templates are rewritten: the bucket's name, and no check for a bootstrap stack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.cdk.app import CdkApp
from orchestrator.errors import OrchestratorError, Where

_STACK = "aws:cloudformation:stack"
_NESTED_ASSEMBLY = "cdk:cloud-assembly"
_ASSETS = "cdk:asset-manifest"

_NAMING_PROPERTIES = frozenset(
    {"GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName"}
)


@dataclass(frozen=True)
class StackTemplate:
    """A stack, ready to be deployed.

    ``name`` is ``<app>-<stack>`` in lower case, ``stack`` what the app calls it. ``template`` is the file of the
    rewritten template, ``assets`` are files by their object key in the assets' bucket. ``capabilities`` is what the
    template needs.
    """

    name: str
    stack: str
    template: Path
    parameters: dict[str, str]
    capabilities: tuple[str, ...]
    termination_protection: bool
    assets: dict[str, Path] = field(default_factory=dict)

    def variable(self, root: Path) -> dict[str, Any]:
        """The value of the layer's ``cdk_stacks`` for this stack; files are named from ``root``."""
        root = root.resolve()
        return {
            "template_file": self.template.relative_to(root).as_posix(),
            "parameters": self.parameters,
            "capabilities": list(self.capabilities),
            "termination_protection": self.termination_protection,
            "assets": {key: path.relative_to(root).as_posix() for key, path in sorted(self.assets.items())},
        }


@dataclass(frozen=True)
class FileAsset:
    """A file or folder that a template names by bucket and key."""

    source: Path
    is_folder: bool
    bucket: str
    key: str


@dataclass(frozen=True)
class AssemblyStack:
    """A stack as the assembly describes it."""

    stack: str
    template: dict[str, Any]
    parameters: dict[str, str]
    termination_protection: bool
    assets: tuple[FileAsset, ...]


def read_assembly(folder: Path, account_id: str, region: str) -> list[AssemblyStack]:
    """The stacks of the assembly and of those nested in it (stages), in the order of their names.

    Raises:
        OrchestratorError: no assembly, context that is missing, a stack for another account or region, stacks that
            depend on each other, or assets that can't be uploaded as files.
    """
    manifest = _read(folder / "manifest.json")
    if missing := manifest.get("missing"):
        raise OrchestratorError(
            "the CDK app looks things up in the account, and has not been told them",
            where=Where(file=folder / "manifest.json"),
            remedy="run `cdk synth` once with access to the account, and commit cdk.context.json",
            details=tuple(sorted(str(item.get("key")) for item in missing)),
        )
    artifacts = manifest.get("artifacts") or {}
    found: list[AssemblyStack] = []
    for name, artifact in sorted(artifacts.items()):
        if artifact["type"] == _STACK:
            found.append(_stack(folder, name, artifact, artifacts, account_id, region))
        elif artifact["type"] == _NESTED_ASSEMBLY:
            nested = folder / artifact["properties"]["directoryName"]
            found += read_assembly(nested, account_id, region)
    return found


def _stack(
    folder: Path,
    name: str,
    artifact: Mapping[str, Any],
    artifacts: Mapping[str, Mapping[str, Any]],
    account_id: str,
    region: str,
) -> AssemblyStack:
    properties, where = artifact["properties"], Where(file=folder / "manifest.json", key=name)
    _check_place(str(artifact.get("environment", "")), name, account_id, region, where)
    depends = artifact.get("dependencies") or []
    if others := [other for other in depends if artifacts.get(other, {}).get("type") == _STACK]:
        raise OrchestratorError(
            f"the CDK stack {name} depends on {', '.join(others)}, and the stacks of an app are deployed side by side",
            where=where,
            remedy="make them one stack, or two apps of two layers that hand values on as parameters",
        )
    manifests = [artifacts[other] for other in depends if artifacts.get(other, {}).get("type") == _ASSETS]
    template_file = properties["templateFile"]
    assets = tuple(
        asset
        for manifest in manifests
        for asset in _file_assets(folder, folder / manifest["properties"]["file"], template_file)
    )
    return AssemblyStack(
        stack=str(properties.get("stackName") or name),
        template=_read(folder / template_file),
        parameters={key: str(value) for key, value in (properties.get("parameters") or {}).items()},
        termination_protection=bool(properties.get("terminationProtection")),
        assets=assets,
    )


def _check_place(environment: str, name: str, account_id: str, region: str, where: Where) -> None:
    match = re.fullmatch(r"aws://([^/]+)/([^/]+)", environment)
    wanted = ("unknown-account", account_id), ("unknown-region", region)
    for given, expected in zip(match.groups() if match else (), wanted, strict=False):
        if given not in expected:
            raise OrchestratorError(
                f"the CDK stack {name} is for {environment}, and this environment is aws://{account_id}/{region}",
                where=where,
                remedy="leave `env` out of the stack, or take CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION for it",
            )


def _file_assets(folder: Path, manifest: Path, template_file: str) -> Iterator[FileAsset]:
    content, where = _read(manifest), Where(file=manifest)
    if images := content.get("dockerImages"):
        raise OrchestratorError(
            "the CDK app builds container images, which are not published from here",
            where=where,
            remedy="have a pipeline build and push them, and refer to them by their repository",
            details=tuple(sorted(str(image.get("displayName", key)) for key, image in images.items())),
        )
    for key, entry in sorted((content.get("files") or {}).items()):
        source = entry.get("source") or {}
        if "path" not in source:
            raise OrchestratorError(
                f"the asset {entry.get('displayName', key)} is made by a program when it is published",
                where=where,
                remedy="make it before the app is synthesised, and refer to the file",
            )
        if source["path"] == template_file:
            continue
        path = (folder / source["path"]).resolve()
        if not path.exists():
            raise OrchestratorError(
                f"the asset {source['path']} is not there", where=where, remedy="synthesise the app anew"
            )
        for destination in entry["destinations"].values():
            yield FileAsset(
                source=path,
                is_folder=source.get("packaging") == "zip",
                bucket=destination["bucketName"],
                key=destination["objectKey"],
            )


def rewrite(template: Mapping[str, Any], buckets: Mapping[str, str]) -> dict[str, Any]:
    """The template with other buckets' names, and without what asks for a bootstrap stack."""

    def replaced(value: Any) -> Any:
        if isinstance(value, str):
            for old, new in buckets.items():
                value = value.replace(old, new)
            return value
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if isinstance(value, dict):
            return {key: replaced(item) for key, item in value.items()}
        return value

    whole: dict[str, Any] = replaced(dict(template))
    for section, name in (("Parameters", "BootstrapVersion"), ("Rules", "CheckBootstrapVersion")):
        if name in whole.get(section, {}):
            rest = {key: value for key, value in whole[section].items() if key != name}
            if rest:
                whole[section] = rest
            else:
                del whole[section]
    return whole


def needed_capabilities(template: Mapping[str, Any]) -> tuple[str, ...]:
    """What CloudFormation wants acknowledged for this template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html (Capabilities)
    """
    resources = (template.get("Resources") or {}).values()
    nested = any(resource.get("Type") == "AWS::CloudFormation::Stack" for resource in resources)
    iam = [resource for resource in resources if str(resource.get("Type")).startswith("AWS::IAM::")]
    named = any(_NAMING_PROPERTIES & set(resource.get("Properties") or {}) for resource in iam)
    needed = []
    if iam or nested:
        needed.append("CAPABILITY_NAMED_IAM" if named or nested else "CAPABILITY_IAM")
    if nested or "Transform" in template or "Fn::Transform" in json.dumps(template):
        needed.append("CAPABILITY_AUTO_EXPAND")
    return tuple(needed)


def settle_parameters(
    app: CdkApp, stack: AssemblyStack, template: Mapping[str, Any], where: Where
) -> dict[str, str]:
    """The stack's parameters: the app's, with the entry's laid over them.

    Raises:
        OrchestratorError: one that the template does not have, or one without a value.
    """
    declared = template.get("Parameters") or {}
    given = stack.parameters | app.parameters.get(stack.stack, {})
    if unknown := sorted(set(given) - set(declared)):
        raise OrchestratorError(
            f"the CDK stack {stack.stack} has no parameter {', '.join(unknown)}",
            where=where,
            remedy=f"it has: {', '.join(sorted(declared)) or 'none'}",
        )
    if missing := sorted(
        name for name, parameter in declared.items() if "Default" not in parameter and name not in given
    ):
        raise OrchestratorError(
            f"the CDK stack {stack.stack} needs the parameter {', '.join(missing)}",
            where=where,
            remedy=f"set `parameters: {{{stack.stack}: {{{missing[0]}: …}}}}` in the entry",
        )
    return given


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise OrchestratorError(
            f"the CDK app left no cloud assembly that can be read ({error})",
            where=Where(file=path),
            remedy="let the app end with `app.synth()`, and see whether it runs by itself",
        ) from error
    if not isinstance(content, dict):
        raise OrchestratorError(
            "it is not a JSON object", where=Where(file=path), remedy="synthesise the app anew"
        )
    return content
