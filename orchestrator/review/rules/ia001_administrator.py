"""Somebody may do everything."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import policies_of
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.rules._iam import (
    _ADMIN,
    _RESOURCE_POLICY,
    _is_boundary,
    _stars,
)


@rule(
    "IA001",
    "Somebody may do everything",
    "critical",
    "iam",
    why="Whoever gets hold of these credentials owns the account.",
    fix="Name the actions and resources that are needed.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def administrator(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    for name, before, after in policies_of(change, plan):
        if name == "assume_role_policy" or _is_boundary(change) or _RESOURCE_POLICY.search(change.type):
            continue
        if any(_stars(statement) and not statement.conditions for statement in after) and not any(
            _stars(statement) for statement in before or ()
        ):
            yield Hit("every action on every resource is allowed", name)
    arns = set()
    if (
        change.type
        in (
            "aws_iam_role_policy_attachment",
            "aws_iam_user_policy_attachment",
            "aws_iam_group_policy_attachment",
            "aws_iam_policy_attachment",
        )
        and change.action != "delete"
    ):
        arns = {change.after.get("policy_arn")} - {change.before.get("policy_arn")}
    elif change.type == "aws_iam_role":
        arns = set(change.after.get("managed_policy_arns") or ()) - set(
            change.before.get("managed_policy_arns") or ()
        )
    elif change.type == "aws_ssoadmin_managed_policy_attachment" and change.creates:
        arns = {change.after.get("managed_policy_arn")}
    elif change.type == "aws_eks_access_policy_association" and change.action != "delete":
        arns = {change.after.get("policy_arn")} - {change.before.get("policy_arn")}
    for arn in sorted(str(arn) for arn in arns if arn):
        if arn.rpartition("/")[2] in _ADMIN:
            yield Hit(f"{arn.rpartition('/')[2]} is attached", "policy_arn", None, arn)
        elif arn.endswith(("AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy")):
            yield Hit(f"{arn.rpartition('/')[2]} is associated", "policy_arn", None, arn, "high")
