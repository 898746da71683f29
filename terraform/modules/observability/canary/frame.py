"""Writes heartbeat.json: what stands before and after heartbeat.js in a zip, for canaries.tf to put around it.

Terraform can't make archives, but it can join texts: the script is stored uncompressed, so that what is deployed is
the script as it is read here, byte for byte. To be run again after every change of heartbeat.js; Terraform refuses a
script whose digest is not the one in heartbeat.json.
"""

import base64
import hashlib
import json
import struct
import zlib
from pathlib import Path

HERE = Path(__file__).parent
NAME = b"nodejs/node_modules/heartbeat.js"
DATE, TIME = (2026 - 1980) << 9 | 1 << 5 | 1, 0
SPARE = -(30 + len(NAME) + 4) % 3
EXTRA = struct.pack("<HH", 0xCAFE, SPARE) + bytes(SPARE)
"""Brings the header to a multiple of three bytes, so that Base64 texts can be joined."""


def frame(script: bytes) -> dict[str, str]:
    """Digest of the script, and Base64 of what comes before and after it."""
    content = script + b"\n" * (-len(script) % 3)
    sizes = struct.pack("<LLL", zlib.crc32(content), len(content), len(content))
    entry = struct.pack("<HHHHH", 10, 0, 0, TIME, DATE) + sizes
    header = b"PK\3\4" + entry + struct.pack("<HH", len(NAME), len(EXTRA)) + NAME + EXTRA
    mode = 0o644 << 16
    directory = (
        b"PK\1\2"
        + struct.pack("<H", 3 << 8 | 20)
        + entry
        + struct.pack("<HHHHHLL", len(NAME), 0, 0, 0, 0, mode, 0)
        + NAME
    )
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(directory), len(header) + len(content), 0)
    assert len(header) % 3 == 0
    return {
        "script_sha256": hashlib.sha256(script).hexdigest(),
        "padding": "\n" * (len(content) - len(script)),
        "before": base64.b64encode(header).decode(),
        "after": base64.b64encode(directory + end).decode(),
    }


if __name__ == "__main__":
    framed = frame((HERE / "heartbeat.js").read_bytes())
    (HERE / "heartbeat.json").write_text(json.dumps(framed, indent=2) + "\n")
