"""The policies in a change of the plan, and what a change takes from and gives to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.review.iam.policy import UNKNOWN, Statement, of_document, parse
from orchestrator.review.plan import Change, ReviewedPlan, blocks

# Attributes that hold a policy document, by what kind of policy it is.
POLICIES: dict[str, str] = {
    "policy": "policy",
    "assume_role_policy": "trust policy",
    "access_policy": "policy",
    "access_policies": "policy",
}


@dataclass(frozen=True, order=True)
class Grant:
    """One line of a permission diff: who may (or may not) do what, on what, under which conditions."""

    effect: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class PermissionChange:
    """What one policy grants from now on and what no longer. ``unread``: its text is known only after apply."""

    address: str
    attribute: str
    added: tuple[Grant, ...]
    removed: tuple[Grant, ...]
    unread: bool = False


def policies_of(
    change: Change, plan: ReviewedPlan
) -> Iterator[tuple[str, list[Statement] | None, list[Statement]]]:
    """(attribute, statements before or None when there were none that can be read, statements after) of what a change leaves."""
    if change.action == "delete":
        return
    for name in POLICIES:
        if name not in change.after and not change.is_unknown(name):
            continue
        after = parse(change.after.get(name))
        if after is None and change.is_unknown(name):
            documents = plan.referenced_documents(change, name)
            after = [
                statement
                for document in documents
                for statement in of_document(document.after, document.unknown)
            ]
        before = parse(change.before.get(name)) if change.before else None
        if after:
            yield name, before, after
    for entry in blocks(change.after, "inline_policy"):
        after = parse(entry.get("policy"))
        old = next(
            (
                parse(one.get("policy"))
                for one in blocks(change.before, "inline_policy")
                if one.get("name") == entry.get("name")
            ),
            None,
        )
        if after:
            yield "inline_policy", old, after


def permission_changes(plan: ReviewedPlan) -> Iterator[PermissionChange]:
    """Every policy that the plan makes, changes or removes, as a difference of grants."""
    for change in plan.changes:
        if change.action in ("no-op", "read", "move"):
            continue
        if change.action == "delete":
            for name in POLICIES:
                gone = parse(change.before.get(name)) if change.before else None
                if gone:
                    yield PermissionChange(change.address, name, (), _grants(gone))
            continue
        read = set()
        for name, before, after in policies_of(change, plan):
            read.add(name)
            old, new = set(_grants(before or [])), set(_grants(after))
            if old != new:
                yield PermissionChange(
                    change.address, name, tuple(sorted(new - old)), tuple(sorted(old - new))
                )
        for name in POLICIES:
            if name not in read and change.is_unknown(name):
                yield PermissionChange(change.address, name, (), (), unread=True)


def _grants(statements: list[Statement]) -> tuple[Grant, ...]:
    """A line an action where they are few, so that one more action is one more line."""
    found: set[Grant] = set()
    for statement in statements:
        effect = "allow" if statement.allow else "deny"
        principals = tuple(sorted(statement.principals)) + tuple(
            f"not {name}" for name in sorted(statement.not_principals)
        )
        resources = tuple(sorted(statement.resources)) + tuple(
            f"not {name}" for name in sorted(statement.not_resources)
        )
        actions = sorted(statement.actions) + [f"not {name}" for name in sorted(statement.not_actions)]
        for action in actions or [UNKNOWN]:
            found.add(Grant(effect, principals, (action,), resources, tuple(sorted(statement.conditions))))
    return tuple(sorted(found))
