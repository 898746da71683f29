"""Works off a batch of the queue; a message that fails comes again, the others do not."""

from __future__ import annotations

import hashlib
import logging
import os
from typing import Any

log = logging.getLogger()
log.setLevel(os.environ.get("LOG_LEVEL", "INFO"))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Log the digest of each message; answer the ids of those that failed."""
    failed = []
    for record in event["Records"]:
        try:
            digest = hashlib.sha256(record["body"].encode()).hexdigest()
            log.info("message %s: %s", record["messageId"], digest)
        except (AttributeError, KeyError):
            log.exception("message %s can't be digested", record.get("messageId"))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
