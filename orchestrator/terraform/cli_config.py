"""Terraform's CLI configuration: where its providers come from on this machine.

A user's own configuration is respected. Without one, providers found in a filesystem mirror are
taken from there and all others from their registry, through a cache shared by every workspace.
https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.files import write_atomic
from orchestrator.terraform.provider_cache import ProviderCache

MIRROR_VARIABLE = "TF_PLUGIN_MIRROR"


@dataclass(frozen=True)
class CliConfig:
    """``file`` is what ``TF_CLI_CONFIG_FILE`` is set to; ``notes`` are for the user.

    ``cache`` is None with a configuration of the user's own, which has its own ideas of caching.
    """

    file: Path
    mirror: Path | None
    cache: ProviderCache | None
    notes: tuple[str, ...]


def find_cli_config(folder: Path, variables: Mapping[str, str]) -> CliConfig:
    """The user's configuration when there is one, else one of ours, written into ``folder``.

    Raises:
        OrchestratorError: ``TF_PLUGIN_MIRROR`` names no folder.
    """
    notes: list[str] = []
    given = variables.get("TF_CLI_CONFIG_FILE") or variables.get("TERRAFORM_CONFIG")
    if given and Path(given).is_file():
        return CliConfig(Path(given), None, None, ())
    if given:
        notes.append(f"TF_CLI_CONFIG_FILE names {given}, which does not exist; it is ignored")
    home = Path(variables.get("HOME") or Path.home())
    if not given and (home / ".terraformrc").is_file():
        return CliConfig(home / ".terraformrc", None, None, ())
    mirror = _find_mirror(variables, home)
    cache = Path(variables.get("XDG_CACHE_HOME") or home / ".cache") / "orchestrator" / "providers"
    file = folder / "terraform.rc"
    write_atomic(file, _content(mirror).encode())
    return CliConfig(file, mirror, ProviderCache(cache), tuple(notes))


def _content(mirror: Path | None) -> str:
    lines = ["disable_checkpoint = true"]
    if mirror is not None:
        providers = ", ".join(f'"{name}"' for name in _providers(mirror))
        lines += [
            "provider_installation {",
            f"  filesystem_mirror {{\n    path    = {_quote(mirror)}\n    include = [{providers}]\n  }}",
            f"  direct {{\n    exclude = [{providers}]\n  }}",
            "}",
        ]
    return "\n".join(lines) + "\n"


def _quote(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _find_mirror(variables: Mapping[str, str], home: Path) -> Path | None:
    given = variables.get(MIRROR_VARIABLE)
    if given:
        if not _providers(Path(given)):
            raise OrchestratorError(
                f"{MIRROR_VARIABLE} names {given}, where no provider is",
                remedy="name a folder that contains registry.terraform.io/<namespace>/<provider>, or unset it",
            )
        return Path(given)
    return next((folder for folder in _candidates(home) if _providers(folder)), None)


def _candidates(home: Path) -> Iterator[Path]:
    """Terraform's implied mirrors, then mirrors one level under the usual places for software."""
    yield home / ".terraform.d" / "plugins"
    if sys.platform == "darwin":
        yield home / "Library/Application Support/io.terraform/plugins"
        yield Path("/Library/Application Support/io.terraform/plugins")
    else:
        yield home / ".local/share/terraform/plugins"
        for folder in os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":"):
            yield Path(folder) / "terraform/plugins"
    for parent in ("/opt", "/usr/local/share", "/usr/share"):
        yield from sorted(path.parent for path in Path(parent).glob("*/registry.terraform.io"))


def _providers(mirror: Path) -> list[str]:
    return sorted(path.relative_to(mirror).as_posix() for path in mirror.glob("registry.terraform.io/*/*"))
