"""Inspector: an account can ask about itself.

AWS (Inspector v2 API reference): ``BatchGetAccountStatus`` answers for the calling account when it is given no ids.

moto fails then, once Inspector was enabled.

Needed by nothing of Terraform's; by whoever looks what an account has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.inspector2.models import Inspector2Backend

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's Inspector."""

    @wrap(Inspector2Backend, "batch_get_account_status")
    def status(original: Callable[..., Any], backend: Any, account_ids: list[str] | None) -> Any:
        return original(backend, account_ids or [backend.account_id])
