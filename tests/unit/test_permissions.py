"""The permission diff: what a policy grants before and after, and what cannot be read is said."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.review import read_plan
from orchestrator.review.iam.documents import PermissionChange, permission_changes
from tests.unit.test_review import allow, plan_text, policy, resource, trust

READ = policy(allow("s3:GetObject"))
SECRET = "(sensitive:0123456789abcdef)"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def changed(*changes: dict[str, Any]) -> list[PermissionChange]:
    return list(permission_changes(read_plan(plan_text(*changes))))


@pytest.mark.parametrize("nothing", ["", None, policy()])
def test_a_policy_that_is_emptied_takes_away_what_it_granted(nothing: str | None) -> None:
    (change,) = changed(resource("aws_sqs_queue", {"policy": READ}, {"policy": nothing}))
    assert not change.added
    assert [grant.actions for grant in change.removed] == [("s3:getobject",)]


def test_inline_policies_are_told_apart_by_name_and_go_with_their_role() -> None:
    entry = {"name": "a", "policy": READ}
    (gone,) = changed(resource("aws_iam_role", {"inline_policy": [entry]}, None))
    assert (gone.attribute, len(gone.removed)) == ("inline_policy a", 1)
    (more,) = changed(
        resource(
            "aws_iam_role", {"inline_policy": [entry]}, {"inline_policy": [entry, {**entry, "name": "b"}]}
        )
    )
    assert (more.attribute, len(more.added)) == ("inline_policy b", 1)


@pytest.mark.parametrize(
    ("before", "after", "unknown", "said"),
    [
        ({"policy": READ}, {}, {"policy": True}, "known only after apply"),
        ({"policy": READ}, {"policy": SECRET}, {}, "is secret"),
        ({"policy": SECRET}, {"policy": READ}, {}, "before is secret"),
        ({"policy": SECRET}, {"policy": ""}, {}, "nothing any more"),
    ],
)
def test_a_policy_that_cannot_be_read_is_named(
    before: dict[str, Any], after: dict[str, Any], unknown: dict[str, Any], said: str
) -> None:
    (change,) = changed(resource("aws_s3_bucket_policy", before, after, unknown=unknown))
    assert said in change.unread


def test_what_is_no_policy_or_does_not_change_is_left_out() -> None:
    rules = resource("aws_ecr_lifecycle_policy", {"policy": '{"rules": []}'}, {"policy": '{"rules": [1]}'})
    same = resource(
        "aws_iam_role",
        {"assume_role_policy": trust({"Service": "a"}), "tags": {}},
        {"assume_role_policy": trust({"Service": "a"}), "tags": {"a": "b"}},
    )
    secret = resource("aws_sqs_queue", {"policy": SECRET, "a": 1}, {"policy": SECRET, "a": 2})
    assert changed(rules, same, secret) == []


def test_a_policy_that_nobody_sets_is_not_waited_for() -> None:
    key = resource("aws_kms_key", None, {}, unknown={"policy": True}, address="aws_kms_key.a")
    written = {
        "root_module": {"resources": [{"address": "aws_kms_key.a", "expressions": {"description": {}}}]}
    }
    plan = read_plan(plan_text(key, configuration=written))
    assert list(permission_changes(plan)) == []
    was = resource("aws_kms_key", {"policy": READ}, {}, unknown={"policy": True}, address="aws_kms_key.a")
    (change,) = permission_changes(read_plan(plan_text(was, configuration=written)))
    assert "known only after apply" in change.unread
    assert not change.removed  # nobody knows


def test_policies_that_are_attached_by_name_are_listed() -> None:
    (change,) = changed(
        resource("aws_iam_role_policy_attachment", None, {"role": "deployer", "policy_arn": ADMIN})
    )
    (grant,) = change.added
    assert (grant.effect, grant.principals, grant.actions) == ("attach", ("deployer",), (f"all of {ADMIN}",))
    (bounded,) = changed(
        resource("aws_iam_role", {"name": "a", "permissions_boundary": ADMIN}, {"name": "a"})
    )
    assert [grant.effect for grant in bounded.removed] == ["boundary"]
