"""What is wrong with an Amazon States Language definition, as far as its structure tells.

The rules are those of the specification (https://states-language.net) and of the Step Functions developer guide; the codes
are those that AWS answers. Values are looked at only where they decide the structure: paths, transitions, errors
that are caught and retried. Reference paths, intrinsic functions and JSONata expressions are not evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TRANSITION = "MISSING_TRANSITION_TARGET"
NO_JSON = "INVALID_JSON_DESCRIPTION"

_COMMON = {"Type", "Comment", "QueryLanguage", "Assign", "Output", "InputPath", "OutputPath"}
_FLOW = {"Next", "End"}
_RESULT = {"Parameters", "ResultPath", "ResultSelector", "Arguments"}
_ERRORS = {"Retry", "Catch"}
_FIELDS = {
    "Task": _FLOW
    | _RESULT
    | _ERRORS
    | {
        "Resource",
        "Credentials",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
    },
    "Pass": _FLOW | {"Result", "ResultPath", "Parameters"},
    "Wait": _FLOW | {"Seconds", "Timestamp", "SecondsPath", "TimestampPath"},
    "Choice": {"Choices", "Default"},
    "Parallel": _FLOW | _RESULT | _ERRORS | {"Branches"},
    "Map": _FLOW
    | _RESULT
    | _ERRORS
    | {
        "Iterator",
        "ItemProcessor",
        "ItemReader",
        "ItemSelector",
        "ItemBatcher",
        "Items",
        "ItemsPath",
        "Label",
        "MaxConcurrency",
        "MaxConcurrencyPath",
        "ResultWriter",
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentage",
        "ToleratedFailurePercentagePath",
    },
    "Succeed": set(),
    "Fail": {"Cause", "CausePath", "Error", "ErrorPath"},
}
_MACHINE = {"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"}
_SUBMACHINE = {"Comment", "ProcessorConfig", "QueryLanguage", "StartAt", "States"}
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Credentials")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, and where (a JSON pointer)."""

    code: str
    message: str
    location: str

    def as_response(self) -> dict[str, str]:
        """The shape of Step Functions' ``ValidateStateMachineDefinitionDiagnostic``."""
        return {
            "severity": "ERROR",
            "code": self.code,
            "message": self.message,
            "location": self.location,
        }


def check_definition(text: str, machine_type: str = "STANDARD") -> list[Diagnostic]:
    """Everything that is wrong with a definition; ``machine_type`` is STANDARD or EXPRESS."""
    try:
        definition = json.loads(text)
    except ValueError:
        return [Diagnostic(NO_JSON, "The definition is not JSON.", "/")]
    if not isinstance(definition, dict):
        return [Diagnostic(SCHEMA, "The definition must be a JSON object.", "/")]
    found = list(_machine(definition, "", _MACHINE))
    names: set[str] = set()
    for at, name, state in _states(definition, ""):
        if name in names:
            found.append(Diagnostic(SCHEMA, f'The state name "{name}" is not unique in the machine.', at))
        names.add(name)
        resource = state.get("Resource")
        waits = isinstance(resource, str) and (".sync" in resource or resource.endswith(".waitForTaskToken"))
        if machine_type == "EXPRESS" and waits:
            message = "Express state machine does not support '.sync' or '.waitForTaskToken'."
            found.append(Diagnostic(SCHEMA, message, f"{at}/Resource"))
    return found


def _states(machine: dict[str, Any], at: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every state, those within parallel and map states too, with where it is."""
    states = machine.get("States")
    for name, state in (states if isinstance(states, dict) else {}).items():
        if isinstance(state, dict):
            yield f"{at}/States/{name}", name, state
            for inner, inner_at in _submachines(state, f"{at}/States/{name}"):
                yield from _states(inner, inner_at)


def _submachines(state: dict[str, Any], at: str) -> Iterator[tuple[dict[str, Any], str]]:
    branches = state.get("Branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else []):
        if isinstance(branch, dict):
            yield branch, f"{at}/Branches[{index}]"
    for field in ("ItemProcessor", "Iterator"):
        if isinstance(state.get(field), dict):
            yield state[field], f"{at}/{field}"


def _machine(machine: dict[str, Any], at: str, fields: set[str]) -> Iterator[Diagnostic]:
    yield from _unknown_fields(machine, fields, at)
    language = machine.get("QueryLanguage", "JSONPath")
    if language not in ("JSONPath", "JSONata"):
        yield Diagnostic(SCHEMA, "QueryLanguage is JSONPath or JSONata.", f"{at}/QueryLanguage")
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield Diagnostic(SCHEMA, "These required fields are missing: [States]", at or "/")
        return
    start = machine.get("StartAt")
    if not isinstance(start, str):
        yield Diagnostic(SCHEMA, "These required fields are missing: [StartAt]", at or "/")
    elif start not in states:
        yield Diagnostic(TRANSITION, f'Missing "StartAt" target: {start}', f"{at}/StartAt")
    reached = {start}
    for name, state in states.items():
        where = f"{at}/States/{name}"
        if len(name) > 80:
            yield Diagnostic(SCHEMA, "A state's name has at most 80 characters.", where)
        if not isinstance(state, dict):
            yield Diagnostic(SCHEMA, "A state is a JSON object.", where)
            continue
        yield from _state(state, where, state.get("QueryLanguage", language) == "JSONata")
        for target, field in _targets(state):
            reached.add(target)
            if target not in states:
                yield Diagnostic(TRANSITION, f'Missing "Next" target: {target}', f"{where}/{field}")
    for name in states:
        if name not in reached:
            yield Diagnostic(TRANSITION, f'State "{name}" is not reachable.', f"{at}/States/{name}")


def _targets(state: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    for field in ("Next", "Default"):
        if isinstance(state.get(field), str):
            yield state[field], field
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, dict) and isinstance(entry.get("Next"), str):
                yield entry["Next"], f"{field}[{index}]/Next"


def _state(state: dict[str, Any], at: str, jsonata: bool) -> Iterator[Diagnostic]:
    kind = state.get("Type")
    if kind not in _FIELDS:
        known = ", ".join(_FIELDS)
        yield Diagnostic(
            SCHEMA, f"Value is not valid: {kind}; a state's Type is one of {known}", f"{at}/Type"
        )
        return
    yield from _unknown_fields(state, _COMMON | _FIELDS[kind], at)
    if _FIELDS[kind] >= _FLOW and ("Next" in state) == (state.get("End") is True):
        yield Diagnostic(SCHEMA, "A state has exactly one of Next and End.", at)
    yield from _of_its_kind(kind, state, at, jsonata)
    for field in _ERRORS & state.keys():
        yield from _error_handlers(state[field], field, f"{at}/{field}")
    if not jsonata:
        for field in _TEMPLATES:
            yield from _template(state.get(field), f"{at}/{field}")
    for inner, inner_at in _submachines(state, at):
        yield from _machine(inner, inner_at, _SUBMACHINE)


def _of_its_kind(kind: str, state: dict[str, Any], at: str, jsonata: bool) -> Iterator[Diagnostic]:
    if kind == "Task" and not isinstance(state.get("Resource"), str):
        yield Diagnostic(SCHEMA, "These required fields are missing: [Resource]", at)
    if kind == "Task" and isinstance(state.get("Resource"), str) and not state["Resource"].startswith("arn:"):
        yield Diagnostic(SCHEMA, f"Value is not a valid resource ARN: {state['Resource']}", f"{at}/Resource")
    if kind == "Wait" and len(_FIELDS["Wait"] - _FLOW & state.keys()) != 1:
        message = "A Wait state has exactly one of Seconds, SecondsPath, Timestamp and TimestampPath."
        yield Diagnostic(SCHEMA, message, at)
    if kind == "Parallel" and not (isinstance(state.get("Branches"), list) and state["Branches"]):
        yield Diagnostic(SCHEMA, "These required fields are missing: [Branches]", at)
    if kind == "Map" and not any(
        isinstance(state.get(field), dict) for field in ("ItemProcessor", "Iterator")
    ):
        yield Diagnostic(SCHEMA, "These required fields are missing: [ItemProcessor]", at)
    if kind == "Choice":
        choices = state.get("Choices")
        if not isinstance(choices, list) or not choices:
            yield Diagnostic(SCHEMA, "These required fields are missing: [Choices]", at)
            return
        for index, choice in enumerate(choices):
            where = f"{at}/Choices[{index}]"
            if not isinstance(choice, dict) or not isinstance(choice.get("Next"), str):
                yield Diagnostic(SCHEMA, "These required fields are missing: [Next]", where)
            elif not jsonata and not ({"Variable", "And", "Or", "Not"} & choice.keys()):
                yield Diagnostic(SCHEMA, "A choice has one of Variable, And, Or and Not.", where)
            elif jsonata and "Condition" not in choice:
                yield Diagnostic(SCHEMA, "These required fields are missing: [Condition]", where)


def _error_handlers(handlers: Any, field: str, at: str) -> Iterator[Diagnostic]:
    if not isinstance(handlers, list):
        yield Diagnostic(SCHEMA, f"{field} is a list.", at)
        return
    for index, handler in enumerate(handlers):
        where = f"{at}[{index}]"
        errors = handler.get("ErrorEquals") if isinstance(handler, dict) else None
        if not isinstance(errors, list) or not errors:
            yield Diagnostic(SCHEMA, "These required fields are missing: [ErrorEquals]", where)
            continue
        if "States.ALL" in errors and (len(errors) > 1 or index + 1 < len(handlers)):
            yield Diagnostic(SCHEMA, "States.ALL stands alone, and last.", where)
        if field == "Catch" and not isinstance(handler.get("Next"), str):
            yield Diagnostic(SCHEMA, "These required fields are missing: [Next]", where)


def _template(value: Any, at: str) -> Iterator[Diagnostic]:
    """A payload template: a field whose name ends in ``.$`` holds a path or an intrinsic function."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _template(item, f"{at}[{index}]")
    if isinstance(value, dict):
        for name, item in value.items():
            if not name.endswith(".$"):
                yield from _template(item, f"{at}/{name}")
            elif not isinstance(item, str) or not item.startswith(("$", "States.")):
                message = f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
                yield Diagnostic(SCHEMA, message, f"{at}/{name}")


def _unknown_fields(value: dict[str, Any], known: set[str], at: str) -> Iterator[Diagnostic]:
    for field in value.keys() - known:
        yield Diagnostic(SCHEMA, f"Field is not supported: {field}", f"{at}/{field}")
