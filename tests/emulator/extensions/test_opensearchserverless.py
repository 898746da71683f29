"""OpenSearch Serverless: policies, collections, endpoints in a VPC."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

KEY = "arn:aws:kms:eu-west-1:123456789012:key/6e2d8b0a-0f6e-4d3f-9f5b-0c5d1a2b3c4d"


@pytest.fixture
def aoss(aws: Aws) -> Any:
    return aws("opensearchserverless")


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response["Error"]["Code"])


def encryption(pattern: str) -> str:
    rules = [{"ResourceType": "collection", "Resource": [f"collection/{pattern}"]}]
    return json.dumps({"Rules": rules, "AWSOwnedKey": False, "KmsARN": KEY})


def network(collection: str) -> str:
    rules = [{"ResourceType": "collection", "Resource": [f"collection/{collection}"]}]
    return json.dumps([{"Rules": rules, "AllowFromPublic": True}])


def access(collection: str, *principals: str) -> str:
    rule = {
        "ResourceType": "index",
        "Resource": [f"index/{collection}/*"],
        "Permission": ["aoss:ReadDocument"],
    }
    return json.dumps([{"Rules": [rule], "Principal": list(principals)}])


def test_a_collection_has_the_key_of_the_encryption_policy_that_matches_its_name(
    aoss: Any, name: str
) -> None:
    name = name[:30].rstrip("-")
    assert refused(aoss.create_collection, name=name) == "ValidationException"
    aoss.create_security_policy(name=name, type="encryption", policy=encryption(f"{name[:-1]}*"))
    aoss.create_security_policy(name=name, type="network", policy=network(name))

    made = aoss.create_collection(name=name, type="SEARCH", tags=[{"key": "team", "value": "ops"}])
    collection = made["createCollectionDetail"]
    assert (collection["kmsKeyArn"], collection["standbyReplicas"]) == (KEY, "ENABLED")
    assert refused(aoss.create_collection, name=name) == "ConflictException"

    aoss.update_collection(id=collection["id"], description="orders")
    answer = aoss.batch_get_collection(names=[name, "nowhere"])
    assert [found["description"] for found in answer["collectionDetails"]] == ["orders"]
    assert [missing["name"] for missing in answer["collectionErrorDetails"]] == ["nowhere"]

    aoss.delete_collection(id=collection["id"])
    assert not aoss.batch_get_collection(ids=[collection["id"]])["collectionDetails"]
    for kind in ("encryption", "network"):
        aoss.delete_security_policy(name=name, type=kind)
        assert refused(aoss.get_security_policy, name=name, type=kind) == "ResourceNotFoundException"


def test_access_policies_are_made_changed_listed_and_removed(aoss: Any, name: str, account: str) -> None:
    name = name[:30].rstrip("-")
    reader = f"arn:aws:iam::{account}:role/reader"
    made = aoss.create_access_policy(name=name, type="data", policy=access(name, reader))[
        "accessPolicyDetail"
    ]
    assert made["policy"] == json.loads(access(name, reader))
    assert (
        refused(aoss.create_access_policy, name=name, type="data", policy=access(name, reader))
        == "ConflictException"
    )
    assert (
        refused(aoss.create_access_policy, name="x-nobody", type="data", policy=access(name))
        == "ValidationException"
    )

    change = {"name": name, "type": "data", "description": "readers"}
    changed = aoss.update_access_policy(policyVersion=made["policyVersion"], **change)["accessPolicyDetail"]
    assert changed["description"] == "readers"
    assert changed["policyVersion"] != made["policyVersion"]
    assert (
        refused(aoss.update_access_policy, policyVersion=made["policyVersion"], **change)
        == "ValidationException"
    )
    assert name in [
        policy["name"] for policy in aoss.list_access_policies(type="data")["accessPolicySummaries"]
    ]

    aoss.delete_access_policy(name=name, type="data")
    assert refused(aoss.get_access_policy, name=name, type="data") == "ResourceNotFoundException"


def test_lifecycle_policies_are_made_changed_and_removed(aoss: Any, name: str) -> None:
    name = name[:30].rstrip("-")

    def keep(days: int) -> str:
        rule = {"ResourceType": "index", "Resource": [f"index/{name}/*"], "MinIndexRetention": f"{days}d"}
        return json.dumps({"Rules": [rule]})

    wanted = {"name": name, "type": "retention"}
    made = aoss.create_lifecycle_policy(**wanted, policy=keep(30))["lifecyclePolicyDetail"]
    aoss.update_lifecycle_policy(**wanted, policy=keep(60), policyVersion=made["policyVersion"])
    [found] = aoss.batch_get_lifecycle_policy(identifiers=[wanted])["lifecyclePolicyDetails"]
    assert found["policy"] == json.loads(keep(60))
    aoss.delete_lifecycle_policy(**wanted)
    answer = aoss.batch_get_lifecycle_policy(identifiers=[wanted])
    assert [error["errorCode"] for error in answer["lifecyclePolicyErrorDetails"]] == ["NOT_FOUND"]


def test_an_endpoint_is_in_a_vpc_until_it_is_removed(aoss: Any, aws: Aws, name: str) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{index}.0/24")["Subnet"]["SubnetId"]
        for index in range(2)
    ]
    made = aoss.create_vpc_endpoint(name=name[:30].rstrip("-"), vpcId=vpc, subnetIds=subnets[:1])
    identity = made["createVpcEndpointDetail"]["id"]
    [twin] = ec2.describe_vpc_endpoints(VpcEndpointIds=[identity])["VpcEndpoints"]
    assert (twin["VpcEndpointType"], twin["SubnetIds"]) == ("Interface", subnets[:1])
    aoss.update_vpc_endpoint(id=identity, addSubnetIds=subnets[1:])
    [found] = aoss.batch_get_vpc_endpoint(ids=[identity])["vpcEndpointDetails"]
    assert (found["status"], found["vpcId"], sorted(found["subnetIds"])) == ("ACTIVE", vpc, sorted(subnets))

    aoss.delete_vpc_endpoint(id=identity)
    answer = aoss.batch_get_vpc_endpoint(ids=[identity])
    assert [error["id"] for error in answer["vpcEndpointErrorDetails"]] == [identity]
    assert refused(aoss.delete_vpc_endpoint, id=identity) == "ResourceNotFoundException"
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
