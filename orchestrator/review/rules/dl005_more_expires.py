"""Objects or images expire that did not before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._data_loss import _number


@rule(
    "DL005",
    "Objects or images expire that did not before",
    "medium",
    "data loss",
    why="A lifecycle rule deletes within a day of its change, and in bulk.",
    fix="Look at what the rule's prefix matches, and whether versions are kept.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html",
)
def lifecycle_expires_more(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action not in ("update", "create"):
        return
    if (
        change.type == "aws_ecr_lifecycle_policy"
        and change.before.get("policy") != change.after.get("policy")
        and _is_there(change, "repository", "aws_ecr_repository", plan)
    ):
        yield Hit("images expire by a new policy", "policy", severity="medium")
    if change.type != "aws_s3_bucket_lifecycle_configuration":
        return
    if change.action == "create" and not _is_there(change, "bucket", "aws_s3_bucket", plan):
        return
    before = {
        entry.get("id"): entry for entry in blocks(change.before, "rule") if entry.get("status") == "Enabled"
    }
    for entry in blocks(change.after, "rule"):
        if entry.get("status") == "Enabled":
            yield from _expires_more(entry, before.get(entry.get("id"), {}))


def _expires_more(entry: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[Hit]:
    name = entry.get("id")
    prefix, was_prefix = _prefix(entry), _prefix(old)
    for path in ("expiration.0.days", "noncurrent_version_expiration.0.noncurrent_days"):
        days, was = at(entry, *dotted(path)), at(old, *dotted(path))
        if not _number(days) or not days:
            continue
        if not was or days < was:
            before = f", {was} before" if was else ", never before"
            yield Hit(f"rule {name} deletes after {days} days{before}", f"rule.{path}", was, days)
        elif was_prefix.startswith(prefix) and was_prefix != prefix:
            covers = f"what begins with {prefix}" if prefix else "everything"
            yield Hit(
                f"rule {name} deletes {covers}, only {was_prefix} before", "rule.filter", was_prefix, prefix
            )


def _prefix(entry: Mapping[str, Any]) -> str:
    return str(
        at(entry, "filter", 0, "prefix")
        or at(entry, "filter", 0, "and", 0, "prefix")
        or entry.get("prefix")
        or ""
    )


def _is_there(change: Change, name: str, kind: str, plan: PlanInContext) -> bool:
    """Whether what a change is attached to exists already, and is not made by the same plan."""
    owner = change.after.get(name)
    made = {
        other.after.get(key)
        for other in plan.by_type.get(kind, ())
        if other.creates
        for key in ("bucket", "name", "id")
    }
    return bool(owner) and owner not in made
