"""IAM tags of SAML providers and MFA devices, and service-specific credentials.

AWS (IAM API reference) keeps tags on SAML providers and virtual MFA devices (``TagSAMLProvider``,
``ListSAMLProviderTags``, ``TagMFADevice``, ``ListMFADeviceTags`` and their kin) and user names and passwords for
single services (``CreateServiceSpecificCredential``, ``ListServiceSpecificCredentials`` and their kin).

moto knows none of these operations and ignores the tags given on creation.

Needed by ``aws_iam_saml_provider`` (its tags change in every plan), ``aws_iam_virtual_mfa_device``,
``aws_iam_service_specific_credential``, and by deleting any ``aws_iam_user`` with ``force_destroy``, which lists its
service-specific credentials.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse

from orchestrator.emulator.patch import add, memory, wrap

_SECRET_FIELDS = frozenset({"ServicePassword"})


def register() -> None:
    """Extend moto's IAM responses."""
    _keep_tags("saml_provider", "SAMLProviderArn")
    _keep_tags("mfa_device", "SerialNumber")
    _tag_on_creation()
    _keep_service_specific_credentials()


def _keep_tags(kind: str, parameter: str) -> None:
    """Add the three tag operations of one kind of resource, which the request names in ``parameter``."""

    def tag(response: Any) -> ActionResult:
        response.backend.tagger.tag_resource(response._get_param(parameter), response._get_param("Tags"))
        return EmptyResult()

    def untag(response: Any) -> ActionResult:
        keys = response._get_param("TagKeys")
        response.backend.tagger.untag_resource_using_names(response._get_param(parameter), keys)
        return EmptyResult()

    def list_tags(response: Any) -> ActionResult:
        tags = response.backend.tagger.list_tags_for_resource(response._get_param(parameter))["Tags"]
        return ActionResult({"Tags": tags, "IsTruncated": False})

    add(IamResponse, f"tag_{kind}")(tag)
    add(IamResponse, f"untag_{kind}")(untag)
    add(IamResponse, f"list_{kind}_tags")(list_tags)


def _tag_on_creation() -> None:
    @wrap(IamResponse, "create_saml_provider")
    def create_saml_provider(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response)
        response.backend.tagger.tag_resource(
            answer.result["SAMLProviderArn"], response._get_param("Tags", [])
        )
        return ActionResult(answer.result)

    @wrap(IamResponse, "get_saml_provider")
    def get_saml_provider(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        provider: Any = original(response).result
        tags = response.backend.tagger.list_tags_for_resource(provider.arn)["Tags"]
        return ActionResult(
            {
                "SAMLMetadataDocument": provider.saml_metadata_document,
                "CreateDate": provider.create_date,
                "ValidUntil": provider.valid_until,
                "Tags": tags,
            }
        )

    @wrap(IamResponse, "delete_saml_provider")
    def delete_saml_provider(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        response.backend.tagger.delete_all_tags_for_resource(response._get_param("SAMLProviderArn"))
        return original(response)

    @wrap(IamResponse, "create_virtual_mfa_device")
    def create_virtual_mfa_device(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response)
        serial_number = answer.result["VirtualMFADevice"].serial_number
        response.backend.tagger.tag_resource(serial_number, response._get_param("Tags", []))
        return ActionResult(answer.result)

    @wrap(IamResponse, "delete_virtual_mfa_device")
    def delete_virtual_mfa_device(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        response.backend.tagger.delete_all_tags_for_resource(response._get_param("SerialNumber"))
        return original(response)


def _keep_service_specific_credentials() -> None:
    @add(IamResponse)
    def create_service_specific_credential(response: Any) -> ActionResult:
        user = response.backend.get_user(response._get_param("UserName"))
        credential_id = "ACCA" + secrets.token_hex(8).upper()
        credentials = memory(user).setdefault("service credentials", {})
        credentials[credential_id] = {
            "CreateDate": utcnow(),
            "ServiceName": response._get_param("ServiceName"),
            "ServiceUserName": f"{user.name}-at-{response.current_account}",
            "ServicePassword": secrets.token_urlsafe(32),
            "ServiceSpecificCredentialId": credential_id,
            "UserName": user.name,
            "Status": "Active",
        }
        return ActionResult({"ServiceSpecificCredential": credentials[credential_id]})

    @add(IamResponse)
    def list_service_specific_credentials(response: Any) -> ActionResult:
        user = response.backend.get_user(response._get_param("UserName"))
        service = response._get_param("ServiceName")
        found = [
            {name: value for name, value in credential.items() if name not in _SECRET_FIELDS}
            for credential in memory(user).get("service credentials", {}).values()
            if service in (None, credential["ServiceName"])
        ]
        return ActionResult({"ServiceSpecificCredentials": found})

    @add(IamResponse)
    def update_service_specific_credential(response: Any) -> ActionResult:
        _credential(response)["Status"] = response._get_param("Status")
        return EmptyResult()

    @add(IamResponse)
    def reset_service_specific_credential(response: Any) -> ActionResult:
        credential = _credential(response)
        credential["ServicePassword"] = secrets.token_urlsafe(32)
        return ActionResult({"ServiceSpecificCredential": credential})

    @add(IamResponse)
    def delete_service_specific_credential(response: Any) -> ActionResult:
        credential = _credential(response)
        user = response.backend.get_user(credential["UserName"])
        del memory(user)["service credentials"][credential["ServiceSpecificCredentialId"]]
        return EmptyResult()


def _credential(response: Any) -> dict[str, Any]:
    """The credential that the request names; a request without a user name is about whoever has it."""
    name, wanted = response._get_param("UserName"), response._get_param("ServiceSpecificCredentialId")
    users = [response.backend.get_user(name)] if name else response.backend.users.values()
    for user in users:
        credential: dict[str, Any] | None = memory(user).get("service credentials", {}).get(wanted)
        if credential is not None:
            return credential
    raise NotFoundException(f"Service Specific Credential {wanted} does not exist")
