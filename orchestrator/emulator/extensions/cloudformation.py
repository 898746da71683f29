"""What an update leaves as it was, and what it changes besides the template.

AWS (CloudFormation API reference, ``UpdateStack``): without ``RoleARN`` the role that the stack had is used again;
``NotificationARNs`` and ``StackPolicyBody``, when given, replace what the stack had.

moto forgets the role in every update that does not name it, and ignores topics and policy.

Needed by ``aws_cloudformation_stack``: the provider names the role only when it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's CloudFormation backend and responses."""

    @wrap(CloudFormationBackend, "update_stack")
    def update_stack_in_backend(original: Callable[..., Any], backend: Any, name: str, **given: Any) -> Any:
        given["role_arn"] = given.get("role_arn") or backend.get_stack(name).role_arn
        return original(backend, name=name, **given)

    @wrap(CloudFormationResponse, "update_stack")
    def update_stack(original: Callable[[Any], Any], response: Any) -> Any:
        answer = original(response)
        stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
        if (topics := response._get_param("NotificationARNs")) is not None:
            stack.notification_arns = topics
        if policy := response._get_param("StackPolicyBody"):
            stack.policy = policy
        return answer
