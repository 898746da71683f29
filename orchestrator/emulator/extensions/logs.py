"""CloudWatch Logs: log group classes, saved queries, anomaly detectors, and policies of groups and accounts.

AWS (CloudWatch Logs API reference)

- ``CreateLogGroup`` takes ``logGroupClass``, ``DescribeLogGroups`` answers it (``STANDARD`` unless given).
- ``PutSubscriptionFilter`` takes ``distribution`` and changes a filter that exists, however many there are.
- ``PutQueryDefinition``, ``DescribeQueryDefinitions`` and ``DeleteQueryDefinition`` keep queries for the console.
- ``PutDataProtectionPolicy``, ``PutIndexPolicy`` (of a log group) and ``PutAccountPolicy``, with their describing and
  deleting operations, keep policies.
- ``CreateLogAnomalyDetector`` and its kin keep anomaly detectors.

moto answers no class and always ``ByLogStream``, refuses to change one of two subscription filters, and knows none
of the other operations. Policies and detectors are kept and answered here; they act on no log event.

Needed by ``aws_cloudwatch_log_group`` (an explicit ``log_group_class`` would replace the group),
``aws_cloudwatch_log_subscription_filter``, ``aws_cloudwatch_query_definition``,
``aws_cloudwatch_log_data_protection_policy``, ``_account_policy``, ``_index_policy`` and ``_anomaly_detector``.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.logs.models import LogGroup, SubscriptionFilter
from moto.logs.responses import LogsResponse

from orchestrator.emulator.patch import add, memory, wrap

_DETECTOR_FIELDS = (
    "anomalyVisibilityTime",
    "detectorName",
    "evaluationFrequency",
    "filterPattern",
    "kmsKeyId",
    "logGroupArnList",
)


def register() -> None:
    """Extend moto's log groups and CloudWatch Logs responses."""
    _keep_group_class()
    _keep_distribution()
    _keep_queries()
    _keep_data_protection_policies()
    _keep_index_policies()
    _keep_account_policies()
    _keep_anomaly_detectors()


def _keep_group_class() -> None:
    @wrap(LogsResponse, "create_log_group")
    def create_log_group(original: Callable[[Any], str], response: Any) -> str:
        answer = original(response)
        group = response.logs_backend.groups[response._get_param("logGroupName")]
        memory(group)["class"] = response._get_param("logGroupClass")
        return answer

    @wrap(LogGroup, "to_describe_dict")
    def to_describe_dict(original: Callable[[Any], dict[str, Any]], group: Any) -> dict[str, Any]:
        described = original(group) | {"logGroupClass": memory(group).get("class") or "STANDARD"}
        if "data protection" in memory(group):
            described["dataProtectionStatus"] = "ACTIVATED"
        return described


def _keep_distribution() -> None:
    @wrap(LogGroup, "put_subscription_filter")
    def put(
        original: Callable[..., None], group: Any, name: str, pattern: str, destination: str, role: str
    ) -> None:
        if present := group.subscription_filters.get(name):
            present.update(pattern, destination, role)
        else:
            original(group, name, pattern, destination, role)

    @wrap(LogsResponse, "put_subscription_filter")
    def put_subscription_filter(original: Callable[[Any], str], response: Any) -> str:
        answer = original(response)
        group = _group(response, response._get_param("logGroupName"))
        subscription = group.subscription_filters[response._get_param("filterName")]
        memory(subscription)["distribution"] = response._get_param("distribution")
        return answer

    @wrap(SubscriptionFilter, "to_json")
    def to_json(original: Callable[[Any], dict[str, Any]], subscription: Any) -> dict[str, Any]:
        return original(subscription) | {
            "distribution": memory(subscription).get("distribution") or "ByLogStream"
        }


def _keep_queries() -> None:
    @add(LogsResponse)
    def put_query_definition(response: Any) -> str:
        queries = _kept(response, "queries")
        query_id = response._get_param("queryDefinitionId") or str(uuid.uuid4())
        queries[query_id] = {
            "queryDefinitionId": query_id,
            "name": response._get_param("name"),
            "queryString": response._get_param("queryString"),
            "logGroupNames": response._get_param("logGroupNames") or [],
            "queryLanguage": response._get_param("queryLanguage") or "CWLI",
            "lastModified": _now(),
        }
        return json.dumps({"queryDefinitionId": query_id})

    @add(LogsResponse)
    def describe_query_definitions(response: Any) -> str:
        prefix = response._get_param("queryDefinitionNamePrefix") or ""
        queries = [query for query in _kept(response, "queries").values() if query["name"].startswith(prefix)]
        return json.dumps({"queryDefinitions": queries})

    @add(LogsResponse)
    def delete_query_definition(response: Any) -> str:
        query_id = response._get_param("queryDefinitionId")
        if _kept(response, "queries").pop(query_id, None) is None:
            raise _not_found(f"query definition {query_id}")
        return json.dumps({"success": True})


def _keep_data_protection_policies() -> None:
    @add(LogsResponse)
    def put_data_protection_policy(response: Any) -> str:
        group = _group(response, response._get_param("logGroupIdentifier"))
        memory(group)["data protection"] = (response._get_param("policyDocument"), _now())
        return _data_protection_policy(response)

    @add(LogsResponse)
    def get_data_protection_policy(response: Any) -> str:
        return _data_protection_policy(response)

    @add(LogsResponse)
    def delete_data_protection_policy(response: Any) -> str:
        memory(_group(response, response._get_param("logGroupIdentifier"))).pop("data protection", None)
        return ""


def _data_protection_policy(response: Any) -> str:
    identifier = response._get_param("logGroupIdentifier")
    answer = {"logGroupIdentifier": identifier}
    if kept := memory(_group(response, identifier)).get("data protection"):
        answer |= {"policyDocument": kept[0], "lastUpdatedTime": kept[1]}
    return json.dumps(answer)


def _keep_index_policies() -> None:
    @add(LogsResponse)
    def put_index_policy(response: Any) -> str:
        identifier = response._get_param("logGroupIdentifier")
        policy = {
            "logGroupIdentifier": identifier,
            "policyDocument": response._get_param("policyDocument"),
            "source": "LOG_GROUP",
            "lastUpdateTime": _now(),
        }
        memory(_group(response, identifier))["index policy"] = policy
        return json.dumps({"indexPolicy": policy})

    @add(LogsResponse)
    def describe_index_policies(response: Any) -> str:
        groups = [_group(response, name) for name in response._get_param("logGroupIdentifiers")]
        found = [memory(group)["index policy"] for group in groups if "index policy" in memory(group)]
        return json.dumps({"indexPolicies": found})

    @add(LogsResponse)
    def delete_index_policy(response: Any) -> str:
        memory(_group(response, response._get_param("logGroupIdentifier"))).pop("index policy", None)
        return ""


def _keep_account_policies() -> None:
    @add(LogsResponse)
    def put_account_policy(response: Any) -> str:
        policy = {
            "policyName": response._get_param("policyName"),
            "policyType": response._get_param("policyType"),
            "policyDocument": response._get_param("policyDocument"),
            "scope": response._get_param("scope") or "ALL",
            "selectionCriteria": response._get_param("selectionCriteria"),
            "accountId": response.current_account,
            "lastUpdatedTime": _now(),
        }
        _kept(response, "account policies")[policy["policyType"], policy["policyName"]] = policy
        return json.dumps({"accountPolicy": policy})

    @add(LogsResponse)
    def describe_account_policies(response: Any) -> str:
        wanted_type, name = response._get_param("policyType"), response._get_param("policyName")
        found = [
            policy
            for policy in _kept(response, "account policies").values()
            if policy["policyType"] == wanted_type and name in (None, policy["policyName"])
        ]
        if name is not None and not found:
            raise _not_found(f"account policy {name}")
        return json.dumps({"accountPolicies": found})

    @add(LogsResponse)
    def delete_account_policy(response: Any) -> str:
        key = response._get_param("policyType"), response._get_param("policyName")
        if _kept(response, "account policies").pop(key, None) is None:
            raise _not_found(f"account policy {key[1]}")
        return ""


def _keep_anomaly_detectors() -> None:
    @add(LogsResponse)
    def create_log_anomaly_detector(response: Any) -> str:
        arn = (
            f"arn:{response.partition}:logs:{response.region}:{response.current_account}"
            f":anomaly-detector:{uuid.uuid4()}"
        )
        given = {name: response._get_param(name) for name in _DETECTOR_FIELDS}
        _kept(response, "detectors")[arn] = {
            "anomalyDetectorArn": arn,
            "anomalyDetectorStatus": "ANALYZING",
            "anomalyVisibilityTime": 7,
            "creationTimeStamp": _now(),
            "lastModifiedTimeStamp": _now(),
        } | {name: value for name, value in given.items() if value is not None}
        if tags := response._get_param("tags"):
            response.logs_backend.tagger.tag_resource(
                arn, [{"Key": key, "Value": value} for key, value in tags.items()]
            )
        return json.dumps({"anomalyDetectorArn": arn})

    @add(LogsResponse)
    def get_log_anomaly_detector(response: Any) -> str:
        detector = dict(_detector(response))
        del detector["anomalyDetectorArn"]
        return json.dumps(detector)

    @add(LogsResponse)
    def list_log_anomaly_detectors(response: Any) -> str:
        group = response._get_param("filterLogGroupArn")
        detectors = _kept(response, "detectors").values()
        found = [detector for detector in detectors if group is None or group in detector["logGroupArnList"]]
        return json.dumps({"anomalyDetectors": found})

    @add(LogsResponse)
    def update_log_anomaly_detector(response: Any) -> str:
        detector = _detector(response)
        for name in ("anomalyVisibilityTime", "evaluationFrequency", "filterPattern"):
            if (value := response._get_param(name)) is not None:
                detector[name] = value
        detector["anomalyDetectorStatus"] = "ANALYZING" if response._get_param("enabled") else "PAUSED"
        detector["lastModifiedTimeStamp"] = _now()
        return ""

    @add(LogsResponse)
    def delete_log_anomaly_detector(response: Any) -> str:
        del _kept(response, "detectors")[_detector(response)["anomalyDetectorArn"]]
        return ""


def _detector(response: Any) -> dict[str, Any]:
    arn = response._get_param("anomalyDetectorArn")
    detectors: dict[str, dict[str, Any]] = _kept(response, "detectors")
    if arn not in detectors:
        raise _not_found(f"anomaly detector {arn}")
    return detectors[arn]


def _kept(response: Any, kind: str) -> dict[Any, dict[str, Any]]:
    """What is kept of one kind for the request's account and region."""
    kept: dict[Any, dict[str, Any]] = memory(response.logs_backend).setdefault(kind, {})
    return kept


def _group(response: Any, identifier: str) -> Any:
    """The log group with this name or ARN."""
    name = identifier.partition(":log-group:")[2].removesuffix(":*") or identifier
    group = response.logs_backend.groups.get(name)
    if group is None:
        raise _not_found("log group")
    return group


def _not_found(what: str) -> JsonRESTError:
    return JsonRESTError("ResourceNotFoundException", f"The specified {what} does not exist.")


def _now() -> int:
    return int(time.time() * 1000)
