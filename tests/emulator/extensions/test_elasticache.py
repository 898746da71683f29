"""ElastiCache: members, changes, parameter groups, subnet groups, users and their groups, serverless caches."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws, eventually


@pytest.fixture
def elasticache(aws: Aws) -> Any:
    return aws("elasticache")


@pytest.fixture
def name() -> str:
    """Shorter than other tests' names: a group's has at most 40 characters, with shards and nodes."""
    return f"test-{uuid.uuid4().hex[:8]}"


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def group_of(elasticache: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = elasticache.describe_replication_groups(ReplicationGroupId=name)[
        "ReplicationGroups"
    ][0]
    return found


def cluster_of(elasticache: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = elasticache.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)[
        "CacheClusters"
    ][0]
    return found


def gone(elasticache: Any, name: str) -> bool:
    try:
        group_of(elasticache, name)
    except ClientError as error:
        return error.response["Error"]["Code"] == "ReplicationGroupNotFoundFault"
    return False


@pytest.fixture
def group(elasticache: Any, name: str) -> Iterator[str]:
    """A Valkey group of a primary and one replica."""
    elasticache.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="test",
        Engine="valkey",
        EngineVersion="8.1",
        CacheNodeType="cache.t4g.small",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
        SnapshotRetentionLimit=1,
    )
    eventually(lambda: group_of(elasticache, name)["Status"] == "available")
    yield name
    if not gone(elasticache, name):
        elasticache.delete_replication_group(ReplicationGroupId=name)
        eventually(lambda: gone(elasticache, name))


def test_the_members_of_a_group_are_clusters_of_their_own(elasticache: Any, group: str) -> None:
    members = group_of(elasticache, group)["MemberClusters"]
    assert members == [f"{group}-001", f"{group}-002"]
    cluster = cluster_of(elasticache, members[0])
    assert (cluster["ReplicationGroupId"], cluster["NumCacheNodes"]) == (group, 1)
    assert cluster["TransitEncryptionEnabled"] is True
    assert cluster["EngineVersion"].startswith("8.1")


def test_a_sharded_group_has_members_in_every_shard(elasticache: Any, name: str) -> None:
    elasticache.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="test",
        Engine="valkey",
        CacheNodeType="cache.t4g.small",
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
        ClusterMode="enabled",
    )
    eventually(lambda: group_of(elasticache, name)["Status"] == "available")
    members = group_of(elasticache, name)["MemberClusters"]
    assert members == [f"{name}-000{shard}-00{node}" for shard in (1, 2) for node in (1, 2)]
    assert all(cluster_of(elasticache, member)["ReplicationGroupId"] == name for member in members)
    elasticache.delete_replication_group(ReplicationGroupId=name)
    eventually(lambda: gone(elasticache, name))


def test_a_deleted_group_is_gone_with_its_members(elasticache: Any, group: str) -> None:
    elasticache.delete_replication_group(ReplicationGroupId=group)
    eventually(lambda: gone(elasticache, group))
    with pytest.raises(ClientError) as error:
        cluster_of(elasticache, f"{group}-001")
    assert code(error) == "CacheClusterNotFound"


def test_a_changed_group_changes_its_members(elasticache: Any, group: str) -> None:
    elasticache.modify_replication_group(
        ReplicationGroupId=group,
        PreferredMaintenanceWindow="sat:03:00-sat:04:00",
        SnapshotRetentionLimit=5,
        ApplyImmediately=True,
    )
    eventually(lambda: group_of(elasticache, group)["Status"] == "available")
    assert group_of(elasticache, group)["SnapshotRetentionLimit"] == 5
    member = cluster_of(elasticache, f"{group}-002")
    assert member["PreferredMaintenanceWindow"] == "sat:03:00-sat:04:00"


def test_replicas_are_added_and_taken_away(elasticache: Any, group: str) -> None:
    elasticache.increase_replica_count(ReplicationGroupId=group, NewReplicaCount=2, ApplyImmediately=True)
    eventually(lambda: len(group_of(elasticache, group)["MemberClusters"]) == 3)
    elasticache.decrease_replica_count(ReplicationGroupId=group, NewReplicaCount=1, ApplyImmediately=True)
    eventually(lambda: len(group_of(elasticache, group)["MemberClusters"]) == 2)
    with pytest.raises(ClientError) as error:
        cluster_of(elasticache, f"{group}-003")
    assert code(error) == "CacheClusterNotFound"


def test_a_memcached_cluster_spreads_over_zones_and_grows(elasticache: Any, name: str) -> None:
    elasticache.create_cache_cluster(
        CacheClusterId=name,
        Engine="memcached",
        CacheNodeType="cache.t4g.small",
        NumCacheNodes=2,
        AZMode="cross-az",
        PreferredAvailabilityZones=["eu-west-1a", "eu-west-1b"],
    )
    eventually(lambda: cluster_of(elasticache, name)["CacheClusterStatus"] == "available")
    cluster = cluster_of(elasticache, name)
    assert cluster["PreferredAvailabilityZone"] == "Multiple"
    assert cluster["ConfigurationEndpoint"]["Port"] == 11211
    assert [node["CacheNodeId"] for node in cluster["CacheNodes"]] == ["0001", "0002"]
    elasticache.modify_cache_cluster(CacheClusterId=name, NumCacheNodes=3, ApplyImmediately=True)
    eventually(lambda: len(cluster_of(elasticache, name)["CacheNodes"]) == 3)
    elasticache.delete_cache_cluster(CacheClusterId=name)


def test_a_parameter_group_keeps_what_is_set(elasticache: Any, name: str) -> None:
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="test"
    )
    elasticache.modify_cache_parameter_group(
        CacheParameterGroupName=name,
        ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}],
    )
    found = elasticache.describe_cache_parameters(CacheParameterGroupName=name, Source="user")["Parameters"]
    assert [(one["ParameterName"], one["ParameterValue"]) for one in found] == [
        ("maxmemory-policy", "allkeys-lru")
    ]
    elasticache.reset_cache_parameter_group(CacheParameterGroupName=name, ResetAllParameters=True)
    assert not elasticache.describe_cache_parameters(CacheParameterGroupName=name, Source="user")[
        "Parameters"
    ]
    elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)
    with pytest.raises(ClientError) as error:
        elasticache.describe_cache_parameter_groups(CacheParameterGroupName=name)
    assert code(error) == "CacheParameterGroupNotFound"


def test_a_family_that_does_not_exist_is_refused(elasticache: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        elasticache.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey99", Description="test"
        )
    assert code(error) == "InvalidParameterValue"


def test_a_group_of_unknown_parameters_is_refused(elasticache: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        elasticache.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="test",
            Engine="valkey",
            CacheNodeType="cache.t4g.small",
            NumCacheClusters=1,
            CacheParameterGroupName=f"{name}-none",
        )
    assert code(error) == "CacheParameterGroupNotFound"


def create_user(elasticache: Any, user: str, name: str, engine: str = "valkey") -> None:
    elasticache.create_user(
        UserId=user,
        UserName=name,
        Engine=engine,
        AccessString="on ~* +@all",
        AuthenticationMode={"Type": "iam"} if name == user else {"Type": "no-password-required"},
    )


def test_a_user_group_has_its_users(elasticache: Any, name: str) -> None:
    one, two = f"{name}-a", f"{name}-b"
    create_user(elasticache, one, one)
    create_user(elasticache, two, two)
    elasticache.create_user_group(UserGroupId=name, Engine="valkey", UserIds=[one])
    eventually(
        lambda: elasticache.describe_user_groups(UserGroupId=name)["UserGroups"][0]["Status"] == "active"
    )
    elasticache.modify_user_group(UserGroupId=name, UserIdsToAdd=[two])
    found = elasticache.describe_user_groups(UserGroupId=name)["UserGroups"][0]
    assert sorted(found["UserIds"]) == [one, two]
    assert elasticache.describe_users(UserId=two)["Users"][0]["UserGroupIds"] == [name]
    elasticache.modify_user(UserId=one, AccessString="on ~app:* +@read")
    changed = elasticache.describe_users(UserId=one)["Users"][0]
    assert "~app:*" in changed["AccessString"]
    elasticache.delete_user_group(UserGroupId=name)
    for user in (one, two):
        elasticache.delete_user(UserId=user)
    with pytest.raises(ClientError) as error:
        elasticache.describe_user_groups(UserGroupId=name)
    assert code(error) == "UserGroupNotFound"


def test_a_redis_group_needs_a_default_user(elasticache: Any, name: str) -> None:
    create_user(elasticache, name, name, engine="redis")
    with pytest.raises(ClientError) as error:
        elasticache.create_user_group(UserGroupId=name, Engine="redis", UserIds=[name])
    assert code(error) == "DefaultUserRequired"
    elasticache.delete_user(UserId=name)


def test_a_serverless_cache_is_kept_changed_and_deleted(elasticache: Any, name: str) -> None:
    limits = {"DataStorage": {"Maximum": 10, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 5000}}
    elasticache.create_serverless_cache(
        ServerlessCacheName=name, Engine="valkey", MajorEngineVersion="8", CacheUsageLimits=limits
    )

    def found() -> dict[str, Any]:
        cache: dict[str, Any] = elasticache.describe_serverless_caches(ServerlessCacheName=name)[
            "ServerlessCaches"
        ][0]
        return cache

    eventually(lambda: found()["Status"] == "available")
    assert found()["CacheUsageLimits"]["DataStorage"] == {"Maximum": 10, "Unit": "GB"}
    assert (found()["Endpoint"]["Port"], found()["ReaderEndpoint"]["Port"]) == (6379, 6380)
    elasticache.modify_serverless_cache(ServerlessCacheName=name, Description="changed")
    eventually(lambda: found()["Status"] == "available")
    assert found()["Description"] == "changed"
    elasticache.delete_serverless_cache(ServerlessCacheName=name)

    def absent() -> bool:
        try:
            found()
        except ClientError as error:
            return error.response["Error"]["Code"] == "ServerlessCacheNotFoundFault"
        return False

    eventually(absent)


def test_a_subnet_group_takes_other_subnets_and_is_deleted(elasticache: Any, aws: Aws, name: str) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.77.{number}.0/24")["Subnet"]["SubnetId"]
        for number in range(2)
    ]
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName=name, CacheSubnetGroupDescription="test", SubnetIds=subnets[:1]
    )
    elasticache.modify_cache_subnet_group(CacheSubnetGroupName=name, SubnetIds=subnets)
    found = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"][0]
    assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == set(subnets)
    elasticache.delete_cache_subnet_group(CacheSubnetGroupName=name)
    with pytest.raises(ClientError) as error:
        elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=name)
    assert code(error) == "CacheSubnetGroupNotFoundFault"
