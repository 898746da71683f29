"""Which failures may be tried again: those that say of themselves that another time the same call may succeed.

The AWS provider retries single calls itself; what reaches us has outlasted that, or has cut off Terraform or its provider. Codes:
https://docs.aws.amazon.com/general/latest/gr/api-retries.html and each service's list of common errors.
"""

from __future__ import annotations

import random
import re

from orchestrator.terraform.events import Diagnostic, TerraformError

LONGEST_WAIT = 60.0
_REASONS = (
    (
        "AWS throttles",
        r"\bThrottl\w*|RequestLimitExceeded|TooManyRequests\w*|\bSlowDown\b|Rate exceeded|RequestThrottled\w*"
        r"|ProvisionedThroughputExceeded\w*|BandwidthLimitExceeded|PriorRequestNotComplete|StatusCode: 429",
    ),
    (
        "AWS had an internal error",
        r"\bInternal(Server)?(Error|Failure|ServiceError|ServerException|ServiceException)\b|ServiceUnavailable\w*"
        r"|StatusCode: 50[0234]|\bInternalFailureException\b",
    ),
    (
        "the connection failed",
        r"connection reset|connection refused|broken pipe|unexpected EOF|: EOF\b|i/o timeout|TLS handshake timeout"
        r"|no such host|network is unreachable|Client\.Timeout|context deadline exceeded|RequestTimeout\b|server closed idle",
    ),
    (
        "the provider's process ended",
        r"Plugin did not respond|plugin exited|The plugin encountered an error|transport is closing"
        r"|connection is shut down|error reading from server: EOF",
    ),
)
_THERE = re.compile(
    r"\w*AlreadyExists\w*|EntityAlreadyExists|BucketAlreadyOwnedByYou|ResourceInUseException|ResourceConflictException"
    r"|\balready exists?\b|InvalidGroup\.Duplicate|NameConflict|DuplicateRequest",
    re.IGNORECASE,
)
_EXISTS = "something is there already"
_UNSAVED = re.compile(r"Failed to (save|persist) state|errored\.tfstate|Error saving state", re.IGNORECASE)


def reason_to_retry(error: TerraformError) -> str | None:
    """Why it may work another time; None when one of its errors says that it won't.

    That something exists already counts: what an earlier attempt made without hearing of it is looked for first.
    """
    errors = [item for item in error.diagnostics if item.severity == "error"]
    reasons = [_reason(item) for item in errors]
    if not reasons or any(reason is None for reason in reasons):
        return None
    return next((reason for reason in reasons if reason != _EXISTS), _EXISTS)


def _reason(item: Diagnostic) -> str | None:
    text = f"{item.summary} {item.detail}"
    if _UNSAVED.search(text):
        return "its state could not be saved"
    if "Error acquiring the state lock" in text and "ConditionalCheckFailed" not in text:
        text = text.split("Lock Info:")[0]
        if "PreconditionFailed" in text or "StatusCode: 412" in text:
            return None  # somebody has it
    for reason, pattern in _REASONS:
        if re.search(pattern, text):
            return reason
    return _EXISTS if _THERE.search(text) else None


def is_there(item: Diagnostic) -> bool:
    """Whether an error says that something of that name exists."""
    return item.severity == "error" and _reason(item) == _EXISTS


def wait_before(attempt: int, jitter: random.Random) -> float:
    """Seconds to wait before the attempt after this one (from 1): exponential, with full jitter, at least one."""
    return max(1.0, jitter.uniform(0, min(LONGEST_WAIT, 4.0 * 2**attempt)))
