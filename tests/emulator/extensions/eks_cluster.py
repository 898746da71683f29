"""A cluster for the tests of EKS's extensions."""

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
