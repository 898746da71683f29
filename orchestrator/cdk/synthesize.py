"""From an app's entry to stacks that can be deployed."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from orchestrator.cdk import process
from orchestrator.cdk.app import CdkApp, is_app_name
from orchestrator.cdk.assembly import (
    AssemblyStack,
    FileAsset,
    StackTemplate,
    needed_capabilities,
    read_assembly,
    rewrite,
    settle_parameters,
)
from orchestrator.cdk.command import find_command
from orchestrator.errors import OrchestratorError, Where
from orchestrator.files import make_private_folder, to_json, write_atomic
from orchestrator.modules.types import suggest

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LONGEST_NAME = 40
_PARTS = ("assembly", "templates", "assets")


@dataclass(frozen=True)
class Target:
    """Where stacks are deployed: ``assets_bucket`` is the bucket that the layer ``cicd`` makes for their files."""

    account_id: str
    region: str
    assets_bucket: str


def synthesize(
    app: CdkApp, root: Path, out: Path, *, name: str, target: Target, where: Where | None = None
) -> list[StackTemplate]:
    """Run the app called ``name`` and return its stacks, sorted by name.

    ``root`` is the project's folder, below which the app's is; ``out`` a folder of ours: the cloud assembly goes to
    ``out/assembly``, rewritten templates to ``out/templates``, files to be uploaded to ``out/assets``; what these
    three hold is removed first. ``where`` is the entry in the environment file, for errors. The same sources give the same bytes.

    Nothing is uploaded or deployed here, and the app's process gets no credentials.

    Raises:
        OrchestratorError: the app's folder or command is not there, it fails or takes too long, names a stack that
            it does not have, or what it wrote can't be deployed by Terraform (see ``read_assembly``).
    """
    where = where or Where(key=f"cdk_apps.{name}")
    if not is_app_name(name):
        raise OrchestratorError(
            f'"{name}" is no name for a CDK app',
            where=where,
            remedy="take up to 20 lower-case letters, digits and single hyphens",
        )
    root, out = root.resolve(), out.resolve()
    folder = (root / app.path).resolve()
    if not folder.is_dir() or not folder.is_relative_to(root):
        raise OrchestratorError(
            f"there is no folder {app.path} in the project",
            where=where,
            remedy="name the CDK app's folder in `path`",
        )
    for part in _PARTS:
        shutil.rmtree(out / part, ignore_errors=True)
    assembly = make_private_folder(out) / "assembly"
    command = find_command(app, folder, assembly, target.account_id, target.region, os.environ)
    process.run(command, app.timeout_seconds)
    stacks = read_assembly(assembly, target.account_id, target.region)
    chosen = _choose(app, stacks, where)
    made = [_make(name, app, stack, out, target, where) for stack in chosen]
    _refuse_collisions(made, where)
    return sorted(made, key=lambda stack: stack.name)


def _choose(app: CdkApp, stacks: list[AssemblyStack], where: Where) -> list[AssemblyStack]:
    by_name = {stack.stack: stack for stack in stacks}
    if not by_name:
        raise OrchestratorError("the CDK app has no stacks", where=where, remedy="give it one")
    for wanted in (*(app.stacks or ()), *app.parameters):
        if wanted not in by_name:
            raise OrchestratorError(
                f'the CDK app has no stack "{wanted}"', where=where, remedy=suggest(wanted, by_name)
            )
    return stacks if app.stacks is None else [by_name[name] for name in dict.fromkeys(app.stacks)]


def _make(
    name: str, app: CdkApp, stack: AssemblyStack, out: Path, target: Target, where: Where
) -> StackTemplate:
    template = rewrite(stack.template, {asset.bucket: target.assets_bucket for asset in stack.assets})
    capabilities = needed_capabilities(template)
    if app.capabilities is not None and (more := sorted(set(capabilities) - _implied(app.capabilities))):
        raise OrchestratorError(
            f"the CDK stack {stack.stack} needs {', '.join(more)}, which its entry does not grant",
            where=where,
            remedy="look at what the stack creates, then add it to `capabilities`",
        )
    key = _stack_key(name, stack.stack)
    file = out / "templates" / f"{key}.json"
    write_atomic(file, to_json(template))
    protected = app.termination_protection
    return StackTemplate(
        name=key,
        stack=stack.stack,
        template=file,
        parameters=settle_parameters(app, stack, template, where),
        capabilities=capabilities,
        termination_protection=stack.termination_protection if protected is None else protected,
        assets={asset.key: _asset_file(asset, out / "assets") for asset in stack.assets},
    )


def _implied(granted: list[str]) -> set[str]:
    """Who may name IAM resources may also create them."""
    return set(granted) | ({"CAPABILITY_IAM"} if "CAPABILITY_NAMED_IAM" in granted else set())


def _stack_key(app: str, stack: str) -> str:
    """``reports-nightly-jobs`` for the stack ``NightlyJobs`` of the app ``reports``."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", stack)
    return re.sub(r"[^a-z0-9]+", "-", f"{app}-{words}".lower()).strip("-")


def _refuse_collisions(stacks: list[StackTemplate], where: Where) -> None:
    seen: dict[str, str] = {}
    for stack in stacks:
        if len(stack.name) > _LONGEST_NAME:
            raise OrchestratorError(
                f"{stack.name}, for the CDK stack {stack.stack}, has more than {_LONGEST_NAME} characters",
                where=where,
                remedy="give the app or the stack a shorter name",
            )
        if stack.name in seen:
            raise OrchestratorError(
                f"the CDK stacks {seen[stack.name]} and {stack.stack} would both be called {stack.name}",
                where=where,
                remedy="rename one of them",
            )
        seen[stack.name] = stack.stack


def _asset_file(asset: FileAsset, folder: Path) -> Path:
    """The file to upload: a folder becomes a zip of the same bytes wherever it is made."""
    target = folder / asset.key.replace("/", "_")
    write_atomic(target, _zip(asset.source) if asset.is_folder else asset.source.read_bytes())
    return target


def _zip(folder: Path) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        files = (path for path in folder.rglob("*") if path.is_file())
        for path in sorted(files, key=lambda path: path.relative_to(folder).as_posix()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return content.getvalue()
