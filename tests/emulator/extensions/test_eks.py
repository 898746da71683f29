"""EKS: clusters, their updates, node groups, add-ons, access and Pod Identity."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

ROLE = "arn:aws:iam::123456789012:role/cluster"
NODES = "arn:aws:iam::123456789012:role/nodes"
PEOPLE = "arn:aws:iam::123456789012:role/people"
POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


@pytest.fixture
def eks(aws: Aws) -> Any:
    return aws("eks")


@pytest.fixture
def subnet(aws: Aws) -> str:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20")["Subnet"]["SubnetId"])


@pytest.fixture
def cluster(eks: Any, name: str, subnet: str) -> dict[str, Any]:
    made: dict[str, Any] = eks.create_cluster(
        name=name,
        roleArn=ROLE,
        version="1.33",
        resourcesVpcConfig={
            "subnetIds": [subnet],
            "endpointPublicAccess": False,
            "endpointPrivateAccess": True,
        },
        accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        upgradePolicy={"supportType": "STANDARD"},
        logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
    )["cluster"]
    return made


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


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


def test_a_principal_gets_in_by_an_entry_and_a_policy(eks: Any, name: str, cluster: dict[str, Any]) -> None:
    entry = eks.create_access_entry(clusterName=name, principalArn=PEOPLE, kubernetesGroups=["viewers"])[
        "accessEntry"
    ]
    assert entry["type"] == "STANDARD"
    assert entry["username"] == "arn:aws:sts::123456789012:assumed-role/people/{{SessionName}}"
    with pytest.raises(ClientError) as error:
        eks.create_access_entry(clusterName=name, principalArn=PEOPLE)
    assert code(error) == "ResourceInUseException"
    scope = {"type": "namespace", "namespaces": ["shop"]}
    eks.associate_access_policy(clusterName=name, principalArn=PEOPLE, policyArn=POLICY, accessScope=scope)
    (policy,) = eks.list_associated_access_policies(clusterName=name, principalArn=PEOPLE)[
        "associatedAccessPolicies"
    ]
    assert (policy["policyArn"], policy["accessScope"]) == (POLICY, scope)
    eks.update_access_entry(clusterName=name, principalArn=PEOPLE, kubernetesGroups=["editors"])
    found = eks.describe_access_entry(clusterName=name, principalArn=PEOPLE)["accessEntry"]
    assert found["kubernetesGroups"] == ["editors"]
    assert eks.list_access_entries(clusterName=name)["accessEntries"] == [PEOPLE]
    eks.disassociate_access_policy(clusterName=name, principalArn=PEOPLE, policyArn=POLICY)
    eks.delete_access_entry(clusterName=name, principalArn=PEOPLE)
    with pytest.raises(ClientError) as error:
        eks.describe_access_entry(clusterName=name, principalArn=PEOPLE)
    assert code(error) == "ResourceNotFoundException"


def test_nodes_get_in_under_ekss_own_names(eks: Any, name: str, cluster: dict[str, Any]) -> None:
    entry = eks.create_access_entry(clusterName=name, principalArn=NODES, type="EC2_LINUX")["accessEntry"]
    assert entry["kubernetesGroups"] == ["system:nodes"]
    assert entry["username"] == "system:node:{{EC2PrivateDNSName}}"
    with pytest.raises(ClientError) as error:
        eks.associate_access_policy(
            clusterName=name, principalArn=NODES, policyArn=POLICY, accessScope={"type": "cluster"}
        )
    assert code(error) == "InvalidRequestException"
    with pytest.raises(ClientError) as error:
        eks.create_access_entry(clusterName=name, principalArn=PEOPLE, type="EC2_LINUX", username="me")
    assert code(error) == "InvalidRequestException"


def test_a_service_account_has_one_role(eks: Any, name: str, cluster: dict[str, Any]) -> None:
    made = eks.create_pod_identity_association(
        clusterName=name, namespace="shop", serviceAccount="storefront", roleArn=PEOPLE, tags={"a": "b"}
    )["association"]
    with pytest.raises(ClientError) as error:
        eks.create_pod_identity_association(
            clusterName=name, namespace="shop", serviceAccount="storefront", roleArn=NODES
        )
    assert code(error) == "ResourceInUseException"
    key = made["associationId"]
    eks.update_pod_identity_association(clusterName=name, associationId=key, roleArn=NODES)
    found = eks.describe_pod_identity_association(clusterName=name, associationId=key)["association"]
    assert found["roleArn"] == NODES
    assert eks.list_tags_for_resource(resourceArn=made["associationArn"])["tags"] == {"a": "b"}
    assert len(eks.list_pod_identity_associations(clusterName=name, namespace="shop")["associations"]) == 1
    assert eks.list_pod_identity_associations(clusterName=name, namespace="other")["associations"] == []
    eks.delete_pod_identity_association(clusterName=name, associationId=key)
    with pytest.raises(ClientError) as error:
        eks.describe_pod_identity_association(clusterName=name, associationId=key)
    assert code(error) == "ResourceNotFoundException"
