"""SNS topic attributes beyond the basic ones, and data protection policies.

AWS (SNS API reference, ``GetTopicAttributes``, ``PutDataProtectionPolicy``, ``GetDataProtectionPolicy``) answers
every attribute that was set: the roles and sample rates of delivery status logging, ``TracingConfig``,
``SignatureVersion``, ``ArchivePolicy``, ``FifoThroughputScope``. A topic has at most one data protection policy; an
empty one removes it.

moto stores the attributes and does not answer them, and knows no data protection policy.

Needed by ``aws_sns_topic`` (delivery logging, X-Ray tracing and archiving change in every plan) and
``aws_sns_topic_data_protection_policy``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.sns.responses import SNSResponse

from orchestrator.emulator.patch import add, wrap

_DESTINATIONS = ("Application", "Firehose", "HTTP", "Lambda", "SQS")
_FEEDBACK = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
_ATTRIBUTES = (
    "ArchivePolicy",
    "FifoThroughputScope",
    "SignatureVersion",
    "TracingConfig",
    *(destination + feedback for destination in _DESTINATIONS for feedback in _FEEDBACK),
)


def register() -> None:
    """Extend moto's SNS responses."""

    @wrap(SNSResponse, "get_topic_attributes")
    def get_topic_attributes(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response).result
        topic = response.backend.get_topic(response._get_param("TopicArn"))
        for attribute in _ATTRIBUTES:
            if value := getattr(topic, camelcase_to_underscores(attribute), None):
                answer["Attributes"][attribute] = value
        return ActionResult(answer)

    @add(SNSResponse)
    def put_data_protection_policy(response: Any) -> ActionResult:
        topic = response.backend.get_topic(response._get_param("ResourceArn"))
        topic.data_protection_policy = response._get_param("DataProtectionPolicy")
        return EmptyResult()

    @add(SNSResponse)
    def get_data_protection_policy(response: Any) -> ActionResult:
        topic = response.backend.get_topic(response._get_param("ResourceArn"))
        return ActionResult({"DataProtectionPolicy": getattr(topic, "data_protection_policy", "")})
