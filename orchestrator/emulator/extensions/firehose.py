"""Firehose: delivery to OpenSearch domains and collections, and the state of a stream's encryption.

AWS (Firehose API reference)

- ``CreateDeliveryStream`` takes ``AmazonopensearchserviceDestinationConfiguration`` and
  ``AmazonOpenSearchServerlessDestinationConfiguration``; ``DescribeDeliveryStream`` answers them as descriptions, the
  bucket as ``S3DestinationDescription`` and the network as ``VpcConfigurationDescription`` with the VPC's id.
- ``UpdateDestination`` takes ``AmazonopensearchserviceDestinationUpdate`` and
  ``AmazonOpenSearchServerlessDestinationUpdate``; a destination's kind can't be changed.
- A stream that is created with encryption answers its ``Status``.

moto knows neither destination (it calls the request one without a destination). What a stream is given is kept;
nothing is delivered to OpenSearch.

Needed by ``aws_kinesis_firehose_delivery_stream`` with ``opensearch_configuration`` or
``opensearchserverless_configuration``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.firehose.exceptions import (
    ConcurrentModificationException,
    InvalidArgumentException,
    ResourceNotFoundException,
)
from moto.firehose.responses import FirehoseResponse

from orchestrator.emulator.patch import memory, wrap

_DESTINATIONS = ("Amazonopensearchservice", "AmazonOpenSearchServerless")
_DEFAULTS = {
    "BufferingHints": {"IntervalInSeconds": 300, "SizeInMBs": 5},
    "RetryOptions": {"DurationInSeconds": 300},
    "S3BackupMode": "FailedDocumentsOnly",
    "ProcessingConfiguration": {"Enabled": False, "Processors": []},
    "CloudWatchLoggingOptions": {"Enabled": False},
}
_BUCKET_DEFAULTS = {
    "BufferingHints": {"IntervalInSeconds": 300, "SizeInMBs": 5},
    "CompressionFormat": "UNCOMPRESSED",
    "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
    "CloudWatchLoggingOptions": {"Enabled": False},
}


def register() -> None:
    """Extend moto's Firehose responses."""

    @wrap(FirehoseResponse, "create_delivery_stream")
    def create_delivery_stream(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        given = {
            kind: config
            for kind in _DESTINATIONS
            if (config := response._get_param(f"{kind}DestinationConfiguration"))
        }
        if not given:
            answer = original(response)
        elif len(given) > 1:
            raise InvalidArgumentException(
                "Exactly one destination configuration is supported for a Firehose"
            )
        else:
            answer = _create(response, *given.popitem())
        stream = response.firehose_backend.delivery_streams[response._get_param("DeliveryStreamName")]
        encryption = stream.delivery_stream_encryption_configuration
        if encryption:
            encryption.setdefault("Status", "ENABLED")
        return answer

    @wrap(FirehoseResponse, "describe_delivery_stream")
    def describe_delivery_stream(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        stream = response.firehose_backend.delivery_streams.get(response._get_param("DeliveryStreamName"))
        kept = memory(stream).get("opensearch") if stream else None
        answer: Any = original(response)
        if kept is None:
            return ActionResult(answer.result)
        description = dict(answer.result["DeliveryStreamDescription"])
        description["Destinations"] = [{"DestinationId": "destinationId-000000000001", **kept}]
        description.pop("OrchestratorMemory", None)
        return ActionResult({"DeliveryStreamDescription": description})

    @wrap(FirehoseResponse, "update_destination")
    def update_destination(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        given = {
            kind: update
            for kind in _DESTINATIONS
            if (update := response._get_param(f"{kind}DestinationUpdate"))
        }
        if not given:
            return original(response)
        return _update(response, *given.popitem())


def _create(response: Any, kind: str, config: dict[str, Any]) -> ActionResult:
    backend = response.firehose_backend
    # moto makes the stream as one into the bucket of its failed documents.
    arn = backend.create_delivery_stream(
        region=response.region,
        delivery_stream_name=response._get_param("DeliveryStreamName"),
        delivery_stream_type=response._get_param("DeliveryStreamType"),
        kinesis_stream_source_configuration=response._get_param("KinesisStreamSourceConfiguration"),
        delivery_stream_encryption_configuration_input=response._get_param(
            "DeliveryStreamEncryptionConfigurationInput"
        ),
        s3_destination_configuration=None,
        extended_s3_destination_configuration=config["S3Configuration"],
        redshift_destination_configuration=None,
        elasticsearch_destination_configuration=None,
        splunk_destination_configuration=None,
        http_endpoint_destination_configuration=None,
        snowflake_destination_configuration=None,
        iceberg_destination_configuration=None,
        tags=response._get_param("Tags"),
    )
    stream = backend.delivery_streams[response._get_param("DeliveryStreamName")]
    description = _DEFAULTS | _described(response, config)
    if kind == "Amazonopensearchservice":
        description.setdefault("IndexRotationPeriod", "OneDay")
    memory(stream)["opensearch"] = {f"{kind}DestinationDescription": description}
    return ActionResult({"DeliveryStreamARN": arn})


def _update(response: Any, kind: str, update: dict[str, Any]) -> EmptyResult:
    name = response._get_param("DeliveryStreamName")
    stream = response.firehose_backend.delivery_streams.get(name)
    if stream is None:
        raise ResourceNotFoundException(f"Firehose {name} not found.")
    key = f"{kind}DestinationDescription"
    if key not in memory(stream).get("opensearch", {}):
        raise InvalidArgumentException("Changing the kind of a destination is not supported at this time.")
    if response._get_param("CurrentDeliveryStreamVersionId") != stream.version_id:
        raise ConcurrentModificationException(f"The version id of {name} is {stream.version_id}")
    memory(stream)["opensearch"][key] |= _described(response, update)
    stream.version_id = str(int(stream.version_id) + 1)
    stream.last_update_timestamp = utcnow()
    return EmptyResult()


def _described(response: Any, config: dict[str, Any]) -> dict[str, Any]:
    description = copy.deepcopy(config)
    for name in ("S3Configuration", "S3Update"):
        if name in description:
            description["S3DestinationDescription"] = _BUCKET_DEFAULTS | description.pop(name)
    if network := description.pop("VpcConfiguration", None):
        from moto.ec2.models import ec2_backends

        backend = ec2_backends[response.current_account][response.region]
        subnets = backend.describe_subnets(subnet_ids=network["SubnetIds"])
        description["VpcConfigurationDescription"] = network | {"VpcId": subnets[0].vpc_id}
    return description
