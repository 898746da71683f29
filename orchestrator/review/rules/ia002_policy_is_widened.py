"""A policy allows more than before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.review.context import PlanInContext, attached, holders_of, owner_of
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.compare import Widening, compare, denials_lost
from orchestrator.review.iam.documents import (
    POLICIES,
    outsiders,
    policies_of,
)
from orchestrator.review.iam.harmless import with_looks, with_neighbours
from orchestrator.review.iam.policy import Statement, parse
from orchestrator.review.plan import Change
from orchestrator.review.rules._iam import (
    listed,
    open_to_everybody,
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
def policy_is_widened(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action == "delete":
        yield from _denials_gone(change, plan)
        return
    for name, before, after in policies_of(change, plan):
        if before is None:
            continue
        wider = compare(before, after)
        kind = POLICIES.get(name, "policy")
        for severity, actions, resources in _by_weight(wider, before, after):
            if actions:
                yield Hit(f"the {kind} newly allows {listed(actions)}", name, None, actions, severity)
            if resources:
                text = f"the {kind} reaches more resources: {listed(resources)}"
                yield Hit(text, name, None, resources, severity)
        told = {"AWS:*", "*:*"} if open_to_everybody(after) else set()  # by IA003
        told |= set(outsiders(wider.principals, plan))  # by IA007, or EX003
        admitted = [principal for principal in wider.principals if principal not in told]
        if admitted:
            yield Hit(f"the {kind} admits {listed(admitted)}", name, None, admitted, _severity(admitted))
        if wider.conditions:
            yield Hit(
                f"the {kind} drops or loosens conditions: {listed(wider.conditions)}",
                name,
                list(wider.conditions),
                None,
            )
        if wider.denies:
            yield Hit(f"the {kind} denies less: {listed(wider.denies)}", name, list(wider.denies), None)


def _by_weight(
    wider: Widening, before: list[Statement], after: list[Statement]
) -> Iterator[tuple[Severity, list[str], list[str]]]:
    """(severity, actions, resources) of what is newly allowed: what only looks, or reads the same, is worth less."""
    if not (wider.actions or wider.resources):
        return
    looking = before if any(statement.principals for statement in after) else with_looks(before)
    loud = compare(with_neighbours(looking), after)
    if set(loud.conditions) - set(wider.conditions) or set(loud.principals) - set(wider.principals):
        loud = wider  # what is next to it was held back, and this is not
    weights: tuple[tuple[Severity, Widening], ...] = (
        ("high", loud),
        ("low", compare(looking, after)),
        ("info", wider),
    )
    as_said = {_name(resource): resource for resource in wider.resources}
    told: set[str] = set()
    for severity, part in weights:
        actions = [action for action in part.actions if action not in told]
        names = [name for name in map(_name, part.resources) if name not in told]
        told.update(actions, names)
        yield severity, actions, [as_said.get(name, name) for name in names]


def _name(resource: str) -> str:
    """Without the actions by which it is newly reached."""
    return resource.partition(" (by ")[0]


def _severity(admitted: list[str]) -> Severity:
    if {"AWS:*", "*:*"} & set(admitted):
        return "critical"
    services = all(who.startswith("Service:") and who.endswith(".amazonaws.com") for who in admitted)
    return "medium" if services else "high"


def _denials_gone(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """A policy goes, and what it denied, while that of which it is stays."""
    owner = owner_of(change.before)
    if any(arn.endswith("/AWSDenyAll") for _, arn in attached(change.type, change.before)):
        pairs = set(attached(change.type, change.before))
        kept = {pair for other in plan.changes for pair in attached(other.type, other.after)}
        if pairs - kept and not plan.ends(*holders_of(change.before)):
            yield Hit("AWSDenyAll is detached: what it denied is decided by others now", "policy_arn")
    if change.type == "aws_iam_policy":
        yield from _managed_denials_gone(change, plan)
        return
    if plan.ends(
        owner, change.before.get("bucket"), change.before.get("arn"), change.before.get("queue_url")
    ):
        return
    for name in POLICIES:
        denied = [statement for statement in parse(change.before.get(name)) or () if not statement.allow]
        if denied and name != "assume_role_policy" and not change.deposed:
            lost = denials_lost(denied, _elsewhere(change, plan, owner))
            if lost:
                yield Hit(
                    f"the policy goes, and with it what it denies: {listed(lost)}", name, listed(lost), None
                )


def _managed_denials_gone(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """The same for a policy that is attached to others: those that stay."""
    arn = change.before.get("arn")
    holders = {
        holder
        for other in plan.changes
        for holder, what in attached(other.type, other.before)
        if what == arn and not plan.ends(holder)
    }
    denied = [statement for statement in parse(change.before.get("policy")) or () if not statement.allow]
    if denied and holders:
        lost = denials_lost(denied, _elsewhere(change, plan, None))
        if lost:
            yield Hit(
                f"the policy goes, and with it what it denies {listed(sorted(holders))}: {listed(lost)}",
                "policy",
                listed(lost),
                None,
            )


def _elsewhere(change: Change, plan: PlanInContext, owner: str | None) -> list[Statement]:
    """What other policies of the same owner deny after the plan."""
    return [
        statement
        for other in plan.by_type.get(change.type, ())
        if other is not change and (owner is None or owner == owner_of(other.after) != "")
        for _, _, after in policies_of(other, plan)
        for statement in after
        if not statement.allow
    ]
