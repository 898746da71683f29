"""SageMaker's domains, their users' profiles and their lifecycle scripts.

AWS (SageMaker API reference):

- ``CreateDomain`` answers the ARN and the id (``d-…``) of a domain; ``DescribeDomain`` answers all that was given, and a
  home file system, a boundary's security group and an address. ``UpdateDomain`` lays settings over those that are
  there. ``DeleteDomain`` refuses one that has user profiles (``ResourceInUse``). Another domain of the same name is
  ``ResourceInUse``, what does not exist ``ResourceNotFound``.
- ``CreateUserProfile``, ``DescribeUserProfile``, ``UpdateUserProfile``, ``DeleteUserProfile``, ``ListUserProfiles``:
  each has a user id of its own on the file system. A domain whose users sign in by IAM takes no single sign-on user.
- ``CreateStudioLifecycleConfig``, ``DescribeStudioLifecycleConfig``, ``DeleteStudioLifecycleConfig``,
  ``ListStudioLifecycleConfigs``.

moto does not answer a domain's id, takes two of one name, drops the propagation of tags, says
``ValidationException`` for one that is gone, and has neither updates, user profiles nor lifecycle scripts.

No notebook runs, and the file system, its security groups and its network interfaces do not exist in EFS and EC2:
control plane only.

Needed by ``aws_sagemaker_domain``, ``aws_sagemaker_user_profile``, ``aws_sagemaker_studio_lifecycle_config``.
"""

from __future__ import annotations

import json
import secrets
import string
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceInUseException, ResourceNotFound, ValidationError
from moto.sagemaker.models import BaseObject
from moto.sagemaker.responses import SageMakerResponse
from moto.sagemaker.utils import arn_formatter

from orchestrator.emulator.extensions.sagemaker import collection
from orchestrator.emulator.patch import add, replace

_DOMAIN = (
    "DomainName",
    "AuthMode",
    "DefaultUserSettings",
    "DefaultSpaceSettings",
    "DomainSettings",
    "SubnetIds",
    "VpcId",
    "KmsKeyId",
    "AppSecurityGroupManagement",
)
_CHANGED = (
    "DefaultUserSettings",
    "DefaultSpaceSettings",
    "SubnetIds",
    "AppNetworkAccessType",
    "AppSecurityGroupManagement",
    "TagPropagation",
)
_PROFILE = (
    "DomainId",
    "UserProfileName",
    "SingleSignOnUserIdentifier",
    "SingleSignOnUserValue",
    "UserSettings",
)
_SCRIPT = ("StudioLifecycleConfigName", "StudioLifecycleConfigContent", "StudioLifecycleConfigAppType")


class Described(BaseObject):  # type: ignore[misc]
    """A resource, as its Describe operation answers it."""

    def __init__(self, arn: str, described: dict[str, Any], tags: list[dict[str, str]] | None) -> None:
        self.arn = arn
        self.described = described
        self.tags = tags or []

    def change(self, **given: Any) -> None:
        """Lay what is given over what is there."""
        self.described |= given | {"LastModifiedTime": utcnow()}


def register() -> None:
    """Replace moto's domains; add user profiles and lifecycle scripts."""
    _domains()
    _profiles()
    _scripts()


def _domains() -> None:
    @replace(SageMakerResponse, "create_domain")
    def create_domain(response: Any) -> str:
        backend, name = response.sagemaker_backend, response._get_param("DomainName")
        if any(each.described["DomainName"] == name for each in backend.domains.values()):
            raise ResourceInUseException(
                f"Resource Already Exists: Domain with name {name} already exists. Choose a different name."
            )
        domain = _new_domain(response)
        backend.domains[domain.described["DomainId"]] = domain
        # Written out: an older botocore does not know that DomainId is answered, and would leave it out.
        return json.dumps({key: domain.described[key] for key in ("DomainArn", "DomainId", "Url")})

    @replace(SageMakerResponse, "describe_domain")
    def describe_domain(response: Any) -> ActionResult:
        return ActionResult(_domain(response).described)

    @add(SageMakerResponse)
    def update_domain(response: Any) -> ActionResult:
        domain = _domain(response)
        given = _given(response, _CHANGED)
        for key in ("DefaultUserSettings", "DefaultSpaceSettings"):
            if key in given:
                given[key] = (domain.described.get(key) or {}) | given[key]
        if settings := response._get_param("DomainSettingsForUpdate"):
            studio = settings.pop("RStudioServerProDomainSettingsForUpdate", None)
            settings |= {"RStudioServerProDomainSettings": studio} if studio else {}
            given["DomainSettings"] = (domain.described.get("DomainSettings") or {}) | settings
        domain.change(**given)
        return ActionResult({"DomainArn": domain.arn})

    @replace(SageMakerResponse, "delete_domain")
    def delete_domain(response: Any) -> ActionResult:
        domain_id = _domain(response).described["DomainId"]
        profiles = collection(response.sagemaker_backend, "user-profile")
        if any(path.startswith(f"{domain_id}/") for path in profiles):
            raise ResourceInUseException(
                f"Unable to delete Domain {domain_id} because UserProfile(s) are associated with it."
            )
        del response.sagemaker_backend.domains[domain_id]
        return EmptyResult()

    @replace(SageMakerResponse, "list_domains")
    def list_domains(response: Any) -> ActionResult:
        keys = ("DomainArn", "DomainId", "DomainName", "Status", "CreationTime", "LastModifiedTime", "Url")
        return ActionResult({"Domains": _summaries(response.sagemaker_backend.domains, keys)})


def _new_domain(response: Any) -> Described:
    backend = response.sagemaker_backend
    domain_id = f"d-{_characters(12)}"
    arn = arn_formatter("domain", domain_id, backend.account_id, backend.region_name)
    described = _given(response, _DOMAIN) | {
        "DomainArn": arn,
        "DomainId": domain_id,
        "AppNetworkAccessType": response._get_param("AppNetworkAccessType") or "PublicInternetOnly",
        "TagPropagation": response._get_param("TagPropagation") or "DISABLED",
        "HomeEfsFileSystemId": f"fs-{_characters(17, 'abcdef' + string.digits)}",
        "SecurityGroupIdForDomainBoundary": f"sg-{_characters(17, 'abcdef' + string.digits)}",
        "Url": f"https://{domain_id}.studio.{backend.region_name}.sagemaker.aws",
        "Status": "InService",
        "CreationTime": utcnow(),
        "LastModifiedTime": utcnow(),
    }
    if "KmsKeyId" in described:
        described["HomeEfsFileSystemKmsKeyId"] = described["KmsKeyId"]
    return Described(arn, described, response._get_param("Tags"))


def _domain(response: Any) -> Described:
    domain_id = response._get_param("DomainId")
    found: Described | None = response.sagemaker_backend.domains.get(domain_id)
    if found is None:
        raise ResourceNotFound(f"Domain [{domain_id}] does not exist.")
    return found


def _profiles() -> None:
    @add(SageMakerResponse)
    def create_user_profile(response: Any) -> ActionResult:
        backend, domain = response.sagemaker_backend, _domain(response)
        given = _given(response, _PROFILE)
        path = f"{given['DomainId']}/{given['UserProfileName']}"
        profiles = collection(backend, "user-profile")
        if path in profiles:
            raise ResourceInUseException(
                f"UserProfile {given['UserProfileName']} already exists in {given['DomainId']}."
            )
        if domain.described["AuthMode"] == "IAM" and "SingleSignOnUserIdentifier" in given:
            raise ValidationError("SingleSignOnUserIdentifier is not supported for AuthMode [IAM]")
        arn = arn_formatter("user-profile", path, backend.account_id, backend.region_name)
        described = given | {
            "UserProfileArn": arn,
            "HomeEfsFileSystemUid": str(200001 + 5 * len(profiles)),
            "Status": "InService",
            "CreationTime": utcnow(),
            "LastModifiedTime": utcnow(),
        }
        profiles[path] = Described(arn, described, response._get_param("Tags"))
        return ActionResult({"UserProfileArn": arn})

    @add(SageMakerResponse)
    def describe_user_profile(response: Any) -> ActionResult:
        return ActionResult(_profile(response).described)

    @add(SageMakerResponse)
    def update_user_profile(response: Any) -> ActionResult:
        profile = _profile(response)
        settings = response._get_param("UserSettings") or {}
        profile.change(UserSettings=(profile.described.get("UserSettings") or {}) | settings)
        return ActionResult({"UserProfileArn": profile.arn})

    @add(SageMakerResponse)
    def delete_user_profile(response: Any) -> ActionResult:
        described = _profile(response).described
        profiles = collection(response.sagemaker_backend, "user-profile")
        del profiles[f"{described['DomainId']}/{described['UserProfileName']}"]
        return EmptyResult()

    @add(SageMakerResponse)
    def list_user_profiles(response: Any) -> ActionResult:
        domain_id = response._get_param("DomainIdEquals")
        profiles = collection(response.sagemaker_backend, "user-profile")
        found = {
            path: profile
            for path, profile in profiles.items()
            if not domain_id or profile.described["DomainId"] == domain_id
        }
        keys = ("DomainId", "UserProfileName", "Status", "CreationTime", "LastModifiedTime")
        return ActionResult({"UserProfiles": _summaries(found, keys)})


def _profile(response: Any) -> Described:
    name = response._get_param("UserProfileName")
    path = f"{_domain(response).described['DomainId']}/{name}"
    found: Described | None = collection(response.sagemaker_backend, "user-profile").get(path)
    if found is None:
        raise ResourceNotFound(f"UserProfile [{name}] does not exist.")
    return found


def _scripts() -> None:
    @add(SageMakerResponse)
    def create_studio_lifecycle_config(response: Any) -> ActionResult:
        backend, given = response.sagemaker_backend, _given(response, _SCRIPT)
        name = given["StudioLifecycleConfigName"]
        scripts = collection(backend, "studio-lifecycle-config")
        if name in scripts:
            raise ResourceInUseException(f"StudioLifecycleConfig {name} already exists.")
        arn = arn_formatter("studio-lifecycle-config", name, backend.account_id, backend.region_name)
        now = utcnow()
        described = given | {"StudioLifecycleConfigArn": arn, "CreationTime": now, "LastModifiedTime": now}
        scripts[name] = Described(arn, described, response._get_param("Tags"))
        return ActionResult({"StudioLifecycleConfigArn": arn})

    @add(SageMakerResponse)
    def describe_studio_lifecycle_config(response: Any) -> ActionResult:
        return ActionResult(_script(response).described)

    @add(SageMakerResponse)
    def delete_studio_lifecycle_config(response: Any) -> ActionResult:
        name = _script(response).described["StudioLifecycleConfigName"]
        del collection(response.sagemaker_backend, "studio-lifecycle-config")[name]
        return EmptyResult()

    @add(SageMakerResponse)
    def list_studio_lifecycle_configs(response: Any) -> ActionResult:
        scripts = collection(response.sagemaker_backend, "studio-lifecycle-config")
        keys = (
            "StudioLifecycleConfigArn",
            "StudioLifecycleConfigName",
            "StudioLifecycleConfigAppType",
            "CreationTime",
            "LastModifiedTime",
        )
        return ActionResult({"StudioLifecycleConfigs": _summaries(scripts, keys)})


def _script(response: Any) -> Described:
    name = response._get_param("StudioLifecycleConfigName")
    found: Described | None = collection(response.sagemaker_backend, "studio-lifecycle-config").get(name)
    if found is None:
        raise ResourceNotFound(f"StudioLifecycleConfig [{name}] does not exist.")
    return found


def _given(response: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: response._get_param(key) for key in keys if response._get_param(key) is not None}


def _summaries(found: dict[str, Described], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{key: each.described[key] for key in keys} for each in found.values()]


def _characters(count: int, among: str = string.ascii_lowercase + string.digits) -> str:
    return "".join(secrets.choice(among) for _ in range(count))
