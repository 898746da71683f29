"""Step Functions: definitions are checked before and when they are deployed; versions can be listed and removed.

AWS (Step Functions API reference)

- ``ValidateStateMachineDefinition`` answers ``OK``, or ``FAIL`` with diagnostics (severity, code, message, location).
- ``CreateStateMachine`` and ``UpdateStateMachine`` refuse such a definition with ``InvalidDefinition``.

- ``ListStateMachineVersions`` lists what ``publish`` and ``PublishStateMachineVersion`` made, the newest first;
  ``DeleteStateMachineVersion`` refuses a version that an alias points to (``ConflictException``).

moto knows no validation, takes any text for a definition until it is executed, and keeps versions that can be
neither listed nor removed.

Needed by ``aws_sfn_state_machine``, for which the provider asks for the validation when planning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from orchestrator.emulator.patch import add, wrap
from orchestrator.emulator.states_language import check_definition


def register() -> None:
    """Extend moto's Step Functions responses."""
    _check_definitions()
    _show_versions()


def _check_definitions() -> None:
    @add(StepFunctionResponse)
    def validate_state_machine_definition(response: Any) -> ActionResult:
        definition, kind = response._get_param("definition"), response._get_param("type") or "STANDARD"
        limit = response._get_int_param("maxResults") or 100
        found = check_definition(definition, kind)
        return ActionResult(
            {
                "result": "FAIL" if found else "OK",
                "diagnostics": [diagnostic.as_response() for diagnostic in found[:limit]],
                "truncated": len(found) > limit,
            }
        )

    @wrap(StepFunctionResponse, "create_state_machine")
    def create_state_machine(original: Callable[[Any], Any], response: Any) -> Any:
        _refuse_bad(response._get_param("definition"), response._get_param("type") or "STANDARD")
        return original(response)

    @wrap(StepFunctionResponse, "update_state_machine")
    def update_state_machine(original: Callable[[Any], Any], response: Any) -> Any:
        if (definition := response._get_param("definition")) is not None:
            present = response.stepfunction_backend.describe_state_machine(
                response._get_param("stateMachineArn")
            )
            _refuse_bad(definition, present.type or "STANDARD")
        return original(response)


def _show_versions() -> None:
    @add(StepFunctionResponse)
    def list_state_machine_versions(response: Any) -> ActionResult:
        versions = _machine(response, response._get_param("stateMachineArn")).versions
        newest_first = [versions[number] for number in sorted(versions, reverse=True)]
        return ActionResult(
            {
                "stateMachineVersions": [
                    {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
                    for version in newest_first
                ]
            }
        )

    @add(StepFunctionResponse)
    def publish_state_machine_version(response: Any) -> ActionResult:
        machine = _machine(response, response._get_param("stateMachineArn"))
        machine.publish(response._get_param("description"))
        version = machine.latest_version
        return ActionResult({"stateMachineVersionArn": version.arn, "creationDate": version.creation_date})

    @add(StepFunctionResponse)
    def delete_state_machine_version(response: Any) -> ActionResult:
        arn = response._get_param("stateMachineVersionArn")
        source, _, number = arn.rpartition(":")
        machine = _machine(response, source)
        for alias in machine.aliases.values():
            if any(route["stateMachineVersionArn"] == arn for route in alias.routing_configuration):
                message = f"Version to be deleted must not be referenced by an alias. Current list of aliases: {alias.name}"
                raise JsonRESTError("ConflictException", message)
        machine.versions.pop(int(number), None)
        return EmptyResult()


def _machine(response: Any, arn: str) -> Any:
    return response.stepfunction_backend.describe_state_machine(arn)


def _refuse_bad(definition: str, kind: str) -> None:
    if found := check_definition(definition, kind):
        first = found[0]
        raise JsonRESTError(
            "InvalidDefinition",
            f"Invalid State Machine Definition: '{first.code}: {first.message} at {first.location}'",
        )
