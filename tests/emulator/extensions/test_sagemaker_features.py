"""SageMaker: feature groups."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

FEATURES = [
    {"FeatureName": "id", "FeatureType": "String"},
    {"FeatureName": "seen_at", "FeatureType": "Fractional"},
]
OFFLINE = {"S3StorageConfig": {"S3Uri": "s3://features/customers"}}


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws("sagemaker")


def group(name: str, account: str, **more: Any) -> dict[str, Any]:
    return {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "seen_at",
        "FeatureDefinitions": FEATURES,
        "RoleArn": f"arn:aws:iam::{account}:role/features",
    } | more


def test_a_group_has_an_online_store_alone(sagemaker: Any, name: str, account: str) -> None:
    online = {"EnableOnlineStore": True, "TtlDuration": {"Unit": "Days", "Value": 30}}

    sagemaker.create_feature_group(**group(name, account, OnlineStoreConfig=online))

    found = sagemaker.describe_feature_group(FeatureGroupName=name)
    assert found["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Days", "Value": 30}
    assert found["ThroughputConfig"]["ThroughputMode"] == "OnDemand"
    assert "OfflineStoreConfig" not in found


def test_an_offline_store_has_the_table_that_was_named(sagemaker: Any, name: str, account: str) -> None:
    table = {"TableName": "customers", "Catalog": "AwsDataCatalog", "Database": "features"}

    sagemaker.create_feature_group(
        **group(name, account, OfflineStoreConfig=OFFLINE | {"DataCatalogConfig": table})
    )

    store = sagemaker.describe_feature_group(FeatureGroupName=name)["OfflineStoreConfig"]
    location = store["S3StorageConfig"]["ResolvedOutputS3Uri"]
    assert store["DataCatalogConfig"] == table
    assert location.startswith(f"s3://features/customers/{account}/eu-west-1/offline-store/{name}-")


def test_an_offline_store_has_a_table_of_its_own(sagemaker: Any, name: str, account: str) -> None:
    sagemaker.create_feature_group(**group(name, account, OfflineStoreConfig=OFFLINE))

    table = sagemaker.describe_feature_group(FeatureGroupName=name)["OfflineStoreConfig"]["DataCatalogConfig"]
    assert table["Database"] == "sagemaker_featurestore"


def test_a_group_gets_more_features_and_tags_and_is_deleted(sagemaker: Any, name: str, account: str) -> None:
    arn = sagemaker.create_feature_group(**group(name, account, OfflineStoreConfig=OFFLINE))[
        "FeatureGroupArn"
    ]

    sagemaker.update_feature_group(
        FeatureGroupName=name, FeatureAdditions=[{"FeatureName": "orders", "FeatureType": "Integral"}]
    )
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "science"}])

    found = sagemaker.describe_feature_group(FeatureGroupName=name)["FeatureDefinitions"]
    assert [feature["FeatureName"] for feature in found] == ["id", "seen_at", "orders"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "Owner", "Value": "science"}]

    sagemaker.delete_feature_group(FeatureGroupName=name)
    with pytest.raises(ClientError) as error:
        sagemaker.describe_feature_group(FeatureGroupName=name)
    assert error.value.response["Error"]["Code"] == "ResourceNotFound"


def test_a_records_identifier_is_a_feature(sagemaker: Any, name: str, account: str) -> None:
    with pytest.raises(ClientError) as error:
        sagemaker.create_feature_group(
            **group(name, account, OfflineStoreConfig=OFFLINE, RecordIdentifierFeatureName="number")
        )
    assert error.value.response["Error"]["Code"] == "ValidationException"
