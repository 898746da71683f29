"""RDS resource ids, insights, lifecycle support, read replicas, serverless v2, tags of global clusters.

AWS (RDS API reference)

- Every instance has a ``DbiResourceId`` of its own (``DBInstance``), and the certificate authority that
  ``CACertificateIdentifier`` asks for, else ``rds-ca-rsa2048-g1``.
- ``CreateDBInstance``, ``CreateDBInstanceReadReplica``, ``ModifyDBInstance``, ``CreateDBCluster`` and
  ``ModifyDBCluster`` take ``EnablePerformanceInsights``, ``PerformanceInsightsKMSKeyId``,
  ``PerformanceInsightsRetentionPeriod``, ``DatabaseInsightsMode`` and ``EngineLifecycleSupport``; the descriptions
  answer them, enabled insights with a retention of 7 days unless it was given.
- ``DescribeDBParameters`` answers ``Source`` "user" for what ``ModifyDBParameterGroup`` changed.
- A read replica is an instance of its own, with its own storage encryption, tags and log exports.
- A cluster has ``ScalingConfigurationInfo`` only in engine mode ``serverless``.
- Aurora's storage is of type ``aurora``, which is not answered, or ``aurora-iopt1``.
- The Data API can be enabled for provisioned and serverless v2 clusters (``EnableHttpEndpoint``).
- ``CreateGlobalCluster`` takes tags, which the tag operations know, and ``EngineLifecycleSupport``; deleting a cluster in
  any region removes it from its global cluster, as ``RemoveFromGlobalCluster`` does by its ARN.
- ``DeleteDBCluster`` deletes the cluster's automated snapshots, too.

moto gives every instance the same resource id, so that a second one cannot be read back, and an authority that AWS
does not have; it drops the insights and lifecycle settings, answers an empty scaling configuration, drops tags of
global clusters, and keeps automated snapshots of clusters that are gone.

Needed by ``aws_db_instance``, ``aws_rds_cluster``, ``aws_rds_cluster_instance`` and ``aws_rds_global_cluster``.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.models import DBCluster, DBInstance, DBParameterGroup, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from orchestrator.emulator.patch import replace, wrap

_CERTIFICATE = "rds-ca-rsa2048-g1"
_INSIGHTS_DAYS = 7
_LIFECYCLE = "open-source-rds-extended-support"


def register() -> None:
    """Extend moto's instances, clusters and global clusters."""
    _keep_instance_settings()
    _keep_parameter_sources()
    _keep_cluster_settings()
    _keep_global_clusters()


def _resource_id() -> str:
    alphabet = string.ascii_uppercase + string.digits
    return "db-" + "".join(secrets.choice(alphabet) for _ in range(26))


def _set_insights(resource: Any, given: dict[str, Any]) -> None:
    """Take over the settings of a creation or change; what is not given stays."""
    enabled = given.get("enable_performance_insights")
    if enabled is not None:
        resource.performance_insights_enabled = bool(enabled)
    if getattr(resource, "performance_insights_enabled", False):
        for name in ("performance_insights_kms_key_id", "performance_insights_retention_period"):
            if given.get(name) is not None:
                setattr(resource, name, given[name])
        if getattr(resource, "performance_insights_retention_period", None) is None:
            resource.performance_insights_retention_period = _INSIGHTS_DAYS
    else:
        resource.performance_insights_kms_key_id = None
        resource.performance_insights_retention_period = None
    for name in ("database_insights_mode", "engine_lifecycle_support"):
        if given.get(name) is not None:
            setattr(resource, name, given[name])


def _keep_instance_settings() -> None:
    @wrap(DBInstance, "__init__")
    def init(original: Callable[..., None], instance: Any, *args: Any, **given: Any) -> None:
        original(instance, *args, **given)
        instance.dbi_resource_id = _resource_id()
        instance.ca_certificate_identifier = given.get("ca_certificate_identifier") or _CERTIFICATE
        instance.performance_insights_enabled = False
        instance.database_insights_mode = "standard"
        instance.engine_lifecycle_support = _LIFECYCLE
        _set_insights(instance, given)

    @wrap(DBInstance, "update")
    def update(original: Callable[..., None], instance: Any, **given: Any) -> None:
        original(instance, **given)
        _set_insights(instance, given)

    @wrap(RDSBackend, "create_db_instance_read_replica")
    def create_db_instance_read_replica(
        original: Callable[..., Any], backend: Any, given: dict[str, Any]
    ) -> Any:
        exports = given.get("enable_cloudwatch_logs_exports") or []
        replica = original(backend, {"multi_az": False, "backup_retention_period": 0, **given})
        replica.dbi_resource_id = _resource_id()
        replica.enabled_cloudwatch_logs_exports = list(exports)
        replica.tags = given.get("tags") or []
        return replica


def _keep_parameter_sources() -> None:
    @wrap(DBParameterGroup, "update_parameters")
    def update_parameters(original: Callable[..., None], group: Any, given: list[dict[str, Any]]) -> None:
        original(group, given)
        for parameter in given:
            group.parameters[parameter["ParameterName"]]["Source"] = "user"


def _keep_cluster_settings() -> None:
    @wrap(DBCluster, "default_allocated_storage")
    def default_allocated_storage(original: Callable[..., int], engine: str, storage_type: str) -> int:
        return 1 if storage_type.startswith("aurora") else original(engine, storage_type)

    @wrap(DBCluster, "__init__")
    def init(original: Callable[..., None], cluster: Any, *args: Any, **given: Any) -> None:
        original(cluster, *args, **given)
        cluster.performance_insights_enabled = False
        cluster.database_insights_mode = "standard"
        cluster.engine_lifecycle_support = _LIFECYCLE
        if cluster.engine.startswith("aurora") and cluster.storage_type != "aurora-iopt1":
            cluster.storage_type = None
        if given.get("enable_http_endpoint") is not None:
            _enable_data_api(cluster, given["enable_http_endpoint"])
        _set_insights(cluster, given)

    @wrap(DBCluster, "scaling_configuration_info")
    def scaling_configuration_info(
        original: Callable[[Any], dict[str, Any]], cluster: Any
    ) -> dict[str, Any] | None:
        return original(cluster) if cluster.engine_mode == "serverless" else None

    @wrap(RDSBackend, "modify_db_cluster")
    def modify_db_cluster(original: Callable[..., Any], backend: Any, given: dict[str, Any]) -> Any:
        cluster = backend.clusters.get(given["db_cluster_identifier"])
        settings = dict(given)
        answer = original(backend, given)
        for known in (cluster, answer):
            if known is not None:
                _set_insights(known, settings)
                if settings.get("enable_http_endpoint") is not None:
                    _enable_data_api(known, settings["enable_http_endpoint"])
        return answer


def _enable_data_api(cluster: Any, enabled: bool) -> None:
    if cluster.engine_mode == "provisioned" and cluster.engine.startswith("aurora"):
        cluster._enable_http_endpoint = enabled


def _keep_global_clusters() -> None:
    @wrap(RDSResponse, "create_global_cluster")
    def create_global_cluster(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response)
        cluster = answer.result["GlobalCluster"]
        cluster.tags = response.params.get("Tags")
        cluster.database_name = response.params.get("DatabaseName")
        cluster.engine_lifecycle_support = response.params.get("EngineLifecycleSupport") or _LIFECYCLE
        return ActionResult({"GlobalCluster": cluster})

    @wrap(RDSBackend, "_get_resource_for_tagging")
    def resource_for_tagging(original: Callable[..., Any], backend: Any, arn: str) -> Any:
        if ":global-cluster:" not in arn:
            return original(backend, arn)
        name = arn.rpartition(":")[2]
        regional = _regional_backends(backend)
        return next((one.global_clusters[name] for one in regional if name in one.global_clusters), None)

    @replace(RDSBackend, "remove_from_global_cluster")
    def remove_from_global_cluster(
        backend: Any, global_cluster_identifier: str, db_cluster_identifier: str
    ) -> Any:
        for regional in _regional_backends(backend):
            for cluster in regional.clusters.values():
                if db_cluster_identifier in (cluster.db_cluster_arn, cluster.db_cluster_identifier):
                    _leave_global_cluster(backend, cluster)
        regional = _regional_backends(backend)
        name = global_cluster_identifier
        return next((one.global_clusters[name] for one in regional if name in one.global_clusters), None)

    @wrap(RDSBackend, "delete_db_cluster")
    def delete_db_cluster(original: Callable[..., Any], backend: Any, *args: Any, **given: Any) -> Any:
        cluster = original(backend, *args, **given)
        if cluster.global_cluster_identifier:
            _leave_global_cluster(backend, cluster)
        for key, snapshot in list(backend.cluster_snapshots.items()):
            if (
                snapshot.snapshot_type == "automated"
                and snapshot.cluster.db_cluster_identifier == cluster.db_cluster_identifier
            ):
                del backend.cluster_snapshots[key]
        return cluster


def _leave_global_cluster(backend: Any, cluster: Any) -> None:
    for regional in _regional_backends(backend):
        for global_cluster in regional.global_clusters.values():
            if cluster in global_cluster.members:
                global_cluster.members.remove(cluster)


def _regional_backends(backend: Any) -> list[Any]:
    return list(rds_backends[backend.account_id].values())
