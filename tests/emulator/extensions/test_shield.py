"""Shield Advanced: subscription, protection groups, whom AWS calls, what it does by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws


@pytest.fixture
def shield(aws: Aws) -> Any:
    """A client for an account with a subscription."""
    client = aws("shield", region="us-east-1")
    if client.get_subscription_state()["SubscriptionState"] == "INACTIVE":
        client.create_subscription()
    return client


@pytest.fixture
def site(shield: Any, name: str, account: str) -> Iterator[dict[str, Any]]:
    """A protected distribution."""
    arn = f"arn:aws:cloudfront::{account}:distribution/{name}"
    made = shield.create_protection(Name=name, ResourceArn=arn)["ProtectionId"]
    yield {"ProtectionId": made, "ResourceArn": arn}
    shield.delete_protection(ProtectionId=made)


def test_a_subscription_is_made_once_and_tells_its_times(shield: Any) -> None:
    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        shield.create_subscription()

    found = shield.describe_subscription()["Subscription"]
    assert isinstance(found["StartTime"], datetime)
    assert found["EndTime"] > found["StartTime"]


def test_a_subscription_ends_when_it_is_not_renewed(shield: Any) -> None:
    shield.update_subscription(AutoRenew="DISABLED")
    assert shield.describe_subscription()["Subscription"]["AutoRenew"] == "DISABLED"

    shield.update_subscription(AutoRenew="ENABLED")
    assert shield.describe_subscription()["Subscription"]["AutoRenew"] == "ENABLED"


def test_protections_are_grouped(shield: Any, site: dict[str, Any], name: str, account: str) -> None:
    tags = [{"Key": "team", "Value": "edge"}]
    shield.create_protection_group(
        ProtectionGroupId=name,
        Aggregation="MEAN",
        Pattern="ARBITRARY",
        Members=[site["ResourceArn"]],
        Tags=tags,
    )

    found = shield.describe_protection_group(ProtectionGroupId=name)["ProtectionGroup"]
    assert found["Members"] == [site["ResourceArn"]]
    assert found["ProtectionGroupArn"] == f"arn:aws:shield::{account}:protection-group/{name}"
    assert shield.list_tags_for_resource(ResourceARN=found["ProtectionGroupArn"])["Tags"] == tags

    shield.update_protection_group(ProtectionGroupId=name, Aggregation="SUM", Pattern="ALL")
    found = shield.describe_protection_group(ProtectionGroupId=name)["ProtectionGroup"]
    assert (found["Aggregation"], found["Pattern"], found["Members"]) == ("SUM", "ALL", [])

    shield.delete_protection_group(ProtectionGroupId=name)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        shield.describe_protection_group(ProtectionGroupId=name)


def test_a_group_by_type_names_the_type(shield: Any, name: str) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        shield.create_protection_group(ProtectionGroupId=name, Aggregation="MAX", Pattern="BY_RESOURCE_TYPE")


def test_the_response_team_has_a_role(shield: Any, account: str) -> None:
    role = f"arn:aws:iam::{account}:role/shield-response-team"
    shield.associate_drt_role(RoleArn=role)
    assert shield.describe_drt_access()["RoleArn"] == role

    shield.disassociate_drt_role()
    assert "RoleArn" not in shield.describe_drt_access()


def test_contacts_are_kept_and_engagement_follows(shield: Any) -> None:
    contacts = [{"EmailAddress": "ops@example.com", "PhoneNumber": "+4930123456"}]
    shield.associate_proactive_engagement_details(EmergencyContactList=contacts)
    assert shield.describe_emergency_contact_settings()["EmergencyContactList"] == contacts
    assert shield.describe_subscription()["Subscription"]["ProactiveEngagementStatus"] == "ENABLED"

    shield.disable_proactive_engagement()
    assert shield.describe_subscription()["Subscription"]["ProactiveEngagementStatus"] == "DISABLED"

    shield.update_emergency_contact_settings(EmergencyContactList=[])
    with pytest.raises(ClientError, match="InvalidParameterException"):
        shield.enable_proactive_engagement()


def test_a_protection_listens_to_a_health_check(shield: Any, site: dict[str, Any]) -> None:
    check = {"ProtectionId": site["ProtectionId"], "HealthCheckArn": "arn:aws:route53:::healthcheck/0f0f"}
    described = {"ProtectionId": site["ProtectionId"]}

    shield.associate_health_check(**check)
    assert shield.describe_protection(**described)["Protection"]["HealthCheckIds"] == ["0f0f"]

    shield.disassociate_health_check(**check)
    assert not shield.describe_protection(**described)["Protection"].get("HealthCheckIds")


def test_a_protection_answers_by_itself(shield: Any, site: dict[str, Any]) -> None:
    described = {"ProtectionId": site["ProtectionId"]}
    shield.enable_application_layer_automatic_response(ResourceArn=site["ResourceArn"], Action={"Count": {}})
    found = shield.describe_protection(**described)["Protection"]
    assert found["ApplicationLayerAutomaticResponseConfiguration"] == {
        "Status": "ENABLED",
        "Action": {"Count": {}},
    }

    shield.disable_application_layer_automatic_response(ResourceArn=site["ResourceArn"])
    found = shield.describe_protection(**described)["Protection"]
    assert "ApplicationLayerAutomaticResponseConfiguration" not in found
