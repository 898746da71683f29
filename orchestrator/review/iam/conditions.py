"""Conditions of IAM statements: which of two holds back more, and which holds back anybody at all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

from orchestrator.review.iam.globs import UNKNOWN, covers, meet

# Operator → what it compares, and whether it asks for the contrary.
_KINDS: dict[str, tuple[str, bool]] = {
    "stringequals": ("string", False),
    "stringlike": ("string", False),
    "stringnotequals": ("string", True),
    "stringnotlike": ("string", True),
    "stringequalsignorecase": ("caseless", False),
    "stringnotequalsignorecase": ("caseless", True),
    "arnequals": ("arn", False),
    "arnlike": ("arn", False),
    "arnnotequals": ("arn", True),
    "arnnotlike": ("arn", True),
    "ipaddress": ("ip", False),
    "notipaddress": ("ip", True),
    "numericnotequals": ("numericequals", True),
    "datenotequals": ("dateequals", True),
}
_LITERAL = str.maketrans({"*": "\ue02a", "?": "\ue03f"})
"""``StringEquals`` takes ``*`` for itself."""

_SAYS_LITTLE = frozenset({"aws:securetransport", "aws:requestedregion", "aws:currenttime", "aws:epochtime"})
"""Keys that anybody satisfies: IAM itself is in one region."""


@dataclass(frozen=True, order=True)
class Condition:
    """One operator on one key; its values are alternatives."""

    operator: str
    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.operator}:{self.key}={','.join(self.values)}"

    @cached_property
    def test(self) -> Test:
        """What it asks for."""
        quantifier, _, rest = self.operator.lower().rpartition(":")
        name = rest.removesuffix("ifexists")
        kind, negated = _KINDS.get(name, (name, False))
        values = self.values
        if name in ("stringequals", "stringnotequals"):
            values = tuple(value.translate(_LITERAL) for value in values)
        elif kind == "caseless":
            values = tuple(value.lower().translate(_LITERAL) for value in values)
        elif kind in ("bool", "null"):
            values = tuple(value.lower() for value in values)
        # Where the key is missing, what asks for the contrary is content, and so is "all values of none".
        absent = name != rest or quantifier == "forallvalues" or (negated and quantifier != "foranyvalue")
        return Test(quantifier, kind, negated, absent, values)

    def alternatives(self) -> tuple[Condition, ...]:
        """The same as several conditions of which one has to hold."""
        if len(self.values) < 2 or self.test.negated or self.test.quantifier == "forallvalues":
            return (self,)
        return tuple(Condition(self.operator, self.key, (value,)) for value in self.values)


@dataclass(frozen=True)
class Test:
    """A condition without the names that say the same. ``absent``: it holds where the key is missing."""

    quantifier: str
    kind: str
    negated: bool
    absent: bool
    values: tuple[str, ...]


@lru_cache(maxsize=65536)
def implies(new: Condition, old: Condition) -> bool:
    """Whether the older condition holds wherever the newer does. What the newer does not know yet is taken for the same."""
    if new == old:
        return True
    if new.key == UNKNOWN:
        return new.operator == old.operator
    if new.key.lower() != old.key.lower():
        return False
    ours, theirs = new.test, old.test
    if "null" in (ours.kind, theirs.kind):
        return _implies_presence(ours, theirs)
    if ours.quantifier != theirs.quantifier or (ours.absent and not theirs.absent):
        return False
    if theirs.negated and not ours.negated:
        return not ours.quantifier and _apart(ours, theirs)
    if theirs.negated != ours.negated or not _comparable(ours, theirs):
        return False
    lower = theirs.kind == "caseless" and ours.kind == "string"
    mine = tuple(value.lower() for value in ours.values) if lower else ours.values
    if ours.negated:
        return all(any(_within(ours.kind, value, one) for one in mine) for value in theirs.values)
    return all(any(_within(theirs.kind, one, value) for value in theirs.values) for one in mine)


def _comparable(ours: Test, theirs: Test) -> bool:
    if ours.kind == theirs.kind:
        return True
    return not ours.negated and (ours.kind, theirs.kind) in (("string", "caseless"), ("arn", "string"))


def _implies_presence(ours: Test, theirs: Test) -> bool:
    if theirs.kind == "null":
        if ours.kind == "null":
            return ours.values == theirs.values
        return theirs.values == ("false",) and not ours.absent
    return ours.values == ("true",) and theirs.absent


def _apart(ours: Test, theirs: Test) -> bool:
    """Whether no value that is asked for is one of those that are refused."""
    if ours.kind != theirs.kind or UNKNOWN in theirs.values:
        return False
    if ours.kind == "string":
        return not any(meet(one, value) for one in ours.values for value in theirs.values)
    if ours.kind == "ip":
        pairs = [(_network(one), _network(value)) for one in ours.values for value in theirs.values]
        return all(a and b and (a.version != b.version or not a.overlaps(b)) for a, b in pairs)
    return False


def _within(kind: str, value: str, outer: str) -> bool:
    """Whether a value of a condition asks for no more than another."""
    if value == outer or UNKNOWN in (value, outer):
        return True
    if kind in ("string", "caseless"):
        return covers(outer, value)
    if kind == "arn":
        parts, outers = value.split(":", 5), outer.split(":", 5)
        return len(parts) == len(outers) == 6 and all(map(covers, outers, parts))
    if kind == "ip":
        small, large = _network(value), _network(outer)
        return bool(small and large and small.version == large.version and small.subnet_of(large))
    first, second = _ordered(kind, value), _ordered(kind, outer)
    if first is None or second is None:
        return False
    if "lessthan" in kind:
        return bool(first <= second)
    if "greaterthan" in kind:
        return bool(first >= second)
    return bool(first == second)


def _ordered(kind: str, value: str) -> Any:
    try:
        if kind.startswith("numeric"):
            return float(value)
        if kind.startswith("date"):
            if "-" not in value:
                return float(value)
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        return None
    return None


def _network(value: str) -> Any:
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


def is_world(cidr: Any) -> bool:
    """Whether a range is all of the internet, or so much of it that it makes no difference (a /8, of IPv6 a /16, or more)."""
    network = _network(str(cidr))
    if network is None:
        return False
    return network.prefixlen <= (8 if network.version == 4 else 16) and (
        network.prefixlen == 0 or not network.is_private
    )


def holds_back(condition: Condition) -> bool:
    """Whether it keeps anybody away: it asks for something, also of who does not tell it, and not for just anything."""
    test = condition.test
    if test.negated or test.absent or test.kind == "null" or condition.key.lower() in _SAYS_LITTLE:
        return False
    if test.kind == "bool":
        return "false" not in test.values
    return not any(_anything(test.kind, value) for value in test.values)


def _anything(kind: str, value: str) -> bool:
    if kind == "ip":
        return is_world(value)
    if kind not in ("string", "caseless", "arn"):
        return False
    if not value.strip("*?"):
        return True
    parts = value.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:  # arn:* and arn:aws:* too
        return parts[0] == "arn" and value.endswith("*")
    if not parts[4]:  # a bucket's name says whose it is
        return not parts[5].strip("*?")
    return not parts[4].strip("*?")


def not_implied(conditions: Iterable[Condition], by: Iterable[Condition]) -> list[Condition]:
    """The conditions that do not follow from others."""
    others = tuple(by)
    return [one for one in conditions if not any(implies(other, one) for other in others)]
