"""IAM tags of SAML providers and MFA devices, service-specific credentials."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

TAGS = [{"Key": "team", "Value": "platform"}]
SAML = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">'
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>'
) + " " * 1000


@pytest.fixture
def iam(aws: Aws) -> Any:
    return aws("iam")


@pytest.fixture
def user(iam: Any, name: str) -> str:
    iam.create_user(UserName=name)
    return name


def test_a_saml_provider_keeps_its_tags(iam: Any, name: str) -> None:
    arn = iam.create_saml_provider(Name=name, SAMLMetadataDocument=SAML, Tags=TAGS)["SAMLProviderArn"]

    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == TAGS
    assert iam.get_saml_provider(SAMLProviderArn=arn)["Tags"] == TAGS
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"].strip() == SAML.strip()

    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": "stage", "Value": "dev"}])
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["team"])

    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == [{"Key": "stage", "Value": "dev"}]


def test_tags_end_with_the_saml_provider(iam: Any, name: str) -> None:
    for tags in (TAGS, []):
        arn = iam.create_saml_provider(Name=name, SAMLMetadataDocument=SAML, Tags=tags)["SAMLProviderArn"]
        assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == tags
        iam.delete_saml_provider(SAMLProviderArn=arn)


def test_an_mfa_device_keeps_its_tags(iam: Any, name: str) -> None:
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name, Tags=TAGS)
    serial_number = made["VirtualMFADevice"]["SerialNumber"]

    assert iam.list_mfa_device_tags(SerialNumber=serial_number)["Tags"] == TAGS


def test_a_user_has_service_specific_credentials(iam: Any, user: str, account: str) -> None:
    made = iam.create_service_specific_credential(UserName=user, ServiceName="codecommit.amazonaws.com")
    credential = made["ServiceSpecificCredential"]
    assert credential["ServiceUserName"].endswith(f"-at-{account}")
    assert credential["ServicePassword"]

    listed = iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"]
    assert [found["ServiceSpecificCredentialId"] for found in listed] == [
        credential["ServiceSpecificCredentialId"]
    ]
    assert "ServicePassword" not in listed[0]


def test_a_service_specific_credential_is_changed_and_removed(iam: Any, user: str) -> None:
    made = iam.create_service_specific_credential(UserName=user, ServiceName="codecommit.amazonaws.com")
    named = {
        "UserName": user,
        "ServiceSpecificCredentialId": made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"],
    }

    iam.update_service_specific_credential(Status="Inactive", **named)
    listed = iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"]
    assert listed[0]["Status"] == "Inactive"

    reset = iam.reset_service_specific_credential(**named)["ServiceSpecificCredential"]
    assert reset["ServicePassword"] != made["ServiceSpecificCredential"]["ServicePassword"]

    iam.delete_service_specific_credential(**named)
    assert iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"] == []


def test_a_credential_that_is_not_there_is_said_to_be(iam: Any, user: str) -> None:
    with pytest.raises(ClientError) as missing:
        iam.delete_service_specific_credential(
            UserName=user, ServiceSpecificCredentialId="ACCA00000000000000000"
        )

    assert missing.value.response["Error"]["Code"] == "NoSuchEntity"
