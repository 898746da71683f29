"""Security Hub: configuration, standards, controls that are switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws

STANDARD = f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
CONTROL = {"SecurityControlId": "IAM.6", "StandardsArn": STANDARD}


@pytest.fixture
def hub(aws: Aws) -> Iterator[Any]:
    """A client for an account with Security Hub."""
    client = aws("securityhub")
    client.enable_security_hub(EnableDefaultStandards=False)
    yield client
    client.disable_security_hub()


@pytest.fixture
def subscription(hub: Any) -> str:
    """ARN of a subscription to a standard."""
    made = hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": STANDARD}])
    return str(made["StandardsSubscriptions"][0]["StandardsSubscriptionArn"])


def test_the_configuration_is_kept(hub: Any) -> None:
    hub.update_security_hub_configuration(
        AutoEnableControls=False, ControlFindingGenerator="STANDARD_CONTROL"
    )

    found = hub.describe_hub()
    assert (found["AutoEnableControls"], found["ControlFindingGenerator"]) == (False, "STANDARD_CONTROL")


def test_standards_come_and_go(hub: Any, subscription: str) -> None:
    wanted = {"StandardsSubscriptionArns": [subscription]}
    found = hub.get_enabled_standards(**wanted)["StandardsSubscriptions"]
    assert [one["StandardsArn"] for one in found] == [STANDARD]

    hub.batch_disable_standards(**wanted)
    found = hub.get_enabled_standards(**wanted)["StandardsSubscriptions"]
    assert [one for one in found if one["StandardsStatus"] != "DELETING"] == []


@pytest.mark.usefixtures("subscription")
def test_a_control_is_switched_off_with_a_reason(hub: Any) -> None:
    off = CONTROL | {"AssociationStatus": "DISABLED", "UpdatedReason": "one account of many"}
    answer = hub.batch_update_standards_control_associations(StandardsControlAssociationUpdates=[off])
    assert answer["UnprocessedAssociationUpdates"] == []

    found = hub.list_standards_control_associations(SecurityControlId="IAM.6")
    summary = next(
        one for one in found["StandardsControlAssociationSummaries"] if one["StandardsArn"] == STANDARD
    )
    assert (summary["AssociationStatus"], summary["UpdatedReason"]) == ("DISABLED", "one account of many")

    details = hub.batch_get_standards_control_associations(StandardsControlAssociationIds=[CONTROL])
    assert details["StandardsControlAssociationDetails"][0]["AssociationStatus"] == "DISABLED"


def test_an_account_without_the_hub_has_no_standards(aws: Aws) -> None:
    with pytest.raises(ClientError, match="InvalidAccessException"):
        aws("securityhub", region="eu-west-3").get_enabled_standards()
