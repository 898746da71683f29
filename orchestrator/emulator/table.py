"""The table of extensions in ``docs/emulator.md``: ``python -m orchestrator.emulator.table`` prints it anew."""

from __future__ import annotations

import ast
from pathlib import Path

BEGIN = "<!-- extensions: made by `python -m orchestrator.emulator.table`; a test compares -->"
END = "<!-- /extensions -->"


def extension_table() -> str:
    """One row an extension: its name and the first sentence of its docstring."""
    folder = Path(__file__).parent / "extensions"
    rows = ["| extension | what it mends |", "|---|---|"]
    for path in sorted(folder.glob("*.py")):
        if path.stem != "__init__":
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            first = " ".join(text.split("\n\n")[0].split())
            rows.append(f"| `{path.stem}` | {first} |")
    return "\n".join([BEGIN, "", *rows, "", END])


if __name__ == "__main__":
    print(extension_table())  # noqa: T201
