"""The entry of a CDK app in an environment file."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator

from orchestrator.config.services import Model

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")

_APP_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?\Z")
_SHELL = re.compile(r"[|&;<>()$`\n]")
_RESERVED_VARIABLE = re.compile(r"(CDK_|AWS_|TF_)")

Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class CdkApp(Model):
    """One CDK app: where it is, how it is run, and what its stacks are deployed with."""

    enabled: bool = True
    path: Text
    """The app's folder, from the project's."""
    command: Text | None = None
    """What runs the app, as ``app`` in its ``cdk.json``, which is the default."""
    stacks: list[Text] | None = None
    """The stacks to deploy, as the app names them. None: all."""
    context: dict[str, Any] = Field(default_factory=dict)
    """Context values, laid over those of ``cdk.json`` and ``cdk.context.json``."""
    parameters: dict[str, dict[str, str]] = Field(default_factory=dict)
    """CloudFormation parameters by stack."""
    capabilities: list[Text] | None = None
    """What the stacks may need at most. None: whatever their templates need."""
    environment: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = Field(
        default_factory=dict
    )
    """Further variables of the app's process, which inherits few."""
    termination_protection: bool | None = None
    """Whether Terraform refuses to destroy the stacks. None: as the app says."""
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 300

    @field_validator("path")
    @classmethod
    def _inside(cls, value: str) -> str:
        if value.startswith(("/", "~")) or ".." in value.split("/"):
            raise ValueError(
                "the path starts from the project's folder and stays inside it, as in apps/reports"
            )
        return value

    @field_validator("command")
    @classmethod
    def _words(cls, value: str | None) -> str | None:
        if value is not None:
            refuse_shell(value)
        return value

    @field_validator("capabilities")
    @classmethod
    def _known_capabilities(cls, value: list[str] | None) -> list[str] | None:
        for capability in value or ():
            if capability not in CAPABILITIES:
                raise ValueError(f"expected one of {', '.join(CAPABILITIES)}; got {capability}")
        return value

    @field_validator("environment")
    @classmethod
    def _not_ours(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if _RESERVED_VARIABLE.match(name):
                raise ValueError(
                    f"{name} is not for the app to be given: account and region are the environment's, "
                    "and an app that is synthesised needs no credentials"
                )
        return value


def is_app_name(name: str) -> bool:
    """Whether an app may be called so: it becomes part of stacks' names."""
    return bool(_APP_NAME.match(name)) and "--" not in name


def refuse_shell(command: str) -> None:
    """The command is split into words; no shell reads it.

    Raises:
        ValueError: it has what only a shell understands.
    """
    if _SHELL.search(command):
        raise ValueError(f"no shell reads the command, so it has no pipes, variables or lists: {command!r}")
