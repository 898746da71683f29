"""Whether the files that a team committed are the ones that would be written now."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from orchestrator.errors import OrchestratorError, Where
from orchestrator.pipelines.generate import Generated
from orchestrator.pipelines.write import (
    HEADER_LINES,
    is_untouched,
    leftovers,
    read_header,
    with_plain_line_ends,
)

Kind = Literal["missing", "out of date", "changed by hand", "line ends", "not made by us", "left over"]
"""``line ends``: it is as it should be but for CRLF, which the shell of a runner does not take."""


@dataclass(frozen=True)
class LineChange:
    """One line that differs: its number in the file that is there (of the line before, when it is missing there)."""

    line: int
    sign: Literal["-", "+"]
    text: str

    def __str__(self) -> str:
        return f"{self.line}: {self.sign} {self.text}"


@dataclass(frozen=True)
class Outdated:
    """A file that is not as it should be. ``lines``: `-` is there and should not be, `+` should be there."""

    path: str
    kind: Kind
    lines: tuple[LineChange, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        changes = [{"line": one.line, "sign": one.sign, "text": one.text} for one in self.lines]
        return {"path": self.path, "kind": self.kind, "lines": changes}


def check(generated: Generated, root: Path) -> list[Outdated]:
    """Every file of the target that is not as it would be written; empty: all are."""
    found: list[Outdated] = []
    for file in generated.files:
        path = root / file.path
        if not path.is_file():
            found.append(Outdated(file.path, "missing"))
            continue
        try:
            text = path.read_bytes().decode(errors="replace")
        except OSError as error:
            raise OrchestratorError(
                f"the file can't be read ({error.strerror})", where=Where(file=path)
            ) from error
        if text != file.text:
            found.append(Outdated(file.path, _kind(text, file.text), tuple(_lines(text, file.text))))
    found += [Outdated(name, "left over") for name in leftovers(generated, root)]
    return found


def _kind(text: str, wanted: str) -> Kind:
    if with_plain_line_ends(text) == wanted:
        return "line ends"
    if (
        read_header(wanted) is None
    ):  # the file can have no header, so that it can't be told by whom it was changed
        return "out of date"
    if read_header(text) is None:
        return "not made by us"
    return "out of date" if is_untouched(text) else "changed by hand"


def _lines(text: str, wanted: str) -> list[LineChange]:
    old, new = text.splitlines(), wanted.splitlines()
    header = HEADER_LINES if read_header(wanted) is not None else 0
    found: list[LineChange] = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        found += [LineChange(number + 1, "-", old[number]) for number in range(start, end)]
        found += [
            LineChange(number + 1 if number < header else max(end, 1), "+", new[number])
            for number in range(new_start, new_end)
        ]
    body = [change for change in found if change.line > header]
    # The digest differs whenever anything does; alone it says that the header was touched.
    return body or found
