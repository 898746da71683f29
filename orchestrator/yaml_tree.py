"""YAML files as trees whose every value knows the file and line it came from.

Scalars follow YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema):
``no`` and ``on`` are strings, and a number with a leading zero, which YAML 1.1 and 1.2
read differently, is refused. Tags, merge keys and duplicate keys are refused too: what
a reader sees in the file is what there is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from orchestrator.errors import OrchestratorError, Where

Scalar: TypeAlias = "str | int | float | bool | None"

MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 100
"""Bounds against files built to exhaust memory (alias bombs, endless nesting)."""

_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_TRUE = re.compile(r"(?:true|True|TRUE)\Z")
_FALSE = re.compile(r"(?:false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?[0-9]{1,40}\Z")
_OCTAL = re.compile(r"0o[0-7]{1,20}\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,20}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_NOT_A_NUMBER = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written. ``line`` counts from 1."""

    file: Path
    line: int

    def where(self, key: str | None = None) -> Where:
        """This place as the ``where`` of an error."""
        return Where(file=self.file, line=self.line, key=key)


@dataclass(slots=True)
class Node:
    """A YAML value: ``value`` is a scalar, a dict of nodes by key, or a list of nodes.

    ``origin`` is the line of its key (of the item itself, in a list).
    """

    value: Scalar | dict[str, Node] | list[Node]
    origin: Origin
    replaced: list[Origin] = field(default_factory=list)
    """Where values of lower precedence were written that this one replaced."""

    def plain(self) -> Any:
        """The value without its origins, as ``json.dumps`` takes it."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def child(self, key: str | int) -> Node | None:
        """The node under ``key`` (an index in a list), or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(key))
        if isinstance(self.value, list) and isinstance(key, int) and 0 <= key < len(self.value):
            return self.value[key]
        return None

    def nearest(self, path: tuple[str | int, ...]) -> Node:
        """The deepest existing node on ``path``, for the position of an error."""
        node = self
        for key in path:
            following = node.child(key)
            if following is None:
                break
            node = following
        return node

    def leaves(self, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
        """Every scalar and empty container below, with its path, in file order."""
        if isinstance(self.value, dict) and self.value:
            for key, child in self.value.items():
                yield from child.leaves((*path, key))
        elif isinstance(self.value, list) and self.value:
            for index, child in enumerate(self.value):
                yield from child.leaves((*path, index))
        else:
            yield path, self


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it: ``layers.network.variables.azs[0]``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f".{key}" if text else key
    return text


_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, *, shown_as: Path | None = None) -> Node:
    """Read a file as a tree.

    ``shown_as`` is the path that errors and origins name (relative to the project).

    Raises:
        OrchestratorError: the file can't be read, is no UTF-8 or no YAML, or uses what is
            refused (tags, merge keys, duplicate keys, ambiguous numbers).
    """
    shown = shown_as or path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OrchestratorError(
            f"the file can't be read ({error.strerror or error})", where=Where(file=shown)
        ) from error
    return parse_yaml(content, shown)


def parse_yaml(content: bytes, shown: Path) -> Node:
    """The same as :func:`read_yaml` for content that is already in memory."""
    if len(content) > MAX_BYTES:
        raise OrchestratorError(
            f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB", where=Where(file=shown)
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise OrchestratorError(
            f"byte {error.start} is not UTF-8", where=Where(file=shown, line=line), remedy="save it as UTF-8"
        ) from error
    builder = _Builder(shown)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax_error(error, shown) from error
    except ValueError as error:  # the parser's own limits, e.g. on escapes
        raise OrchestratorError(f"this is not valid YAML ({error})", where=Where(file=shown)) from error
    return builder.root or Node({}, Origin(shown, 1))


def _syntax_error(error: yaml.YAMLError, shown: Path) -> OrchestratorError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    context = getattr(error, "context", None)
    return OrchestratorError(
        f"YAML syntax error: {problem}" + (f" ({context})" if context else ""),
        where=Where(file=shown, line=mark.line + 1 if mark is not None else None),
        remedy="mend the syntax at this line",
    )


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not been reached yet."""

    node: Node
    anchor: str | None
    key: str | None = None
    key_origin: Origin | None = None
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Done:
    node: Node
    size: int
    height: int


class _Builder:
    """Builds the tree from the parser's events, without recursion.

    (Composing recursively ends the whole process on a file of 100,000 brackets.)
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.root: Node | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Done | None] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            if self.root is not None:
                raise OrchestratorError(
                    "a second document starts here",
                    where=self._at(event).where(),
                    remedy="keep one document a file",
                )
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar_event(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._start(event)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            ended = self.stack.pop()
            self._place(_Done(ended.node, ended.size, ended.height), ended.anchor)

    def _start(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent) -> None:
        origin = self._at(event)
        self._no_tag(event, origin)
        if self._expects_key():
            raise OrchestratorError("a key must be a word, not a list or map", where=origin.where())
        if len(self.stack) >= MAX_DEPTH:
            raise OrchestratorError(f"more than {MAX_DEPTH} levels of nesting", where=origin.where())
        if event.anchor:
            self.anchors[event.anchor] = None
        origin = (self.stack[-1].key_origin if self.stack else None) or origin
        value: dict[str, Node] | list[Node] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(Node(value, origin), event.anchor))

    def _alias(self, event: yaml.AliasEvent) -> None:
        origin = self._at(event)
        if event.anchor not in self.anchors:
            raise OrchestratorError(
                f"the alias *{event.anchor} has no anchor before it", where=origin.where()
            )
        target = self.anchors[event.anchor]
        if target is None:
            raise OrchestratorError(f"the alias *{event.anchor} contains itself", where=origin.where())
        if self._expects_key():
            raise OrchestratorError("an alias can't be a key", where=origin.where())
        self._place(target, None)

    def _scalar_event(self, event: yaml.ScalarEvent) -> None:
        origin = self._at(event)
        self._no_tag(event, origin)
        if self._expects_key():
            self._take_key(event, origin)
            return
        origin = (self.stack[-1].key_origin if self.stack else None) or origin
        self._place(_Done(Node(_scalar(str(event.value), event.style, origin), origin), 1, 0), event.anchor)

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node.value, dict) and self.stack[-1].key is None

    def _take_key(self, event: yaml.ScalarEvent, origin: Origin) -> None:
        key = str(event.value)
        if key == "<<" and not event.style:
            raise OrchestratorError(
                "merge keys (<<) are not supported", where=origin.where(), remedy='use "extends" instead'
            )
        if not key:
            raise OrchestratorError("a key is empty", where=origin.where(), remedy="name it")
        top = self.stack[-1]
        entries = top.node.value
        if isinstance(entries, dict) and key in entries:
            raise OrchestratorError(
                f'the key "{key}" is there twice (first on line {entries[key].origin.line})',
                where=origin.where(key),
                remedy="remove or rename one of them",
            )
        top.key, top.key_origin = key, origin

    def _place(self, done: _Done, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = done
        if not self.stack:
            self.root = done.node
            return
        top = self.stack[-1]
        origin = top.key_origin or done.node.origin
        if isinstance(top.node.value, dict):
            assert top.key is not None
            top.node.value[top.key] = Node(done.node.value, origin)
            top.key = top.key_origin = None
        elif isinstance(top.node.value, list):
            top.node.value.append(done.node)
        top.size += done.size
        top.height = max(top.height, done.height + 1)
        if top.size > MAX_NODES:
            raise OrchestratorError(f"more than {MAX_NODES} values, aliases counted", where=origin.where())
        if len(self.stack) + done.height > MAX_DEPTH:
            raise OrchestratorError(f"more than {MAX_DEPTH} levels of nesting", where=origin.where())

    def _at(self, event: yaml.Event) -> Origin:
        mark = event.start_mark
        return Origin(self.file, mark.line + 1 if mark is not None else 1)

    def _no_tag(self, event: yaml.NodeEvent, origin: Origin) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise OrchestratorError(
                f"the tag {tag} is not supported", where=origin.where(), remedy="write the plain value"
            )


def _scalar(text: str, style: str | None, origin: Origin) -> Scalar:
    if style:  # quoted or block: always a string
        return text
    if _NULL.match(text):
        return None
    if _TRUE.match(text):
        return True
    if _FALSE.match(text):
        return False
    if _LEADING_ZERO.match(text):
        raise OrchestratorError(
            f"{text} is read as decimal by some tools and as octal by others",
            where=origin.where(),
            remedy=f'write it in quotes ("{text}") or without the leading zero',
        )
    if _INT.match(text):
        return int(text)
    if _OCTAL.match(text):
        return int(text[2:], 8)
    if _HEX.match(text):
        return int(text[2:], 16)
    if _FLOAT.match(text):
        number = float(text)
        if math.isfinite(number):
            return number
    if _NOT_A_NUMBER.match(text) or _FLOAT.match(text):
        raise OrchestratorError(f"{text} is not a number that can be passed on", where=origin.where())
    return text
