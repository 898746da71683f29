"""CloudTrail: a trail is deleted by its ARN, too.

AWS (CloudTrail API reference, ``DeleteTrail``): ``Name`` is the name or the ARN of a trail; one that is not there is answered with
``TrailNotFoundException``.

moto answers well and keeps a trail that is named by its ARN, or that is not there.

Needed by ``aws_cloudtrail``, which names its trail by the ARN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's CloudTrail."""

    @wrap(CloudTrailBackend, "delete_trail")
    def delete_trail(original: Callable[..., None], backend: Any, name: str) -> None:
        short = name.rpartition(":trail/")[2]
        if short not in backend.trails:
            raise TrailNotFoundException(backend.account_id, name)
        original(backend, short)
