"""DynamoDB global tables, contributor insights, Kinesis destinations, table classes and on-demand limits.

AWS (DynamoDB API reference)

- ``UpdateTable`` with ``ReplicaUpdates`` adds, changes and removes replicas of a table in other regions (global
  tables version 2019.11.21). Every replica is a table there, with the same items.
- ``UpdateContributorInsights`` and ``DescribeContributorInsights`` keep a status per table and index.
- ``EnableKinesisStreamingDestination``, ``UpdateKinesisStreamingDestination``,
  ``DisableKinesisStreamingDestination`` and ``DescribeKinesisStreamingDestination`` keep the streams that changes
  are written to.
- ``CreateTable`` and ``UpdateTable`` take ``TableClass``, ``OnDemandThroughput`` (of the table and of each global
  index) and ``SSESpecification``; ``DescribeTable`` answers them.

moto ignores replica updates, so that a replica never becomes active, knows none of the operations on insights and
destinations, and answers neither table class nor on-demand limits nor a key that was changed later.

Needed by ``aws_dynamodb_table`` (``replica``, ``table_class``, ``on_demand_throughput``,
``server_side_encryption``), ``aws_dynamodb_contributor_insights`` and
``aws_dynamodb_kinesis_streaming_destination``. Changes are not written to the Kinesis stream.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import DynamodbException, MockValidationException
from moto.dynamodb.models import Table, dynamodb_backends
from moto.dynamodb.models.table import GlobalSecondaryIndex
from moto.dynamodb.responses import DynamoHandler

from orchestrator.emulator.patch import add, forget, memory, wrap

_REPLICA_SETTINGS = (
    "KMSMasterKeyId",
    "OnDemandThroughputOverride",
    "ProvisionedThroughputOverride",
    "GlobalSecondaryIndexes",
)
_KINESIS_PRECISION = "ApproximateCreationDateTimePrecision"


def register() -> None:
    """Extend moto's tables and DynamoDB responses."""
    _keep_table_settings()
    _keep_index_limits()
    _replicate_tables()
    _keep_contributor_insights()
    _keep_kinesis_destinations()


def _keep_table_settings() -> None:
    @wrap(DynamoHandler, "create_table")
    def create_table(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        original(response)
        return _update_settings(response)

    @wrap(DynamoHandler, "update_table")
    def update_table(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        original(response)
        table = response.dynamodb_backend.get_table(response.body["TableName"])
        if specification := response.body.get("SSESpecification"):
            _encrypt(table, specification)
        for update in response.body.get("ReplicaUpdates") or []:
            _update_replica(table, update)
        return _update_settings(response)

    @wrap(Table, "describe")
    def describe(
        original: Callable[..., dict[str, Any]], table: Any, base_key: str = "TableDescription"
    ) -> Any:
        described = original(table, base_key)
        described[base_key] |= memory(table).get("settings", {})
        if replicas := _replicas(table):
            described[base_key]["Replicas"] = list(replicas.values())
            described[base_key]["GlobalTableVersion"] = "2019.11.21"
        return described


def _update_settings(response: Any) -> ActionResult:
    table = response.dynamodb_backend.get_table(response.body["TableName"])
    settings = memory(table).setdefault("settings", {})
    if table_class := response.body.get("TableClass"):
        settings["TableClassSummary"] = {"TableClass": table_class}
    if limits := response.body.get("OnDemandThroughput"):
        settings["OnDemandThroughput"] = limits
    return ActionResult(table.describe())


def _encrypt(table: Any, specification: dict[str, Any]) -> None:
    enabled = specification.get("Enabled", True)
    if enabled and "KMSMasterKeyId" not in specification:
        key = table._get_default_encryption_key(table.account_id, table.region_name)
        specification = {**specification, "KMSMasterKeyId": key}
    table.sse_specification = {**specification, "Enabled": enabled}


def _keep_index_limits() -> None:
    @wrap(GlobalSecondaryIndex, "create")
    def create(original: Callable[..., Any], given: dict[str, Any], table_key_attrs: list[str]) -> Any:
        index = original(given, table_key_attrs)
        memory(index)["limits"] = given.get("OnDemandThroughput")
        return index

    @wrap(GlobalSecondaryIndex, "update")
    def update(original: Callable[..., None], index: Any, given: dict[str, Any]) -> None:
        original(index, given)
        memory(index)["limits"] = given.get("OnDemandThroughput") or memory(index).get("limits")

    @wrap(GlobalSecondaryIndex, "describe")
    def describe(original: Callable[[Any], dict[str, Any]], index: Any) -> dict[str, Any]:
        limits = memory(index).get("limits")
        return original(index) | ({"OnDemandThroughput": limits} if limits else {})


def _replicas(table: Any) -> dict[str, dict[str, Any]]:
    """The descriptions of a table's replicas in other regions, by region."""
    replicas: dict[str, dict[str, Any]] = memory(table).setdefault("replicas", {})
    return replicas


def _replica_tables(table: Any) -> Iterator[Any]:
    for region in _replicas(table):
        yield dynamodb_backends[table.account_id][region].tables[table.name]


def _replicate_tables() -> None:
    @wrap(DynamoHandler, "delete_table")
    def delete_table(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        table = response.dynamodb_backend.get_table(response.body["TableName"])
        answer = original(response)
        for other in _replica_tables(table):
            _replicas(other).pop(table.region_name, None)
        return answer


def _update_replica(table: Any, update: dict[str, Any]) -> None:
    if given := update.get("Create"):
        _create_replica(table, given)
    elif given := update.get("Update"):
        _change_replica(table, given)
    elif given := update.get("Delete"):
        if given["RegionName"] not in _replicas(table):
            raise _replica_error("ReplicaNotFoundException", table, given["RegionName"])
        del dynamodb_backends[table.account_id][given["RegionName"]].tables[table.name]
        del _replicas(table)[given["RegionName"]]
        for other in _replica_tables(table):
            _replicas(other).pop(given["RegionName"], None)


def _change_replica(table: Any, given: dict[str, Any]) -> None:
    """Change the table of one region, which may be the one that was asked."""
    region = given["RegionName"]
    if region != table.region_name and region not in _replicas(table):
        raise _replica_error("ReplicaNotFoundException", table, region)
    member = dynamodb_backends[table.account_id][region].tables[table.name]
    if key := given.get("KMSMasterKeyId"):
        _encrypt(member, {"KMSMasterKeyId": key})
    for other in _replica_tables(member):
        _replicas(other)[region] |= _replica_description(given)


def _create_replica(table: Any, given: dict[str, Any]) -> None:
    region = given["RegionName"]
    backend = dynamodb_backends[table.account_id][region]
    if region == table.region_name or table.name in backend.tables:
        raise MockValidationException(f"Table {table.name} already exists in region {region}")
    replica = copy.copy(table)  # shares the items: what is written to one is in all
    replica.region_name = region
    replica.table_arn = replica._generate_arn(table.name)
    replica.tags = []
    replica.lambda_event_source_mappings = {}
    replica.continuous_backups = copy.deepcopy(table.continuous_backups)
    replica.continuous_backups["PointInTimeRecoveryDescription"] = {"PointInTimeRecoveryStatus": "DISABLED"}
    replica.set_stream_specification(table.stream_specification)
    if table.sse_specification:
        replica.sse_specification = None
        _encrypt(replica, {name: given[name] for name in ("KMSMasterKeyId",) if name in given})
    forget(replica)
    memory(replica)["settings"] = dict(memory(table).get("settings", {}))
    backend.tables[table.name] = replica

    members = [table, *_replica_tables(table)]
    for other in members:
        _replicas(other)[region] = _replica_description(given)
        _replicas(replica)[other.region_name] = _replica_description({"RegionName": other.region_name})


def _replica_description(given: dict[str, Any]) -> dict[str, Any]:
    described = {name: given[name] for name in _REPLICA_SETTINGS if name in given}
    if table_class := given.get("TableClassOverride"):
        described["ReplicaTableClassSummary"] = {"TableClass": table_class}
    return {"RegionName": given["RegionName"], "ReplicaStatus": "ACTIVE", **described}


def _replica_error(code: str, table: Any, region: str) -> DynamodbException:
    return DynamodbException(code, f"Replica of table {table.name} does not exist in region {region}")


def _keep_contributor_insights() -> None:
    @add(DynamoHandler)
    def update_contributor_insights(response: Any) -> ActionResult:
        enabled = response.body["ContributorInsightsAction"] == "ENABLE"
        insight = _insight(response)
        insight["ContributorInsightsStatus"] = "ENABLED" if enabled else "DISABLED"
        insight["LastUpdateDateTime"] = time.time()
        shown = ("TableName", "IndexName", "ContributorInsightsStatus")
        return ActionResult({name: insight[name] for name in shown if name in insight})

    @add(DynamoHandler)
    def describe_contributor_insights(response: Any) -> ActionResult:
        return ActionResult(_insight(response))


def _insight(response: Any) -> dict[str, Any]:
    """The insights of the table, or of its index, that the request names."""
    table = response.dynamodb_backend.get_table(response.body["TableName"])
    index = response.body.get("IndexName")
    insights: dict[str | None, dict[str, Any]] = memory(table).setdefault("insights", {})
    named = {"TableName": table.name} | ({"IndexName": index} if index else {})
    return insights.setdefault(index, {**named, "ContributorInsightsStatus": "DISABLED"})


def _keep_kinesis_destinations() -> None:
    @add(DynamoHandler)
    def enable_kinesis_streaming_destination(response: Any) -> ActionResult:
        return _set_destination(response, "ACTIVE", "EnableKinesisStreamingConfiguration")

    @add(DynamoHandler)
    def update_kinesis_streaming_destination(response: Any) -> ActionResult:
        return _set_destination(response, "ACTIVE", "UpdateKinesisStreamingConfiguration")

    @add(DynamoHandler)
    def disable_kinesis_streaming_destination(response: Any) -> ActionResult:
        return _set_destination(response, "DISABLED", "EnableKinesisStreamingConfiguration")

    @add(DynamoHandler)
    def describe_kinesis_streaming_destination(response: Any) -> ActionResult:
        table, destinations = _destinations(response)
        return ActionResult(
            {"TableName": table.name, "KinesisDataStreamDestinations": list(destinations.values())}
        )


def _destinations(response: Any) -> tuple[Any, dict[str, dict[str, Any]]]:
    """The table that the request names and its destinations by stream ARN."""
    table = response.dynamodb_backend.get_table(response.body["TableName"])
    return table, memory(table).setdefault("destinations", {})


def _set_destination(response: Any, status: str, key: str) -> ActionResult:
    table, destinations = _destinations(response)
    arn = response.body["StreamArn"]
    configuration = response.body.get(key) or {}
    destination = destinations.setdefault(arn, {"StreamArn": arn, _KINESIS_PRECISION: "MILLISECOND"})
    destination |= {"DestinationStatus": status, **configuration}
    return ActionResult(
        {"TableName": table.name, "StreamArn": arn, "DestinationStatus": status, key: configuration}
    )
