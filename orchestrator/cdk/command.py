"""How an app is run: with the user's own ``cdk``, or as the CDK command line would run it itself.

The contract between the command line and an app is the app's environment: ``CDK_OUTDIR`` is where the cloud
assembly goes, ``CDK_CONTEXT_JSON`` the context, ``CDK_DEFAULT_ACCOUNT`` and ``CDK_DEFAULT_REGION`` the
environment of stacks that name none (aws-cdk-lib, ``core/lib/app.ts`` and ``cx-api/lib/cxapi.ts``).
"""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.cdk.app import CdkApp, refuse_shell
from orchestrator.errors import OrchestratorError, Where

_INHERITED = (
    "HOME",
    "LANG",
    "LC_ALL",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "TZ",
)
"""What an app's process inherits, besides a ``PATH``: no credentials, nothing that alters a template."""

_SETTLED_CONTEXT: dict[str, Any] = {
    # As the flags below: the same template on any machine.
    "aws:cdk:version-reporting": False,
    "aws:cdk:enable-path-metadata": False,
    "aws:cdk:enable-asset-metadata": False,
}
_SYNTH_FLAGS = (
    "--quiet",
    "--no-lookups",
    "--no-notices",
    "--no-version-reporting",
    "--no-path-metadata",
    "--no-asset-metadata",
)


@dataclass(frozen=True)
class Command:
    """Words to run in a folder, with the whole environment of the process."""

    words: tuple[str, ...]
    folder: Path
    variables: dict[str, str]


def find_command(
    app: CdkApp, folder: Path, out: Path, account_id: str, region: str, variables: Mapping[str, str]
) -> Command:
    """The command that writes the app's cloud assembly to ``out``.

    With a ``cdk`` on PATH it is ``cdk synth``, without lookups in the account: what the app has to know of it
    is committed as ``cdk.context.json``. Else the app's own command, its context put together here.

    Raises:
        OrchestratorError: no command is known, or its program is not there.
    """
    settings = _read_object(folder / "cdk.json")
    command = app.command or settings.get("app")
    where = Where(file=folder / "cdk.json")
    if not isinstance(command, str) or not command.strip():
        raise OrchestratorError(
            "the CDK app has no command", where=where, remedy='add "app" to it, or `command` to the entry'
        )
    try:
        refuse_shell(command)
        words = shlex.split(command)
    except ValueError as error:
        raise OrchestratorError(
            str(error), where=where, remedy="put it into a script, and name the script"
        ) from error
    process = _environment(app, folder, account_id, region, variables)
    if cdk := shutil.which("cdk", path=process["PATH"]):
        return Command(_synth(cdk, command, app, out), folder, process)
    if shutil.which(words[0], path=process["PATH"]) is None and not (folder / words[0]).is_file():
        raise OrchestratorError(
            f"{words[0]}, which runs the CDK app, is not on PATH",
            where=where,
            remedy="install it, or the CDK command line: npm install --global aws-cdk",
        )
    process |= {
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(_context(app, folder, settings), sort_keys=True),
    }
    return Command(tuple(words), folder, process)


def _synth(cdk: str, command: str, app: CdkApp, out: Path) -> tuple[str, ...]:
    context = [
        word
        for name, value in sorted(app.context.items())
        for word in ("--context", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    ]
    return (cdk, "synth", *_SYNTH_FLAGS, "--app", command, "--output", str(out), *context)


def _environment(
    app: CdkApp, folder: Path, account_id: str, region: str, variables: Mapping[str, str]
) -> dict[str, str]:
    """Programs are looked for in the app's own folder, and in ours when the extra ``cdk`` is installed there."""
    own = [folder / ".venv" / "bin", folder / "venv" / "bin", folder / "node_modules" / ".bin"]
    path = [str(place) for place in own if place.is_dir()]
    ours = [str(Path(sys.executable).parent)]
    theirs = [variables.get("PATH", os.defpath)]
    path += ours + theirs if importlib.util.find_spec("aws_cdk") else theirs + ours
    return {
        **{name: variables[name] for name in _INHERITED if name in variables},
        "PATH": os.pathsep.join(path),
        "CDK_DEFAULT_ACCOUNT": account_id,
        "CDK_DEFAULT_REGION": region,
        "AWS_REGION": region,  # the command line derives CDK_DEFAULT_REGION from it
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CI": "true",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **app.environment,
    }


def _context(app: CdkApp, folder: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    declared = settings.get("context")
    return {
        **(declared if isinstance(declared, dict) else {}),
        **_read_object(folder / "cdk.context.json"),
        **_SETTLED_CONTEXT,
        **app.context,
    }


def _read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise OrchestratorError(
            f"it can't be read as JSON ({error})", where=Where(file=path), remedy="mend the file"
        ) from error
    if not isinstance(content, dict):
        raise OrchestratorError("it is not a JSON object", where=Where(file=path), remedy="mend the file")
    return content
