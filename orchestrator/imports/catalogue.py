"""What the AWS provider imports each type by, and how such things are found: ``catalogue.yaml``, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.plan.values import at, dotted

_FIELD = re.compile(r"\{(\.?[\w.]+)\}")


class Call(BaseModel):
    """A call of boto3: ``do`` is service.operation, ``arguments`` may have fields, ``items`` is where the list is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: str = Field(pattern=r"^[a-z0-9-]+\.[a-z0-9_]+$")
    arguments: dict[str, str | int | list[str]] = Field(default_factory=dict, alias="with")
    items: str | None = None


class Rule(BaseModel):
    """One type; see the head of ``catalogue.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    arn: str | None = None
    call: Call | None = None
    attributes: dict[str, str] = Field(default_factory=dict)
    where: dict[str, bool | str] = Field(default_factory=dict)
    suffices: bool = True
    tags: str | None = None

    @property
    def is_named(self) -> bool:
        """Whether the call asks for one object by its name."""
        return self.call is not None and bool(_fields(self.call.arguments))

    @property
    def is_part(self) -> bool:
        """Whether it is a part of something else and can't be looked for by itself."""
        return self.call is None and self.arn is None

    def needs(self) -> set[str]:
        """The planned attributes that it is found by."""
        texts = [self.id, *(_texts(self.call.arguments) if self.call else ())]
        named = {name for text in texts for name in _FIELD.findall(text) if not name.startswith(".")}
        return (named | set(self.attributes)) - {"account", "region", "partition", "id"}


def fill(template: str, values: Mapping[str, Any], answer: Any = None) -> str | None:
    """A template with its fields filled; None when one of them is not known."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name = match[1]
        found = at(answer, *dotted(name[1:])) if name.startswith(".") else values.get(name)
        missing = missing or not isinstance(found, str | int) or found == ""
        return str(found)

    text = _FIELD.sub(value, template)
    return None if missing else text


def arguments(call: Call, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The call's arguments, filled; None when a field is not known."""
    filled: dict[str, Any] = {}
    for name, given in call.arguments.items():
        if isinstance(given, int):
            filled[name] = given
            continue
        texts = [fill(text, values) for text in _texts({name: given})]
        if None in texts:
            return None
        filled[name] = texts if isinstance(given, list) else texts[0]
    return filled


def arn_key(arn: str) -> str:
    """Service and resource of an ARN: ``arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1`` → ``ec2:vpc/vpc-1``."""
    parts = arn.split(":", 5)
    return f"{parts[2]}:{parts[5]}".removesuffix(":*") if len(parts) == 6 else arn


def fields_in_arn(rule: Rule, key: str) -> dict[str, str]:
    """What a key (:func:`arn_key`) says of an object of this type: ``id``, or the attribute that names it; empty when it is none."""
    if rule.arn is None:
        return {}
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(rule.arn))
    match = re.fullmatch(pattern, key)
    return match.groupdict() if match else {}


def _texts(given: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for value in given.values():
        found += [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    return found


def _fields(given: Mapping[str, Any]) -> set[str]:
    """The fields of arguments that are the planned resource's own."""
    names = {name for text in _texts(given) for name in _FIELD.findall(text)}
    return names - {"account", "region", "partition"}


@cache
def catalogue() -> Mapping[str, Rule]:
    """Every rule by type."""
    import yaml

    raw = yaml.safe_load((files(__package__) / "catalogue.yaml").read_text(encoding="utf-8"))
    return {type: Rule.model_validate(rule) for type, rule in raw.items()}
