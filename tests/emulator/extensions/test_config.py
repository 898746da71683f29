"""AWS Config: conformance packs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.conftest import Aws, eventually

TEMPLATE = """
Resources:
  Versioning:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: versioning
      Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_VERSIONING_ENABLED}
"""


@pytest.fixture
def config(aws: Aws, account: str) -> Iterator[Any]:
    """A client for an account whose resources are recorded."""
    client = aws("config")
    client.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{account}:role/config"}
    )
    yield client
    client.delete_configuration_recorder(ConfigurationRecorderName="default")


def test_a_pack_is_made_and_removed(config: Any, name: str) -> None:
    parameters = [{"ParameterName": "Age", "ParameterValue": "90"}]
    made = config.put_conformance_pack(
        ConformancePackName=name, TemplateBody=TEMPLATE, ConformancePackInputParameters=parameters
    )["ConformancePackArn"]

    found = config.describe_conformance_packs(ConformancePackNames=[name])["ConformancePackDetails"][0]
    assert (found["ConformancePackArn"], found["ConformancePackInputParameters"]) == (made, parameters)

    def is_there() -> bool:
        states = config.describe_conformance_pack_status(ConformancePackNames=[name])
        return bool(states["ConformancePackStatusDetails"][0]["ConformancePackState"] == "CREATE_COMPLETE")

    eventually(is_there)
    config.delete_conformance_pack(ConformancePackName=name)
    with pytest.raises(config.exceptions.NoSuchConformancePackException):
        config.describe_conformance_packs(ConformancePackNames=[name])
    states = config.describe_conformance_pack_status(ConformancePackNames=[name])
    assert states["ConformancePackStatusDetails"] == []


def test_a_pack_needs_a_recorder(aws: Aws, name: str) -> None:
    config = aws("config", region="eu-west-3")
    with pytest.raises(config.exceptions.NoAvailableConfigurationRecorderException):
        config.put_conformance_pack(ConformancePackName=name, TemplateBody=TEMPLATE)
