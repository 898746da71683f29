"""RDS: resource ids, insights, lifecycle support, read replicas, serverless v2, global clusters."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Aws, eventually

PASSWORD = "not-a-secret-of-anybody"


@pytest.fixture
def rds(aws: Aws) -> Any:
    return aws("rds")


def instance_of(rds: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found


def cluster_of(rds: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    return found


def create_instance(rds: Any, name: str, **more: Any) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.m7g.large",
        AllocatedStorage=20,
        MasterUsername="dbadmin",
        MasterUserPassword=PASSWORD,
        **more,
    )
    eventually(lambda: instance_of(rds, name)["DBInstanceStatus"] == "available", seconds=1800)


def delete_instance(rds: Any, name: str) -> None:
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def create_cluster(rds: Any, name: str, **more: Any) -> None:
    rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        MasterUsername="dbadmin",
        MasterUserPassword=PASSWORD,
        **more,
    )
    eventually(lambda: cluster_of(rds, name)["Status"] == "available", seconds=1800)


def delete_cluster(rds: Any, name: str) -> None:
    rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


def test_every_instance_has_a_resource_id_of_its_own(rds: Any, name: str) -> None:
    names = [f"{name}-a", f"{name}-b"]
    for one in names:
        create_instance(rds, one)
    ids = {instance_of(rds, one)["DbiResourceId"] for one in names}
    assert len(ids) == 2
    assert all(one.startswith("db-") for one in ids)
    for one in names:
        delete_instance(rds, one)


def test_an_instance_has_the_certificate_authority_that_it_asks_for(rds: Any, name: str) -> None:
    create_instance(rds, name, CACertificateIdentifier="rds-ca-ecc384-g1")
    create_instance(rds, f"{name}-b")
    assert instance_of(rds, name)["CACertificateIdentifier"] == "rds-ca-ecc384-g1"
    assert instance_of(rds, f"{name}-b")["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
    for one in (name, f"{name}-b"):
        delete_instance(rds, one)


def test_a_changed_parameter_is_the_users(rds: Any, name: str) -> None:
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily="postgres17", Description="test"
    )
    rds.modify_db_parameter_group(
        DBParameterGroupName=name,
        Parameters=[{"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"}],
    )
    found = rds.describe_db_parameters(DBParameterGroupName=name, Source="user")["Parameters"]
    sources = {one["ParameterName"]: one.get("Source") for one in found}
    assert sources["log_statement"] == "user"
    rds.delete_db_parameter_group(DBParameterGroupName=name)


def test_insights_are_kept_for_seven_days_unless_told_otherwise(rds: Any, name: str) -> None:
    create_instance(rds, name, EnablePerformanceInsights=True)
    found = instance_of(rds, name)
    assert (found["PerformanceInsightsEnabled"], found["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert found["DatabaseInsightsMode"] == "standard"
    rds.modify_db_instance(
        DBInstanceIdentifier=name,
        DatabaseInsightsMode="advanced",
        PerformanceInsightsRetentionPeriod=465,
        ApplyImmediately=True,
    )
    eventually(lambda: instance_of(rds, name)["PerformanceInsightsRetentionPeriod"] == 465)
    assert instance_of(rds, name)["DatabaseInsightsMode"] == "advanced"
    delete_instance(rds, name)


def test_the_support_of_a_version_is_what_was_asked_for(rds: Any, name: str) -> None:
    create_instance(rds, name, EngineLifecycleSupport="open-source-rds-extended-support-disabled")
    assert instance_of(rds, name)["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    delete_instance(rds, name)


def test_a_read_replica_has_its_own_settings(rds: Any, name: str) -> None:
    create_instance(rds, name, BackupRetentionPeriod=7, StorageEncrypted=True)
    replica = f"{name}-r"
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier=replica,
        SourceDBInstanceIdentifier=name,
        DBInstanceClass="db.m7g.xlarge",
        EnableCloudwatchLogsExports=["postgresql"],
        Tags=[{"Key": "Name", "Value": replica}],
    )
    eventually(lambda: instance_of(rds, replica)["DBInstanceStatus"] == "available", seconds=1800)
    found = instance_of(rds, replica)
    assert found["ReadReplicaSourceDBInstanceIdentifier"] == name
    assert found["DbiResourceId"] != instance_of(rds, name)["DbiResourceId"]
    assert (found["BackupRetentionPeriod"], found["MultiAZ"]) == (0, False)
    assert found["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert found["TagList"] == [{"Key": "Name", "Value": replica}]
    delete_instance(rds, replica)
    delete_instance(rds, name)


def test_only_the_first_serverless_has_a_scaling_configuration(rds: Any, name: str) -> None:
    create_cluster(rds, name, ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 4})
    found = cluster_of(rds, name)
    assert "ScalingConfigurationInfo" not in found
    assert found["ServerlessV2ScalingConfiguration"]["MaxCapacity"] == 4
    delete_cluster(rds, name)


def test_the_data_api_is_for_provisioned_clusters_too(rds: Any, name: str) -> None:
    create_cluster(rds, name, EnableHttpEndpoint=True)
    assert cluster_of(rds, name)["HttpEndpointEnabled"] is True
    delete_cluster(rds, name)


def test_storage_without_a_bill_for_input_and_output(rds: Any, name: str) -> None:
    create_cluster(rds, name, StorageType="aurora-iopt1")
    create_cluster(rds, f"{name}-standard")
    assert cluster_of(rds, name)["StorageType"] == "aurora-iopt1"
    assert "StorageType" not in cluster_of(rds, f"{name}-standard")
    for one in (name, f"{name}-standard"):
        delete_cluster(rds, one)


def test_a_global_cluster_keeps_its_tags_and_loses_a_deleted_member(rds: Any, name: str) -> None:
    made = rds.create_global_cluster(
        GlobalClusterIdentifier=f"{name}-g",
        Engine="aurora-postgresql",
        StorageEncrypted=True,
        Tags=[{"Key": "Project", "Value": "shop"}],
    )["GlobalCluster"]
    assert rds.list_tags_for_resource(ResourceName=made["GlobalClusterArn"])["TagList"] == [
        {"Key": "Project", "Value": "shop"}
    ]
    create_cluster(rds, name, GlobalClusterIdentifier=f"{name}-g", StorageEncrypted=True)

    def members() -> list[Any]:
        listed: list[Any] = rds.describe_global_clusters(GlobalClusterIdentifier=f"{name}-g")[
            "GlobalClusters"
        ][0]["GlobalClusterMembers"]
        return listed

    eventually(lambda: len(members()) == 1)
    rds.remove_from_global_cluster(
        GlobalClusterIdentifier=f"{name}-g", DbClusterIdentifier=cluster_of(rds, name)["DBClusterArn"]
    )
    eventually(lambda: not members())
    delete_cluster(rds, name)
    rds.delete_global_cluster(GlobalClusterIdentifier=f"{name}-g")


def test_a_cluster_takes_its_automated_snapshots_with_it(rds: Any, name: str) -> None:
    rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        MasterUsername="dbadmin",
        MasterUserPassword=PASSWORD,
    )
    eventually(lambda: cluster_of(rds, name)["Status"] == "available", seconds=1800)
    rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    left = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert [snapshot for snapshot in left if snapshot["DBClusterIdentifier"] == name] == []
