"""The comparison of policies, against an evaluator that asks every request of a small world."""

from __future__ import annotations

import fnmatch
import ipaddress
import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.review.iam.compare import compare
from orchestrator.review.iam.conditions import Condition, holds_back, implies
from orchestrator.review.iam.globs import covers, meet
from orchestrator.review.iam.policy import Statement, parse

ACTIONS = (
    "s3:getobject",
    "s3:getobjectacl",
    "s3:putobject",
    "s3:listbucket",
    "sqs:sendmessage",
    "nosuch:thing",
    "nosuch:other",
)
RESOURCES = ("a/x", "a/y", "a/zz", "b/x", "c")
PRINCIPALS = ("AWS:r1", "AWS:r2", "Service:ec2")
CONTEXTS: tuple[dict[str, str], ...] = tuple(
    {key: value for key, value in (("region", region), ("mfa", mfa), ("ip", ip), ("age", age)) if value}
    for region in ("", "a", "b", "ab", "c")
    for mfa in ("", "true", "false")
    for ip in ("", "10.0.0.1", "10.9.0.1", "8.8.8.8")
    for age in ("", "1", "5", "9")
)


def matches(value: str, patterns: frozenset[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)


def holds(condition: Condition, context: dict[str, str]) -> bool:
    """IAM's evaluation of one condition, written from its reference and apart from the review's own code."""
    operator, value = condition.operator, context.get(condition.key)
    if operator == "Null":
        return (value is None) == (condition.values[0] == "true")
    negated = "Not" in operator
    if value is None:
        return negated or operator.endswith("IfExists")
    base = operator.removesuffix("IfExists").replace("Not", "")
    if base in ("StringEquals", "Bool"):
        found = value in condition.values
    elif base == "StringLike":
        found = matches(value, frozenset(condition.values))
    elif base == "IpAddress":
        found = any(ipaddress.ip_address(value) in ipaddress.ip_network(one) for one in condition.values)
    elif base == "NumericLessThan":
        found = any(float(value) < float(one) for one in condition.values)
    else:
        raise AssertionError(base)
    return found != negated


def requests(statement: Statement) -> dict[tuple[str, str, str], int]:
    """What a statement speaks of: (action, resource, principal) → the contexts, a bit for each."""

    def of(values: tuple[str, ...], named: frozenset[str], left_out: frozenset[str]) -> list[str]:
        if left_out:
            return [value for value in values if not matches(value, left_out)]
        return [value for value in values if not named or matches(value, named) or "AWS:*" in named]

    contexts = 0
    for place, context in enumerate(CONTEXTS):
        if all(holds(condition, context) for condition in statement.conditions):
            contexts |= 1 << place
    named = itertools.product(
        of(ACTIONS, statement.actions, statement.not_actions),
        of(RESOURCES, statement.resources, statement.not_resources),
        of(PRINCIPALS, statement.principals, statement.not_principals),
    )
    return dict.fromkeys(named, contexts)


def is_wider(before: list[Statement], after: list[Statement]) -> bool:
    """Whether a request is newly allowed, or no longer denied: another policy may allow it."""

    def all_of(statements: list[Statement], allow: bool) -> dict[tuple[str, str, str], int]:
        found: dict[tuple[str, str, str], int] = {}
        for statement in statements:
            if statement.allow is allow:
                for key, contexts in requests(statement).items():
                    found[key] = found.get(key, 0) | contexts
        return found

    allowed, was_allowed, denied, was_denied = (
        all_of(side, allow) for allow in (True, False) for side in (after, before)
    )
    return any(
        contexts & ~denied.get(key, 0) & ~was_allowed.get(key, 0) for key, contexts in allowed.items()
    ) or any(contexts & ~denied.get(key, 0) for key, contexts in was_denied.items())


def some(values: list[str], most: int = 2) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), min_size=1, max_size=most)


NAMED = some(
    ["s3:getobject", "s3:putobject", "s3:get*", "s3:*", "*", "sqs:sendmessage", "nosuch:thing", "nosuch:*"]
)
PLACES = some(["*", "a/*", "a/x", "a/?", "b/*", "?"])
PEOPLE = some(["AWS:*", "AWS:r1", "AWS:r2", "Service:ec2"])


def condition(operators: dict[str, tuple[str, list[str]]]) -> st.SearchStrategy[Condition]:
    return st.sampled_from(sorted(operators)).flatmap(
        lambda name: some(operators[name][1], 2 if name != "Null" else 1).map(
            lambda values: Condition(name, operators[name][0], tuple(sorted(values)))
        )
    )


POSITIVE = condition(
    {"StringEquals": ("region", ["a", "b"]), "IpAddress": ("ip", ["10.0.0.0/16", "10.0.0.0/8"])}
)
EVERY = condition(
    {
        "StringEquals": ("region", ["a", "b", "*"]),
        "StringLike": ("region", ["a*", "?", "b", "*"]),
        "StringNotEquals": ("region", ["a", "b"]),
        "StringNotLike": ("region", ["a*", "b", "?"]),
        "StringEqualsIfExists": ("region", ["a", "b"]),
        "Bool": ("mfa", ["true", "false"]),
        "BoolIfExists": ("mfa", ["true", "false"]),
        "Null": ("mfa", ["true", "false"]),
        "IpAddress": ("ip", ["10.0.0.0/16", "10.0.0.0/8", "0.0.0.0/0"]),
        "NotIpAddress": ("ip", ["10.0.0.0/16", "10.0.0.0/8"]),
        "NumericLessThan": ("age", ["2", "6"]),
    }
)


@st.composite
def statements(draw: st.DrawFn, conditions: st.SearchStrategy[Condition], *, negations: bool) -> Statement:
    actions, places, people = draw(NAMED), draw(PLACES), draw(PEOPLE)
    without = draw(
        st.frozensets(st.sampled_from(["action", "place", "person"]), max_size=1 if negations else 0)
    )
    nothing: frozenset[str] = frozenset()
    people = people - {"AWS:*"} or frozenset({"AWS:r1"}) if "person" in without else people
    return Statement(
        allow=draw(st.booleans()) or draw(st.booleans()),
        actions=nothing if "action" in without else actions,
        not_actions=actions if "action" in without else nothing,
        resources=nothing if "place" in without else places,
        not_resources=places if "place" in without else nothing,
        principals=nothing if "person" in without else people,
        not_principals=people if "person" in without else nothing,
        # An operator has a key once, as in JSON.
        conditions=frozenset(
            draw(st.lists(conditions, max_size=2, unique_by=lambda one: (one.operator, one.key)))
        ),
    )


def policies(one: st.SearchStrategy[Statement]) -> st.SearchStrategy[tuple[list[Statement], list[Statement]]]:
    """Two policies, most often of much the same statements."""

    @st.composite
    def pair(draw: st.DrawFn) -> tuple[list[Statement], list[Statement]]:
        pool = draw(st.lists(one, min_size=1, max_size=4))
        chosen = st.lists(st.sampled_from(pool), max_size=3)
        return draw(chosen), draw(chosen) + draw(st.lists(one, max_size=1))

    return pair()


@settings(max_examples=250, deadline=None)
@given(policies(statements(EVERY, negations=True)))
def test_no_widening_is_overlooked(pair: tuple[list[Statement], list[Statement]]) -> None:
    before, after = pair
    if not compare(before, after):
        assert not is_wider(before, after)


@settings(max_examples=250, deadline=None)
@given(policies(statements(POSITIVE, negations=False)))
def test_without_contraries_only_a_widening_is_told(pair: tuple[list[Statement], list[Statement]]) -> None:
    before, after = pair
    assert bool(compare(before, after)) == is_wider(before, after)


@settings(max_examples=100, deadline=None)
@given(statements(EVERY, negations=True), statements(EVERY, negations=True))
def test_order_and_splitting_are_no_change(one: Statement, other: Statement) -> None:
    assert not compare([one, other], [other, one, one])


@settings(max_examples=150, deadline=None)
@given(st.text("ab*?", max_size=3), st.text("ab*?", max_size=3))
def test_a_pattern_covers_and_meets_as_its_strings_do(outer: str, inner: str) -> None:
    strings = ["".join(letters) for size in range(6) for letters in itertools.product("abc", repeat=size)]
    mine = {text for text in strings if fnmatch.fnmatchcase(text, inner)}
    theirs = {text for text in strings if fnmatch.fnmatchcase(text, outer)}
    assert meet(outer, inner) == bool(mine & theirs)
    if covers(outer, inner):
        assert mine <= theirs
    elif not set(inner) & set("*?"):  # of two patterns it may say no where it is hard to say
        assert not mine <= theirs


@pytest.mark.parametrize(
    ("new", "old", "follows"),
    [
        (
            "ArnLike aws:SourceArn arn:aws:sns:eu-west-1:1:a",
            "ArnEquals aws:SourceArn arn:aws:sns:*:1:*",
            True,
        ),
        ("ArnLike aws:SourceArn arn:aws:sns:*:1:a", "ArnLike aws:SourceArn arn:aws:*", False),
        ("ArnLike aws:SourceArn arn:aws:sns:*:1:a", "StringLike aws:SourceArn arn:aws:*", True),
        ("StringEquals k a*", "StringLike k a*", True),
        ("StringLike k a*", "StringEquals k a*", False),
        ("StringEquals k A", "StringEqualsIgnoreCase k a", True),
        ("StringEqualsIgnoreCase k a", "StringEquals k a", False),
        ("StringEquals k a", "StringEqualsIfExists k a", True),
        ("StringEqualsIfExists k a", "StringEquals k a", False),
        ("StringNotEquals k a,b", "StringNotEquals k a", True),
        ("StringNotEquals k a", "StringNotEquals k a,b", False),
        ("StringEquals k a", "StringNotEquals k b", True),
        ("ForAllValues:StringEquals k a", "ForAllValues:StringEquals k a,b", True),
        ("ForAllValues:StringEquals k a", "ForAnyValue:StringEquals k a", False),
        ("ForAllValues:StringEquals k a", "StringEquals k a", False),
        ("ForAnyValue:StringEquals k a", "Null k false", True),
        ("ForAllValues:StringEquals k a", "Null k false", False),
        ("Null k true", "StringNotEquals k a", True),
        ("Null k true", "StringEquals k a", False),
        ("IpAddress ip 10.1.0.0/16", "IpAddress ip 10.0.0.0/8", True),
        ("IpAddress ip 10.0.0.0/8", "IpAddress ip 10.1.0.0/16", False),
        ("NumericLessThan n 5", "NumericLessThan n 10", True),
        ("NumericGreaterThan n 5", "NumericGreaterThan n 10", False),
        ("DateLessThan d 2027-01-01", "DateLessThan d 2027-01-01T00:00:00Z", True),
        ("DateLessThan d 2027-01-02T00:00:00Z", "DateLessThan d 2027-01-01", False),
        ("Bool b false", "Bool b true", False),
        ("StringEquals K a", "StringEquals k a", True),
    ],
)
def test_what_follows_from_a_condition(new: str, old: str, follows: bool) -> None:
    def read(text: str) -> Condition:
        operator, key, values = text.split(" ")
        return Condition(operator, key, tuple(sorted(values.split(","))))

    assert implies(read(new), read(old)) is follows


@pytest.mark.parametrize(
    ("operator", "key", "value", "held"),
    [
        ("StringEquals", "aws:PrincipalOrgID", "o-1", True),
        ("StringLike", "aws:PrincipalOrgID", "*", False),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-1", False),
        ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", False),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/", False),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/*", True),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0", False),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::shop", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:topic", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:123456789012:*", True),
        ("Bool", "aws:MultiFactorAuthPresent", "true", True),
        ("Bool", "aws:MultiFactorAuthPresent", "false", False),
        ("Bool", "aws:SecureTransport", "true", False),
        ("Null", "aws:PrincipalOrgID", "false", False),
    ],
)
def test_which_conditions_keep_anybody_away(operator: str, key: str, value: str, held: bool) -> None:
    assert holds_back(Condition(operator, key, (value,))) is held


def test_an_action_that_iam_does_not_know_is_left_out_of_a_denial() -> None:
    after = parse(
        '{"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},'
        ' {"Effect": "Deny", "NotAction": "nosuch:thing", "Resource": "*"}]}'
    )
    assert after
    assert compare([], after).actions == ("all but iam:*",)
    assert not compare([], after[1:])


def test_what_is_known_only_after_apply_is_taken_for_the_same() -> None:
    before = parse(
        '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}}'
    )
    after = parse(
        '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "(known after apply)"}}'
    )
    assert before
    assert after
    assert not compare(before, after)


def test_a_policy_with_a_statement_that_is_none_cannot_be_read() -> None:
    assert parse('{"Statement": ["(known after apply)"]}') is None
    assert parse('{"Statement": "x"}') is None


def test_many_policies_of_all_but_some_actions_are_compared_in_no_time() -> None:
    def policy(number: int, more: str) -> list[Statement]:
        left_out = frozenset({"iam:*", f"s3:delete{number}*", more})
        return [Statement(True, frozenset(), left_out, frozenset({"*"}))]

    compare(policy(0, "a"), policy(0, "b"))  # reads the list of actions
    begun = time.process_time()
    for number in range(200):
        assert compare(policy(number, "organizations:*"), policy(number, "account:*")).actions
    assert time.process_time() - begun < 1.5
