"""Drift as a review: a finding for each resource, and what the review's rules say of the change that somebody made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from orchestrator.drift.classify import PUT_BACK, STAYS, Drift, Fate, ResourceDrift
from orchestrator.drift.ignore import Entry
from orchestrator.policy.rules import Policy
from orchestrator.review.finding import Hit, Rule, Severity
from orchestrator.review.plan import Change, ReviewedPlan
from orchestrator.review.review import Review, merged, review_plan
from orchestrator.review.source import Source
from orchestrator.review.stateful import STATEFUL

CHANGED, DELETED, NOISE = "DR001", "DR002", "DR003"
TITLES: dict[str, tuple[str, Severity]] = {
    CHANGED: ("Something was changed outside Terraform", "medium"),
    DELETED: ("Something was deleted outside Terraform", "high"),
    NOISE: ("A difference that is known to mean nothing", "info"),
}
"""The rules' ids, what each says, and its usual severity."""

SHOWN = 6
"""Attributes that a message names."""

_SOURCE = "https://developer.hashicorp.com/terraform/tutorials/state/resource-drift"
_WHY = {
    CHANGED: "The states, the configuration and the reviews of changes do not say what is really there.",
    DELETED: "What is built on it fails, and the next apply makes an empty one, if it makes one at all.",
    NOISE: "policy/drift.yaml says so.",
}
_FIX = {
    CHANGED: "Put it back (`orchestrator drift revert`), or write it into the configuration and take it into the state "
    "(`orchestrator drift accept`).",
    DELETED: "Make it again (`orchestrator drift revert`) and restore what it held, or remove it from the configuration and from the "
    "state (`orchestrator drift accept`).",
    NOISE: "Nothing, until the entry ends.",
}
WORDS: dict[Fate, str] = {
    "reverted": "the next apply puts it back",
    "set": "the next apply sets what the configuration says by now",
    "follows": "known after the next apply",
    "destroyed": "the next apply destroys the resource",
    "ignored": "stays: the configuration ignores it (ignore_changes)",
    "unconfigured": "stays: the configuration does not set it",
    "configured": "stays: the provider takes it for what the configuration says",
    "kept": "stays",
    "unknown": "",
}
"""What the next apply does with an attribute, for people."""


def drift_rules(drift: Drift) -> dict[str, Rule]:
    """The rules by id, each of which sees what was classified so."""
    found = {(item.change.address, item.change.deposed): item for item in drift.resources}
    hits: dict[str, Callable[[ResourceDrift], Iterator[Hit]]] = {
        CHANGED: _changed,
        DELETED: _deleted,
        NOISE: _noise,
    }

    def rule(name: str) -> Rule:
        title, severity = TITLES[name]

        def look(change: Change, _plan: ReviewedPlan) -> Iterator[Hit]:
            item = found.get((change.address, change.deposed))
            return hits[name](item) if item is not None else iter(())

        return Rule(name, title, severity, "drift", _WHY[name], _FIX[name], _SOURCE, look)

    return {name: rule(name) for name in TITLES}


def review_drift(
    drift: Drift, drifted: ReviewedPlan, source: Source, policy: Policy, *, reviewed: int
) -> Review:
    """The review of a drift. ``reviewed``: how many resources were looked at.

    The review's own rules look at what was changed; of what is gone, and of known noise, it is enough to say so. Nothing
    blocks: there is nothing to be applied.
    """
    counted = {(item.change.address, item.change.deposed) for item in drift.of("changed")}
    changed = tuple(item for item in drifted.changes if (item.address, item.deposed) in counted)
    own = review_plan(drifted, source, own=drift_rules(drift).values())
    risks = review_plan(replace(drifted, changes=changed), source, policy=policy)
    whole = merged([own, risks], reviewed)
    findings = tuple(
        replace(finding, blocks=False, exact=False)
        for finding in whole.findings
        if finding.action != "configuration"
    )
    return replace(whole, findings=findings, enforcement="warn", cascades=())


def next_text(item: ResourceDrift) -> str:
    """What the next apply does about a resource, in a few words; empty where nobody knows."""
    if item.next is None:
        return ""
    if item.kind == "deleted":
        return "the next apply creates it anew" if item.next == "create" else "the next apply leaves it so"
    fates = {attribute.fate for attribute in item.told or item.attributes}
    if item.next == "replace":
        return "the next apply replaces the resource"
    if "destroyed" in fates:
        return WORDS["destroyed"]
    back = [attribute.path for attribute in item.told if attribute.fate in PUT_BACK]
    if back and fates <= PUT_BACK:
        return "the next apply puts that back"
    if back:
        return f"the next apply puts {_names(back)} back"
    return "the next apply leaves it so" if fates <= STAYS else "the next apply changes it"


def _names(paths: list[str]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more


def _then(item: ResourceDrift) -> str:
    text = next_text(item)
    return f"; {text}" if text else ""


def _changed(item: ResourceDrift) -> Iterator[Hit]:
    if item.kind != "changed":
        return
    told = item.told
    harmless = item.next is not None and all(attribute.fate in STAYS for attribute in told)
    one = told[0] if len(told) == 1 else None
    yield Hit(
        f"changed outside Terraform: {_names([attribute.path for attribute in told])}{_then(item)}",
        attribute=one.path if one else None,
        before=one.state if one else {attribute.path: attribute.state for attribute in told},
        after=one.real if one else {attribute.path: attribute.real for attribute in told},
        severity="low" if harmless else None,
    )


def _deleted(item: ResourceDrift) -> Iterator[Hit]:
    if item.kind != "deleted":
        return
    lost = STATEFUL.get(item.change.type)
    text = f", and with it {lost[0]}" if lost else ""
    yield Hit(
        f"deleted outside Terraform{text}{_then(item)}",
        before=item.change.before.get("arn") or item.change.before.get("id"),
        severity="critical" if lost else None,
    )


def _noise(item: ResourceDrift) -> Iterator[Hit]:
    if item.kind != "noise":
        return
    entries: list[Entry] = []
    for attribute in item.attributes:
        if attribute.noise and attribute.noise not in entries:
            entries.append(attribute.noise)
    for entry in entries:
        paths = [attribute.path for attribute in item.attributes if attribute.noise == entry]
        yield Hit(f"{_names(paths)}: {entry.reason} ({entry.owner}, until {entry.expires})")
