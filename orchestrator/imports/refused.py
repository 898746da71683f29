"""What Terraform says of an import that can't be done, in the words of the mapping that asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestrator.errors import OrchestratorError
from orchestrator.imports.managed import Place
from orchestrator.imports.wanted import Wanted
from orchestrator.modules.types import suggest
from orchestrator.terraform.events import Diagnostic, TerraformError, named_in

_NOT_THERE = "Cannot import non-existent remote object"
_NOT_CONFIGURED = ("Configuration for import target does not exist", "Import block target does not exist")


def explained(
    error: TerraformError,
    wanted: Iterable[Wanted],
    place_of: Callable[[str], Place],
    addresses: Callable[[], Iterable[str]],
) -> OrchestratorError:
    """The error as it concerns the mapping; the error itself where it does not.

    ``place_of``: an address's account and region, for messages; ``addresses``: those that the layer's configuration has, asked
    only when one of the mapping's is not among them.
    """
    lines = []
    for item in wanted:
        for diagnostic in error.diagnostics:
            if diagnostic.severity == "error" and named_in(_only(error, diagnostic), [item.address]):
                lines.append((item, *_reading(diagnostic, item, place_of(item.address), addresses)))
                break
    if not lines:
        return error
    (first, message, remedy), *others = lines
    return OrchestratorError(
        message,
        where=first.where,
        remedy=remedy,
        details=tuple(f"{item.where}: {text}" for item, text, _ in others),
    )


def _only(error: TerraformError, diagnostic: Diagnostic) -> TerraformError:
    return TerraformError(error.where.layer, "plan", [diagnostic], None)


def _reading(
    diagnostic: Diagnostic, item: Wanted, place: Place, addresses: Callable[[], Iterable[str]]
) -> tuple[str, str]:
    """(what is wrong, what to do)."""
    if diagnostic.summary == _NOT_THERE:
        account, region = place
        text = f"there is no {item.type} with the id {item.id} in account {account}, region {region}"
        return (
            text,
            "mend the id; what each type is imported by is at the end of its page of the provider's documentation",
        )
    if diagnostic.summary in _NOT_CONFIGURED:
        text = "the configuration makes nothing at this address"
        return text, suggest(item.address, sorted(addresses()))
    detail = " ".join(diagnostic.detail.split())
    text = f"{item.id} can't be imported: {diagnostic.summary}" + (f": {detail}" if detail else "")
    return text, "mend the id, or leave it out"
