"""ElastiCache: member clusters, deletion, parameter groups, user groups, serverless caches, changes.

AWS (ElastiCache API reference)

- ``CreateReplicationGroup`` makes ``NumCacheClusters`` cache clusters (or a primary and its replicas for every
  shard), which ``DescribeCacheClusters`` answers, with parameter group, security groups, nodes and maintenance window.
- ``DeleteReplicationGroup`` and ``DeleteCacheCluster`` end what they name, after a final snapshot if asked for.
- ``CreateCacheParameterGroup``, ``CreateUserGroup``, ``CreateServerlessCache`` and their kin; a user group for Redis
  has a user named ``default``, and no user name twice.
- ``ModifyReplicationGroup``, ``ModifyCacheCluster``, ``ModifyUser``, ``ModifyCacheSubnetGroup``,
  ``IncreaseReplicaCount`` and ``DecreaseReplicaCount``.
- A Memcached cluster over several zones has ``PreferredAvailabilityZone`` "Multiple".

moto makes one member that it does not know afterwards, leaves what is deleted in status ``deleting`` for good, and
has none of the other operations. What it stores it answers in part.

Needed by ``aws_elasticache_replication_group``, ``aws_elasticache_cluster``, ``aws_elasticache_serverless_cache``,
``aws_elasticache_parameter_group``, ``aws_elasticache_subnet_group``, ``aws_elasticache_user`` and
``aws_elasticache_user_group``. Control plane only: nothing listens at the endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.elasticache.exceptions import (
    CacheSubnetGroupNotFound,
    ElastiCacheException,
    InvalidParameterValueException,
    UserNotFound,
)
from moto.elasticache.models import CacheCluster, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse
from moto.utilities.utils import get_partition

from orchestrator.emulator.patch import add, memory, replace, wrap

_FAMILIES = frozenset(
    {
        "memcached1.4",
        "memcached1.5",
        "memcached1.6",
        "redis2.6",
        "redis2.8",
        "redis3.2",
        "redis4.0",
        "redis5.0",
        "redis6.x",
        "redis7",
        "valkey7",
        "valkey8",
        "valkey9",
    }
)
_TAGGED = "cluster|parametergroup|replicationgroup|serverlesscache|snapshot|subnetgroup|user|usergroup"
_FULL_VERSIONS = {"redis": "7.1", "valkey": "8.1", "memcached": "1.6.22"}


def register() -> None:
    """Extend moto's caches and ElastiCache responses."""
    _describe_clusters_fully()
    _keep_members()
    _delete()
    _change()
    _keep_parameter_groups()
    _keep_subnet_groups()
    _keep_users()
    _keep_user_groups()
    _keep_serverless_caches()


class _Fault(ElastiCacheException):  # type: ignore[misc]
    """An error of the API, with the code that AWS gives."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _arn(backend: Any, kind: str, name: str) -> str:
    partition = get_partition(backend.region_name)
    return f"arn:{partition}:elasticache:{backend.region_name}:{backend.account_id}:{kind}:{name}"


def _kept(response: Any, kind: str) -> dict[str, dict[str, Any]]:
    """What the backend of a request keeps of one kind, by name."""
    kept: dict[str, dict[str, Any]] = memory(response.elasticache_backend).setdefault(kind, {})
    return kept


def _find(response: Any, kind: str, name: str, code: str) -> dict[str, Any]:
    try:
        return _kept(response, kind)[name]
    except KeyError:
        raise _Fault(code, f"{name} not found.") from None


def _list(response: Any, kind: str, name: str | None, code: str) -> list[dict[str, Any]]:
    return [_find(response, kind, name, code)] if name else list(_kept(response, kind).values())


def _tag(response: Any, arn: str) -> None:
    if tags := response._get_param("Tags"):
        response.elasticache_backend.tagging_service.tag_resource(arn, tags)


def _zones(backend: Any, subnet_group: str | None) -> list[str]:
    group = backend.cache_subnet_groups.get(subnet_group)
    zones = [subnet.get("subnet_availability_zone") for subnet in group.subnets] if group else []
    names = [zone["Name"] if isinstance(zone, dict) else getattr(zone, "name", zone) for zone in zones]
    return sorted({str(name) for name in names if name}) or [f"{backend.region_name}a"]


def _full_version(engine: str, version: str | None) -> str:
    version = version or _FULL_VERSIONS[engine]
    return version if version.count(".") >= 2 else f"{version}.0"


def _check_parameter_group(backend: Any, name: str | None) -> None:
    known = memory(backend).get("parameter groups", {})
    if name and not name.startswith("default.") and name not in known:
        raise _Fault("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")


def _describe_clusters_fully() -> None:
    @wrap(ElastiCacheBackend, "create_cache_cluster")
    def create_cache_cluster(original: Callable[..., Any], backend: Any, **given: Any) -> Any:
        _check_parameter_group(backend, given.get("cache_parameter_group_name"))
        cluster = original(backend, **given)
        _complete(backend, cluster)
        return cluster

    @wrap(ElastiCacheBackend, "__init__")
    def init(original: Callable[..., None], backend: Any, *args: Any, **given: Any) -> None:
        original(backend, *args, **given)
        backend.arn_regex = re.compile(rf"^arn:[^:]+:elasticache:[^:]*:[0-9]*:({_TAGGED}):.+$")


def _complete(backend: Any, cluster: Any) -> None:
    """Set what ``DescribeCacheClusters`` answers beside what moto keeps under the same name."""
    memcached = cluster.engine == "memcached"
    if memcached:
        cluster.port = int(cluster.port) if cluster.port != 6379 else 11211
    cluster.engine_version = _full_version(cluster.engine, cluster.engine_version)
    group = cluster.cache_parameter_group_name or f"default.{cluster.engine}{cluster.engine_version[:1]}"
    cluster.cache_parameter_group = {
        "CacheParameterGroupName": group,
        "ParameterApplyStatus": "in-sync",
        "CacheNodeIdsToReboot": [],
    }
    cluster.security_groups = [
        {"SecurityGroupId": group_id, "Status": "active"} for group_id in cluster.security_group_ids
    ]
    cluster.cache_security_groups = []
    cluster.auto_minor_version_upgrade = cluster.auto_minor_version_upgrade is not False
    cluster.preferred_maintenance_window = cluster.preferred_maintenance_window or "sun:05:00-sun:06:00"
    cluster.network_type = cluster.network_type or "ipv4"
    cluster.ip_discovery = cluster.ip_discovery or "ipv4"
    cluster.transit_encryption_enabled = bool(cluster.transit_encryption_enabled)
    cluster.num_cache_nodes = getattr(cluster, "num_cache_nodes", None) or 1
    if cluster.notification_topic_arn:
        cluster.notification_configuration = {
            "TopicArn": cluster.notification_topic_arn,
            "TopicStatus": "active",
        }
    _place_nodes(backend, cluster, memcached)


def _place_nodes(backend: Any, cluster: Any, memcached: bool) -> None:
    zones = cluster.preferred_availability_zones or _zones(backend, cluster.cache_subnet_group_name)
    if cluster.preferred_availability_zone and cluster.preferred_availability_zone != "Multiple":
        zones = [cluster.preferred_availability_zone]
    if not memcached or cluster.az_mode != "cross-az":
        zones = zones[:1]
    domain = f"{cluster.cache_cluster_id}.{backend.account_id[:6]}.cache.amazonaws.com"
    cluster.cache_nodes = [
        {
            "CacheNodeId": f"{number + 1:04}",
            "CacheNodeStatus": "available",
            "CacheNodeCreateTime": cluster.cache_cluster_create_time,
            "Endpoint": {"Address": f"{number + 1:04}.{domain}", "Port": cluster.port},
            "ParameterGroupStatus": "in-sync",
            "CustomerAvailabilityZone": zones[number % len(zones)],
        }
        for number in range(cluster.num_cache_nodes)
    ]
    several = len({node["CustomerAvailabilityZone"] for node in cluster.cache_nodes}) > 1
    cluster.preferred_availability_zone = "Multiple" if several else zones[0]
    if memcached:
        cluster.configuration_endpoint = {"Address": f"cfg.{domain}", "Port": cluster.port}


def _keep_members() -> None:
    @wrap(ReplicationGroup, "__init__")
    def init(original: Callable[..., None], group: Any, *args: Any, **given: Any) -> None:
        if given.get("cluster_mode") != "enabled" and given.get("num_cache_clusters"):
            given["replicas_per_node_group"] = given["num_cache_clusters"] - 1
        original(group, *args, **given)
        group.auto_minor_version_upgrade = str(given.get("auto_minor_version_upgrade")).lower() != "false"
        if group.transit_encryption_enabled and not group.transit_encryption_mode:
            group.transit_encryption_mode = "required"

    @wrap(ElastiCacheBackend, "create_replication_group")
    def create_replication_group(original: Callable[..., Any], backend: Any, **given: Any) -> Any:
        _check_parameter_group(backend, given.get("cache_parameter_group_name"))
        for user_group in given.get("user_group_ids") or []:
            if user_group not in memory(backend).get("user groups", {}):
                raise _Fault("UserGroupNotFound", f"User group {user_group} not found.")
        group = original(backend, **given)
        _make_members(backend, group)
        return group


def _make_members(backend: Any, group: Any) -> None:
    """Make the cache clusters that a replication group names, and forget those that it no longer does."""
    zones = _zones(backend, group.cache_subnet_group_name)
    for node_group in group.node_groups:
        for number, member in enumerate(node_group["node_group_members"]):
            member["preferred_availability_zone"] = zones[number % len(zones)]
            name = member["cache_cluster_id"]
            if name not in backend.cache_clusters:
                backend.cache_clusters[name] = _member(backend, group, name, zones[number % len(zones)])
    for name, cluster in list(backend.cache_clusters.items()):
        ours = getattr(cluster, "replication_group_id", None) == group.replication_group_id
        if ours and name not in group.member_clusters:
            del backend.cache_clusters[name]


def _member(backend: Any, group: Any, name: str, zone: str) -> Any:
    unset = dict.fromkeys(_UNSET)
    cluster: Any = CacheCluster(
        account_id=backend.account_id,
        region_name=backend.region_name,
        cache_cluster_id=name,
        replication_group_id=group.replication_group_id,
        preferred_availability_zone=zone,
        num_cache_nodes=1,
        cache_node_type=group.cache_node_type,
        engine=group.engine,
        engine_version=group.engine_version,
        cache_parameter_group_name=group.cache_parameter_group_name,
        cache_subnet_group_name=group.cache_subnet_group_name,
        security_group_ids=group.security_group_ids,
        transit_encryption_enabled=group.transit_encryption_enabled,
        network_type=group.network_type,
        ip_discovery=group.ip_discovery,
        preferred_maintenance_window=group.preferred_maintenance_window,
        port=group.port,
        notification_topic_arn=group.notification_topic_arn,
        auto_minor_version_upgrade=group.auto_minor_version_upgrade,
        snapshot_retention_limit=group.snapshot_retention_limit,
        snapshot_window=group.snapshot_window,
        log_delivery_configurations=group.log_delivery_configurations,
        **unset,
    )
    cluster.replication_group_id = group.replication_group_id
    cluster.at_rest_encryption_enabled = group.at_rest_encryption_enabled
    cluster.transit_encryption_mode = group.transit_encryption_mode
    cluster.replication_group_log_delivery_enabled = bool(group.log_delivery_configurations)
    _complete(backend, cluster)
    group.preferred_maintenance_window = cluster.preferred_maintenance_window
    return cluster


def _delete() -> None:
    @wrap(ElastiCacheResponse, "delete_replication_group")
    def delete_replication_group(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        backend, name = response.elasticache_backend, response._get_param("ReplicationGroupId")
        if snapshot := response._get_param("FinalSnapshotIdentifier"):
            backend.create_snapshot(snapshot, name, None, None, None)
        answer = original(response)
        group = backend.replication_groups.pop(name)
        for member, cluster in list(backend.cache_clusters.items()):
            if getattr(cluster, "replication_group_id", None) == group.replication_group_id:
                del backend.cache_clusters[member]
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
        return answer

    @wrap(ElastiCacheBackend, "delete_cache_cluster")
    def delete_cache_cluster(original: Callable[..., Any], backend: Any, cache_cluster_id: str) -> Any:
        cluster = original(backend, cache_cluster_id)
        del backend.cache_clusters[cache_cluster_id]
        backend.tagging_service.delete_all_tags_for_resource(cluster.arn)
        return cluster


_UNSET = (
    "auth_token",
    "az_mode",
    "cache_node_ids_to_reboot",
    "cache_node_ids_to_remove",
    "cache_security_group_names",
    "outpost_mode",
    "preferred_availability_zones",
    "preferred_outpost_arn",
    "preferred_outpost_arns",
    "snapshot_arns",
    "snapshot_name",
    "tags",
)
_GROUP_SETTINGS = {
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "Engine": "engine",
    "EngineVersion": "engine_version",
    "IpDiscovery": "ip_discovery",
    "NotificationTopicArn": "notification_topic_arn",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionMode": "transit_encryption_mode",
}


def _take_over(response: Any, resource: Any) -> None:
    for parameter, attribute in _GROUP_SETTINGS.items():
        if (value := response._get_param(parameter)) is not None and hasattr(resource, attribute):
            setattr(resource, attribute, value)
    if (upgrade := response._get_bool_param("AutoMinorVersionUpgrade")) is not None:
        resource.auto_minor_version_upgrade = upgrade


def _change() -> None:
    @wrap(ElastiCacheResponse, "modify_replication_group")
    def modify_replication_group(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer = original(response)
        backend = response.elasticache_backend
        group = backend.replication_groups[response._get_param("ReplicationGroupId")]
        _take_over(response, group)
        added = response._get_param("UserGroupIdsToAdd") or []
        removed = response._get_param("UserGroupIdsToRemove") or []
        group.user_group_ids = [one for one in [*group.user_group_ids, *added] if one not in removed]
        if configurations := response._get_param("LogDeliveryConfigurations"):
            _change_log_delivery(group, configurations)
        _renew_members(backend, group)
        return answer

    @add(ElastiCacheResponse)
    def modify_cache_cluster(response: Any) -> ActionResult:
        backend = response.elasticache_backend
        cluster = backend.describe_cache_clusters(response._get_param("CacheClusterId"))[0]
        _take_over(response, cluster)
        if nodes := response._get_int_param("NumCacheNodes"):
            cluster.num_cache_nodes = nodes
        cluster.az_mode = response._get_param("AZMode") or cluster.az_mode
        cluster.preferred_availability_zone = None
        _complete(backend, cluster)
        return ActionResult({"CacheCluster": cluster})

    @add(ElastiCacheResponse)
    def increase_replica_count(response: Any) -> ActionResult:
        return _set_replica_count(response)

    @add(ElastiCacheResponse)
    def decrease_replica_count(response: Any) -> ActionResult:
        return _set_replica_count(response)


def _change_log_delivery(group: Any, configurations: list[dict[str, Any]]) -> None:
    changed = {configuration["LogType"]: configuration for configuration in configurations}
    kept = [known for known in group.log_delivery_configurations if known["LogType"] not in changed]
    enabled = [given for given in configurations if str(given.get("Enabled", True)).lower() != "false"]
    group.log_delivery_configurations = kept + group._get_log_delivery_configurations(enabled)


def _renew_members(backend: Any, group: Any) -> None:
    for name in group.member_clusters:
        backend.cache_clusters.pop(name, None)
    _make_members(backend, group)


def _set_replica_count(response: Any) -> ActionResult:
    backend = response.elasticache_backend
    group = backend.describe_replication_groups(response._get_param("ReplicationGroupId"))[0]
    count = response._get_int_param("NewReplicaCount")
    name = group.replication_group_id
    domain = group.node_groups[0].get("primary_endpoint_address", "").partition(".")[2]
    group.member_clusters.clear()
    zones = _zones(backend, group.cache_subnet_group_name)
    for node_group in group.node_groups:
        node_group["node_group_members"] = []
        if group.cluster_enabled:
            group._set_node_members_clusters_enabled(
                member_clusters=group.member_clusters,
                replication_group_id=name,
                replicas_per_node_group=count,
                node_group_configuration=[],
                node_group=node_group,
                member_clusters_outpost_arns=[],
            )
        else:
            group._set_node_members_clusters_disabled(
                member_clusters=group.member_clusters,
                replication_group_id=name,
                replication_group_domain=domain,
                node_group=node_group,
                preferred_cache_cluster_azs=zones,
                num_cache_clusters=count + 1,
                replicas_per_node_group=count,
            )
    _make_members(backend, group)
    return ActionResult({"ReplicationGroup": group})


def _keep_parameter_groups() -> None:
    missing = "CacheParameterGroupNotFound"

    @add(ElastiCacheResponse)
    def create_cache_parameter_group(response: Any) -> ActionResult:
        name = response._get_param("CacheParameterGroupName").lower()
        family = response._get_param("CacheParameterGroupFamily")
        if name in _kept(response, "parameter groups"):
            raise _Fault("CacheParameterGroupAlreadyExists", f"Cache parameter group {name} already exists")
        if family not in _FAMILIES:
            raise InvalidParameterValueException(
                f"CacheParameterGroupFamily {family} is not a valid parameter group family"
            )
        group = {
            "CacheParameterGroupName": name,
            "CacheParameterGroupFamily": family,
            "Description": response._get_param("Description"),
            "IsGlobal": False,
            "ARN": _arn(response.elasticache_backend, "parametergroup", name),
            "parameters": {},
        }
        _kept(response, "parameter groups")[name] = group
        _tag(response, str(group["ARN"]))
        return ActionResult({"CacheParameterGroup": group})

    @add(ElastiCacheResponse)
    def describe_cache_parameter_groups(response: Any) -> ActionResult:
        name = response._get_param("CacheParameterGroupName")
        return ActionResult({"CacheParameterGroups": _list(response, "parameter groups", name, missing)})

    @add(ElastiCacheResponse)
    def describe_cache_parameters(response: Any) -> ActionResult:
        group = _find(response, "parameter groups", response._get_param("CacheParameterGroupName"), missing)
        parameters = [
            {
                "ParameterName": name,
                "ParameterValue": value,
                "Source": "user",
                "DataType": "string",
                "IsModifiable": True,
                "ChangeType": "immediate",
            }
            for name, value in group["parameters"].items()
        ]
        return ActionResult({"Parameters": parameters, "CacheNodeTypeSpecificParameters": []})

    @add(ElastiCacheResponse)
    def modify_cache_parameter_group(response: Any) -> ActionResult:
        group = _find(response, "parameter groups", response._get_param("CacheParameterGroupName"), missing)
        for given in response._get_param("ParameterNameValues", []):
            group["parameters"][given["ParameterName"]] = given["ParameterValue"]
        return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})

    @add(ElastiCacheResponse)
    def reset_cache_parameter_group(response: Any) -> ActionResult:
        group = _find(response, "parameter groups", response._get_param("CacheParameterGroupName"), missing)
        if response._get_bool_param("ResetAllParameters"):
            group["parameters"].clear()
        for given in response._get_param("ParameterNameValues", []):
            group["parameters"].pop(given["ParameterName"], None)
        return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})

    @add(ElastiCacheResponse)
    def delete_cache_parameter_group(response: Any) -> EmptyResult:
        name = response._get_param("CacheParameterGroupName")
        _find(response, "parameter groups", name, missing)
        backend = response.elasticache_backend
        users = [*backend.cache_clusters.values(), *backend.replication_groups.values()]
        if any(user.cache_parameter_group_name == name for user in users):
            message = f"One or more cache clusters are still members of this parameter group {name}"
            raise _Fault("InvalidCacheParameterGroupState", message)
        del _kept(response, "parameter groups")[name]
        return EmptyResult()


def _keep_subnet_groups() -> None:
    @add(ElastiCacheResponse)
    def modify_cache_subnet_group(response: Any) -> ActionResult:
        backend = response.elasticache_backend
        group = backend.describe_cache_subnet_groups(response._get_param("CacheSubnetGroupName"))[0]
        group.__init__(  # looks the subnets up
            account_id=backend.account_id,
            region_name=backend.region_name,
            cache_subnet_group_name=group.cache_subnet_group_name,
            cache_subnet_group_description=response._get_param("CacheSubnetGroupDescription")
            or group.cache_subnet_group_description,
            subnet_ids=response._get_param("SubnetIds") or group.subnet_ids,
            tags=group.tags,
        )
        return ActionResult({"CacheSubnetGroup": group})

    @add(ElastiCacheResponse)
    def delete_cache_subnet_group(response: Any) -> EmptyResult:
        backend, name = response.elasticache_backend, response._get_param("CacheSubnetGroupName")
        if name not in backend.cache_subnet_groups:
            raise CacheSubnetGroupNotFound(name)
        users = [*backend.cache_clusters.values(), *backend.replication_groups.values()]
        if any(user.cache_subnet_group_name == name for user in users):
            message = f"Cache subnet group {name} is currently in use by a cache cluster."
            raise _Fault("CacheSubnetGroupInUse", message)
        group = backend.cache_subnet_groups.pop(name)
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
        return EmptyResult()


def _keep_users() -> None:
    @add(ElastiCacheResponse)
    def modify_user(response: Any) -> ActionResult:
        backend, user_id = response.elasticache_backend, response._get_param("UserId")
        if user_id not in backend.users:
            raise UserNotFound(user_id)
        user = backend.users[user_id]
        user.access_string = response._get_param("AccessString") or user.access_string
        user.engine = response._get_param("Engine") or user.engine
        if mode := response._get_param("AuthenticationMode"):
            user.authentication_type = mode.get("Type")
            user.passwords = mode.get("Passwords") or []
            user.no_password_required = mode.get("Type") == "no-password-required"
        return ActionResult(user)

    @replace(ElastiCacheBackend, "delete_user")
    def delete_user(backend: Any, user_id: str) -> Any:
        if user_id not in backend.users:
            raise UserNotFound(user_id)
        groups = memory(backend).get("user groups", {}).values()
        user = backend.users[user_id]
        for group in groups:
            if user_id in group["UserIds"] and user.name == "default" and group["Engine"] == "redis":
                message = (
                    f"User {user_id} is associated to user group {group['UserGroupId']} as the default user."
                )
                raise _Fault("DefaultUserAssociatedToUserGroup", message)
        for group in groups:
            group["UserIds"] = [one for one in group["UserIds"] if one != user_id]
        del backend.users[user_id]
        backend.tagging_service.delete_all_tags_for_resource(user.arn)
        user.status = "deleting"
        return user


def _keep_user_groups() -> None:
    @add(ElastiCacheResponse)
    def create_user_group(response: Any) -> ActionResult:
        name = response._get_param("UserGroupId").lower()
        if name in _kept(response, "user groups"):
            raise _Fault("UserGroupAlreadyExists", f"User group {name} already exists.")
        engine, user_ids = response._get_param("Engine").lower(), response._get_param("UserIds") or []
        _check_members(response, engine, user_ids)
        group = {
            "UserGroupId": name,
            "Status": "active",
            "Engine": engine,
            "UserIds": user_ids,
            "MinimumEngineVersion": "7.2" if engine == "valkey" else "6.0",
            "ARN": _arn(response.elasticache_backend, "usergroup", name),
        }
        _kept(response, "user groups")[name] = group
        _join(response, group)
        _tag(response, group["ARN"])
        return ActionResult(_with_caches(response, group))

    @add(ElastiCacheResponse)
    def describe_user_groups(response: Any) -> ActionResult:
        name = response._get_param("UserGroupId")
        groups = _list(response, "user groups", name, "UserGroupNotFound")
        return ActionResult({"UserGroups": [_with_caches(response, group) for group in groups]})

    @add(ElastiCacheResponse)
    def modify_user_group(response: Any) -> ActionResult:
        group = _find(response, "user groups", response._get_param("UserGroupId"), "UserGroupNotFound")
        added = response._get_param("UserIdsToAdd") or []
        removed = response._get_param("UserIdsToRemove") or []
        user_ids = [user_id for user_id in [*group["UserIds"], *added] if user_id not in removed]
        engine = (response._get_param("Engine") or group["Engine"]).lower()
        _check_members(response, engine, user_ids)
        group |= {"UserIds": user_ids, "Engine": engine}
        _join(response, group)
        return ActionResult(_with_caches(response, group))

    @add(ElastiCacheResponse)
    def delete_user_group(response: Any) -> ActionResult:
        name = response._get_param("UserGroupId")
        group = _find(response, "user groups", name, "UserGroupNotFound")
        described = _with_caches(response, group)
        if described["ReplicationGroups"] or described["ServerlessCaches"]:
            raise _Fault("InvalidUserGroupState", f"User group {name} is associated with a cache.")
        del _kept(response, "user groups")[name]
        _join(response, {"UserGroupId": name, "UserIds": []})
        return ActionResult(described | {"Status": "deleting"})


def _check_members(response: Any, engine: str, user_ids: list[str]) -> None:
    users = response.elasticache_backend.users
    if missing := [user_id for user_id in user_ids if user_id not in users]:
        raise UserNotFound(missing[0])
    names = [users[user_id].name for user_id in user_ids]
    if engine == "redis" and "default" not in names:
        raise _Fault("DefaultUserRequired", "User group needs to contain a user with the user name default.")
    if len(set(names)) < len(names):
        raise _Fault("DuplicateUserName", "User group has users with the same user name.")


def _join(response: Any, group: dict[str, Any]) -> None:
    """Let every user know whether the group has it."""
    for user in response.elasticache_backend.users.values():
        others = [name for name in user.user_group_ids if name != group["UserGroupId"]]
        user.user_group_ids = others + ([group["UserGroupId"]] if user.id in group["UserIds"] else [])


def _with_caches(response: Any, group: dict[str, Any]) -> dict[str, Any]:
    groups = response.elasticache_backend.replication_groups.values()
    name = group["UserGroupId"]
    serverless = _kept(response, "serverless caches").values()
    return group | {
        "ReplicationGroups": [one.replication_group_id for one in groups if name in one.user_group_ids],
        "ServerlessCaches": [
            one["ServerlessCacheName"] for one in serverless if one.get("UserGroupId") == name
        ],
    }


_SERVERLESS_SETTINGS = (
    "Description",
    "CacheUsageLimits",
    "UserGroupId",
    "SecurityGroupIds",
    "SnapshotRetentionLimit",
    "DailySnapshotTime",
    "Engine",
    "MajorEngineVersion",
)


def _keep_serverless_caches() -> None:
    missing = "ServerlessCacheNotFoundFault"

    @add(ElastiCacheResponse)
    def create_serverless_cache(response: Any) -> ActionResult:
        name, backend = response._get_param("ServerlessCacheName").lower(), response.elasticache_backend
        if name in _kept(response, "serverless caches"):
            raise _Fault("ServerlessCacheAlreadyExistsFault", f"Serverless cache {name} already exists.")
        engine = response._get_param("Engine")
        user_group = response._get_param("UserGroupId")
        if user_group:
            _find(response, "user groups", user_group, "UserGroupNotFound")
        major = response._get_param("MajorEngineVersion") or _FULL_VERSIONS[engine].split(".")[0]
        port = 11211 if engine == "memcached" else 6379
        address = f"{name}-{backend.account_id[:6]}.serverless.{backend.region_name}.cache.amazonaws.com"
        cache = {
            "ServerlessCacheName": name,
            "Description": response._get_param("Description"),
            "CreateTime": utcnow(),
            "Status": "available",
            "Engine": engine,
            "MajorEngineVersion": major,
            "FullEngineVersion": _FULL_VERSIONS[engine] if engine == "memcached" else f"{major}.1",
            "CacheUsageLimits": response._get_param("CacheUsageLimits"),
            "KmsKeyId": response._get_param("KmsKeyId"),
            "SecurityGroupIds": response._get_param("SecurityGroupIds") or [],
            "Endpoint": {"Address": address, "Port": port},
            "ReaderEndpoint": {"Address": address, "Port": port + 1},
            "ARN": _arn(backend, "serverlesscache", name),
            "UserGroupId": user_group,
            "SubnetIds": response._get_param("SubnetIds") or [],
            "SnapshotRetentionLimit": response._get_int_param("SnapshotRetentionLimit") or 0,
            "DailySnapshotTime": response._get_param("DailySnapshotTime"),
        }
        _kept(response, "serverless caches")[name] = cache
        _tag(response, str(cache["ARN"]))
        return ActionResult({"ServerlessCache": cache})

    @add(ElastiCacheResponse)
    def describe_serverless_caches(response: Any) -> ActionResult:
        name = response._get_param("ServerlessCacheName")
        return ActionResult({"ServerlessCaches": _list(response, "serverless caches", name, missing)})

    @add(ElastiCacheResponse)
    def modify_serverless_cache(response: Any) -> ActionResult:
        cache = _find(response, "serverless caches", response._get_param("ServerlessCacheName"), missing)
        for name in _SERVERLESS_SETTINGS:
            if (value := response._get_param(name)) is not None:
                cache[name] = value
        if response._get_bool_param("RemoveUserGroup"):
            cache["UserGroupId"] = None
        return ActionResult({"ServerlessCache": cache})

    @add(ElastiCacheResponse)
    def delete_serverless_cache(response: Any) -> ActionResult:
        name = response._get_param("ServerlessCacheName")
        cache = _find(response, "serverless caches", name, missing)
        del _kept(response, "serverless caches")[name]
        response.elasticache_backend.tagging_service.delete_all_tags_for_resource(cache["ARN"])
        return ActionResult({"ServerlessCache": cache | {"Status": "deleting"}})
