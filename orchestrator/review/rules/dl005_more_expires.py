"""Objects or images expire that did not before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext, owner_of
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import number

_EXPIRES = (
    ("expiration.0.days", ""),
    (
        "noncurrent_version_expiration.0.noncurrent_days",
        "noncurrent_version_expiration.0.newer_noncurrent_versions",
    ),
    ("noncurrent_version_expiration.0.days", ""),
)


@rule(
    "DL005",
    "Objects, items or images expire that did not before",
    "medium",
    "data loss",
    why="A lifecycle rule deletes within a day of its change, and in bulk.",
    fix="Look at what the rule's prefix matches, and whether versions are kept.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html",
)
def lifecycle_expires_more(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action not in ("update", "create"):
        return
    if change.type == "aws_dynamodb_table" and change.action == "update":
        yield from _items_expire(change)
    if (
        change.type == "aws_ecr_lifecycle_policy"
        and _meaning(change.before.get("policy")) != _meaning(change.after.get("policy"))
        and _is_there(change, "repository", "aws_ecr_repository", plan)
    ):
        untagged = _of_untagged_only(change)
        text = "untagged images expire by a new policy" if untagged else "images expire by a new policy"
        yield Hit(text, "policy", severity="info" if untagged else "medium")
    name = {"aws_s3_bucket_lifecycle_configuration": "rule", "aws_s3_bucket": "lifecycle_rule"}.get(
        change.type
    )
    if name is None or change.is_unknown(name) or (change.creates and change.type == "aws_s3_bucket"):
        return
    if change.action == "create" and not _is_there(change, "bucket", "aws_s3_bucket", plan):
        return
    before = [entry for entry in blocks(change.before, name) if _enabled(entry)]
    before += _of_twin(change, plan)
    for entry in blocks(change.after, name):
        if _enabled(entry):
            yield from _expires_more(entry, before, name)


def _of_untagged_only(change: Change) -> bool:
    """Whether all that a policy newly expires are images that nothing names: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html"""
    before, after = _meaning(change.before.get("policy")), _meaning(change.after.get("policy"))
    known = blocks(before, "rules") if isinstance(before, Mapping) else []
    rules = blocks(after, "rules") if isinstance(after, Mapping) else []
    new = [_apart_from_order(entry) for entry in rules]
    new = [entry for entry in new if entry not in map(_apart_from_order, known)]
    return bool(rules) and all(at(entry, "selection", "tagStatus") == "untagged" for entry in new)


def _apart_from_order(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in ("rulePriority", "description")}


def _items_expire(change: Change) -> Iterator[Hit]:
    """Time to live: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html"""
    before, after = at(change.before, "ttl", 0) or {}, at(change.after, "ttl", 0) or {}
    name = after.get("attribute_name")
    if after.get("enabled") is True and not (before.get("enabled") and before.get("attribute_name") == name):
        was = before.get("attribute_name") if before.get("enabled") else None
        yield Hit(f"items whose {name} is in the past are deleted", "ttl.0.attribute_name", was, name)


def _of_twin(change: Change, plan: PlanInContext) -> list[Mapping[str, Any]]:
    """The rules that the bucket had by another resource, which goes."""
    return [
        entry
        for other in plan.gone.get((change.type, owner_of(change.after)), ())
        for entry in blocks(other.before, "rule")
        if change.creates and _enabled(entry)
    ]


def _meaning(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        return text


def _enabled(entry: Mapping[str, Any]) -> bool:
    return entry.get("status") == "Enabled" or entry.get("enabled") is True


def _expires_more(entry: Mapping[str, Any], before: list[Mapping[str, Any]], name: str) -> Iterator[Hit]:
    """A rule deletes what none did before, as soon: the older rules are those that take in all that it does."""
    wider = [old for old in before if _covers(old, entry)]
    related = [old for old in before if old.get("id") == entry.get("id")]
    for path, newer in _EXPIRES:
        days = at(entry, *dotted(path))
        if not number(days) or not days:
            continue
        kept = at(entry, *dotted(newer)) or 0 if newer else 0
        was = [
            (at(old, *dotted(path)), (at(old, *dotted(newer)) or 0) if newer else 0)
            for old in wider
            if number(at(old, *dotted(path))) and at(old, *dotted(path))
        ]
        if any(old_days <= days and old_kept <= kept for old_days, old_kept in was):
            continue
        same_rule = next((at(old, *dotted(path)) for old in related if at(old, *dotted(path))), None)
        what = f"rule {entry.get('id')} deletes after {days} days"
        if was and min(was)[0] <= days:
            text = f"rule {entry.get('id')} keeps {kept} older versions, {min(was)[1]} before"
        elif was:
            text = f"{what}, {min(was)[0]} before"
        elif same_rule is not None:
            text = f"rule {entry.get('id')} deletes {_what(entry)}, only {_what(related[0])} before"
        else:
            text = f"{what}, never before"
        yield Hit(text, f"{name}.{path}", min(was)[0] if was else same_rule, days)
    date = at(entry, "expiration", 0, "date")
    if date and not any(at(old, "expiration", 0, "date") == date for old in wider):
        yield Hit(f"rule {entry.get('id')} deletes on {date}", f"{name}.expiration.0.date", None, date)


def _filter(entry: Mapping[str, Any]) -> tuple[str, frozenset[tuple[str, str]], float, float]:
    """(prefix, tags, smallest size, largest size) of what a rule is about."""
    found = at(entry, "filter", 0) or {}
    inner = at(found, "and", 0) or {}
    tags = {(str(tag.get("key")), str(tag.get("value"))) for tag in blocks(found, "tag")}
    for side in (inner, entry):
        if isinstance(side.get("tags"), Mapping):
            tags |= {(str(key), str(value)) for key, value in side["tags"].items()}
    prefix = found.get("prefix") or inner.get("prefix") or entry.get("prefix") or ""
    smallest, largest = (
        found.get(name) or inner.get(name) or default
        for name, default in (("object_size_greater_than", 0), ("object_size_less_than", float("inf")))
    )
    return str(prefix), frozenset(tags), float(smallest), float(largest)


def _covers(old: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """Whether an older rule was about all that a newer one is about."""
    prefix, tags, smallest, largest = _filter(entry)
    was_prefix, was_tags, was_smallest, was_largest = _filter(old)
    return (
        prefix.startswith(was_prefix)
        and was_tags <= tags
        and was_smallest <= smallest
        and was_largest >= largest
    )


def _what(entry: Mapping[str, Any]) -> str:
    prefix, tags, _, _ = _filter(entry)
    words = [f"what begins with {prefix}"] if prefix else []
    words += [f"what is tagged {key}={value}" for key, value in sorted(tags)]
    return " and ".join(words) or "everything"


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
