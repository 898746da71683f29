"""A permissions boundary is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.rules._iam import (
    _ADMIN,
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
def boundary_is_removed(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type not in ("aws_iam_role", "aws_iam_user") or change.action not in ("update", "replace"):
        return
    before, after = change.before.get("permissions_boundary"), change.after.get("permissions_boundary")
    if before and not after and not change.is_unknown("permissions_boundary"):
        yield Hit("the permissions boundary is taken away", "permissions_boundary", before, after)
    elif before and before != after and str(after).endswith(_ADMIN):
        yield Hit(
            f"{str(after).rpartition('/')[2]} is the permissions boundary, which limits nothing",
            "permissions_boundary",
            before,
            after,
        )
