"""A policy allows more than before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.documents import POLICIES, outsiders, policies_of
from orchestrator.review.iam.policy import compare, parse
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.rules._iam import (
    _list,
    _open_to_everybody,
)


@rule(
    "IA002",
    "A policy allows more than before",
    "high",
    "iam",
    why="What was reviewed once is not what holds any more.",
    fix="See that each new action, resource and principal is needed, and name it as narrowly as it can be.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html",
)
def policy_is_widened(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.creates:
        return
    if change.action == "delete":
        yield from _denials_gone(change, plan)
        return
    for name, before, after in policies_of(change, plan):
        if before is None:
            continue
        wider = compare(before, after)
        kind = POLICIES.get(name, "policy")
        if wider.actions:
            yield Hit(f"the {kind} newly allows {_list(wider.actions)}", name, None, list(wider.actions))
        if wider.resources:
            yield Hit(
                f"the {kind} reaches more resources: {_list(wider.resources)}",
                name,
                None,
                list(wider.resources),
            )
        told = {"AWS:*", "*:*"} if _open_to_everybody(after) else set()  # by IA003
        told |= set(outsiders(wider.principals, plan))  # by IA007, or EX003
        admitted = [principal for principal in wider.principals if principal not in told]
        if admitted:
            severity: Severity = "critical" if {"AWS:*", "*:*"} & set(admitted) else "high"
            yield Hit(f"the {kind} admits {_list(admitted)}", name, None, admitted, severity)
        if wider.conditions:
            yield Hit(
                f"the {kind} drops or loosens conditions: {_list(wider.conditions)}",
                name,
                list(wider.conditions),
                None,
            )
        if wider.denies:
            yield Hit(f"the {kind} denies less: {_list(wider.denies)}", name, list(wider.denies), None)


def _denials_gone(change: Change, plan: ReviewedPlan) -> Iterator[Hit]:
    """A resource's policy goes, and what it denied, while the resource stays."""
    owner = change.before.get("bucket") or change.before.get("arn") or change.before.get("queue_url")
    ends = any(
        other.ends and owner in (other.before.get("id"), other.before.get("arn"))
        for other in plan.changes
        if other is not change
    )
    denied = [statement for statement in parse(change.before.get("policy")) or () if not statement.allow]
    if denied and not ends and not change.type.startswith("aws_iam_"):
        names = _list(sorted(item.sid or ", ".join(sorted(item.actions)) for item in denied))
        yield Hit(f"the policy goes, and with it what it denies: {names}", "policy", names, None)
