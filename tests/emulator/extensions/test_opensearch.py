"""OpenSearch: a domain's network and defaults, changes of its configuration."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws


@pytest.fixture
def opensearch(aws: Aws) -> Any:
    return aws("opensearch")


def test_a_domain_in_a_vpc_is_made_changed_and_removed(
    opensearch: Any, aws: Aws, name: str, account: str
) -> None:
    name = name[:28].rstrip("-")
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.0.0/24")["Subnet"]
    wanted: dict[str, Any] = {
        "DomainName": name,
        "EngineVersion": "OpenSearch_2.19",
        "ClusterConfig": {"InstanceType": "m7g.large.search", "InstanceCount": 1},
        "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 20},
        "VPCOptions": {"SubnetIds": [subnet["SubnetId"]]},
        "EncryptionAtRestOptions": {"Enabled": True},
        "NodeToNodeEncryptionOptions": {"Enabled": True},
        "DomainEndpointOptions": {"EnforceHTTPS": True},
        "AdvancedSecurityOptions": {
            "Enabled": True,
            "MasterUserOptions": {"MasterUserARN": f"arn:aws:iam::{account}:role/master"},
        },
        "AutoTuneOptions": {"DesiredState": "DISABLED"},
    }
    opensearch.create_domain(**wanted)
    with pytest.raises(ClientError) as refused:
        opensearch.create_domain(**wanted)
    assert refused.value.response["Error"]["Code"] == "ResourceAlreadyExistsException"

    found = opensearch.describe_domain(DomainName=name)["DomainStatus"]
    assert found["VPCOptions"]["VPCId"] == vpc
    assert found["VPCOptions"]["AvailabilityZones"] == [subnet["AvailabilityZone"]]
    assert (found["EBSOptions"]["Iops"], found["EBSOptions"]["Throughput"]) == (3000, 125)
    assert "MasterUserOptions" not in found["AdvancedSecurityOptions"]
    assert found["AutoTuneOptions"]["State"] == "DISABLED"
    configuration = opensearch.describe_domain_config(DomainName=name)["DomainConfig"]
    assert configuration["AutoTuneOptions"]["Options"]["DesiredState"] == "DISABLED"

    opensearch.update_domain_config(DomainName=name, ClusterConfig={"InstanceCount": 2})
    cluster = opensearch.describe_domain(DomainName=name)["DomainStatus"]["ClusterConfig"]
    assert (cluster["InstanceType"], cluster["InstanceCount"]) == ("m7g.large.search", 2)

    opensearch.delete_domain(DomainName=name)
    with pytest.raises(ClientError) as gone:
        opensearch.describe_domain(DomainName=name)
    assert gone.value.response["Error"]["Code"] == "ResourceNotFoundException"
