"""SageMaker: domains, user profiles, lifecycle scripts."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws, eventually


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws("sagemaker")


@pytest.fixture
def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/research"


@pytest.fixture
def domain(aws: Aws, sagemaker: Any, name: str, role: str) -> str:
    """The id of a domain in a VPC."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    answer = sagemaker.create_domain(
        DomainName=name,
        AuthMode="IAM",
        VpcId=vpc,
        SubnetIds=[subnet],
        AppNetworkAccessType="VpcOnly",
        DefaultUserSettings={"ExecutionRole": role},
        TagPropagation="ENABLED",
    )
    domain_id: str = answer["DomainArn"].rpartition("/")[2]
    eventually(lambda: sagemaker.describe_domain(DomainId=domain_id)["Status"] == "InService")
    return domain_id


def code_of(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response["Error"]["Code"])


def test_a_domain_is_found_by_the_id_in_its_arn(sagemaker: Any, domain: str, name: str) -> None:
    found = sagemaker.describe_domain(DomainId=domain)

    assert domain.startswith("d-")
    assert found["DomainName"] == name
    assert found["TagPropagation"] == "ENABLED"
    assert found["HomeEfsFileSystemId"].startswith("fs-")
    assert domain in found["Url"]


def test_a_domains_settings_are_laid_over_those_it_has(sagemaker: Any, domain: str, role: str) -> None:
    sagemaker.update_domain(
        DomainId=domain,
        DefaultUserSettings={"SecurityGroups": ["sg-12345678"]},
        DomainSettingsForUpdate={"DockerSettings": {"EnableDockerAccess": "DISABLED"}},
    )

    found = sagemaker.describe_domain(DomainId=domain)
    assert found["DefaultUserSettings"]["ExecutionRole"] == role
    assert found["DefaultUserSettings"]["SecurityGroups"] == ["sg-12345678"]
    assert found["DomainSettings"]["DockerSettings"]["EnableDockerAccess"] == "DISABLED"


def test_a_domain_with_users_is_not_deleted(sagemaker: Any, domain: str) -> None:
    user = {"DomainId": domain, "UserProfileName": "ada"}
    sagemaker.create_user_profile(**user)
    eventually(lambda: sagemaker.describe_user_profile(**user)["Status"] == "InService")

    assert code_of(sagemaker.delete_domain, DomainId=domain) == "ResourceInUse"

    sagemaker.delete_user_profile(**user)
    eventually(lambda: not sagemaker.list_user_profiles(DomainIdEquals=domain)["UserProfiles"])
    assert code_of(sagemaker.describe_user_profile, **user) == "ResourceNotFound"
    sagemaker.delete_domain(DomainId=domain, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    eventually(lambda: domain not in str(sagemaker.list_domains()["Domains"]))
    assert code_of(sagemaker.describe_domain, DomainId=domain) == "ResourceNotFound"


def test_users_have_settings_and_tags_of_their_own(sagemaker: Any, domain: str, role: str) -> None:
    user = {"DomainId": domain, "UserProfileName": "grace"}
    tags = [{"Key": "Team", "Value": "science"}]
    arn = sagemaker.create_user_profile(**user, Tags=tags)["UserProfileArn"]
    eventually(lambda: sagemaker.describe_user_profile(**user)["Status"] == "InService")

    sagemaker.update_user_profile(**user, UserSettings={"ExecutionRole": role})

    assert sagemaker.describe_user_profile(**user)["UserSettings"]["ExecutionRole"] == role
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags


def test_who_signs_in_by_iam_has_no_single_sign_on_user(sagemaker: Any, domain: str) -> None:
    code = code_of(
        sagemaker.create_user_profile,
        DomainId=domain,
        UserProfileName="ada",
        SingleSignOnUserIdentifier="UserName",
        SingleSignOnUserValue="ada",
    )

    assert code == "ValidationException"


def test_a_lifecycle_script_is_kept_until_it_is_deleted(sagemaker: Any, name: str) -> None:
    sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent="ZWNobw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )
    script = {"StudioLifecycleConfigName": name}

    assert sagemaker.describe_studio_lifecycle_config(**script)["StudioLifecycleConfigContent"] == "ZWNobw=="
    sagemaker.delete_studio_lifecycle_config(**script)
    assert code_of(sagemaker.describe_studio_lifecycle_config, **script) == "ResourceNotFound"
