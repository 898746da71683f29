"""What the tests saw of the platform's services, kept for ``docs/services.md``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("ORCHESTRATOR_EVIDENCE") or Path(__file__).parents[1] / ".evidence")


def record(kind: str, name: str, seen: dict[str, Any]) -> None:
    """Keep what a test saw of one module or environment; a later run of that test replaces it."""
    target = FOLDER / kind / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(seen, indent=2, sort_keys=True) + "\n")


def recorded(kind: str) -> dict[str, dict[str, Any]]:
    """By name, what was seen."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / kind).glob("*.json"))}
