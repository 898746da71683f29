"""EKS: access entries and Pod Identity."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.extensions.eks_cluster import NODES, PEOPLE, POLICY, cluster, code, eks, subnet

__all__ = ["cluster", "eks", "subnet"]


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
