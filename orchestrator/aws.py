"""Our own calls to AWS, with the same endpoint and credentials that Terraform gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def aws_client(service: str, region: str, variables: Mapping[str, str], *, emulator: bool) -> Any:
    """A boto3 client. ``variables``: Terraform's process environment, which names the emulator."""
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "max_attempts": 5},
        s3={"addressing_style": "path"} if emulator else {},
    )
    extra: dict[str, Any] = {}
    if emulator:
        extra = {
            "endpoint_url": variables["AWS_ENDPOINT_URL"],
            "aws_access_key_id": variables["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": variables["AWS_SECRET_ACCESS_KEY"],
        }
    make: Any = boto3.client  # its type wants the service as a literal
    return make(service, region_name=region, config=config, **extra)
