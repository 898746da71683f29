"""``policy/checkov.yaml``: what a failed check does, and which checks don't apply here, with reasons.

A skip says that a check can't see what it is about; a risk that somebody accepts is a waiver (``policy.waivers``).
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from orchestrator.config.problems import schema_error
from orchestrator.config.project import Project
from orchestrator.policy.waivers import Waivers, load_waivers
from orchestrator.yaml_tree import Node, read_yaml

POLICY_FILE = "checkov.yaml"
Enforcement = Literal["block", "warn"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Skip(_Model):
    """A check that does not count for the addresses that match, and why."""

    id: Annotated[str, StringConstraints(pattern=r"^CKV2?_[A-Z0-9]+_[0-9]+$")]
    resource: str = "*"
    """Glob over addresses without instance keys: ``module.data.*.aws_s3_bucket.this``."""
    environments: list[str] | None = None
    scan: Literal["code", "plan"] | None = None
    """Only in scans of the code, or of plans; default: both."""
    reason: Annotated[str, StringConstraints(min_length=10)]


class EnforcementRules(_Model):
    """``block`` fails the command, ``warn`` reports only."""

    default: Enforcement = "block"
    environments: dict[str, Enforcement] = Field(default_factory=dict)


class PolicyFile(_Model):
    """The whole file."""

    enforcement: EnforcementRules = Field(default_factory=EnforcementRules)
    max_failed: Annotated[int, Field(ge=0)] = 0
    """How many failed checks are tolerated before the command fails."""
    skips: list[Skip] = Field(default_factory=list)


@dataclass(frozen=True)
class Policy:
    """The rules as they hold for one environment (None: for the modules' code)."""

    rules: PolicyFile
    environment: str | None
    waivers: Waivers = field(default_factory=Waivers)

    @property
    def enforcement(self) -> Enforcement:
        """What failed checks do here."""
        if self.environment is None:
            return self.rules.enforcement.default
        return self.rules.enforcement.environments.get(self.environment, self.rules.enforcement.default)

    def skip_reason(self, check: str, address: str) -> str | None:
        """Why the check does not count for an address, None when it does."""
        for skip in self.rules.skips:
            if skip.id != check or not fnmatch.fnmatchcase(address, skip.resource):
                continue
            if skip.scan is not None and skip.scan != ("code" if self.environment is None else "plan"):
                continue
            if skip.environments is None or self.environment in skip.environments:
                return skip.reason
        return None


def load_policy(project: Project, environment: str | None) -> Policy:
    """The project's policy; without a file, every failed check blocks.

    Raises:
        OrchestratorError: the file is not as it should be.
    """
    waivers = load_waivers(project, environment)
    path = project.policy / POLICY_FILE
    if not path.is_file():
        return Policy(PolicyFile(), environment, waivers)
    tree = read_yaml(path, shown_as=project.shown(path))
    try:
        return Policy(PolicyFile.model_validate(tree.plain()), environment, waivers)
    except ValidationError as error:
        raise schema_error(tree, error, _keys_at) from error


def _keys_at(_tree: Node, path: tuple[str | int, ...]) -> list[str]:
    models: dict[str | int, type[BaseModel]] = {"skips": Skip, "enforcement": EnforcementRules}
    return list((models[path[0]] if path else PolicyFile).model_fields)
