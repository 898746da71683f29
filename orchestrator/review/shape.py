"""What a JSON plan must look like to be believed: Terraform's own format, as far as the review relies on it.

Source: https://developer.hashicorp.com/terraform/internals/json-format. Keys that are not named here may hold anything.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, Field, StrictBool, StrictStr, ValidationError

from orchestrator.errors import OrchestratorError, Where

DEEPEST = 150
"""Terraform's own plans are far flatter; what is deeper is not followed."""

Object: TypeAlias = dict[str, Any]


class _Change(BaseModel):
    actions: list[StrictStr] = Field(min_length=1)
    before: Object | None = None
    after: Object | None = None
    after_unknown: Object | StrictBool | None = None
    before_sensitive: Object | StrictBool | None = None
    after_sensitive: Object | StrictBool | None = None
    replace_paths: list[list[StrictStr | int]] | None = None


class _ResourceChange(BaseModel):
    address: StrictStr
    type: StrictStr
    mode: Literal["managed", "data", "ephemeral"]
    deposed: StrictStr | None = None
    change: _Change


class _Deferred(BaseModel):
    reason: StrictStr = ""
    resource_change: _ResourceChange


class _OutputChange(BaseModel):
    actions: list[StrictStr]


class _Resource(BaseModel):
    mode: StrictStr
    provider_name: StrictStr | None = None
    values: Object | None = None


class _Module(BaseModel):
    resources: list[_Resource] = []
    child_modules: list[_Module] = []


class _Values(BaseModel):
    root_module: _Module | None = None
    outputs: dict[str, Object] = {}


class _State(BaseModel):
    values: _Values | None = None


class _ConfiguredResource(BaseModel):
    address: StrictStr
    expressions: Object | None = None


class _Call(BaseModel):
    module: _ConfiguredModule | None = None


class _ConfiguredModule(BaseModel):
    resources: list[_ConfiguredResource] = []
    module_calls: dict[str, _Call] = {}
    variables: dict[str, Object] = {}


class _Configuration(BaseModel):
    root_module: _ConfiguredModule | None = None
    provider_config: dict[str, Object] = {}


class _Plan(BaseModel):
    resource_changes: list[_ResourceChange] = []
    resource_drift: list[_ResourceChange] = []
    deferred_changes: list[_Deferred] = []
    output_changes: dict[str, _OutputChange] = {}
    planned_values: _Values = _Values()
    prior_state: _State = _State()
    configuration: _Configuration = _Configuration()
    variables: dict[str, Object] = {}


def check_shape(raw: dict[str, Any], where: Where | None = None) -> None:
    """Check that a plan is built as Terraform builds it.

    Raises:
        OrchestratorError: it is not; the message names the place.
    """
    if too_deep(raw):
        raise OrchestratorError(
            f"this is no plan of Terraform's: it is nested more than {DEEPEST} deep", where=where
        )
    try:
        plan = _Plan.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise OrchestratorError(
            f"the plan is damaged: {place}: {first['msg'][:1].lower()}{first['msg'][1:]}",
            where=where,
            remedy="give it what `terraform show -json PLANFILE` prints, whole",
        ) from None
    module = plan.planned_values.root_module
    if module and (module.resources or module.child_modules) and "resource_changes" not in raw:
        raise OrchestratorError(
            "the plan is damaged: it has planned values, and does not say what changes",
            where=where,
            remedy="give it what `terraform show -json PLANFILE` prints, whole",
        )


def too_deep(value: Any) -> bool:
    """Whether a value is nested deeper than any of Terraform's; found without recursion."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
