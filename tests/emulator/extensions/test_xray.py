"""X-Ray: groups, sampling rules, encryption, resource policies, tags."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws, eventually

TAGS = [{"Key": "team", "Value": "ops"}]


@pytest.fixture
def xray(aws: Aws) -> Any:
    return aws("xray")


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response["Error"]["Code"])


def test_a_group_is_made_changed_tagged_and_removed(xray: Any, name: str, account: str) -> None:
    made = xray.create_group(
        GroupName=name,
        FilterExpression="fault = true",
        InsightsConfiguration={"InsightsEnabled": True, "NotificationsEnabled": False},
        Tags=TAGS,
    )["Group"]
    assert made["GroupARN"].startswith(f"arn:aws:xray:{REGION}:{account}:group/{name}/")
    assert xray.list_tags_for_resource(ResourceARN=made["GroupARN"])["Tags"] == TAGS
    assert refused(xray.create_group, GroupName=name) == "InvalidRequestException"

    xray.update_group(GroupARN=made["GroupARN"], FilterExpression="error = true")
    found = xray.get_group(GroupName=name)["Group"]
    assert found["FilterExpression"] == "error = true"
    assert found["InsightsConfiguration"] == {"InsightsEnabled": True, "NotificationsEnabled": False}
    listed = {group["GroupName"] for group in xray.get_groups()["Groups"]}
    assert {name, "Default"} <= listed

    xray.untag_resource(ResourceARN=made["GroupARN"], TagKeys=["team"])
    xray.tag_resource(ResourceARN=made["GroupARN"], Tags=[{"Key": "a", "Value": "b"}])
    assert xray.list_tags_for_resource(ResourceARN=made["GroupARN"])["Tags"] == [{"Key": "a", "Value": "b"}]

    xray.delete_group(GroupARN=made["GroupARN"])
    assert refused(xray.get_group, GroupName=name) == "InvalidRequestException"
    gone = refused(xray.list_tags_for_resource, ResourceARN=made["GroupARN"])
    assert gone == "ResourceNotFoundException"


def rule(name: str, **given: Any) -> dict[str, Any]:
    everything = dict.fromkeys(
        ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"), "*"
    )
    numbers = {"Priority": 100, "FixedRate": 0.1, "ReservoirSize": 5, "Version": 1}
    return {**everything, **numbers, "RuleName": name, **given}


def rules(xray: Any) -> dict[str, dict[str, Any]]:
    pages = xray.get_paginator("get_sampling_rules").paginate()
    records = [record["SamplingRule"] for page in pages for record in page["SamplingRuleRecords"]]
    return {record["RuleName"]: record for record in records}


def test_a_sampling_rule_is_made_changed_and_removed(xray: Any, name: str, account: str) -> None:
    short = name[:32]
    made = xray.create_sampling_rule(SamplingRule=rule(short), Tags=TAGS)["SamplingRuleRecord"]
    arn = made["SamplingRule"]["RuleARN"]
    assert arn == f"arn:aws:xray:{REGION}:{account}:sampling-rule/{short}"
    assert xray.list_tags_for_resource(ResourceARN=arn)["Tags"] == TAGS

    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": short, "FixedRate": 0.5, "URLPath": "/orders*"})
    found = rules(xray)[short]
    assert (found["FixedRate"], found["URLPath"], found["ReservoirSize"]) == (0.5, "/orders*", 5)

    xray.delete_sampling_rule(RuleName=short)
    assert short not in rules(xray)


def test_what_a_sampling_rule_may_not_be_is_refused(xray: Any, name: str) -> None:
    short = name[:32]
    given = rule(short, Priority=10001)
    assert refused(xray.create_sampling_rule, SamplingRule=given) == "InvalidRequestException"
    assert refused(xray.delete_sampling_rule, RuleName=short) == "InvalidRequestException"
    assert refused(xray.delete_sampling_rule, RuleName="Default") == "InvalidRequestException"


def test_traces_are_encrypted_with_a_key_and_without(aws: Aws, xray: Any) -> None:
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    assert refused(xray.put_encryption_config, Type="KMS") == "InvalidRequestException"

    def config() -> dict[str, Any]:
        found: dict[str, Any] = xray.get_encryption_config()["EncryptionConfig"]
        return found

    xray.put_encryption_config(Type="KMS", KeyId=key)
    eventually(lambda: config()["Status"] == "ACTIVE")
    assert (config()["Type"], config()["KeyId"]) == ("KMS", key)

    xray.put_encryption_config(Type="NONE")
    eventually(lambda: config()["Status"] == "ACTIVE")
    assert config()["Type"] == "NONE"
    assert "KeyId" not in config()


def test_a_resource_policy_is_made_changed_and_removed(xray: Any, name: str) -> None:
    made = xray.put_resource_policy(PolicyName=name, PolicyDocument='{"Statement": []}')["ResourcePolicy"]
    changed = xray.put_resource_policy(
        PolicyName=name, PolicyDocument="{}", PolicyRevisionId=made["PolicyRevisionId"]
    )["ResourcePolicy"]
    assert changed["PolicyRevisionId"] != made["PolicyRevisionId"]
    again = refused(
        xray.put_resource_policy,
        PolicyName=name,
        PolicyDocument="{}",
        PolicyRevisionId=made["PolicyRevisionId"],
    )
    assert again == "InvalidPolicyRevisionIdException"
    malformed = refused(xray.put_resource_policy, PolicyName=name, PolicyDocument="{")
    assert malformed == "MalformedPolicyDocumentException"
    (found,) = [p for p in xray.list_resource_policies()["ResourcePolicies"] if p["PolicyName"] == name]
    assert found["PolicyDocument"] == "{}"

    xray.delete_resource_policy(PolicyName=name)
    assert name not in {policy["PolicyName"] for policy in xray.list_resource_policies()["ResourcePolicies"]}
