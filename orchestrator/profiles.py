"""Profiles of the AWS configuration, as Terraform's process gets them.

Terraform's provider and boto3 read the same configuration, and both renew what runs out: single sign-on, a
``credential_process``, a role. So a profile is passed on by its name. Only the code of an MFA device is nothing that
Terraform asks for: a profile that needs one is signed in here, once, and its temporary credentials are handed over. They
are kept by this process and its children alone, and are not renewed.
https://docs.aws.amazon.com/cli/latest/topic/config-vars.html
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.aws import CREDENTIALS, PROFILE, session_of
from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.types import suggest

_WINS = (*CREDENTIALS, "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME")
"""What both SDKs take before a profile."""


def signed_in(
    variables: Mapping[str, str], profile: str | None, region: str, where: Where | None
) -> dict[str, str]:
    """The process environment with the credentials of ``profile``, or (None) of whatever it names itself.

    Asks for the code of an MFA device if the profile needs one. ``region``: for a profile that has none. ``where``: the
    place that names the profile.

    Raises:
        OrchestratorError: there is no such profile; it needs a code, and there is no terminal; AWS refuses.
    """
    found = dict(variables)
    if profile is not None:
        found = {name: value for name, value in found.items() if name not in _WINS}
        found[PROFILE] = profile
    elif any(found.get(name) for name in _WINS[:4]):
        return found
    name = found.get(PROFILE) or "default"
    serial = _mfa_serial(name, required=profile is not None, where=where)
    if serial is None:
        return found
    if not sys.stdin.isatty():
        raise OrchestratorError(
            f"the profile {name} asks for a code of {serial}, and there is no terminal to ask on",
            where=where,
            remedy="use a profile without MFA here (single sign-on, or a role by web identity), or sign in before and set "
            + ", ".join(CREDENTIALS),
        )
    credentials = _resolved(name, region, where)
    found.pop(PROFILE, None)
    return {**found, **dict(zip(CREDENTIALS, credentials, strict=True))}


def check_unattended(profile: str, where: Where | None) -> None:
    """Check that a layer's own profile can be used by Terraform itself.

    Raises:
        OrchestratorError: there is no such profile, or it asks for the code of an MFA device.
    """
    if _mfa_serial(profile, required=True, where=where):
        raise OrchestratorError(
            f"the profile {profile} asks for the code of an MFA device, which only the environment's own profile may do",
            where=where,
            remedy="give the layer an `assume_role`, which begins with the environment's credentials",
        )


def _mfa_serial(name: str, *, required: bool, where: Where | None) -> str | None:
    """The MFA device whose code a profile needs, itself or one that it takes its credentials from."""
    if not required and not _any_mfa():
        return None
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        profiles: dict[str, dict[str, Any]] = botocore.session.Session().full_config["profiles"]
    except BotoCoreError as error:
        raise OrchestratorError(f"the AWS configuration can't be read: {error}", where=where) from error
    if required and name not in profiles:
        raise OrchestratorError(
            f"there is no profile {name} in the AWS configuration",
            where=where,
            remedy=suggest(name, profiles),
        )
    seen: set[str] = set()
    while name in profiles and name not in seen:
        seen.add(name)
        settings = profiles[name]
        if "role_arn" in settings and settings.get("mfa_serial"):
            return str(settings["mfa_serial"])
        name = settings.get("source_profile", name)
    return None


def _any_mfa() -> bool:
    """Whether the AWS configuration speaks of MFA at all: boto3 need not be imported to know that it does not."""
    path = Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    try:
        return "mfa_serial" in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _resolved(name: str, region: str, where: Where | None) -> tuple[str, str, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        frozen = session_of((None, None, None), name, region).get_credentials().get_frozen_credentials()
    except (BotoCoreError, ClientError, EOFError) as error:
        raise OrchestratorError(
            f"the profile {name} can't be signed in: {error}", where=where, remedy="try again with a new code"
        ) from error
    return frozen.access_key, frozen.secret_key, frozen.token
