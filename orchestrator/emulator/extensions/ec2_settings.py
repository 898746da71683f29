"""EC2's settings of an account in a region.

AWS (EC2 API reference) keeps, per account and region: the default key of EBS encryption
(``GetEbsDefaultKmsKeyId``, ``ResetEbsDefaultKmsKeyId``), defaults of instance metadata
(``ModifyInstanceMetadataDefaults``), access to the serial console (``EnableSerialConsoleAccess``), and what is
blocked from the public: sharing of images and snapshots (``EnableImageBlockPublicAccess``,
``EnableSnapshotBlockPublicAccess``) and internet traffic of VPCs (``ModifyVpcBlockPublicAccessOptions``).

moto lets the default key be set and not read, and knows none of the other operations.

Needed by a security baseline: ``aws_ebs_default_kms_key``, ``aws_ec2_instance_metadata_defaults``,
``aws_ec2_serial_console_access``, ``aws_ec2_image_block_public_access``, ``aws_ebs_snapshot_block_public_access``,
``aws_vpc_block_public_access_options``. The settings are kept and answered; they change nothing else.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.responses import EC2Response

from orchestrator.emulator.patch import add, memory

_UNBLOCKED = "unblocked"
_METADATA_DEFAULTS = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags")
_NO_PREFERENCE = ("no-preference", -1)


def register() -> None:
    """Extend moto's EC2 responses."""
    _keep_default_key()
    _keep_metadata_defaults()
    _keep_serial_console_access()
    _keep_sharing_block("image", "ImageBlockPublicAccessState", "ImageBlockPublicAccessState")
    _keep_sharing_block("snapshot", "State", "State")
    _keep_vpc_block()


def _settings(response: Any) -> dict[str, Any]:
    """The settings of the request's account and region."""
    settings: dict[str, Any] = memory(response.ec2_backend).setdefault("settings", {})
    return settings


def _keep_default_key() -> None:
    @add(EC2Response)
    def get_ebs_default_kms_key_id(response: Any) -> ActionResult:
        return ActionResult({"KmsKeyId": response.ec2_backend.default_kms_key_id or "alias/aws/ebs"})

    @add(EC2Response)
    def reset_ebs_default_kms_key_id(response: Any) -> ActionResult:
        response.ec2_backend.default_kms_key_id = ""
        return ActionResult({"KmsKeyId": "alias/aws/ebs"})


def _keep_metadata_defaults() -> None:
    @add(EC2Response)
    def modify_instance_metadata_defaults(response: Any) -> ActionResult:
        defaults = _settings(response).setdefault("metadata defaults", {})
        for name in _METADATA_DEFAULTS:
            value = response._get_param(name)
            if value in _NO_PREFERENCE:
                defaults.pop(name, None)
            elif value is not None:
                defaults[name] = value
        return ActionResult({"Return": True})

    @add(EC2Response)
    def get_instance_metadata_defaults(response: Any) -> ActionResult:
        return ActionResult({"AccountLevel": _settings(response).get("metadata defaults", {})})


def _keep_serial_console_access() -> None:
    def answer(response: Any, enabled: bool | None = None) -> ActionResult:
        settings = _settings(response)
        if enabled is not None:
            settings["serial console"] = enabled
        return ActionResult({"SerialConsoleAccessEnabled": settings.get("serial console", False)})

    add(EC2Response, "enable_serial_console_access")(lambda response: answer(response, True))
    add(EC2Response, "disable_serial_console_access")(lambda response: answer(response, False))
    add(EC2Response, "get_serial_console_access_status")(lambda response: answer(response))


def _keep_sharing_block(thing: str, parameter: str, answered: str) -> None:
    """Add the three operations that block sharing ``thing`` with everybody."""
    name = f"{thing} block"

    def enable(response: Any) -> ActionResult:
        _settings(response)[name] = response._get_param(parameter)
        return get(response)

    def disable(response: Any) -> ActionResult:
        _settings(response)[name] = _UNBLOCKED
        return get(response)

    def get(response: Any) -> ActionResult:
        return ActionResult({answered: _settings(response).get(name, _UNBLOCKED)})

    add(EC2Response, f"enable_{thing}_block_public_access")(enable)
    add(EC2Response, f"disable_{thing}_block_public_access")(disable)
    add(EC2Response, f"get_{thing}_block_public_access_state")(get)


def _keep_vpc_block() -> None:
    @add(EC2Response)
    def modify_vpc_block_public_access_options(response: Any) -> ActionResult:
        _settings(response)["vpc block"] = {
            "InternetGatewayBlockMode": response._get_param("InternetGatewayBlockMode"),
            "State": "update-complete",
            "LastUpdateTimestamp": utcnow(),
        }
        return describe_vpc_block_public_access_options(response)

    @add(EC2Response)
    def describe_vpc_block_public_access_options(response: Any) -> ActionResult:
        kept = _settings(response).get(
            "vpc block", {"InternetGatewayBlockMode": "off", "State": "default-state"}
        )
        options = {
            "AwsAccountId": response.current_account,
            "AwsRegion": response.region,
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        }
        return ActionResult({"VpcBlockPublicAccessOptions": options | kept})
