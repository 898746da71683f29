"""Access keys of the emulator's accounts: like AWS's own, the id of a key has the number of its account in it.

The layout is that of AWS's keys: base 32 of the account's number, shifted by seven bits, after four letters.
"""

from __future__ import annotations

import base64
import binascii

_PREFIX = "AKIA"


def access_key_of(account_id: str) -> str:
    """The id of the one key that every account (twelve digits) of the emulator has without anybody having made it."""
    number = (int(account_id) << 7).to_bytes(6, "big") + bytes(4)
    return _PREFIX + base64.b32encode(number).decode()


def account_of(access_key: str) -> str | None:
    """The account of such a key; None for any other one."""
    try:
        number = int.from_bytes(base64.b32decode(access_key.removeprefix(_PREFIX))[:6], "big") >> 7
    except (binascii.Error, ValueError):
        return None
    account = f"{number:012}"
    return account if len(account) == 12 and access_key_of(account) == access_key else None
