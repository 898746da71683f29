"""No secret is left in what is written, and two redacted plans can still be compared."""

from __future__ import annotations

import json
from typing import Any

from orchestrator.plan.redact import Redactor

SECRET = "canary-7f3b9c"


def plan(password: Any = SECRET) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "variables": {"a__password": {"value": password}, "a__name": {"value": "x"}},
        "prior_state": {"values": {"secret": password}},
        "planned_values": {
            "outputs": {"o": {"sensitive": True, "value": password}},
            "root_module": {"child_modules": [{"address": "module.a", "resources": [
                {"address": "module.a.aws_db.x", "values": {"password": password, "url": f"db://u:{password}@h"},
                 "sensitive_values": {"password": True}}]}]},
        },
        "resource_changes": [
            {"address": "module.a.aws_db.x", "mode": "managed", "type": "aws_db", "change": {
                "actions": ["create"], "before": None,
                "after": {"password": password, "nested": [{"token": password, "n": 1}], "policy": json.dumps({"k": password})},
                "after_unknown": {}, "before_sensitive": False,
                "after_sensitive": {"password": True, "nested": [{"token": True}]}}}],
        "output_changes": {"o": {"actions": ["create"], "before": None, "after": password, "after_unknown": False,
                                 "before_sensitive": True, "after_sensitive": True}},
    }  # fmt: skip


def test_a_secret_is_nowhere_in_the_redacted_plan() -> None:
    redacted = Redactor(b"key").plan(plan(), ["a__password"])
    text = json.dumps(redacted)
    assert SECRET not in text
    assert redacted["prior_state"] == {"values": {"root_module": {"resources": []}}}
    assert "variables" not in redacted
    assert redacted["resource_changes"][0]["change"]["after"]["nested"][0]["n"] == 1


def test_a_secret_with_signs_that_json_escapes_is_found_inside_json_text() -> None:
    secret = 'line1\nline2"quoted"'
    text = json.dumps(Redactor(b"key").plan(plan(secret), []))
    assert "line1" not in text
    assert "quoted" not in text


def test_equal_secrets_have_equal_digests_and_different_ones_do_not() -> None:
    redactor = Redactor(b"key")
    assert redactor.token("one") == Redactor(b"key").token("one")
    assert redactor.token("one") != redactor.token("two")
    assert redactor.token("one") != Redactor(b"other key").token("one")


def test_log_lines_are_scrubbed_of_what_was_learnt() -> None:
    redactor = Redactor(b"key")
    redactor.learn({"deep": [SECRET]})
    assert SECRET not in redactor.text(f"error: cannot use {SECRET}!")


def test_a_null_stays_null_so_that_setting_a_secret_for_the_first_time_is_seen() -> None:
    assert Redactor(b"key").masked({"password": None}, {"password": True}) == {"password": None}


AWS_KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ\nabc\n-----END PRIVATE KEY-----"


def test_a_secret_that_nobody_marked_is_taken_out_and_the_review_still_sees_it() -> None:
    from orchestrator.review.plan import plan_of
    from orchestrator.review.review import review_plan

    values = {
        "description": f"key {AWS_KEY} of the shop",
        "environment": [{"variables": {"API_KEY": "q8Zr2LxV9nTb4Wc7", "TLS": PRIVATE_KEY, "MODE": "fast"}}],
    }
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    raw = {
        "format_version": "1.2",
        "resource_changes": [
            {"address": "module.a.aws_lambda_function.x", "mode": "managed", "type": "aws_lambda_function", "change": change}
        ],
        "configuration": {"root_module": {"variables": {"x": {"default": f"also {AWS_KEY}"}}}},
    }  # fmt: skip
    redacted = Redactor(b"key").plan(raw)
    text = json.dumps(redacted)
    for secret in (AWS_KEY, "q8Zr2LxV9nTb4Wc7", "MC4CAQAwBQYDK2VwBCIEIJ"):
        assert secret not in text
    assert '"MODE": "fast"' in text
    messages = {finding.message for finding in review_plan(plan_of(redacted)).findings}
    assert "environment.variables.API_KEY holds what looks like the value of API_KEY" in messages
    assert "environment.variables.TLS holds a private key" in messages
