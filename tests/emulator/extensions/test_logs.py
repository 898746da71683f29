"""CloudWatch Logs: group classes, subscription filters, queries, policies, anomaly detectors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws, eventually

PROTECTION = json.dumps(
    {
        "Name": "addresses",
        "Version": "2021-06-01",
        "Statement": [
            {
                "Sid": "audit",
                "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
                "Operation": {"Audit": {"FindingsDestination": {}}},
            },
            {
                "Sid": "mask",
                "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
                "Operation": {"Deidentify": {"MaskConfig": {}}},
            },
        ],
    }
)


@pytest.fixture
def logs(aws: Aws) -> Any:
    return aws("logs")


@pytest.fixture
def group(logs: Any, name: str) -> str:
    logs.create_log_group(logGroupName=f"/{name}/app")
    return f"/{name}/app"


def describe(logs: Any, group: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert len(found) == 1
    return found[0]


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("given", "answered"),
    [({}, "STANDARD"), ({"logGroupClass": "INFREQUENT_ACCESS"}, "INFREQUENT_ACCESS")],
)
def test_the_class_of_a_group_is_answered(logs: Any, name: str, given: dict[str, str], answered: str) -> None:
    logs.create_log_group(logGroupName=name, **given)

    assert describe(logs, name)["logGroupClass"] == answered


def test_a_subscription_filter_keeps_its_distribution_and_can_be_changed(
    aws: Aws, logs: Any, group: str, name: str, account: str
) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    waiter = kinesis.get_waiter("stream_exists")
    waiter.wait(StreamName=name)

    def put(filter_name: str, **more: str) -> None:
        logs.put_subscription_filter(
            logGroupName=group,
            filterName=filter_name,
            destinationArn=arn,
            roleArn=f"arn:aws:iam::{account}:role/logs",
            **{"filterPattern": "", **more},
        )

    put("first", distribution="Random")
    put("second")
    put("first", distribution="Random", filterPattern="ERROR")  # changes one of two, which is the limit

    found = {
        one["filterName"]: one
        for one in logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"]
    }
    assert (found["first"]["distribution"], found["second"]["distribution"]) == ("Random", "ByLogStream")
    assert found["first"]["filterPattern"] == "ERROR"


def test_a_query_is_kept_changed_and_removed(logs: Any, group: str, name: str) -> None:
    def found() -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = logs.describe_query_definitions(queryDefinitionNamePrefix=name)[
            "queryDefinitions"
        ]
        return answer

    made = logs.put_query_definition(
        name=f"{name}/errors", queryString="fields @message", logGroupNames=[group]
    )
    identity = made["queryDefinitionId"]
    assert [(query["name"], query["logGroupNames"]) for query in found()] == [(f"{name}/errors", [group])]

    logs.put_query_definition(name=f"{name}/errors", queryString="limit 1", queryDefinitionId=identity)
    assert [query["queryString"] for query in found()] == ["limit 1"]

    assert logs.delete_query_definition(queryDefinitionId=identity)["success"]
    assert found() == []
    with pytest.raises(ClientError) as missing:
        logs.delete_query_definition(queryDefinitionId=identity)
    assert code_of(missing) == "ResourceNotFoundException"


def test_a_group_keeps_its_data_protection_policy(logs: Any, group: str) -> None:
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=group)

    logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=PROTECTION)

    found = logs.get_data_protection_policy(logGroupIdentifier=group)
    assert json.loads(found["policyDocument"]) == json.loads(PROTECTION)
    assert describe(logs, group)["dataProtectionStatus"] == "ACTIVATED"

    logs.delete_data_protection_policy(logGroupIdentifier=group)
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=group)


def test_a_group_keeps_its_index_policy(logs: Any, group: str) -> None:
    document = json.dumps({"Fields": ["requestId"]})

    logs.put_index_policy(logGroupIdentifier=group, policyDocument=document)
    found = logs.describe_index_policies(logGroupIdentifiers=[group])["indexPolicies"]
    assert [json.loads(policy["policyDocument"]) for policy in found] == [{"Fields": ["requestId"]}]

    logs.delete_index_policy(logGroupIdentifier=group)
    assert logs.describe_index_policies(logGroupIdentifiers=[group])["indexPolicies"] == []


def test_policies_of_groups_that_are_not_there_are_refused(logs: Any, name: str) -> None:
    with pytest.raises(ClientError) as missing:
        logs.put_data_protection_policy(logGroupIdentifier=name, policyDocument=PROTECTION)

    assert code_of(missing) == "ResourceNotFoundException"


def test_an_account_keeps_its_policies(logs: Any, name: str) -> None:
    named = {"policyName": name, "policyType": "DATA_PROTECTION_POLICY"}

    logs.put_account_policy(policyDocument=PROTECTION, scope="ALL", **named)

    found = logs.describe_account_policies(**named)["accountPolicies"]
    assert [(policy["policyName"], policy["scope"]) for policy in found] == [(name, "ALL")]

    logs.delete_account_policy(**named)
    with pytest.raises(ClientError) as missing:
        logs.describe_account_policies(**named)
    assert code_of(missing) == "ResourceNotFoundException"


def test_an_anomaly_detector_is_kept_changed_and_removed(logs: Any, group: str, account: str) -> None:
    arn = f"arn:aws:logs:{REGION}:{account}:log-group:{group}"
    made = logs.create_log_anomaly_detector(
        logGroupArnList=[arn], detectorName="spikes", evaluationFrequency="TEN_MIN", tags={"team": "data"}
    )
    named = {"anomalyDetectorArn": made["anomalyDetectorArn"]}

    found = logs.get_log_anomaly_detector(**named)
    assert (found["detectorName"], found["logGroupArnList"]) == ("spikes", [arn])
    assert logs.list_tags_for_resource(resourceArn=made["anomalyDetectorArn"])["tags"] == {"team": "data"}

    logs.update_log_anomaly_detector(enabled=False, evaluationFrequency="ONE_HOUR", **named)
    eventually(lambda: logs.get_log_anomaly_detector(**named)["anomalyDetectorStatus"] == "PAUSED")
    assert logs.get_log_anomaly_detector(**named)["evaluationFrequency"] == "ONE_HOUR"
    listed = logs.list_log_anomaly_detectors(filterLogGroupArn=arn)["anomalyDetectors"]
    assert [detector["anomalyDetectorArn"] for detector in listed] == [made["anomalyDetectorArn"]]

    logs.delete_log_anomaly_detector(**named)
    with pytest.raises(ClientError) as missing:
        logs.get_log_anomaly_detector(**named)
    assert code_of(missing) == "ResourceNotFoundException"
