"""Bucket policies, decided without a server."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.emulator.bucket_policy import Decision, decide

BUCKET = "arn:aws:s3:::bucket"
OBJECT = f"{BUCKET}/reports/2026/a[1].csv"
CONTEXT = {
    "aws:securetransport": "true",
    "s3:x-amz-server-side-encryption": None,
    "s3:tlsversion": "1.3",
}


def statement(effect: str = "Deny", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": f"{BUCKET}/*", **more}


def decision(*statements: dict[str, Any], action: str = "s3:GetObject", **context: str | None) -> Decision:
    return decide({"Statement": list(statements)}, action, OBJECT, {**CONTEXT, **context})


def test_an_empty_policy_says_nothing() -> None:
    assert decide({}, "s3:GetObject", OBJECT, CONTEXT) is Decision.SILENT


def test_deny_wins_over_allow() -> None:
    assert decision(statement("Allow"), statement("Deny")) is Decision.DENIED
    assert decision(statement("Allow")) is Decision.ALLOWED


def test_a_single_statement_needs_no_list() -> None:
    assert decide({"Statement": statement("Deny")}, "s3:GetObject", OBJECT, CONTEXT) is Decision.DENIED


@pytest.mark.parametrize(
    "more",
    [
        {"Action": ["S3:getobject"]},
        {"Action": "s3:Get*"},
        {"NotAction": "s3:PutObject", "Action": []},
        {"Resource": [BUCKET, f"{BUCKET}/reports/????/a[1].csv"]},
        {"Principal": {"AWS": ["*"]}},
    ],
)
def test_statements_that_name_the_request_apply(more: dict[str, Any]) -> None:
    found = statement(**more)
    if "NotAction" in more:
        del found["Action"]
    assert decision(found) is Decision.DENIED


@pytest.mark.parametrize(
    "more",
    [
        {"Action": "s3:PutObject"},
        {"Resource": BUCKET},
        {"Resource": f"{BUCKET}/reports/2026/a1.csv"},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:role/other"}},
        {"Principal": {"Service": "logging.s3.amazonaws.com"}},
    ],
)
def test_statements_about_something_else_do_not(more: dict[str, Any]) -> None:
    assert decision(statement(**more)) is Decision.SILENT


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:SecureTransport": True}},
        {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        {"StringEqualsIfExists": {"s3:x-amz-server-side-encryption": "AES256"}},
        {"Null": {"s3:x-amz-server-side-encryption": "true"}},
        {"NumericGreaterThan": {"s3:TlsVersion": 1.2}},
        {"ForAnyValue:StringLike": {"s3:TlsVersion": ["2.*", "1.*"]}},
    ],
)
def test_conditions_that_hold(condition: dict[str, Any]) -> None:
    assert decision(statement(Condition=condition)) is Decision.DENIED


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}},
        {"Null": {"s3:x-amz-server-side-encryption": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        {"Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"s3:TlsVersion": 1.2}},
    ],
)
def test_conditions_that_do_not_hold(condition: dict[str, Any]) -> None:
    assert decision(statement(Condition=condition)) is Decision.SILENT


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        {"DateGreaterThan": {"s3:TlsVersion": "2020-01-01"}},
    ],
)
def test_what_cannot_be_known_locks_nobody_out(condition: dict[str, Any]) -> None:
    assert decision(statement(Condition=condition)) is Decision.SILENT


def test_a_header_that_was_sent_is_compared() -> None:
    wrong = statement(
        Condition={"StringNotEquals": {"s3:x-amz-server-side-encryption": ["aws:kms", "aws:kms:dsse"]}}
    )

    assert decision(wrong, **{"s3:x-amz-server-side-encryption": "AES256"}) is Decision.DENIED
    assert decision(wrong, **{"s3:x-amz-server-side-encryption": "aws:kms"}) is Decision.SILENT
