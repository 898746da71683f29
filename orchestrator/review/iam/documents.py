"""The policies in a change of the plan, and what a change takes from and gives to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.addresses import INSTANCE_KEY
from orchestrator.review.context import PlanInContext, holders_of, in_context, owner_of
from orchestrator.review.iam.compare import compare
from orchestrator.review.iam.globs import UNKNOWN
from orchestrator.review.iam.policy import Statement, of_document, parse
from orchestrator.review.iam.written import readable
from orchestrator.review.plan import Change, ReviewedPlan, at, blocks

# Attributes that hold a policy document, by what kind of policy it is.
POLICIES: dict[str, str] = {
    "policy": "policy",
    "assume_role_policy": "trust policy",
    "access_policy": "policy",
    "access_policies": "policy",
    "policy_document": "policy",
}
_POLICIES_OF_TYPE: dict[str, tuple[str, ...]] = {
    "aws_organizations_policy": ("content",),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy",),
}
_READ = re.compile(r"aws_(?!ecr_lifecycle|dlm_|opensearchserverless_|autoscaling|appautoscaling)")
_ATTACHES = re.compile(r"aws_(iam_|ssoadmin_managed_policy|eks_access_policy)")
# Attributes that name a policy instead of holding one, by what naming it does.
_ATTACHED = {
    "policy_arn": "attach",
    "managed_policy_arn": "attach",
    "managed_policy_arns": "attach",
    "permissions_boundary": "boundary",
}
_OF_ACCOUNT = re.compile(r"AWS:arn:aws[\w-]*:(?:iam|sts)::(\d{12}):")
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


def knows_account(plan: ReviewedPlan) -> bool:
    """Whether it is known which accounts are planned for."""
    return bool(plan.accounts)


def is_foreign(account: str | None, plan: ReviewedPlan) -> bool:
    """Whether an account is another one, where it is known which are planned for."""
    return bool(account and plan.accounts and account not in plan.accounts)


def outsiders(principals: Iterable[str], plan: ReviewedPlan) -> list[str]:
    """The principals of other accounts, where it is known which accounts are planned for."""
    found = []
    for principal in principals:
        match = _OF_ACCOUNT.match(principal)
        if match and is_foreign(match[1], plan):
            found.append(principal)
    return found


def _names(kind: str) -> tuple[str, ...]:
    return _POLICIES_OF_TYPE.get(kind) or tuple(POLICIES)


def policies_of(
    change: Change, plan: PlanInContext
) -> Iterator[tuple[str, list[Statement] | None, list[Statement]]]:
    """(attribute, statements before, statements after) of each policy that a change leaves and that can be read.

    Before is None when there was none, or none that can be read. A policy that is made anew where one of the same owner
    is deleted in the same plan is compared with that one.
    """
    if change.action in ("delete", "forget"):
        return
    for name in _names(change.type):
        if name in change.after or change.is_unknown(name):
            after = _after(change, plan, name)
            if after is not None:
                yield name, _before(change, plan, name, after), after
    if change.type not in _POLICIES_OF_TYPE:
        yield from _inline_policies(change, plan)


def unread(change: Change, plan: PlanInContext) -> Iterator[tuple[str, bool]]:
    """(attribute, whether it could be read before) of each policy that comes and that nobody can read before apply."""
    if change.action in ("delete", "forget", "no-op", "move"):
        return
    if not _READ.match(change.type):
        return
    for name in _names(change.type):
        written = not plan.configuration or plan.expression(change, name)
        if written and _is_to_come(change, plan, name) and _after(change, plan, name) is None:
            yield name, bool(parse(change.before.get(name)))
    if _inline_after(change, plan) is None:
        yield "inline_policy", bool(_inline(change.before))


def _after(change: Change, plan: PlanInContext, name: str) -> list[Statement] | None:
    """The statements of a policy after apply; none for one that is taken away, None for one that can't be read."""
    if not change.is_unknown(name):
        value = change.after.get(name)
        found = parse(value)
        if found is None and not value and change.before.get(name):
            return []
        return found
    written = parse(readable(plan.evaluation.argument(change, name)))
    if written is not None:
        return written
    documents = _documents(change, plan, name)
    if not documents or _hidden(documents):
        return None
    return [
        statement for document in documents for statement in of_document(document.after, document.unknown)
    ]


def _documents(change: Change, plan: PlanInContext, name: str) -> list[Change]:
    """The policy documents that a policy is made from, through local values, modules and each other."""
    found = list(plan.referenced_documents(change, name))
    for address in plan.trace.attribute(change.general, (name,)).data:
        if ".aws_iam_policy_document." in f".{address}" and all(one.general != address for one in found):
            found += _same_instances(plan.by_general.get(address, []), change)
    return found


def _hidden(documents: list[Change]) -> bool:
    """Whether there are statements that the plan does not show: computed as a whole, or of a document that is not followed."""
    further = 0
    for document in documents:
        statements = document.unknown.get("statement")
        if statements is True or (isinstance(statements, list) and True in statements):
            return True
        if any(_open(mark) for mark in statements or ()):
            return True
        for name in ("source_policy_documents", "override_policy_documents"):
            marks = document.unknown.get(name)
            further += marks.count(True) if isinstance(marks, list) else int(marks is True)
    return further >= len(documents)


def _open(mark: Any) -> bool:
    """Whether a statement leaves open what is done, or whether that is allowed."""
    if not isinstance(mark, Mapping):
        return False
    marks = [mark.get(name) for name in ("effect", "actions", "not_actions")]
    return any(one is True or (isinstance(one, list) and True in one) for one in marks)


def _same_instances(documents: list[Change], change: Change) -> list[Change]:
    """Those with the change's instance keys, where there are any."""
    keys = set(INSTANCE_KEY.findall(change.address))
    same = [one for one in documents if set(INSTANCE_KEY.findall(one.address)) & keys]
    return same or documents


def _before(change: Change, plan: PlanInContext, name: str, after: list[Statement]) -> list[Statement] | None:
    if change.before:
        return parse(change.before.get(name))
    owner = owner_of(change.after)
    gone = [
        (one, statements)
        for one in plan.gone.get((change.type, owner), ())
        if (statements := parse(one.before.get(name))) is not None
    ]
    if not owner or not gone:
        return None
    if not change.type.startswith("aws_iam_"):
        return gone[0][1]
    for one, statements in gone:
        if one.before.get("name") == change.after.get("name"):
            return statements
    every = [statement for _, statements in gone for statement in statements]
    wider = compare(every, after)
    return None if wider.actions or wider.resources or wider.conditions else every


def _inline_after(change: Change, plan: PlanInContext) -> dict[str, list[Statement] | None] | None:
    """The policies in a role's blocks after apply, by name; None where something of them can't be read."""
    marks = change.unknown.get("inline_policy")
    coming = marks is True or any(
        isinstance(mark, Mapping) and mark.get("policy") is True
        for mark in (marks if isinstance(marks, list) else ())
    )
    if not coming or plan.sets(change, "inline_policy") is False:  # what nobody sets the provider fills in
        return {
            str(entry.get("name") or ""): parse(entry.get("policy"))
            for entry in blocks(change.after, "inline_policy")
        }
    found: dict[str, list[Statement] | None] = {}
    for number, entry in enumerate(plan.evaluation.blocks(change, "inline_policy") or [{}]):
        statements = parse(readable(entry.get("policy")))
        if statements is None:
            return None
        name = entry.get("name")
        found[name if isinstance(name, str) else f"(policy {number})"] = statements
    return found


def _inline_policies(
    change: Change, plan: PlanInContext
) -> Iterator[tuple[str, list[Statement] | None, list[Statement]]]:
    """The policies in a role's blocks, by name; one that cannot be read is none that is gone."""
    after = _inline_after(change, plan)
    if after is None:
        return
    before = {
        str(entry.get("name") or ""): parse(entry.get("policy"))
        for entry in blocks(change.before, "inline_policy")
    }
    gone = [one for name, statements in before.items() if name not in after for one in statements or ()]
    new = [one for name, statements in after.items() if name not in before for one in statements or ()]
    kept = [one for name, statements in after.items() if name in before for one in statements or ()]
    for name, statements in after.items():
        if name in before and statements is not None:
            yield "inline_policy", before[name], statements
    if new:
        yield "inline_policy", gone or None, new
    elif gone and None not in after.values():
        yield "inline_policy", gone, kept


def permission_changes(plan: ReviewedPlan) -> Iterator[PermissionChange]:
    """Every policy that the plan makes, changes, attaches or removes, as a difference of grants."""
    plan = in_context(plan)
    for change in plan.changes:
        if change.action in ("no-op", "read", "move", "import"):
            continue
        for name, before, after, unread in _sides(change, plan):
            old, new = set(_grants(before, plan)), set(_grants(after, plan))
            if old != new or unread:
                yield PermissionChange(
                    change.address, name, tuple(sorted(new - old)), tuple(sorted(old - new)), unread
                )
        yield from _attachments(change, plan)


def _sides(
    change: Change, plan: PlanInContext
) -> Iterator[tuple[str, list[Statement], list[Statement], str]]:
    """(attribute, statements before, statements after, what could not be read); a policy that is not there has none."""
    readable = {name: after for name, _, after in policies_of(change, plan) if name in POLICIES and after}
    for name in POLICIES:
        old, new = change.before.get(name), change.after.get(name)
        before = parse(old) or []
        if name in readable and change.is_unknown(name) and _marks(change, name):
            yield name, [], [], "What it says is secret."
        elif name in readable:
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
    inline_before, coming = _inline(change.before), _inline_after(change, plan)
    if coming is None:
        yield "inline_policy", [], [], "What it says is known only after apply."
        return
    inline_after = {name: statements or [] for name, statements in coming.items()}
    for name in sorted({*inline_before, *inline_after}):
        label = f"inline_policy {name}".rstrip()
        yield label, inline_before.get(name, []), inline_after.get(name, []), ""


def _is_to_come(change: Change, plan: ReviewedPlan, name: str) -> bool:
    """Whether a value comes that the plan does not know yet; what is new and nobody sets is unknown too: AWS's default."""
    if not change.is_unknown(name):
        return False
    return bool(change.before.get(name) or not plan.configuration or plan.expression(change, name))


def _marks(change: Change, name: str) -> bool:
    """Whether Terraform marks a value sensitive that is to come."""
    return at(change.hidden, name) is True


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
            new = {Grant(effect, holders_of(change.after), (UNKNOWN,), (), ())}
        if old != new:
            yield PermissionChange(change.address, name, tuple(sorted(new - old)), tuple(sorted(old - new)))


def _attached(side: Any, name: str, effect: str) -> set[Grant]:
    value = side.get(name)
    arns = value if isinstance(value, list) else [value]
    return {Grant(effect, holders_of(side), (f"all of {arn}",), (), ()) for arn in arns if arn}


def _grants(statements: list[Statement], plan: ReviewedPlan) -> tuple[Grant, ...]:
    """A line an action where they are few, so that one more action is one more line. Written without secrets."""

    def written(words: Iterable[Any]) -> tuple[str, ...]:
        return tuple(plan.redactor.text(str(word)) if plan.redactor else str(word) for word in words)

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
            found.add(
                Grant(
                    effect,
                    written(principals),
                    (action,),
                    written(resources),
                    written(sorted(map(str, statement.conditions))),
                )
            )
    return tuple(sorted(found))
