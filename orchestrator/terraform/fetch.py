"""Brings modules from registries and git, with ``terraform get``, once for each source and version."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from orchestrator.config.environment import FetchModule
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.files import make_private_folder, to_json
from orchestrator.render.workspace import MAIN

_CALL = "layer"


def module_fetcher(project: Project, binary: str) -> FetchModule:
    """A function that returns the local folder of a remote module, fetching it the first time."""

    def fetch(source: str, version: str | None) -> Path:
        call = {"source": source} | ({"version": version} if version else {})
        content = to_json({"module": {_CALL: call}})
        name = hashlib.sha256(content).hexdigest()[:16]
        folder = project.root / ".orchestrator" / "modules" / name
        if not (folder / ".terraform" / "modules" / "modules.json").is_file():
            _fetch(project, binary, source, content, folder)
        return _folder_of(folder, source)

    return fetch


def _fetch(project: Project, binary: str, source: str, content: bytes, folder: Path) -> None:
    from orchestrator.terraform.cli_config import find_cli_config
    from orchestrator.terraform.client import TerraformClient, clean_environment

    make_private_folder(folder.parent)
    config = find_cli_config(project.root / ".orchestrator", os.environ)
    variables = clean_environment(os.environ) | {
        "TF_CLI_CONFIG_FILE": str(config.file),
        "GIT_TERMINAL_PROMPT": "0",
    }
    partial = Path(tempfile.mkdtemp(prefix=".fetch-", dir=folder.parent))
    try:
        (partial / MAIN).write_bytes(content)
        try:
            TerraformClient(binary, variables).get_module(partial)
        except OrchestratorError as error:
            raise OrchestratorError(
                f"the module {source} can't be fetched",
                remedy="mend source or version, or the access to it",
                details=error.details or (error.message,),
            ) from error
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _folder_of(folder: Path, source: str) -> Path:
    manifest = json.loads((folder / ".terraform" / "modules" / "modules.json").read_bytes())
    for entry in manifest.get("Modules", ()):
        if entry.get("Key") == _CALL:
            return (folder / str(entry["Dir"])).resolve()
    raise OrchestratorError(
        f"terraform get did not bring the module {source}", remedy=f"remove {folder} and try again"
    )
