"""Runs the rules over a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.policy.rules import Enforcement, Policy
from orchestrator.policy.scan import Finding as Check
from orchestrator.policy.scan import ScanReport
from orchestrator.policy.waivers import Waivers
from orchestrator.review import rules
from orchestrator.review.context import PlanInContext, in_context
from orchestrator.review.finding import (
    BLOCKING,
    RULES,
    SEVERITIES,
    Finding,
    Hit,
    Rule,
    Severity,
    finding_from_json,
)
from orchestrator.review.plan import Change, ReviewedPlan, at, dotted
from orchestrator.review.source import Key, Nowhere, Source
from orchestrator.review.trace import Sources, Trace

FORMAT = 2


@dataclass(frozen=True)
class Cascade:
    """Replacements that follow from one: its address, the key behind it where that is known, and the others' addresses."""

    address: str
    key: str | None
    replaced: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"address": self.address, "key": self.key, "replaced": list(self.replaced)}


@dataclass(frozen=True)
class Review:
    """All findings, worst first, and how much was looked at."""

    findings: tuple[Finding, ...]
    reviewed: int
    rules: int
    cascades: tuple[Cascade, ...] = ()
    enforcement: Enforcement = "block"

    @property
    def blocking(self) -> list[Finding]:
        """What must not be applied without somebody having said so."""
        return [finding for finding in self.findings if finding.blocks]

    @property
    def to_confirm(self) -> list[Finding]:
        """The blocking findings that are confirmed one by one: what is lost."""
        return [finding for finding in self.blocking if finding.exact]

    @property
    def blocks(self) -> bool:
        """Whether there is such a finding."""
        return bool(self.blocking)

    @property
    def waived(self) -> list[Finding]:
        """What somebody has accepted for a time."""
        return [finding for finding in self.findings if finding.waiver]

    def counts(self) -> dict[str, int]:
        """Findings that nobody has waived, by severity; every severity is there."""
        open_ones = [finding.severity for finding in self.findings if not finding.waiver]
        return {name: open_ones.count(name) for name in SEVERITIES}

    def as_json(self) -> dict[str, Any]:
        """Plain data, the content of ``review.json``; its schema is ``review.schema.json`` beside this file."""
        return {
            "format": FORMAT,
            "reviewed": self.reviewed,
            "rules": self.rules,
            "enforcement": self.enforcement,
            "blocks": self.blocks,
            "counts": self.counts(),
            "waived": len(self.waived),
            "cascades": [cascade.as_json() for cascade in self.cascades],
            "findings": [finding.as_json() for finding in self.findings],
        }


def review_plan(
    plan: ReviewedPlan,
    source: Source | None = None,
    *,
    scan: ScanReport | None = None,
    policy: Policy | None = None,
    known: Iterable[tuple[str, str]] = (),
    only: Iterable[str] = (),
    accounts: Iterable[str] = (),
    own: Iterable[Rule] = (),
) -> Review:
    """Every rule over every change, and checkov's findings, in one list.

    ``scan``: what checkov found in the same plan. ``policy``: its waivers, and whether findings block. ``known``:
    the checks (id, address) that failed at the last apply already. ``only``: ids of rules; default all. ``accounts``: the
    own ones, so that others are known for such; default the one that the ARNs in the plan speak of. ``own``: the
    caller's rules, instead of ours.

    Raises:
        OrchestratorError: a rule failed (a review that did not look at everything is none), or a waiver is wrong.
    """
    rules.load()
    plan = replace(plan, given_accounts=plan.given_accounts | frozenset(accounts))
    chosen = list(own) or ([RULES[name] for name in only] if only else list(RULES.values()))
    if policy is not None:
        check_waivers(policy)
    waivers = policy.waivers if policy else Waivers()
    enforcement: Enforcement = policy.enforcement if policy else "block"
    about = in_context(plan, source or Nowhere())
    author = _Author(about, source or Nowhere())
    found: list[Finding] = []
    for change in plan.changes:
        if change.action in ("no-op", "read"):
            continue
        for rule in chosen:
            if rule.look is not None:
                found += [author.finding(rule, change, hit) for hit in _looked(rule, change, about)]
    for rule in chosen:
        if rule.look_at_all is not None:
            found += [author.of_configuration(rule, address, hit) for address, hit in rule.look_at_all(about)]
    before = set(known)
    if scan is not None:
        severity: Severity = "high" if scan.blocks else "medium"
        found += [
            author.of_check(check, severity, before) for check in scan.findings if check.status != "skipped"
        ]
    findings = [_judged(_shown(finding, plan), waivers, enforcement) for finding in found]
    findings.sort(key=_order)
    return Review(tuple(findings), len(plan.changes), len(chosen), author.cascades(), enforcement)


def merged(reviews: Iterable[Review], reviewed: int) -> Review:
    """Reviews of parts as one of the whole, which has ``reviewed`` resources."""
    parts = list(reviews)
    findings = sorted((finding for part in parts for finding in part.findings), key=_order)
    cascades = tuple(cascade for part in parts for cascade in part.cascades)
    rules = sum(part.rules for part in parts)
    return Review(tuple(findings), reviewed, rules, cascades, parts[0].enforcement)


def check_waivers(policy: Policy) -> None:
    """Check the waivers of our own rules.

    Raises:
        OrchestratorError: see :meth:`Waivers.check`.
    """
    rules.load()
    policy.waivers.check(RULES)


def _looked(rule: Rule, change: Change, plan: PlanInContext) -> list[Hit]:
    assert rule.look is not None
    try:
        return list(rule.look(change, plan))
    except Exception as error:
        raise OrchestratorError(
            f"the rule {rule.id} could not look at {change.address}: {type(error).__name__}: {error}",
            remedy="nothing may be applied unreviewed; please report this",
        ) from error


HIDDEN = "(sensitive)"


def _shown(finding: Finding, plan: ReviewedPlan) -> Finding:
    """A finding as it may be written down: without the plan's secrets."""
    redactor = plan.redactor
    if redactor is None:
        return finding
    return replace(
        finding,
        message=redactor.text(finding.message),
        before=redactor.value(finding.before),
        after=redactor.value(finding.after),
        cascade=tuple(redactor.text(line) for line in finding.cascade),
    )


def _is_marked(change: Change, attribute: str | None) -> bool:
    """Whether an attribute, or anything in it, is marked sensitive before or after."""
    path = dotted(attribute) if attribute else ()
    return bool(path) and any(_any_true(at(mask, *path)) for mask in (change.hidden_before, change.hidden))


def _any_true(mask: Any) -> bool:
    if isinstance(mask, Mapping):
        return any(_any_true(child) for child in mask.values())
    if isinstance(mask, list):
        return any(_any_true(child) for child in mask)
    return mask is True


def rejudged(review: Review, policy: Policy) -> Review:
    """A sealed review with the waivers and the enforcement of today: what was found stands.

    Raises:
        OrchestratorError: a waiver is wrong.
    """
    check_waivers(policy)
    findings = [
        _judged(replace(finding, waiver=None), policy.waivers, policy.enforcement)
        for finding in review.findings
    ]
    return replace(review, findings=tuple(sorted(findings, key=_order)), enforcement=policy.enforcement)


def _judged(finding: Finding, waivers: Waivers, enforcement: Enforcement) -> Finding:
    waiver = finding.waiver or waivers.find(finding.id, finding.address)
    heavy = finding.severity in BLOCKING and enforcement == "block"
    return replace(finding, waiver=waiver, blocks=waiver is None and (finding.exact or heavy))


def _order(finding: Finding) -> tuple[Any, ...]:
    return (
        finding.waiver is not None,
        SEVERITIES.index(finding.severity),
        finding.known,
        finding.id,
        finding.address,
        finding.message,
    )


def review_from_json(raw: Mapping[str, Any]) -> Review:
    """The inverse of :meth:`Review.as_json`."""
    if raw["format"] != FORMAT:
        raise ValueError(f"a review of format {raw['format']}")
    return Review(
        tuple(finding_from_json(item) for item in raw["findings"]),
        raw["reviewed"],
        raw["rules"],
        tuple(Cascade(item["address"], item["key"], tuple(item["replaced"])) for item in raw["cascades"]),
        raw["enforcement"],
    )


class _Author:
    """Writes findings: where a change was written, which key it comes from, and what forced it."""

    def __init__(self, plan: ReviewedPlan, source: Source) -> None:
        self._plan = plan
        self._source = source
        self._trace = Trace(plan.configuration, source.local_references)
        self._replaced = {change.general: change for change in plan.changes if change.action == "replace"}
        self._chains: dict[str, tuple[Change, ...]] = {}
        self._actions = {change.address: change for change in plan.changes}

    def finding(self, rule: Rule, change: Change, hit: Hit) -> Finding:
        chain = self._chain(change)
        marked = self._plan.redactor is not None and _is_marked(change, hit.attribute)
        return self._written(
            Finding(
                id=rule.id,
                severity=hit.severity or rule.severity,
                category=rule.category,
                address=change.address,
                layer=change.layer,
                action=change.action,
                message=f"{rule.title}: {hit.attribute}, whose value is sensitive" if marked else hit.message,
                attribute=hit.attribute,
                before=HIDDEN if marked else hit.before,
                after=HIDDEN if marked else hit.after,
                why=rule.why,
                fix=rule.fix,
                source=rule.source,
                cascade=self._cascade(chain),
                exact=rule.exact and (hit.severity or rule.severity) in BLOCKING,
            ),
            change,
        )

    def of_configuration(self, rule: Rule, address: str, hit: Hit) -> Finding:
        place = self._source.place(address)
        return Finding(
            id=rule.id,
            severity=hit.severity or rule.severity,
            category=rule.category,
            address=address,
            layer=address.split(".")[1] if address.startswith("module.") else "",
            action="configuration",
            message=hit.message,
            attribute=hit.attribute,
            before=hit.before,
            after=hit.after,
            why=rule.why,
            fix=rule.fix,
            source=rule.source,
            file=place[0] if place else None,
            line=place[1] if place else None,
        )

    def of_check(self, check: Check, severity: Severity, known: set[tuple[str, str]]) -> Finding:
        change = self._actions.get(check.address)
        finding = Finding(
            id=check.id,
            severity=severity,
            category="policy",
            address=check.address,
            layer=check.layer or "",
            action=change.action if change else "no-op",
            message=check.name,
            attribute=None,
            before=None,
            after=None,
            why="A check of checkov fails for it.",
            fix="Mend it, or waive it in policy/waivers.yaml.",
            source=check.guideline or "https://www.checkov.io/5.Policy%20Index/terraform.html",
            file=check.file,
            line=check.line,
            known=(check.id, check.address) in known,
            waiver=check.waiver,
        )
        return self._written(finding, change) if change else finding

    def _written(self, finding: Finding, change: Change) -> Finding:
        place = self._source.place(change.general)
        key = self._key(change, finding.attribute)
        return replace(
            finding,
            file=place[0] if place else finding.file,
            line=place[1] if place else finding.line,
            key=key.key if key else None,
            key_file=key.file if key else None,
            key_line=key.line if key else None,
        )

    def _key(self, change: Change, attribute: str | None) -> Key | None:
        found = Sources()
        words: tuple[str, ...] = ()
        if attribute:
            path = dotted(attribute)
            found = self._trace.attribute(change.general, path)
            words = tuple(word for word in path if isinstance(word, str))
        if not found.variables:
            found = self._trace.existence(change.general)
        keys = [
            key
            for variable in found.variables
            if (key := self._source.key(variable, change.address, (*words, *found.members))) is not None
        ]
        return max(keys, key=lambda key: key.depth, default=None)

    def _chain(self, change: Change) -> tuple[Change, ...]:
        """The replaced resources that force this one's replacement, nearest first."""
        if change.action != "replace":
            return ()
        if change.address not in self._chains:
            self._chains[change.address] = ()  # a cycle ends here
            cause = self._cause(change)
            if cause is not None:
                self._chains[change.address] = (cause, *self._chain(cause))
        return self._chains[change.address]

    def _cause(self, change: Change) -> Change | None:
        for path in change.replace_paths:
            for address in self._trace.attribute(change.general, path).resources:
                cause = self._replaced.get(address)
                if cause is not None and cause.general != change.general:
                    return cause
        return None

    def _cascade(self, chain: tuple[Change, ...]) -> tuple[str, ...]:
        if not chain:
            return ()
        key = self._forcing_key(chain[-1])
        return (
            *(f"{cause.address} is replaced" for cause in chain),
            *([f"{key.key} is changed ({key.file}:{key.line})"] if key else []),
        )

    def _forcing_key(self, change: Change) -> Key | None:
        for path in change.replace_paths:
            key = self._key(change, ".".join(map(str, path)))
            if key is not None:
                return key
        return None

    def cascades(self) -> tuple[Cascade, ...]:
        """What one replacement brings with it, by its origin."""
        followers: dict[str, list[str]] = {}
        for change in self._plan.changes:
            chain = self._chain(change)
            if chain:
                followers.setdefault(chain[-1].address, []).append(change.address)
        return tuple(
            Cascade(
                address,
                key.key if (key := self._forcing_key(self._actions[address])) else None,
                tuple(others),
            )
            for address, others in sorted(followers.items())
        )
