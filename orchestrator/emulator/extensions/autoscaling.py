"""Auto Scaling groups keep how long instances live, and how new ones warm up.

AWS (EC2 Auto Scaling API reference): ``CreateAutoScalingGroup`` and ``UpdateAutoScalingGroup`` take, and
``DescribeAutoScalingGroups`` answers, ``MaxInstanceLifetime`` (0 removes it; otherwise at least a day),
``DefaultInstanceWarmup`` (-1 removes it), ``DesiredCapacityType`` and ``InstanceMaintenancePolicy``. moto forgets them.

Needed by ``aws_autoscaling_group``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.responses import AutoScalingResponse

from orchestrator.emulator.patch import wrap

_DAY = 86400
_NUMBERS = {
    "MaxInstanceLifetime": ("max_instance_lifetime", 0),
    "DefaultInstanceWarmup": ("default_instance_warmup", -1),
}
_OTHERS = {
    "DesiredCapacityType": "desired_capacity_type",
    "InstanceMaintenancePolicy": "instance_maintenance_policy",
}


def register() -> None:
    """Extend moto's Auto Scaling responses."""
    for name in ("create_auto_scaling_group", "update_auto_scaling_group"):
        wrap(AutoScalingResponse, name)(_keeping)


def _keeping(original: Callable[[Any], Any], response: Any) -> Any:
    lifetime = response._get_int_param("MaxInstanceLifetime")
    if lifetime and not _DAY <= lifetime <= 365 * _DAY:
        raise ValidationError("MaxInstanceLifetime should be between 86400 and 31536000 seconds.")
    answer = original(response)
    group = response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]
    for parameter, (attribute, none) in _NUMBERS.items():
        value = response._get_int_param(parameter)
        if value is not None:
            setattr(group, attribute, None if value == none else value)
    for parameter, attribute in _OTHERS.items():
        value = response._get_param(parameter)
        if value is not None:
            setattr(group, attribute, value)
    return answer
