"""The child pipeline of GitLab that has jobs only for what a change touches: `rules` are judged before any job has run, so
which environments these are must be written down for it by one that has.

https://docs.gitlab.com/ci/pipelines/downstream_pipelines/#dynamic-child-pipelines
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from orchestrator.ci.affected import Affected
from orchestrator.ci.gitlab_reviewed import job_name

JOBS = ".gitlab/orchestrator-environments.yml"
"""The file that has the jobs of every environment; each looks whether ``TOUCHED`` names its own."""


def child_pipeline(found: Sequence[Affected]) -> str:
    """The YAML of it: the jobs, the environments that are touched, and of each the layers that are planned."""
    document: dict[str, Any] = {
        "include": [{"local": JOBS}],
        "variables": {"TOUCHED": f",{','.join(one.environment for one in found)},"},
    }
    for one in found:
        document[job_name(one.environment)] = {"variables": {"LAYERS": " ".join(one.layers)}}
    return yaml.safe_dump(document, sort_keys=False)
