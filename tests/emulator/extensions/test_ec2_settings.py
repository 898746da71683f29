"""EC2's settings of an account in a region. Each test leaves the setting as AWS has it by default."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Aws, eventually


@pytest.fixture
def ec2(aws: Aws) -> Any:
    """EC2 in a region of its own, since the settings are the whole region's."""
    return aws("ec2", region="eu-north-1")


def test_the_default_key_of_volumes_is_set_and_reset(aws: Aws, ec2: Any) -> None:
    key = aws("kms", region="eu-north-1").create_key()["KeyMetadata"]["Arn"]

    ec2.modify_ebs_default_kms_key_id(KmsKeyId=key)
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == key

    ec2.reset_ebs_default_kms_key_id()
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] != key


def test_defaults_of_instance_metadata_are_kept_until_there_is_no_preference(ec2: Any) -> None:
    assert ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)["Return"]
    found = ec2.get_instance_metadata_defaults()["AccountLevel"]
    assert (found["HttpTokens"], found["HttpPutResponseHopLimit"]) == ("required", 2)

    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
    assert not ec2.get_instance_metadata_defaults().get("AccountLevel")


def test_the_serial_console_is_opened_and_closed(ec2: Any) -> None:
    assert not ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"]
    assert ec2.enable_serial_console_access()["SerialConsoleAccessEnabled"]
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"]
    assert not ec2.disable_serial_console_access()["SerialConsoleAccessEnabled"]


def test_sharing_of_images_is_blocked_and_unblocked(ec2: Any) -> None:
    def state() -> str:
        return str(ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"])

    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    eventually(lambda: state() == "block-new-sharing")
    ec2.disable_image_block_public_access()
    eventually(lambda: state() == "unblocked")


def test_sharing_of_snapshots_is_blocked_and_unblocked(ec2: Any) -> None:
    def state() -> str:
        return str(ec2.get_snapshot_block_public_access_state()["State"])

    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    eventually(lambda: state() == "block-all-sharing")
    ec2.disable_snapshot_block_public_access()
    eventually(lambda: state() == "unblocked")


def test_internet_traffic_of_vpcs_is_blocked_and_unblocked(ec2: Any, account: str) -> None:
    def options() -> dict[str, Any]:
        found: dict[str, Any] = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
        return found

    for mode in ("block-ingress", "off"):
        ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode=mode)
        eventually(lambda: options()["State"] == "update-complete")
        assert options()["InternetGatewayBlockMode"] == mode
    assert (options()["AwsAccountId"], options()["AwsRegion"]) == (account, "eu-north-1")
