"""A plan with what is around it: the code behind it, and which of its changes belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from orchestrator.review.evaluate import Evaluation
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.source import Nowhere, Source
from orchestrator.review.trace import Trace

ATTACHMENTS = (
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_iam_group_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
    "aws_iam_user_policy_attachments_exclusive",
    "aws_iam_group_policy_attachments_exclusive",
    "aws_iam_role",
    "aws_ssoadmin_managed_policy_attachment",
    "aws_eks_access_policy_association",
)
_NAMED = ("policy_arn", "policy_arns", "managed_policy_arn", "managed_policy_arns")
_HOLDERS = (
    "role",
    "user",
    "group",
    "role_name",
    "user_name",
    "group_name",
    "principal_arn",
    "roles",
    "users",
    "groups",
    "permission_set_arn",
    "name",
)
_OWNERS = (
    "bucket",
    "queue_url",
    "repository",
    "repository_name",
    "resource_arn",
    "secret_arn",
    "key_id",
    "file_system_id",
    "domain_name",
    "backup_vault_name",
    "function_name",
    "role",
    "user",
    "group",
    "arn",
)
_BELONGS = re.compile(
    r"_(?:policy|attachment|association|access_block|versioning|configuration|logging|acl|controls|notification|permission|rotation)$"
)
"""Types that are part of something else, and often called as it is."""


@dataclass(frozen=True)
class PlanInContext(ReviewedPlan):
    """A plan that knows its source."""

    source: Source = field(default_factory=Nowhere)

    @cached_property
    def trace(self) -> Trace:
        """Where its values come from."""
        return Trace(self.configuration, self.source.local_references)

    @cached_property
    def evaluation(self) -> Evaluation:
        """What its code says of what it does not know."""
        return Evaluation(self, self.source)

    @cached_property
    def by_general(self) -> dict[str, list[Change]]:
        """Data sources that are read at apply, by address without instance keys."""
        found: dict[str, list[Change]] = {}
        for change in self.data:
            found.setdefault(change.general, []).append(change)
        return found

    @cached_property
    def attached_before(self) -> frozenset[tuple[str, str]]:
        """(holder, policy's ARN) of every attachment that there is before."""
        return frozenset(pair for change in self.changes for pair in attached(change.type, change.before))

    @cached_property
    def gone(self) -> dict[tuple[str, str], list[Change]]:
        """What is deleted, by type and owner."""
        found: dict[tuple[str, str], list[Change]] = {}
        for change in self.changes:
            if change.action == "delete" and not change.deposed:
                found.setdefault((change.type, owner_of(change.before)), []).append(change)
        return found

    @cached_property
    def only_boundaries(self) -> frozenset[str]:
        """Policies (addresses without instance keys) that limit a role or user as its boundary, and are attached to nobody."""
        limits: set[str] = set()
        attaches: set[str] = set()
        arns = {
            arn: change.general
            for change in self.by_type.get("aws_iam_policy", ())
            for arn in (change.before.get("arn"), change.after.get("arn"))
            if arn
        }
        for kind in ("aws_iam_role", "aws_iam_user"):
            for change in self.by_type.get(kind, ()):
                limits.update(self._named(change, ("permissions_boundary",), arns))
        for kind in ATTACHMENTS:
            for change in self.by_type.get(kind, ()):
                attaches.update(self._named(change, _NAMED, arns))
        return frozenset(limits - attaches)

    def _named(self, change: Change, names: tuple[str, ...], arns: Mapping[str, str]) -> Iterator[str]:
        for name in names:
            value = change.after.get(name)
            for arn in value if isinstance(value, list) else [value]:
                if str(arn) in arns:
                    yield arns[str(arn)]
            unknown = change.is_unknown(name) or isinstance(change.unknown.get(name), list)
            # What the configuration does not set the provider fills in, with nothing of the configuration's.
            if unknown and self.sets(change, name):
                yield from self.trace.attribute(change.general, (name,)).resources

    def made_from(self, change: Change, path: tuple[str | int, ...], *kinds: str) -> list[Change]:
        """The resources of some types that an attribute is made from, all instances of each."""
        sources = self.trace.attribute(change.general, path).resources
        return [one for kind in kinds for one in self.by_type.get(kind, ()) if one.general in sources]

    def ends(self, *names: Any) -> bool:
        """Whether something of one of these ids, names or ARNs ends in this plan."""
        return any(name in self._ended for name in names if isinstance(name, str) and name)

    @cached_property
    def _ended(self) -> frozenset[str]:
        return frozenset(
            value
            for change in self.changes
            if change.ends and not _BELONGS.search(change.type)
            for key in ("id", "arn", "name", "bucket", "url", "invoke_url")
            if isinstance(value := change.before.get(key), str)
        )


def in_context(plan: ReviewedPlan, source: Source | None = None) -> PlanInContext:
    """A plan with its source; one that has one already keeps it."""
    if isinstance(plan, PlanInContext) and source is None:
        return plan
    values = {item.name: getattr(plan, item.name) for item in fields(ReviewedPlan)}
    return PlanInContext(**values, source=source or Nowhere())


def shown_plan(plan: ReviewedPlan, source: Source | None = None) -> PlanInContext:
    """A plan without its secrets, whose code can still be followed: what is sensitive in a policy Terraform has marked."""
    without = plan.without_secrets or plan
    return in_context(
        replace(without, variables=plan.variables, known_data=plan.known_data, redactor=plan.redactor),
        source,
    )


def owner_of(side: Mapping[str, Any]) -> str:
    """What a policy, or another resource that belongs to one, is of; empty where nothing tells."""
    return next((str(side[name]) for name in _OWNERS if side.get(name)), "")


def holders_of(side: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom a policy is attached to."""
    for name in _HOLDERS:
        value = side.get(name)
        if value:
            return tuple(sorted(map(str, value))) if isinstance(value, list) else (str(value),)
    return ()


def attached(kind: str, side: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(holder, policy's ARN) of each policy that a side of a change attaches."""
    if kind not in ATTACHMENTS:
        return
    for name in _NAMED:
        value = side.get(name)
        for arn in value if isinstance(value, list) else [value]:
            if arn:
                yield from ((holder, str(arn)) for holder in holders_of(side) or ("",))
