"""A secret stands in a plain value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.plan.secret import known_secrets, leaves, named_values, secret_in
from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.trace import split_address

_PLACEHOLDER = re.compile(
    r"(?i)change.?(?:me|it|this)|place.?holder|replace|to.?do\b|to.?be.?|tbd|dummy|example|sample|initial|bootstrap|fill"
    r"|set.?(?:me|in|by|via|later|manually)|manual|rotat|update|populat|managed|ignored?|not.?(?:set|used)|unset|default|temp|fake|test"
    r"|your|insert|x{4,}|\*{3,}|0{6,}|1234|<[^>]*>"
)
"""What stands in a secret's place until somebody puts it there by hand."""


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
    yield from _written_in_the_code(change, plan, {path.partition(".")[0] for path, _ in seen})


def _written_in_the_code(change: Change, plan: PlanInContext, found: set[str]) -> Iterator[Hit]:
    """Secrets in what is made to hold them (the provider calls it sensitive), and that the code has given away before."""
    chosen = [
        attribute
        for attribute in change.after
        if attribute not in found
        and _hidden(at(change.hidden, attribute))
        and _is_literal(change, attribute, plan)
    ]
    before = {text for _, _, text in leaves(change.before)} if chosen else set()
    for attribute in chosen:
        name = attribute
        if change.type == "aws_ssm_parameter":
            name = str(change.after.get("name")).replace("/", "_")
        for path, leaf, text in leaves(change.after[attribute], name, attribute):
            inner = at(change.hidden, *dotted(path.partition("..")[0]))
            if inner is not True or text in before or text[:1] in "{[":
                continue
            sure = next(known_secrets(text), None)
            what = sure[0] if sure else secret_in(leaf, text)
            if what and (sure or not _PLACEHOLDER.search(text)):
                where = path.partition("..")[0]
                yield Hit(
                    f"{where} holds {what}, written in the code", where, severity="high" if sure else "medium"
                )
                break


def _hidden(mask: Any) -> bool:
    if isinstance(mask, Mapping):
        return any(map(_hidden, mask.values()))
    return any(map(_hidden, mask)) if isinstance(mask, list) else mask is True


def _is_literal(change: Change, attribute: str, plan: PlanInContext) -> bool:
    """Whether a value stands in the code: made from nothing else, or from variables that have their default."""
    if not plan.sets(change, attribute):
        return False
    module, _ = split_address(change.general)
    followed = all(name.startswith("var.") for name in plan.references(change, attribute))
    if not followed and plan.source.module(module) is None:
        return False
    sources = plan.trace.attribute(change.general, (attribute,))
    if sources.resources or sources.data:
        return False
    root = (plan.configuration.get("root_module") or {}).get("variables") or {}
    return all(
        name in plan.variables and at(root, name, "default") == plan.variables[name].get("value") is not None
        for name in sources.variables
    )


def _texts(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, Mapping):
        return set().union(*(_texts(child) for child in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(_texts(child) for child in value)) if value else set()
    return set()
