"""What is downloaded is run as it comes."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at

_SHELL = r"(?:sudo\s+(?:-\S+\s+)*|env\s+(?:\S+=\S*\s+)*|exec\s+)*(?:/\S*/)?(?:(?:ba|da|z|k|a)?sh|python[\d.]*|perl|ruby|node|php)\b"
_FETCH = r"(?:curl|wget)\b"
_PIPED = re.compile(
    rf"{_FETCH}[^|\n;]*\|(?:[^|\n;]*\|)?\s*{_SHELL}"
    rf"|{_SHELL}\s+(?:-\S+\s+)*[\"']?(?:<\(|\$\(|`)\s*{_FETCH}[^\n]*"
    rf"|(?:eval|source|\.)\s+[\"']?(?:<\(|\$\(|`)\s*{_FETCH}[^\n]*"
    r"|(?i:\b(?:iex|invoke-expression)\b[^\n]*(?:downloadstring|\biwr\b|invoke-webrequest|\birm\b|invoke-restmethod)[^\n]*)"
    r"|(?i:(?:\biwr\b|invoke-webrequest|\birm\b|invoke-restmethod|downloadstring)[^|\n]*\|\s*(?:iex|invoke-expression)\b)"
)
_ADDRESS = re.compile(r"\b(https?|ftp)://([^\s/\"'|)`]+)[^\s\"'|)`]*")
_HERE = re.compile(r"^(?:169\.254\.|127\.|localhost\b|\[?fd00:ec2::)")
_SCRIPTS: dict[str, tuple[tuple[str | int, ...], ...]] = {
    "aws_codebuild_project": (("source", 0, "buildspec"),),
    "aws_ecs_task_definition": (("container_definitions",),),
    "aws_imagebuilder_component": (("data",),),
    "aws_instance": (("user_data",), ("user_data_base64",)),
    "aws_launch_configuration": (("user_data",), ("user_data_base64",)),
    "aws_launch_template": (("user_data",),),
    "aws_lightsail_instance": (("user_data",),),
    "aws_sagemaker_notebook_instance_lifecycle_configuration": (("on_create",), ("on_start",)),
    "aws_sagemaker_studio_lifecycle_config": (("studio_lifecycle_config_content",),),
    "aws_spot_instance_request": (("user_data",), ("user_data_base64",)),
    "aws_ssm_document": (("content",),),
}
_AS_A_GUEST = ("aws_codebuild_project", "aws_ecs_task_definition")
"""What does not run as the root of a machine of ours."""


@rule(
    "EX007",
    "What is downloaded is run as it comes",
    "low",
    "exposure",
    why="Who holds the address, or over HTTP anybody on the way, has the machine and its role; what it ran can't be told afterwards.",
    fix="Build it into the image, or take it from a bucket of your own, and compare its digest before it is run.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_compute_validate_software_integrity.html",
)
def code_from_outside(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action not in ("create", "update", "replace"):
        return
    for path in _SCRIPTS.get(change.type, ()):
        name = str(path[0])
        before, after = at(change.before, *path), at(change.after, *path)
        if not isinstance(after, str) or before == after:
            continue
        written = plan.expression(change, name).get("constant_value") if len(path) == 1 else None
        was = set(_downloads(_script(before)))
        # The provider plans an instance's user data as a digest; what was written stands in the configuration.
        for text in dict.fromkeys((*_downloads(_script(after)), *_downloads(_script(written)))):
            if text not in was:
                yield Hit(
                    f"it runs what it downloads: {_shown(text)}", name, severity=_severity(change.type, text)
                )


def _script(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return value


def _downloads(script: str) -> Iterator[str]:
    """The commands that fetch something from elsewhere and run it."""
    for match in _PIPED.finditer(script.replace("\\\n", " ")):
        address = _ADDRESS.search(match[0])
        if not address or not _HERE.match(address[2]):
            yield match[0].strip()


def _severity(kind: str, text: str) -> Severity:
    address = _ADDRESS.search(text)
    return "medium" if address and address[1] != "https" and kind not in _AS_A_GUEST else "low"


def _shown(text: str) -> str:
    """The address alone, without what may be a secret in it."""
    address = _ADDRESS.search(text)
    return f"{address[1]}://{address[2].rpartition('@')[2]}" if address else text.split()[0]
