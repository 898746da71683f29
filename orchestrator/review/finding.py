"""What the review says: findings, and the rules that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from orchestrator.review.plan import Change, ReviewedPlan

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


Look: TypeAlias = "Callable[[Change, ReviewedPlan], Iterable[Hit]]"


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
    look: Look


RULES: dict[str, Rule] = {}
"""Every rule by id, filled when ``review.rules`` is imported."""


def rule(
    id: str, title: str, severity: Severity, category: Category, *, why: str, fix: str, source: str
) -> Callable[[Look], Look]:
    """Make a function a rule. Raises ValueError when the id is taken."""

    def decorate(look: Look) -> Look:
        if id in RULES:
            raise ValueError(f"two rules are called {id}")
        RULES[id] = Rule(id, title, severity, category, why, fix, source, look)
        return look

    return decorate


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should look at before the plan is applied.

    ``file`` and ``line`` are the module's source where it is known; ``cascade`` names what forced the change, nearest
    first. Values are those of the plan, which is redacted.
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
    cascade: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether somebody has to say so before this is applied."""
        return self.severity in BLOCKING

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "cascade": list(self.cascade), "blocks": self.blocks}
