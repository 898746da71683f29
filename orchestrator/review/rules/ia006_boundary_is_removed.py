"""A permissions boundary is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.compare import compare
from orchestrator.review.iam.policy import parse
from orchestrator.review.plan import Change
from orchestrator.review.rules._iam import (
    ADMIN,
)


@rule(
    "IA006",
    "A permissions boundary is taken away",
    "high",
    "iam",
    why="Nothing limits any more what the role can be given.",
    fix="Keep the boundary on every role that others may change.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
)
def boundary_is_removed(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type == "aws_organizations_policy_attachment" and change.action == "delete":
        yield from _detached(change, plan)
    if change.type not in ("aws_iam_role", "aws_iam_user") or change.action not in ("update", "replace"):
        return
    name = "permissions_boundary"
    before, after = change.before.get(name), change.after.get(name)
    if not before or change.is_unknown(name) or before == after:
        return
    if not after:
        yield Hit("the permissions boundary is taken away", name, before, after)
    elif str(after).endswith(ADMIN):
        yield Hit(
            f"{str(after).rpartition('/')[2]} is the permissions boundary, which limits nothing",
            name,
            before,
            after,
        )
    elif _limits_less(str(before), str(after), plan):
        yield Hit("the permissions boundary is another one", name, before, after, "medium")


def _limits_less(before: str, after: str, plan: PlanInContext) -> bool:
    """Whether the new boundary allows more, or cannot be compared."""
    old = new = None
    for policy in plan.by_type.get("aws_iam_policy", ()):
        if policy.before.get("arn") == before:
            old = parse(policy.before.get("policy"))
        if policy.after.get("arn") == after:
            new = parse(policy.after.get("policy"))
    return old is None or new is None or bool(compare(old, new))


def _detached(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    """A service control policy limits whole accounts."""
    policy, target = change.before.get("policy_id"), change.before.get("target_id")
    stays = any(
        (other.after.get("policy_id"), other.after.get("target_id")) == (policy, target)
        for other in plan.by_type.get(change.type, ())
    )
    if policy != "p-FullAWSAccess" and not stays and not plan.ends(target):
        yield Hit(f"an organization's policy is detached from {target}", "policy_id", policy, None)
