"""What was found in the account, and what becomes of what is imported, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from orchestrator.plan.summary import attribute_lines

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.imports.find import Found
    from orchestrator.plan.bundle import Bundle


def show_imports(console: Console, bundle: Bundle) -> None:
    """How many are imported as they are, and what the plan does besides."""
    imported = [change for change in bundle.changes.all() if change.importing is not None]
    changed = [change for change in imported if change.action != "import"]
    rest = [change for change in bundle.changes.all() if change.importing is None]
    text = f"Import: {len(imported)} taken in"
    text += ", just as they are" if not changed else f", of which {len(changed)} are changed after that"
    console.print(Text(f"{text}.", style="bold"))
    for change in changed:
        console.print(Text(f"  {change.address} is there and differs from the configuration, as shown above"))
    if rest:
        console.print(
            Text(f"Besides, the plan touches {len(rest)} resources that are not imported.", style="yellow")
        )


def imported_json(bundle: Bundle) -> dict[str, Any]:
    """What is imported, and what would change about it, as plain data."""
    items = [
        {
            "address": change.address,
            "id": change.importing,
            "action": change.action,
            "changes": [
                {"name": name, "before": before, "after": after, "forces_replacement": forces}
                for name, before, after, forces in attribute_lines(change)
            ],
        }
        for change in bundle.changes.all()
        if change.importing is not None
    ]
    return {"imported": items, "counts": bundle.manifest.counts}


def show_found(console: Console, found: Found) -> None:
    """What was found for each address, and what has to be chosen or given."""
    for match in found.matches:
        if match.id is not None:
            console.print(Text(f"  ← {match.address}  {match.id}  ({match.how})", style="green"))
        elif match.candidates:
            console.print(Text(f"  ? {match.address}: {match.how}", style="yellow"))
            for candidate in match.candidates:
                console.print(Text(f"      {candidate}"))
    for type, addresses in found.without_rule.items():
        console.print(
            Text(
                f"  {type} can't be looked for ({len(addresses)} planned): give what exists of it in a mapping",
                style="yellow",
            )
        )
    for arn in found.left:
        console.print(Text(f"  not in this layer's plan: {arn}", style="dim"))
