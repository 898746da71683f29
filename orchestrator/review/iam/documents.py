"""The policies in a change of the plan, and what a change takes from and gives to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from orchestrator.review.iam.policy import UNKNOWN, Statement, of_document, parse
from orchestrator.review.plan import Change, ReviewedPlan, blocks

# Attributes that hold a policy document, by what kind of policy it is.
POLICIES: dict[str, str] = {
    "policy": "policy",
    "assume_role_policy": "trust policy",
    "access_policy": "policy",
    "access_policies": "policy",
}
_ATTACHES = re.compile(r"aws_(iam_|ssoadmin_managed_policy|eks_access_policy)")
# Attributes that name a policy instead of holding one, by what naming it does.
_ATTACHED = {
    "policy_arn": "attach",
    "managed_policy_arn": "attach",
    "managed_policy_arns": "attach",
    "permissions_boundary": "boundary",
}
_HOLDERS = (
    "role",
    "user",
    "group",
    "principal_arn",
    "roles",
    "users",
    "groups",
    "permission_set_arn",
    "name",
)
_DIGEST = re.compile(r"\((?:sensitive|secret):")


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
    """What one policy grants from now on and what no longer. ``unread``: which side could not be read, and why."""

    address: str
    attribute: str
    added: tuple[Grant, ...]
    removed: tuple[Grant, ...]
    unread: str = ""


def outsiders(principals: Iterable[str], plan: ReviewedPlan) -> list[str]:
    """The principals of other accounts, where it is known which accounts are planned for."""
    found = []
    for principal in principals:
        match = re.match(r"AWS:arn:aws[\w-]*:(?:iam|sts)::(\d{12}):", principal)
        if match and plan.accounts and match[1] not in plan.accounts:
            found.append(principal)
    return found


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
    """Every policy that the plan makes, changes, attaches or removes, as a difference of grants."""
    for change in plan.changes:
        if change.action in ("no-op", "read", "move", "import"):
            continue
        for name, before, after, unread in _sides(change, plan):
            old, new = set(_grants(before)), set(_grants(after))
            if old != new or unread:
                yield PermissionChange(
                    change.address, name, tuple(sorted(new - old)), tuple(sorted(old - new)), unread
                )
        yield from _attachments(change, plan)


def _sides(change: Change, plan: ReviewedPlan) -> Iterator[tuple[str, list[Statement], list[Statement], str]]:
    """(attribute, statements before, statements after, what could not be read); a policy that is not there has none."""
    readable = {name: after for name, _, after in policies_of(change, plan) if name in POLICIES}
    for name in POLICIES:
        old, new = change.before.get(name), change.after.get(name)
        before = parse(old) or []
        if name in readable:
            unread = "What it said before is secret." if _is_secret(old) else ""
            yield name, before, readable[name], unread
        elif _is_to_come(change, plan, name):
            yield name, [], [], "What it says is known only after apply."
        elif _is_secret(new):
            if old != new:
                yield name, [], [], "What it says is secret."
        elif _is_secret(old):
            yield name, [], [], "What it said before is secret; it says nothing any more."
        else:
            yield name, before, [], ""
    inline_before, inline_after = _inline(change.before), _inline(change.after)
    for name in sorted({*inline_before, *inline_after}):
        label = f"inline_policy {name}".rstrip()
        yield label, inline_before.get(name, []), inline_after.get(name, []), ""


def _is_to_come(change: Change, plan: ReviewedPlan, name: str) -> bool:
    """Whether a value comes that the plan does not know yet; what is new and nobody sets is unknown too: AWS's default."""
    if not change.is_unknown(name):
        return False
    return bool(change.before.get(name) or not plan.configuration or plan.expression(change, name))


def _is_secret(value: Any) -> bool:
    return isinstance(value, str) and bool(_DIGEST.match(value))


def _inline(side: Any) -> dict[str, list[Statement]]:
    return {
        str(entry.get("name") or ""): parse(entry.get("policy")) or []
        for entry in blocks(side, "inline_policy")
    }


def _attachments(change: Change, plan: ReviewedPlan) -> Iterator[PermissionChange]:
    """Policies that are attached or let go by name: what they allow is not in the plan, that they are is."""
    if not _ATTACHES.match(change.type):
        return
    for name, effect in _ATTACHED.items():
        old = _attached(change.before, name, effect)
        new = _attached(change.after, name, effect)
        if _is_to_come(change, plan, name):
            new = {Grant(effect, _holders(change.after), (UNKNOWN,), (), ())}
        if old != new:
            yield PermissionChange(change.address, name, tuple(sorted(new - old)), tuple(sorted(old - new)))


def _attached(side: Any, name: str, effect: str) -> set[Grant]:
    value = side.get(name)
    arns = value if isinstance(value, list) else [value]
    return {Grant(effect, _holders(side), (f"all of {arn}",), (), ()) for arn in arns if arn}


def _holders(side: Any) -> tuple[str, ...]:
    for name in _HOLDERS:
        value = side.get(name)
        if value:
            return tuple(sorted(map(str, value))) if isinstance(value, list) else (str(value),)
    return ()


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
