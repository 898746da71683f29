"""A Terraform module as a layer sees it: its variables, outputs, resources and wiring."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestrator.addresses import without_keys
from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.hcl import Block, parse_expression, read_blocks
from orchestrator.modules.lifecycle import ignored_changes
from orchestrator.modules.reference import Reference, parse_reference
from orchestrator.modules.types import Type, parse_type, suggest
from orchestrator.yaml_tree import Node, Origin, read_yaml

LAYER_FILE = "layer.yaml"
_DEFAULT = "aws"
_PASSED = re.compile(r'"?(aws(?:\.\w+)?)"?\s*[=:]\s*"?(aws(?:\.\w+)?)\b')
_ALIASES = re.compile(r"configuration_aliases\s*=\s*\[([^\]]*)\]")
_PARTLY = re.compile(r"\.tf\.json$|(?:^|_)override\.tf$")
_SKIP = re.compile(r"#\s*checkov:skip=(?P<id>[A-Za-z0-9_]+)(?::\s*(?P<reason>.*))?")


@dataclass(frozen=True, slots=True)
class Variable:
    """A module's input variable."""

    name: str
    type: Type
    required: bool
    sensitive: bool
    ephemeral: bool
    description: str
    origin: Origin
    code: str = ""
    """The block as written, its rules included; empty in JSON syntax."""


@dataclass(frozen=True, slots=True)
class Output:
    """A module's output value."""

    name: str
    sensitive: bool
    ephemeral: bool
    description: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource or data block: where it is, the checks that its code skips, what changes it ignores, its arguments as written.

    ``ignores``: see :func:`lifecycle.ignored_changes`; None where the code can't tell (JSON syntax).
    """

    address: str
    origin: Origin
    skips: dict[str, str]
    ignores: tuple[str, ...] | None = None
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Module:
    """A module folder that has been read. ``path`` is absolute, ``shown`` is for messages."""

    path: Path
    shown: Path
    variables: dict[str, Variable]
    outputs: dict[str, Output]
    resources: dict[str, Resource]
    calls: dict[str, str]
    """Child modules: call name → source as written."""
    description: str = ""
    inputs: dict[str, Reference] = field(default_factory=dict)
    provides: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What services may use → the variables whose keys are the names (``tables: [tables]``)."""
    aliases: tuple[str, ...] = ()
    """The further configurations of the provider ``aws`` that the module asks for, sorted."""
    locals: dict[str, str] = field(default_factory=dict)
    """Local values: name → expression as written."""
    blocks: tuple[Block, ...] = field(default=(), repr=False, compare=False)
    whole: bool = True
    """False where the blocks are not all: JSON syntax is read in part, and override files change what others say."""

    def child(self, call: str) -> Module | None:
        """The local module that a call names; None when it is none of these, or remote."""
        source = self.calls.get(call)
        if source is None or not source.startswith("."):
            return None
        return read_module((self.path / source).resolve(), Path(os.path.normpath(self.shown / source)))

    def resource_at(self, address: str) -> Resource | None:
        """The block behind an address relative to this module.

        ``module.bucket["logs"].aws_s3_bucket.this[0]`` → the block in the child module's folder.
        """
        words = without_keys(address).split(".")
        module: Module = self
        while len(words) > 2 and words[0] == "module":
            inner = module.child(words[1])
            if inner is None:
                return None
            module, words = inner, words[2:]
        return module.resources.get(".".join(words))

    def alias_at(self, address: str) -> str | None:
        """The alias of the provider's configuration that makes what is at an address of this module; None: the default one."""
        words = without_keys(address).split(".")
        return self._provider_at(words).partition(".")[2] or None

    def _provider_at(self, words: list[str]) -> str:
        if len(words) > 2 and words[0] == "module":
            inner = self.child(words[1])
            name = inner._provider_at(words[2:]) if inner else _DEFAULT
            return self._passed(words[1]).get(name, name)
        resource = self.resources.get(".".join(words))
        return resource.arguments.get("provider", _DEFAULT).strip('"') if resource else _DEFAULT

    def _passed(self, call: str) -> dict[str, str]:
        """The providers that a call passes: the name within → the name here."""
        given = (
            block.attributes["providers"].text
            for block in self.blocks
            if block.kind == "module" and block.labels[0] == call and "providers" in block.attributes
        )
        return {inner: outer for text in given for inner, outer in _PASSED.findall(text)}

    def files(self) -> list[Path]:
        """Every file that Terraform could read from the folder and the local modules it calls, sorted."""
        found = {
            path
            for path in self.path.rglob("*")
            if path.is_file() and not _left_out(path.relative_to(self.path))
        }
        for source in self.calls.values():
            folder = (self.path / source).resolve()
            if source.startswith(".") and not folder.is_relative_to(self.path):
                found.update(read_module(folder, Path(os.path.normpath(self.shown / source))).files())
        return sorted(found)

    def digest(self) -> str:
        """sha256 over names and contents of :meth:`files`, in hex."""
        digest = hashlib.sha256()
        for path in self.files():
            content = path.read_bytes()
            digest.update(f"{os.path.relpath(path, self.path)}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()


def _left_out(relative: Path) -> bool:
    return any(part.startswith(".") or part in ("tests", "examples") for part in relative.parts)


_cache: dict[tuple[Path, Path, tuple[tuple[str, int], ...]], Module] = {}


def read_module(path: Path, shown: Path) -> Module:
    """Read a module folder, ``layer.yaml`` included where there is one.

    Raises:
        OrchestratorError: no such folder, no Terraform file in it, a syntax error, a bad ``layer.yaml``.
    """
    try:
        with os.scandir(path) as entries:
            stamps = tuple(sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries))
    except OSError as error:
        raise OrchestratorError(
            "there is no such module folder",
            where=Where(file=shown),
            remedy="create it, or mend the layer's source",
        ) from error
    key = (path, shown, stamps)
    if key not in _cache:
        _cache[key] = _read(path, shown, [name for name, _ in stamps])
    return _cache[key]


def _read(path: Path, shown: Path, names: list[str]) -> Module:
    blocks: list[Block] = []
    for name in names:
        if name.endswith(".tf"):
            blocks += read_blocks(path / name, shown / name)
        elif name.endswith(".tf.json"):
            blocks += _json_blocks(path / name, shown / name)
    if not blocks:
        raise OrchestratorError(
            "the folder holds no Terraform files",
            where=Where(file=shown),
            remedy="a module has at least main.tf",
        )
    variables = {block.labels[0]: _variable(block) for block in blocks if block.kind == "variable"}
    outputs = {block.labels[0]: _output(block) for block in blocks if block.kind == "output"}
    calls = {
        block.labels[0]: str(block.attributes["source"].literal() or "")
        for block in blocks
        if block.kind == "module" and "source" in block.attributes
    }
    layer = _LayerFile()
    if LAYER_FILE in names:
        layer = _layer_file(path / LAYER_FILE, shown / LAYER_FILE, variables)
    return Module(
        path,
        shown,
        variables,
        outputs,
        _resources(blocks),
        calls,
        layer.description,
        layer.inputs,
        layer.provides,
        _aliases(blocks),
        {
            name: value.text
            for block in blocks
            if block.kind == "locals"
            for name, value in block.attributes.items()
        },
        tuple(blocks),
        not any(_PARTLY.search(name) for name in names),
    )


def _aliases(blocks: list[Block]) -> tuple[str, ...]:
    found = [
        match[1] for block in blocks if block.kind == "terraform" for match in _ALIASES.finditer(block.text)
    ]
    return tuple(sorted({name for text in found for name in re.findall(r"\baws\.(\w+)", text)}))


def _resources(blocks: list[Block]) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for block in blocks:
        if block.kind not in ("resource", "data") or len(block.labels) != 2:
            continue
        address = ".".join(block.labels) if block.kind == "resource" else ".".join(("data", *block.labels))
        skips = {match["id"]: (match["reason"] or "").strip() for match in _SKIP.finditer(block.text)}
        arguments = {name: value.text for name, value in block.attributes.items()}
        ignores = ignored_changes(block.text) if block.text else None
        found[address] = Resource(address, Origin(block.file, block.line), skips, ignores, arguments)
    return found


def _variable(block: Block) -> Variable:
    attributes = block.attributes
    return Variable(
        name=block.labels[0],
        type=parse_type(attributes.get("type")),
        required="default" not in attributes,
        sensitive=_flag(block, "sensitive"),
        ephemeral=_flag(block, "ephemeral"),
        description=_description(block),
        origin=Origin(block.file, block.line),
        code=block.text,
    )


def _output(block: Block) -> Output:
    return Output(
        name=block.labels[0],
        sensitive=_flag(block, "sensitive"),
        ephemeral=_flag(block, "ephemeral"),
        description=_description(block),
        origin=Origin(block.file, block.line),
    )


def _flag(block: Block, name: str) -> bool:
    expression = block.attributes.get(name)
    return expression is not None and expression.text == "true"


def _description(block: Block) -> str:
    expression = block.attributes.get("description")
    literal = expression.literal() if expression is not None else None
    return literal if isinstance(literal, str) else ""


def _json_blocks(path: Path, shown: Path) -> list[Block]:
    """Variables, outputs, module calls and resources of a file in Terraform's JSON syntax."""
    try:
        content = json.loads(path.read_bytes())
        found: list[Block] = []
        for kind, depth in (("variable", 1), ("output", 1), ("module", 1), ("resource", 2), ("data", 2)):
            for labels, body in _labelled(content.get(kind, {}), depth):
                attributes = {
                    name: parse_expression(str(value) if name == "type" else json.dumps(value))
                    for name, value in body.items()
                    if isinstance(value, (str, bool, int)) or name == "default"
                }
                found.append(Block(kind, labels, attributes, shown, 1, 1, ""))
        return found
    except (ValueError, AttributeError, OSError) as error:
        raise OrchestratorError(
            f"this is not Terraform's JSON syntax ({error})", where=Where(file=shown), remedy="mend the file"
        ) from error


def _labelled(
    content: dict[str, dict[str, object]], depth: int
) -> list[tuple[tuple[str, ...], dict[str, object]]]:
    if depth == 1:
        return [((label,), body) for label, body in content.items()]
    return [
        ((first, *rest), body)
        for first, inner in content.items()
        for rest, body in _labelled(inner, depth - 1)  # type: ignore[arg-type]
    ]


@dataclass(frozen=True)
class _LayerFile:
    description: str = ""
    inputs: dict[str, Reference] = field(default_factory=dict)
    provides: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _layer_file(path: Path, shown: Path, variables: dict[str, Variable]) -> _LayerFile:
    tree = read_yaml(path, shown_as=shown)
    entries = tree.value if isinstance(tree.value, dict) else {}
    known = ("description", "inputs", "provides")
    for key, node in entries.items():
        if key not in known:
            raise OrchestratorError("unknown key", where=node.origin.where(key), remedy=suggest(key, known))
    description = entries["description"].value if "description" in entries else ""
    if not isinstance(description, str):
        raise OrchestratorError("expected a string", where=entries["description"].origin.where("description"))
    inputs: dict[str, Reference] = {}
    wiring = entries.get("inputs")
    if wiring is not None and wiring.value is not None:
        inputs = parse_inputs(wiring, variables)
    provided = entries.get("provides")
    provides = _provides(provided, variables) if provided is not None and provided.value is not None else {}
    return _LayerFile(description, inputs, provides)


def _provides(node: Node, variables: dict[str, Variable]) -> dict[str, tuple[str, ...]]:
    if not isinstance(node.value, dict):
        raise OrchestratorError("expected a map of kind: [variables]", where=node.origin.where("provides"))
    found: dict[str, tuple[str, ...]] = {}
    for kind, child in node.value.items():
        names = [item.value for item in child.value] if isinstance(child.value, list) else [child.value]
        for name in names:
            if not isinstance(name, str) or name not in variables:
                raise OrchestratorError(
                    "the module has no such variable",
                    where=child.origin.where(f"provides.{kind}"),
                    remedy=suggest(str(name), variables),
                )
        found[kind] = tuple(str(name) for name in names)
    return found


def parse_inputs(node: Node, variables: dict[str, Variable], prefix: str = "inputs") -> dict[str, Reference]:
    """A map of variable → reference, checked against the module's variables.

    Raises:
        OrchestratorError: not a map, a variable that the module does not have, a bad reference.
    """
    if not isinstance(node.value, dict):
        raise OrchestratorError("expected a map of variable: reference", where=node.origin.where(prefix))
    inputs: dict[str, Reference] = {}
    for name, child in node.value.items():
        key = f"{prefix}.{name}"
        if name not in variables:
            raise OrchestratorError(
                "the module has no such variable",
                where=child.origin.where(key),
                remedy=suggest(name, variables),
            )
        inputs[name] = _conditional(child, key, variables, name)
    return inputs


def _conditional(node: Node, key: str, variables: dict[str, Variable], name: str) -> Reference:
    """A reference, or ``{from: reference, when: path or list of paths into this layer's variables}``."""
    if not isinstance(node.value, dict):
        return parse_reference(node, key)
    source, condition = node.child("from"), node.child("when")
    if source is None or condition is None or len(node.value) != 2:
        raise OrchestratorError(
            "a reference that counts in some environments only has `from` and `when`",
            where=node.origin.where(key),
            remedy="write {from: <layer>.<output>, when: <variable of this layer, or a path into it>}",
        )
    if variables[name].required:
        raise OrchestratorError(
            f"the variable {name} has no default, so it can't be wired in some environments only",
            where=condition.origin.where(f"{key}.when"),
        )
    plain = condition.plain()
    when = tuple(plain) if isinstance(plain, list) else (plain,)
    for path in when:
        variable = str(path).split(".")[0]
        if variable not in variables:
            raise OrchestratorError(
                f"the module has no variable {variable!r}",
                where=condition.origin.where(f"{key}.when"),
                remedy=suggest(variable, variables),
            )
    return replace(parse_reference(source, f"{key}.from"), when=when)
