"""What the review says: findings, and the rules that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from orchestrator.policy.waivers import Waiver

if TYPE_CHECKING:
    from orchestrator.review.context import PlanInContext
    from orchestrator.review.plan import Change

Severity: TypeAlias = Literal["critical", "high", "medium", "low", "info"]
Category: TypeAlias = Literal[
    "data loss",
    "iam",
    "exposure",
    "encryption",
    "secrets",
    "availability",
    "plan-time code",
    "cost",
    "retired",
    "policy",
    "drift",
]

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
"""Worst first."""

BLOCKING: frozenset[Severity] = frozenset({"critical", "high"})
"""What is not applied without somebody having said so."""


@dataclass(frozen=True)
class Hit:
    """What a rule saw in one change. ``severity`` is the rule's unless the case is another; ``attribute`` is a dotted path."""

    message: str
    attribute: str | None = None
    before: Any = None
    after: Any = None
    severity: Severity | None = None


Look: TypeAlias = "Callable[[Change, PlanInContext], Iterable[Hit]]"
LookAtAll: TypeAlias = "Callable[[PlanInContext], Iterable[tuple[str, Hit]]]"
"""Looks at the plan's configuration; answers with addresses."""


@dataclass(frozen=True)
class Rule:
    """One kind of risk: what it looks for, why it hurts, what to do, and where that is documented."""

    id: str
    title: str
    severity: Severity
    category: Category
    why: str
    fix: str
    source: str
    look: Look | None
    look_at_all: LookAtAll | None = None
    exact: bool = False
    """True: each case is confirmed by itself; ``--yes`` and patterns in waivers are not enough."""


RULES: dict[str, Rule] = {}
"""Every rule by id, filled when ``review.rules`` is imported."""


def rule(
    id: str,
    title: str,
    severity: Severity,
    category: Category,
    *,
    why: str,
    fix: str,
    source: str,
    exact: bool = False,
) -> Callable[[Look], Look]:
    """Make a function that looks at one change a rule. Raises ValueError when the id is taken."""

    def decorate(look: Look) -> Look:
        _register(Rule(id, title, severity, category, why, fix, source, look, None, exact))
        return look

    return decorate


def rule_for_all(
    id: str, title: str, severity: Severity, category: Category, *, why: str, fix: str, source: str
) -> Callable[[LookAtAll], LookAtAll]:
    """The same for a function that looks at the whole plan's configuration."""

    def decorate(look: LookAtAll) -> LookAtAll:
        _register(Rule(id, title, severity, category, why, fix, source, None, look))
        return look

    return decorate


def _register(rule: Rule) -> None:
    if rule.id in RULES:
        raise ValueError(f"two rules are called {rule.id}")
    RULES[rule.id] = rule


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should look at before the plan is applied.

    ``file`` and ``line`` are the module's source, ``key`` the environment file's key that the value comes from;
    ``cascade`` names what forced the change, nearest first. ``blocks``: somebody has to say so before this is
    applied; ``exact``: about this very address. ``known``: it was there at the last apply. Values are those of
    the plan, which is redacted.
    """

    id: str
    severity: Severity
    category: Category
    address: str
    layer: str
    action: str
    message: str
    attribute: str | None
    before: Any
    after: Any
    why: str
    fix: str
    source: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    key_file: str | None = None
    key_line: int | None = None
    cascade: tuple[str, ...] = ()
    exact: bool = False
    blocks: bool = False
    known: bool = False
    waiver: Waiver | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        waiver = self.waiver.as_json() if self.waiver else None
        return {**plain, "cascade": list(self.cascade), "waiver": waiver}


def finding_from_json(raw: Mapping[str, Any]) -> Finding:
    """The inverse of :meth:`Finding.as_json`."""
    waiver = Waiver.model_validate(raw["waiver"]) if raw["waiver"] else None
    return Finding(**{**raw, "cascade": tuple(raw["cascade"]), "waiver": waiver})
