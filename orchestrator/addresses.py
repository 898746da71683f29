"""Terraform's resource addresses: https://developer.hashicorp.com/terraform/cli/state/resource-addressing"""

from __future__ import annotations

import re

INSTANCE_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]')
"""What ``count`` and ``for_each`` add to an address: ``[0]``, ``["a.b"]``."""


def without_keys(address: str) -> str:
    """The address without instance keys, as the configuration has it: ``aws_sqs_queue.this["orders"]`` → ``aws_sqs_queue.this``."""
    return INSTANCE_KEY.sub("", address)


def layer_of(address: str) -> str | None:
    """The layer that an address, or a pattern over addresses, is about; None where that is open."""
    words = without_keys(address).split(".")
    return words[1] if words[0] == "module" and len(words) > 1 and not set(words[1]) & set("*?") else None
