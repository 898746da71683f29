"""A module's variables and the rules of their values, apart from all else: Terraform evaluates them without a provider.

https://developer.hashicorp.com/terraform/language/validate#input-variable-validation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestrator.modules.hcl import parse_blocks, references
from orchestrator.modules.module import Module, Variable

UNKNOWN = "jsondecode(terraform_data.unknown.id)"
"""A value of any type that is not known before an apply; a rule that needs it is neither kept nor broken."""
_UNKNOWN_RESOURCE = 'resource "terraform_data" "unknown" {}\n'
_ELSEWHERE = frozenset({"count", "data", "each", "ephemeral", "module", "path", "self"})


def variables_alone(module: Module) -> dict[str, str]:
    """Terraform code with a module's variables, one a file, and the locals that their rules take: file name → code.

    A local is unknown where it depends on more than variables, such as a data source. Rules that do so themselves, and
    those of files in JSON syntax, are left out.
    """
    types = frozenset(address.split(".")[0] for address in module.resources)
    files = {
        f"variable_{name}.tf": _without_foreign_rules(variable, types)
        for name, variable in module.variables.items()
    }
    if locals_ := _locals(files.values(), module.locals, types):
        code = [f"  {name} = {value}\n" for name, value in sorted(locals_.items())]
        unknown = [_UNKNOWN_RESOURCE] if UNKNOWN in locals_.values() else []
        files["locals.tf"] = "".join(["locals {\n", *code, "}\n", *unknown])
    return files


def variable_of(rule: str) -> tuple[str, str] | None:
    """The folder and the variable of a rule that Terraform has found in a file of :func:`variables_alone`."""
    found = re.search(r"([\w-]+)/variable_([\w-]+)\.tf:", rule)
    return (found[1], found[2]) if found else None


def _without_foreign_rules(variable: Variable, types: frozenset[str]) -> str:
    if not variable.code:
        return f'variable "{variable.name}" {{\n  default = null\n}}\n'
    if not _foreign(variable.code, types):
        return f"{variable.code}\n"
    block = parse_blocks(variable.code.encode(), Path(variable.origin.file))[0]
    arguments = [f"  {name} = {value.text}\n" for name, value in block.attributes.items()]
    return "".join([f'variable "{variable.name}" {{\n', *arguments, "}\n"])


def _locals(blocks: Iterable[str], known: Mapping[str, str], types: frozenset[str]) -> dict[str, str]:
    """The locals that blocks take, those that they take in turn included: name → expression."""
    found: dict[str, str] = {}
    wanted = {name for block in blocks for name in _names(block)}
    while wanted:
        name = wanted.pop()
        if name in found or name not in known:
            continue
        argument = f"value = {known[name]}\n"
        if _foreign(argument, types):
            found[name] = UNKNOWN
        else:
            found[name] = known[name]
            wanted |= _names(argument)
    return found


def _names(code: str) -> set[str]:
    return {name for kind, name in references(code) if kind == "local"} if "local." in code else set()


def _foreign(code: str, types: frozenset[str]) -> bool:
    if "provider::" in code:
        return True
    foreign = _ELSEWHERE | types
    # Words first: most rules have none of these, and parsing all of them would take longer than Terraform does.
    return any(f"{kind}." in code for kind in foreign) and any(
        kind in foreign for kind, _ in references(code)
    )
