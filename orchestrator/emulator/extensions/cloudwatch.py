"""CloudWatch: composite alarms, and the kinds of alarms that are asked for.

AWS (CloudWatch API reference)

- ``PutCompositeAlarm`` makes an alarm over other alarms, which must exist, or changes it; a suppressor comes with
  both of its periods. Tags count when the alarm is made, not when it is changed.
- ``DescribeAlarms`` answers metric alarms, and composite alarms only when ``AlarmTypes`` names them.
- ``DeleteAlarms`` takes one composite alarm at a time, and not together with others.

moto lacks the first and answers composite alarms always. Rules are kept as they are given; a composite alarm's state
does not follow from those of its alarms here.

Needed by ``aws_cloudwatch_composite_alarm``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.models import Alarm
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from orchestrator.emulator.patch import add, memory, wrap

_IN_RULE = re.compile(r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s\"')]+))\s*\)")
_SUPPRESSOR = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


def register() -> None:
    """Extend moto's CloudWatch responses."""

    @add(CloudWatchResponse)
    def put_composite_alarm(response: Any) -> EmptyResult:
        backend = response.cloudwatch_backend
        name, rule = response._get_param("AlarmName"), response._get_param("AlarmRule")
        suppressor = {key: response._get_param(key) for key in _SUPPRESSOR}
        _check(backend, name, rule, suppressor)
        tags = response._get_param("Tags", [])
        if tags and name not in backend.alarms:
            backend.tagger.tag_resource(_arn(backend, name), tags)
        alarm = _alarm(response, backend, name, rule)
        memory(alarm)["suppressor"] = {key: value for key, value in suppressor.items() if value is not None}
        backend.alarms[name] = alarm
        return EmptyResult()

    @wrap(CloudWatchResponse, "describe_alarms")
    def describe_alarms(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        found: Any = original(response).result
        wanted = response._get_param("AlarmTypes", []) or ["MetricAlarm"]
        metric = found["MetricAlarms"] if "MetricAlarm" in wanted else []
        composite = (
            [_described(alarm) for alarm in found["CompositeAlarms"]] if "CompositeAlarm" in wanted else []
        )
        return ActionResult({"MetricAlarms": metric, "CompositeAlarms": composite})

    @wrap(CloudWatchResponse, "delete_alarms")
    def delete_alarms(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        names = response._get_param("AlarmNames", [])
        alarms = response.cloudwatch_backend.alarms
        if len(names) > 1 and any(name in alarms and alarms[name].rule is not None for name in names):
            raise ValidationError("Only one composite alarm can be deleted per request")
        return original(response)


def _check(backend: Any, name: str, rule: str | None, suppressor: dict[str, Any]) -> None:
    if not rule:
        raise ValidationError("AlarmRule must not be empty")
    named = {next(filter(None, match)) for match in _IN_RULE.findall(rule)}
    known = set(backend.alarms) | {alarm.alarm_arn for alarm in backend.alarms.values()}
    if missing := sorted(named - known):
        raise ValidationError(
            f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist"
        )
    if name in named or _arn(backend, name) in named:
        raise ValidationError(f"The composite alarm {name} can't be part of its own rule")
    given = [value is not None for value in suppressor.values()]
    if any(given) and not all(given):
        raise InvalidParameterValue(
            "ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod go together"
        )


def _alarm(response: Any, backend: Any, name: str, rule: str) -> Alarm:
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "metric_name",
            "namespace",
            "metric_data_queries",
            "comparison_operator",
            "evaluation_periods",
            "datapoints_to_alarm",
            "period",
            "threshold",
            "statistic",
            "extended_statistic",
            "unit",
            "treat_missing_data",
            "evaluate_low_sample_count_percentile",
            "threshold_metric_id",
        )
    )
    return Alarm(
        account_id=backend.account_id,
        region_name=backend.region_name,
        name=name,
        description=response._get_param("AlarmDescription"),
        dimensions=[],
        alarm_actions=response._get_param("AlarmActions", []),
        ok_actions=response._get_param("OKActions", []),
        insufficient_data_actions=response._get_param("InsufficientDataActions", []),
        actions_enabled=response._get_bool_param("ActionsEnabled", True),
        rule=rule,
        **nothing,
    )


def _described(alarm: Alarm) -> dict[str, Any]:
    described: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "AlarmDescription": alarm.description,
        "AlarmRule": alarm.rule,
        "ActionsEnabled": alarm.actions_enabled,
        "AlarmActions": alarm.alarm_actions,
        "OKActions": alarm.ok_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "AlarmConfigurationUpdatedTimestamp": alarm.configuration_updated_timestamp,
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateReasonData": alarm.state_reason_data,
        "StateUpdatedTimestamp": alarm.state_updated_timestamp,
        "StateTransitionedTimestamp": alarm.state_updated_timestamp,
    }
    suppressor: dict[str, Any] = memory(alarm).get("suppressor", {})
    return described | suppressor


def _arn(backend: Any, name: str) -> str:
    return f"arn:{backend.partition}:cloudwatch:{backend.region_name}:{backend.account_id}:alarm:{name}"
