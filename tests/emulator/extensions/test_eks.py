"""EKS: clusters, their updates, node groups, add-ons, access and Pod Identity."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws
from tests.emulator.extensions.eks_cluster import NODES, cluster, code, eks, subnet

__all__ = ["cluster", "eks", "subnet"]


def test_a_cluster_answers_with_every_setting_and_takes_its_security_group_with_it(
    eks: Any, aws: Aws, name: str, cluster: dict[str, Any]
) -> None:
    found = eks.describe_cluster(name=name)["cluster"]
    assert found["accessConfig"]["authenticationMode"] == "API"
    assert found["upgradePolicy"] == {"supportType": "STANDARD"}
    assert found["zonalShiftConfig"] == {"enabled": False}
    assert found["kubernetesNetworkConfig"]["ipFamily"] == "ipv4"
    network = found["resourcesVpcConfig"]
    assert network["publicAccessCidrs"] == []
    assert network["vpcId"].startswith("vpc-")
    logs = {entry["enabled"]: set(entry["types"]) for entry in found["logging"]["clusterLogging"]}
    assert logs == {True: {"api", "audit"}, False: {"authenticator", "controllerManager", "scheduler"}}
    group = network["clusterSecurityGroupId"]
    assert aws("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    eks.delete_cluster(name=name)
    with pytest.raises(ClientError) as error:
        aws("ec2").describe_security_groups(GroupIds=[group])
    assert code(error) == "InvalidGroup.NotFound"


def test_changes_to_a_cluster_are_updates_that_can_be_looked_up(
    eks: Any, name: str, cluster: dict[str, Any]
) -> None:
    update = eks.update_cluster_config(
        name=name, logging={"clusterLogging": [{"types": ["scheduler"], "enabled": True}]}
    )["update"]
    assert eks.describe_update(name=name, updateId=update["id"])["update"]["status"] == "Successful"
    eks.update_cluster_config(name=name, zonalShiftConfig={"enabled": True})
    eks.update_cluster_config(
        name=name, resourcesVpcConfig={"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}
    )
    eks.update_cluster_version(name=name, version="1.34")
    found = eks.describe_cluster(name=name)["cluster"]
    enabled = next(entry["types"] for entry in found["logging"]["clusterLogging"] if entry["enabled"])
    assert set(enabled) == {"api", "audit", "scheduler"}
    assert found["zonalShiftConfig"] == {"enabled": True}
    assert found["resourcesVpcConfig"]["publicAccessCidrs"] == ["203.0.113.0/24"]
    assert found["version"] == "1.34"
    assert len(eks.list_updates(name=name)["updateIds"]) == 4
    for version in ("1.34", "1.33", "1.36"):
        with pytest.raises(ClientError) as error:
            eks.update_cluster_version(name=name, version=version)
        assert code(error) == "InvalidParameterException"
    with pytest.raises(ClientError) as error:
        eks.describe_update(name=name, updateId="none")
    assert code(error) == "ResourceNotFoundException"


def test_secrets_are_encrypted_once(eks: Any, name: str, cluster: dict[str, Any]) -> None:
    config = [{"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:eu-west-1:123456789012:key/k"}}]
    eks.associate_encryption_config(clusterName=name, encryptionConfig=config)
    assert eks.describe_cluster(name=name)["cluster"]["encryptionConfig"] == config
    with pytest.raises(ClientError) as error:
        eks.associate_encryption_config(clusterName=name, encryptionConfig=config)
    assert code(error) == "InvalidRequestException"


def test_a_node_group_follows_its_cluster(eks: Any, name: str, subnet: str, cluster: dict[str, Any]) -> None:
    made = eks.create_nodegroup(
        clusterName=name,
        nodegroupName="general",
        nodeRole=NODES,
        subnets=[subnet],
        scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 1},
        launchTemplate={"id": "lt-0", "version": "1"},
        updateConfig={"maxUnavailablePercentage": 33},
        tags={"a": "b"},
    )["nodegroup"]
    assert made["version"] == "1.33"
    assert made["releaseVersion"].startswith("1.33.")
    assert "diskSize" not in made
    assert "remoteAccess" not in made
    assert made["updateConfig"] == {"maxUnavailablePercentage": 33}
    with pytest.raises(ClientError) as error:
        eks.update_nodegroup_version(clusterName=name, nodegroupName="general", version="1.34")
    assert code(error) == "InvalidParameterException"
    eks.update_cluster_version(name=name, version="1.34")
    update = eks.update_nodegroup_version(
        clusterName=name,
        nodegroupName="general",
        version="1.34",
        launchTemplate={"id": "lt-0", "version": "2"},
    )["update"]
    looked_up = eks.describe_update(name=name, updateId=update["id"], nodegroupName="general")["update"]
    assert looked_up["status"] == "Successful"
    assert eks.list_updates(name=name, nodegroupName="general")["updateIds"] == [update["id"]]
    eks.update_nodegroup_config(
        clusterName=name,
        nodegroupName="general",
        scalingConfig={"minSize": 2, "maxSize": 3, "desiredSize": 2},
    )
    found = eks.describe_nodegroup(clusterName=name, nodegroupName="general")["nodegroup"]
    assert found["version"] == "1.34"
    assert found["launchTemplate"]["version"] == "2"
    assert found["scalingConfig"]["minSize"] == 2
    eks.tag_resource(resourceArn=found["nodegroupArn"], tags={"c": "d"})
    eks.untag_resource(resourceArn=found["nodegroupArn"], tagKeys=["a"])
    assert eks.list_tags_for_resource(resourceArn=found["nodegroupArn"])["tags"] == {"c": "d"}
