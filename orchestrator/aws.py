"""Our own calls to AWS, with the same endpoint and credentials that Terraform gets."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.config.schema import AssumeRole

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
PROFILE = "AWS_PROFILE"
_sessions: dict[tuple[str | None, ...], Any] = {}
_lock = threading.RLock()
"""boto3's sessions may not make two clients at a time."""


def aws_client(
    service: str,
    region: str,
    variables: Mapping[str, str],
    *,
    emulator: bool,
    profile: str | None = None,
    role: AssumeRole | None = None,
) -> Any:
    """A boto3 client. ``variables``: Terraform's process environment, which names the emulator, a profile or credentials.

    ``profile``: another one than that of the process. ``role``: whom its credentials change into, anew whenever a session
    of the role ends.
    """
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "max_attempts": 5},
        s3={"addressing_style": "path"} if emulator else {},
    )
    extra: dict[str, Any] = {"endpoint_url": variables["AWS_ENDPOINT_URL"]} if emulator else {}
    with _lock:
        if role is not None:
            sts = aws_client("sts", region, variables, emulator=emulator, profile=profile)
            session: Any = _assumed(sts, role)
        else:
            keys = (None, None, None) if profile else tuple(variables.get(name) for name in CREDENTIALS)
            session = session_of(keys, None if keys[0] else profile or variables.get(PROFILE), region)
        return session.client(service, region_name=region, config=config, **extra)


def session_of(keys: tuple[str | None, ...], profile: str | None, region: str) -> Any:
    """A boto3 session, one for each set of credentials: what it has to fetch (single sign-on, a role) it fetches once.

    ``keys``: id, secret and token; ``region``: where a profile that names none assumes its role.
    """
    import boto3

    with _lock:
        if (*keys, profile) not in _sessions:
            key, secret, token = keys
            _sessions[(*keys, profile)] = boto3.Session(
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                profile_name=profile,
                region_name=region,
            )
        return _sessions[(*keys, profile)]


def role_request(role: AssumeRole, session_name: str = "orchestrator") -> dict[str, Any]:
    """The parameters of STS's ``AssumeRole``."""
    request: dict[str, Any] = {
        "RoleArn": role.role_arn,
        "RoleSessionName": role.session_name or session_name,
    }
    if role.external_id:
        request["ExternalId"] = role.external_id
    if role.session_tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in role.session_tags.items()]
    return request


def _assumed(sts: Any, role: AssumeRole) -> Any:
    import boto3
    import botocore.session
    from botocore.credentials import (
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )

    def fetch() -> dict[str, str]:
        found = sts.assume_role(**role_request(role))["Credentials"]
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": found["Expiration"].isoformat(),
        }

    class Assumed(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> Any:
            return DeferredRefreshableCredentials(refresh_using=fetch, method=self.METHOD)

    session = botocore.session.Session()
    session.register_component("credential_provider", CredentialResolver([Assumed()]))
    return boto3.Session(botocore_session=session)
