"""SQS queue attributes: redrive allow policy, redrive policy, and an access policy that stays.

AWS (SQS API reference, ``SetQueueAttributes``, ``GetQueueAttributes``) keeps ``RedriveAllowPolicy`` like the other
attributes, changes only the attributes a request names, and answers ``RedrivePolicy`` as JSON without spaces, its
``maxReceiveCount`` as a number.

moto refuses ``RedriveAllowPolicy`` as an attribute name on reading, drops the access policy of a queue whenever
another attribute is set, and answers the redrive policy with spaces.

Needed by ``aws_sqs_queue_redrive_allow_policy`` (cannot be read back), ``aws_sqs_queue_redrive_policy`` beside
``aws_sqs_queue_policy`` (the policy is gone), and ``redrive_policy`` of ``aws_sqs_queue`` (changes in every plan).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.sqs.models import Queue

from orchestrator.emulator.patch import wrap

_ALLOW = "RedriveAllowPolicy"


def register() -> None:
    """Extend moto's queue."""
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, _ALLOW]
    # The attribute of a queue that was never given one; reading it must not fail.
    vars_of_queue: Any = Queue
    vars_of_queue.redrive_allow_policy = None

    @wrap(Queue, "_set_attributes")
    def set_attributes(
        original: Callable[..., None], queue: Any, attributes: dict[str, Any], now: float | None = None
    ) -> None:
        if "Policy" not in attributes:
            attributes = {**attributes, "Policy": queue.policy}
        original(queue, attributes, now)
        queue.redrive_allow_policy = queue.redrive_allow_policy or None

    @wrap(Queue, "attributes")
    def attributes(original: Callable[[Any], dict[str, Any]], queue: Any) -> dict[str, Any]:
        shown = original(queue)
        if queue.redrive_policy:
            shown["RedrivePolicy"] = json.dumps(queue.redrive_policy, separators=(",", ":"))
        return shown
