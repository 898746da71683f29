"""EKS: add-ons."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.extensions.eks_cluster import NODES, cluster, code, eks, subnet

__all__ = ["cluster", "eks", "subnet"]


def test_an_addon_has_a_version_settings_and_roles_of_its_own(
    eks: Any, name: str, cluster: dict[str, Any]
) -> None:
    made = eks.create_addon(
        clusterName=name,
        addonName="aws-ebs-csi-driver",
        podIdentityAssociations=[{"serviceAccount": "ebs-csi-controller-sa", "roleArn": NODES}],
        tags={"a": "b"},
    )["addon"]
    assert made["addonVersion"].startswith("v1.")
    assert made["status"] == "ACTIVE"
    (association,) = eks.list_pod_identity_associations(clusterName=name)["associations"]
    assert made["podIdentityAssociations"] == [association["associationArn"]]
    update = eks.update_addon(
        clusterName=name,
        addonName="aws-ebs-csi-driver",
        addonVersion="v1.51.0-eksbuild.1",
        configurationValues="{}",
    )["update"]
    found = eks.describe_update(name=name, updateId=update["id"], addonName="aws-ebs-csi-driver")["update"]
    assert found["status"] == "Successful"
    changed = eks.describe_addon(clusterName=name, addonName="aws-ebs-csi-driver")["addon"]
    assert (changed["addonVersion"], changed["configurationValues"]) == ("v1.51.0-eksbuild.1", "{}")
    assert eks.list_tags_for_resource(resourceArn=made["addonArn"])["tags"] == {"a": "b"}
    assert eks.list_addons(clusterName=name)["addons"] == ["aws-ebs-csi-driver"]
    with pytest.raises(ClientError) as error:
        eks.create_addon(clusterName=name, addonName="aws-ebs-csi-driver")
    assert code(error) == "ResourceInUseException"
    with pytest.raises(ClientError) as error:
        eks.create_addon(clusterName=name, addonName="no-such-addon")
    assert code(error) == "InvalidParameterException"
    eks.delete_addon(clusterName=name, addonName="aws-ebs-csi-driver")
    assert eks.list_pod_identity_associations(clusterName=name)["associations"] == []
    with pytest.raises(ClientError) as error:
        eks.describe_addon(clusterName=name, addonName="aws-ebs-csi-driver")
    assert code(error) == "ResourceNotFoundException"


def test_the_addons_that_eks_offers_can_be_listed(eks: Any) -> None:
    (coredns,) = eks.describe_addon_versions(addonName="coredns")["addons"]
    assert coredns["addonVersions"][0]["addonVersion"].startswith("v1.")
