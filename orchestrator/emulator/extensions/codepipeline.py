"""CodePipeline: times that clients can read, the defaults of a pipeline.

AWS (CodePipeline API reference): times (``metadata`` of ``GetPipeline``, ``ListPipelines``, ``ListPipelineExecutions``)
are timestamps, in JSON a number of seconds. A pipeline is of type ``V1`` and mode ``SUPERSEDED`` unless it says
otherwise; triggers and variables are for type ``V2`` only, and a trigger names a source action of the pipeline.
``UpdatePipeline`` knows a pipeline that is not there as ``PipelineNotFoundException``.

moto writes times as text, which no typed client can decode, and leaves the defaults out.

Needed by ``aws_codepipeline``, which reads a pipeline back after creating it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.codepipeline.exceptions import InvalidStructureException, PipelineNotFoundException
from moto.codepipeline.models import CodePipeline, CodePipelineBackend, PipelineExecution
from moto.codepipeline.responses import CodePipelineResponse
from moto.core.utils import unix_time

from orchestrator.emulator.patch import replace, wrap

_DEFAULTS = {"pipelineType": "V1", "executionMode": "SUPERSEDED"}
_ONLY_V2 = ("triggers", "variables")


def register() -> None:
    """Extend moto's CodePipeline backend and responses."""

    @wrap(CodePipeline, "metadata")
    def metadata(original: Callable[[Any], dict[str, Any]], pipeline: Any) -> dict[str, Any]:
        times = {"created": unix_time(pipeline._created), "updated": unix_time(pipeline._updated)}
        return original(pipeline) | times

    @replace(CodePipelineResponse, "list_pipelines")
    def list_pipelines(response: Any) -> str:
        found = [
            {
                "name": name,
                "version": kept.pipeline["version"],
                "pipelineType": kept.pipeline["pipelineType"],
                "executionMode": kept.pipeline["executionMode"],
                "created": kept.metadata["created"],
                "updated": kept.metadata["updated"],
            }
            for name, kept in sorted(response.codepipeline_backend.pipelines.items())
        ]
        return json.dumps({"pipelines": found})

    @wrap(PipelineExecution, "to_summary_dict")
    def to_summary_dict(original: Callable[[Any], dict[str, Any]], execution: Any) -> dict[str, Any]:
        return original(execution) | {
            "startTime": unix_time(execution.start_time),
            "lastUpdateTime": unix_time(execution.last_update_time),
        }

    @wrap(CodePipelineBackend, "create_pipeline")
    def create_pipeline(
        original: Callable[..., Any], backend: Any, pipeline: dict[str, Any], tags: list[dict[str, str]]
    ) -> Any:
        return original(backend, _checked(pipeline), tags)

    @wrap(CodePipelineBackend, "update_pipeline")
    def update_pipeline(original: Callable[..., Any], backend: Any, pipeline: dict[str, Any]) -> Any:
        if pipeline["name"] not in backend.pipelines:
            raise PipelineNotFoundException(
                f"Account '{backend.account_id}' does not have a pipeline with name '{pipeline['name']}'"
            )
        return original(backend, _checked(pipeline))


def _checked(pipeline: dict[str, Any]) -> dict[str, Any]:
    """The pipeline with its defaults; an error for what AWS refuses."""
    whole = _DEFAULTS | pipeline
    if whole["pipelineType"] != "V2":
        for setting in _ONLY_V2:
            if whole.get(setting):
                raise InvalidStructureException(f"{setting} can be used in pipelines of type V2 only")
    actions = [action for stage in whole["stages"] for action in stage["actions"]]
    sources = {action["name"] for action in actions if action["actionTypeId"]["category"] == "Source"}
    for trigger in whole.get("triggers") or []:
        name = (trigger.get("gitConfiguration") or {}).get("sourceActionName")
        if name not in sources:
            raise InvalidStructureException(
                f"The trigger's source action {name} is not a source action of the pipeline"
            )
    for stage in whole["stages"]:
        names = [action["name"] for action in stage["actions"]]
        if len(set(names)) < len(names):
            raise InvalidStructureException(f"Action names in stage '{stage['name']}' must be unique")
    return whole
