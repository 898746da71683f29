"""Launch templates: their own tags are not what they give to instances.

AWS (EC2 API reference, ``CreateLaunchTemplate``) puts tags of the resource type ``launch-template`` on the template;
``DescribeLaunchTemplateVersions`` answers the tag specifications of the template's data only. moto shows both there.

Needed by ``aws_launch_template`` with tags, which would change in every plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplateBackend

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's launch templates."""

    @wrap(LaunchTemplateBackend, "create_launch_template")
    def create_launch_template(
        original: Callable[..., Any], backend: Any, name: str, description: str, data: Any, tags: Any
    ) -> Any:
        specifications = data.get("TagSpecifications", [])
        own = [entry for entry in specifications if entry.get("ResourceType") != "launch-template"]
        data = {key: value for key, value in data.items() if key != "TagSpecifications"}
        return original(backend, name, description, data | ({"TagSpecifications": own} if own else {}), tags)
