"""CloudWatch: composite alarms."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws


@pytest.fixture
def cloudwatch(aws: Aws) -> Any:
    return aws("cloudwatch")


@pytest.fixture
def alarm(cloudwatch: Any, name: str) -> str:
    """A metric alarm."""
    cloudwatch.put_metric_alarm(
        AlarmName=f"{name}-metric",
        Namespace="shop",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    return f"{name}-metric"


def composite(cloudwatch: Any, name: str) -> list[dict[str, Any]]:
    answer = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    found: list[dict[str, Any]] = answer["CompositeAlarms"]
    return found


def test_a_composite_alarm_is_made_changed_and_removed(
    cloudwatch: Any, name: str, alarm: str, account: str
) -> None:
    topic = f"arn:aws:sns:{REGION}:{account}:{name}"
    rule = f'ALARM("{alarm}") AND NOT OK({alarm})'
    cloudwatch.put_composite_alarm(
        AlarmName=name,
        AlarmRule=rule,
        AlarmDescription="both",
        AlarmActions=[topic],
        Tags=[{"Key": "team", "Value": "ops"}],
    )

    (found,) = composite(cloudwatch, name)
    assert found["AlarmRule"] == rule
    assert found["AlarmActions"] == [topic]
    assert found["ActionsEnabled"] is True
    assert "ActionsSuppressor" not in found
    assert found["AlarmArn"] == f"arn:aws:cloudwatch:{REGION}:{account}:alarm:{name}"
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "ops"}]

    cloudwatch.put_composite_alarm(
        AlarmName=name,
        AlarmRule=f"ALARM({alarm})",
        ActionsEnabled=False,
        ActionsSuppressor=alarm,
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=120,
    )
    (found,) = composite(cloudwatch, name)
    assert (found["AlarmRule"], found["ActionsEnabled"]) == (f"ALARM({alarm})", False)
    assert (found["ActionsSuppressor"], found["ActionsSuppressorWaitPeriod"]) == (alarm, 60)

    cloudwatch.delete_alarms(AlarmNames=[name])
    assert composite(cloudwatch, name) == []


def test_composite_alarms_are_answered_when_asked_for(cloudwatch: Any, name: str, alarm: str) -> None:
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f"ALARM({alarm})")

    plain = cloudwatch.describe_alarms(AlarmNames=[name, alarm])
    assert [found["AlarmName"] for found in plain["MetricAlarms"]] == [alarm]
    assert plain.get("CompositeAlarms", []) == []
    assert [found["AlarmName"] for found in composite(cloudwatch, name)] == [name]


def test_alarms_of_a_rule_must_exist(cloudwatch: Any, name: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f'ALARM("{name}-missing")')

    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert composite(cloudwatch, name) == []


def test_a_composite_alarm_is_deleted_alone(cloudwatch: Any, name: str, alarm: str) -> None:
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f"ALARM({alarm})")

    with pytest.raises(ClientError) as refused:
        cloudwatch.delete_alarms(AlarmNames=[name, alarm])

    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert len(composite(cloudwatch, name)) == 1
