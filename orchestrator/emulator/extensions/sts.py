"""Access keys that say which account they are of.

AWS knows the account of a key, whose number is in the key's id
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids).

moto takes every key that it has not made itself for one of the account 123456789012, so nothing could be deployed into
another account save by a role of it.

Needed by environments with another ``account_id``. From the API reference:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import BaseResponse

from orchestrator.emulator.access_keys import account_of
from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's look-up of the account, which every request goes through."""

    @wrap(BaseResponse, "get_current_account")
    def get_current_account(original: Callable[[Any], str], response: Any) -> str:
        return account_of(response.get_access_key()) or original(response)
