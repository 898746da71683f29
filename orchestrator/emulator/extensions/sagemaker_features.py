"""SageMaker's feature groups: online and offline stores, changed and deleted.

AWS (SageMaker API reference, ``CreateFeatureGroup``, ``DescribeFeatureGroup``, ``UpdateFeatureGroup``,
``DeleteFeatureGroup``, ``ListFeatureGroups``):

- A feature group has an online store, an offline store or both, and answers them as given. The offline store gets the
  location ``<S3Uri>/<account>/<region>/offline-store/<name>-<time>/data`` and, unless ``DisableGlueTableCreation``, a
  table: the one named in ``DataCatalogConfig``, or ``<name>_<time>`` in ``sagemaker_featurestore``.
- The record's identifier and its event time are among the features; no feature is given twice.
- An update adds features, changes the online store's time to live or the throughput.
- What does not exist is ``ResourceNotFound``; a name is taken once (``ResourceInUse``).

moto makes feature groups with an offline store only, overwrites the table that was named, loses the online store, the
description and the throughput, and has neither update, delete nor list.

Records can't be put or read (``sagemaker-featurestore-runtime``), and no table is made in Glue: control plane only.

Needed by ``aws_sagemaker_feature_group``.
"""

from __future__ import annotations

import time
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceInUseException, ResourceNotFound, ValidationError
from moto.sagemaker.models import BaseObject
from moto.sagemaker.responses import SageMakerResponse
from moto.sagemaker.utils import arn_formatter

from orchestrator.emulator.patch import add, replace

_GIVEN = (
    "FeatureGroupName",
    "RecordIdentifierFeatureName",
    "EventTimeFeatureName",
    "FeatureDefinitions",
    "OnlineStoreConfig",
    "OfflineStoreConfig",
    "RoleArn",
    "Description",
)


class FeatureGroup(BaseObject):  # type: ignore[misc]
    """A feature group, as ``DescribeFeatureGroup`` answers it."""

    def __init__(self, arn: str, described: dict[str, Any], tags: list[dict[str, str]]) -> None:
        self.arn = arn
        self.feature_group_name = described["FeatureGroupName"]
        self.described = described
        self.tags = tags


def register() -> None:
    """Replace moto's feature groups."""

    @replace(SageMakerResponse, "create_feature_group")
    def create_feature_group(response: Any) -> ActionResult:
        backend, name = response.sagemaker_backend, response._get_param("FeatureGroupName")
        arn = _arn(backend, name)
        if arn in backend.feature_groups:
            raise ResourceInUseException(
                f"Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name."
            )
        described = {key: response._get_param(key) for key in _GIVEN if response._get_param(key) is not None}
        _check(described)
        described |= {
            "FeatureGroupArn": arn,
            "CreationTime": utcnow(),
            "FeatureGroupStatus": "Created",
            "ThroughputConfig": response._get_param("ThroughputConfig") or {"ThroughputMode": "OnDemand"},
        }
        if "OfflineStoreConfig" in described:
            _resolve(backend, described)
        backend.feature_groups[arn] = FeatureGroup(arn, described, response._get_param("Tags") or [])
        return ActionResult({"FeatureGroupArn": arn})

    @replace(SageMakerResponse, "describe_feature_group")
    def describe_feature_group(response: Any) -> ActionResult:
        return ActionResult(_find(response).described)

    @add(SageMakerResponse)
    def update_feature_group(response: Any) -> ActionResult:
        group = _find(response)
        additions = response._get_param("FeatureAdditions") or []
        changed = group.described | {
            "FeatureDefinitions": [*group.described["FeatureDefinitions"], *additions],
            "LastModifiedTime": utcnow(),
            "LastUpdateStatus": {"Status": "Successful"},
        }
        if online := response._get_param("OnlineStoreConfig"):
            if "OnlineStoreConfig" not in changed:
                raise ValidationError(f"FeatureGroup {group.feature_group_name} has no online store.")
            changed["OnlineStoreConfig"] = changed["OnlineStoreConfig"] | online
        if throughput := response._get_param("ThroughputConfig"):
            changed["ThroughputConfig"] = throughput
        _check(changed)
        group.described = changed
        return ActionResult({"FeatureGroupArn": group.arn})

    @add(SageMakerResponse)
    def delete_feature_group(response: Any) -> ActionResult:
        del response.sagemaker_backend.feature_groups[_find(response).arn]
        return EmptyResult()

    @add(SageMakerResponse)
    def list_feature_groups(response: Any) -> ActionResult:
        part = response._get_param("NameContains") or ""
        keys = (
            "FeatureGroupName",
            "FeatureGroupArn",
            "CreationTime",
            "FeatureGroupStatus",
            "OfflineStoreStatus",
        )
        found = [
            {key: group.described[key] for key in keys if key in group.described}
            for group in response.sagemaker_backend.feature_groups.values()
            if part in group.feature_group_name
        ]
        return ActionResult({"FeatureGroupSummaries": found})


def _arn(backend: Any, name: str) -> str:
    return str(arn_formatter("feature-group", name.lower(), backend.account_id, backend.region_name))


def _find(response: Any) -> FeatureGroup:
    """The feature group that a request names, by name or ARN."""
    backend, name = response.sagemaker_backend, response._get_param("FeatureGroupName").rpartition("/")[2]
    found: FeatureGroup | None = backend.feature_groups.get(_arn(backend, name))
    if found is None:
        raise ResourceNotFound(
            f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}"
        )
    return found


def _check(described: dict[str, Any]) -> None:
    """Refuse what could not hold a record."""
    names = [feature["FeatureName"] for feature in described["FeatureDefinitions"]]
    for key in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if described[key] not in names:
            raise ValidationError(
                f"Validation Error: {key} {described[key]} is not among the FeatureDefinitions."
            )
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValidationError(f"Validation Error: duplicate feature names: {', '.join(sorted(twice))}.")
    online = (described.get("OnlineStoreConfig") or {}).get("EnableOnlineStore", False)
    if not online and "OfflineStoreConfig" not in described:
        raise ValidationError(
            "Validation Error: either OnlineStoreConfig or OfflineStoreConfig must be enabled."
        )


def _resolve(backend: Any, described: dict[str, Any]) -> None:
    """Say where the offline store lies, and which table shows it."""
    name, now = described["FeatureGroupName"], int(time.time())
    store = dict(described["OfflineStoreConfig"])
    bucket = store["S3StorageConfig"]
    path = f"{backend.account_id}/{backend.region_name}/offline-store/{name}-{now}/data"
    store["S3StorageConfig"] = bucket | {"ResolvedOutputS3Uri": f"{bucket['S3Uri'].rstrip('/')}/{path}"}
    if not store.get("DisableGlueTableCreation"):
        default = {"TableName": f"{name.replace('-', '_')}_{now}", "Catalog": "AwsDataCatalog"}
        store.setdefault("DataCatalogConfig", default | {"Database": "sagemaker_featurestore"})
    described |= {"OfflineStoreConfig": store, "OfflineStoreStatus": {"Status": "Active"}}
