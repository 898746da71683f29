"""A secret stands in a plain value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.plan.secret import leaves, named_values, secret_in
from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted


@rule(
    "SE001",
    "A secret stands in a plain value",
    "high",
    "secrets",
    why="States, plans and consoles show it to everybody who may look at the resource.",
    fix="Put it into Secrets Manager, and give its ARN; use write-only arguments where there are some.",
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
)
def plain_secret(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action == "delete":
        return
    seen: set[tuple[str, str]] = set()
    before = _texts(change.before)
    # The provider plans user data as a digest; what was written stands in the configuration.
    written = {
        name: text
        for name in ("user_data", "user_data_base64")
        if isinstance(text := plan.expression(change, name).get("constant_value"), str)
    }
    for path, name, value in named_values(change.type, {**change.after, **written}):
        what = secret_in(name, value)
        if what and (path, what) not in seen and value not in before:
            seen.add((path, what))
            yield Hit(f"{path} holds {what}", path)
    found = {path.partition(".")[0] for path, _ in seen}
    for path, name, text in leaves(change.after):
        attribute, _, _ = path.partition("..")  # what follows lies within a text
        if attribute.partition(".")[0] in found or at(change.hidden, *dotted(attribute)) is True:
            continue
        what = secret_in(name, text, random=False)
        if what and (attribute, what) not in seen and text not in before:
            seen.add((attribute, what))
            yield Hit(f"{attribute} holds {what}", attribute)


def _texts(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, Mapping):
        return set().union(*(_texts(child) for child in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(_texts(child) for child in value)) if value else set()
    return set()
