"""Code that somebody else publishes runs with a role of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import is_foreign
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._common import goes_on
from orchestrator.review.rules._containers import CONTAINERS, containers

_LAYER = re.compile(r"(arn:aws[\w-]*:lambda:[^:]*:(\d{12}):layer:([^:]+))")
# fmt: off
_OF_AWS = frozenset({
    # Powertools, and the distributions of OpenTelemetry
    "017000801446", "615299751070", "901920570463",
    # Lambda Insights, by region
    "580247275435", "012438385374", "033019950311", "194566237122", "285320876703", "339249233099",
    "352183217350", "439286490199", "488211338238", "519774774795", "732604637566", "891564319516",
    # parameters and secrets, by region
    "015030872274", "044395824272", "127562683043", "129776340158", "133256977650", "133490724326",
    "176022468876", "177933569100", "187925254637", "200266452380", "287114880934", "287310001119",
    "317013901791", "325218067255", "345057560386", "427196147048", "490737872127", "576959938190",
    "590474943231", "665172237481", "738900069198", "768336418462", "780235371811", "832021897121",
    "858974508948", "933737806257", "997803712105",
})
# fmt: on
"""Accounts by which AWS publishes layers."""

_REGISTRY = re.compile(r"(\d{12})\.dkr[.-]ecr(?:-fips)?\.")
_TAG = re.compile(r"@sha256:.*$|:[^:/]*$")
_IMAGES = {
    "aws_apprunner_service": "source_configuration.0.image_repository.0.image_identifier",
    "aws_codebuild_project": "environment.0.image",
    "aws_lambda_function": "image_uri",
}
"""Where the one image of a type is."""


@rule(
    "IA013",
    "Code of somebody else runs with a role",
    "low",
    "iam",
    why="Whoever publishes it decides what is done with the role's permissions, and can publish another version.",
    fix="Copy what is needed into an account and registry of your own; name versions and digests.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html",
)
def code_of_others(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if not (change.creates or goes_on(change)):
        return
    if change.type == "aws_lambda_function":
        yield from _layers(change, plan)
    for name, path, was, now in _images(change):
        if _repository(now) == _repository(was):
            continue
        own, other = _REGISTRY.match(was), _REGISTRY.match(now)
        what = f"{name} runs {now}".lstrip()
        if other and is_foreign(other[1], plan):
            yield Hit(f"{what}, of account {other[1]}", path, was or None, now)
        elif own and not other and not is_foreign(own[1], plan):
            yield Hit(f"{what}, no more from a registry of one's own", path, was, now)


def _layers(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    known = {match[1] for match in map(_LAYER.match, _words(change.before.get("layers"))) if match}
    for layer in _words(change.after.get("layers")):
        match = _LAYER.match(layer)
        if match and match[1] not in known and is_foreign(match[2], plan):
            of_aws = match[2] in _OF_AWS
            yield Hit(
                f"the layer {match[3]} of {'AWS' if of_aws else f'account {match[2]}'} is loaded",
                "layers",
                None,
                layer,
                "info" if of_aws else None,
            )


def _images(change: Change) -> Iterator[tuple[str, str, str, str]]:
    """(container, attribute, image before, image after) of each container that there is after."""
    if change.type in _IMAGES:
        path = _IMAGES[change.type]
        was, now = (at(side, *dotted(path)) for side in (change.before, change.after))
        if isinstance(now, str):
            yield "it", path, str(was or ""), now
    elif change.type in CONTAINERS:
        path = CONTAINERS[change.type]
        before, after = (_by_name(side.get(path)) for side in (change.before, change.after))
        for name, image in sorted(after.items()):
            # A container that is renamed is not told from a new one; new ones may be anybody's.
            yield f"the container {name}" if name else "it", path, before.get(name, ""), image


def _by_name(text: Any) -> dict[str, str]:
    return {str(one.get("name") or ""): str(one["image"]) for one in containers(text) if one.get("image")}


def _repository(image: str) -> str:
    return _TAG.sub("", image)


def _words(value: Any) -> list[str]:
    return [str(one) for one in value if one] if isinstance(value, list) else []
