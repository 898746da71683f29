"""The stack: an encrypted queue with a dead-letter queue, and the function that works it off."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

FUNCTION = Path(__file__).parent / "function"


class DigestStack(cdk.Stack):
    """Messages come in by the queue, and leave a line in the function's log."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        level = cdk.CfnParameter(
            self,
            "LogLevel",
            default="INFO",
            allowed_values=["DEBUG", "INFO", "WARNING"],
            description="What the function writes to its log.",
        )
        key = kms.Key(
            self,
            "Key",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            pending_window=cdk.Duration.days(7),
        )
        failed = self._queue("Failed", key, retention=cdk.Duration.days(14))
        messages = self._queue(
            "Messages",
            key,
            # Six times the function's time-out: nothing comes a second time while it is still worked on.
            visibility=cdk.Duration.seconds(180),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=5, queue=failed),
        )
        digest = lambda_.Function(
            self,
            "Digest",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler="digest.handle",
            code=lambda_.Code.from_asset(str(FUNCTION)),
            timeout=cdk.Duration.seconds(30),
            environment={"LOG_LEVEL": level.value_as_string},
            environment_encryption=key,
        )
        digest.add_event_source(
            sources.SqsEventSource(messages, batch_size=10, report_batch_item_failures=True)
        )
        cdk.CfnOutput(self, "QueueUrl", value=messages.queue_url)
        cdk.CfnOutput(self, "FunctionName", value=digest.function_name)

    def _queue(
        self,
        name: str,
        key: kms.IKey,
        *,
        retention: cdk.Duration | None = None,
        visibility: cdk.Duration | None = None,
        dead_letter_queue: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=retention,
            visibility_timeout=visibility,
            dead_letter_queue=dead_letter_queue,
        )
