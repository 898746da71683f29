"""The canary's zip that Terraform joins together is one, and holds the script that is in the repository."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path

CANARY = Path(__file__).parents[2] / "terraform" / "modules" / "observability" / "canary"


def test_the_frame_around_the_script_makes_a_zip_of_it() -> None:
    script = (CANARY / "heartbeat.js").read_bytes()
    frame = json.loads((CANARY / "heartbeat.json").read_text())

    # As canaries.tf does it: three Base64 texts after each other.
    middle = base64.b64encode(script + frame["padding"].encode()).decode()
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(frame["before"] + middle + frame["after"])))

    assert frame["script_sha256"] == hashlib.sha256(script).hexdigest(), "run canary/frame.py"
    assert archive.testzip() is None
    assert archive.namelist() == ["nodejs/node_modules/heartbeat.js"]
    assert archive.read("nodejs/node_modules/heartbeat.js").rstrip(b"\n") == script.rstrip(b"\n")
