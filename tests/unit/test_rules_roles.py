"""The rules about what runs with which role: another role, code of others; a service for anybody; and their harmless twins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.review import read_plan, review_plan
from orchestrator.review.iam.harmless import only_looks
from tests.unit.test_review import ACCOUNT, ROLE_POLICY, allow, plan_text, policy, resource

IAM = f"arn:aws:iam::{ACCOUNT}"
OTHER = "444455556666"
READS = policy(allow("s3:GetObject"))
WRITES = policy(allow(["s3:GetObject", "s3:PutObject"]))


def role_arn(name: str) -> str:
    return f"{IAM}:role/{name}"


def there(kind: str, values: dict[str, Any], address: str) -> dict[str, Any]:
    """Something that stays as it is."""
    return resource(kind, values, values, address=address)


def role(name: str, text: str | None = None, attached: str | None = None) -> list[dict[str, Any]]:
    """A role that the plan has, with what it may do."""
    found = [there("aws_iam_role", {"name": name, "arn": role_arn(name)}, f"aws_iam_role.{name}")]
    if text:
        found.append(
            there(ROLE_POLICY, {"role": name, "name": "p", "policy": text}, f"aws_iam_role_policy.{name}")
        )
    if attached:
        values = {"role": name, "policy_arn": f"arn:aws:iam::aws:policy/{attached}"}
        found.append(
            there("aws_iam_role_policy_attachment", values, f"aws_iam_role_policy_attachment.{name}")
        )
    return found


def profile(name: str, of: str) -> dict[str, Any]:
    values = {"name": name, "role": of, "arn": f"{IAM}:instance-profile/{name}"}
    return there("aws_iam_instance_profile", values, f"aws_iam_instance_profile.{name}")


def function(before: str | None, after: str, **more: Any) -> dict[str, Any]:
    side = {"function_name": "orders", **more}
    return resource(
        "aws_lambda_function",
        {**side, "role": role_arn(before)} if before else None,
        {**side, "role": role_arn(after)},
    )  # fmt: skip


def instance(before: str | None, after: str) -> dict[str, Any]:
    sides = ({"ami": "a", "iam_instance_profile": name} for name in (before, after))
    return resource("aws_instance", *sides)


def template(before: str, after: str) -> dict[str, Any]:
    sides = ({"name": "web", "iam_instance_profile": [{"name": name, "arn": ""}]} for name in (before, after))
    return resource("aws_launch_template", *sides)


def pipeline(*stages: list[str]) -> dict[str, Any]:
    sides = (
        {"stage": [{"action": [{"role_arn": role_arn(name)}]} for name in names]} for names in stages
    )  # fmt: skip
    return resource("aws_codepipeline", *sides)


def permission(
    before: dict[str, Any] | None, after: dict[str, Any] | None, address: str = "x.one", **more: Any
) -> dict[str, Any]:
    side = {"function_name": "orders", "principal": "sns.amazonaws.com"}
    sides = (values if values is None else side | values for values in (before, after))
    return resource("aws_lambda_permission", *sides, address=address, **more)


def layers(before: list[str], after: list[str]) -> dict[str, Any]:
    sides = (
        {"arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:orders", "layers": names}
        for names in (before, after)
    )
    return resource("aws_lambda_function", *sides)


def layer(account: str, version: int = 1, name: str = "tools") -> str:
    return f"arn:aws:lambda:eu-west-1:{account}:layer:{name}:{version}"


def task(before: str, after: str, **sidecar: Any) -> dict[str, Any]:
    sides = (
        {
            "arn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:1",
            "container_definitions": json.dumps([{"name": "web", "image": image}, *more]),
        }
        for image, more in ((before, []), (after, [sidecar] if sidecar else []))
    )
    return resource("aws_ecs_task_definition", *sides)


def image(account: str, name: str = "web:1") -> str:
    return f"{account}.dkr.ecr.eu-west-1.amazonaws.com/{name}"


TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"
OWN = {"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": "${aws:PrincipalTag/customer}"}}
GETS_OWN = allow("dynamodb:GetItem", TABLE, Condition=OWN)
SNS = f"arn:aws:sns:eu-west-1:{ACCOUNT}:orders"

FOUND: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "a role that may write": (
        "IA012", "medium", [function("a", "b"), *role("a", READS), *role("b", WRITES)],
    ),
    "a role that may do all": (
        "IA012", "high", [function("a", "b"), *role("a", READS), *role("b", attached="AdministratorAccess")],
    ),
    "a role that may pass roles on": (
        "IA012", "high", [function("a", "b"), *role("a"), *role("b", policy(allow("iam:AttachRolePolicy", "*")))],
    ),
    "a role of which nothing is known": ("IA012", "medium", [function("a", "b"), *role("a", READS)]),
    "two roles of which nothing is known": ("IA012", "low", [function("a", "b")]),
    "a role that is called an administrator's": ("IA012", "medium", [function("a", "account-admin")]),
    "a role where nothing is known of the one before": (
        "IA012", "low", [function("a", "b"), *role("b", READS)],
    ),
    "a new function with an administrator's role": (
        "IA012", "medium", [function(None, "b"), *role("b", attached="AdministratorAccess")],
    ),
    "a new function with a role that is called so": ("IA012", "low", [function(None, "break-glass")]),
    "instances with another profile": (
        "IA012", "medium", [instance("a", "b"), profile("a", "r"), profile("b", "s"), *role("r", READS), *role("s", WRITES)],
    ),
    "a template with another profile": (
        "IA012", "medium", [template("a", "b"), profile("a", "r"), profile("b", "s"), *role("r", READS), *role("s", WRITES)],
    ),
    "one action of a pipeline with another role": (
        "IA012", "medium", [pipeline(["a", "a"], ["a", "b"]), *role("a", READS), *role("b", WRITES)],
    ),
    "a role of another account": (
        "IA012", "medium",
        [
            resource("aws_lambda_function", {"role": role_arn("a")}, {"role": f"arn:aws:iam::{OTHER}:role/b"}),
            *role("a", READS), *role("b", READS),
        ],
    ),
    "a role of the same name in another account": (
        "IA012", "medium",
        [resource("aws_lambda_function", {"role": role_arn("a")}, {"role": f"arn:aws:iam::{OTHER}:role/a"}), *role("a")],
    ),
    "a query where only one's own items could be got": (
        "IA002", "high",
        [
            resource(
                ROLE_POLICY,
                {"role": "a", "name": "p", "policy": policy(GETS_OWN)},
                {"role": "a", "name": "p", "policy": policy(GETS_OWN, allow("dynamodb:Query", TABLE))},
            )
        ],
    ),
    "a permission whose source is dropped": (
        "EX002", "medium",
        [permission({"source_arn": SNS, "principal": "iot.amazonaws.com"}, {"principal": "iot.amazonaws.com"})],
    ),
    "a permission made anew without its source": (
        "EX002", "medium",
        [permission({"source_arn": SNS}, None, "x.old"), permission(None, {}, "x.new")],
    ),
    "a new permission for anybody's topic": ("EX002", "medium", [permission(None, {})]),
    "a layer of another account": ("IA013", "low", [layers([], [layer(OTHER)])]),
    "an image of another account's registry": ("IA013", "low", [task(image(ACCOUNT), image(OTHER))]),
    "an image of a public registry": ("IA013", "low", [task(image(ACCOUNT), "jdoe42/web:latest")]),
}  # fmt: skip

QUIET: dict[str, list[dict[str, Any]]] = {
    "a role that may do the same": [function("a", "b"), *role("a", READS), *role("b", READS)],
    "a role that may do less": [function("a", "b"), *role("a", WRITES), *role("b", READS)],
    "a new function with an ordinary role": [function(None, "b"), *role("b", WRITES)],
    "a new function with an unknown role": [function(None, "b")],
    "a service's own role": [
        resource(
            "aws_autoscaling_group",
            {"service_linked_role_arn": role_arn("aws-service-role/autoscaling.amazonaws.com/a")},
            {"service_linked_role_arn": role_arn("aws-service-role/autoscaling.amazonaws.com/b")},
        )
    ],
    "a role in a tag or a variable": [
        resource(
            "aws_lambda_function",
            {"tags": {"role": role_arn("a")}, "environment": [{"variables": {"role": role_arn("a")}}]},
            {"tags": {"role": role_arn("b")}, "environment": [{"variables": {"role": role_arn("b")}}]},
        )
    ],
    "no role any more": [resource("aws_ecs_task_definition", {"task_role_arn": role_arn("a")}, {})],
    "a role that comes with apply": [
        resource("aws_lambda_function", {"role": role_arn("a")}, {}, unknown={"role": True})
    ],
    "another profile of the same role": [instance("a", "b"), profile("a", "r"), profile("b", "r"), *role("r")],
    "a stage before the others": [pipeline(["a", "b"], ["b", "a", "b"]), *role("a", READS), *role("b", WRITES)],
    "a role's path is no other role": [
        resource(
            "aws_sfn_state_machine", {"role_arn": role_arn("a")}, {"role_arn": f"{IAM}:role/service/a"}
        )
    ],
    "a source that comes with apply": [permission(None, {}, unknown={"source_arn": True})],
    "a permission at another address": [permission({}, None, "x.old"), permission(None, {}, "x.new")],
    "a permission for an account": [permission(None, {"source_account": ACCOUNT})],
    "a permission's account is enough": [permission({"source_arn": SNS}, {"source_account": ACCOUNT})],
    "a load balancer's permission": [permission(None, {"principal": "elasticloadbalancing.amazonaws.com"})],
    "a layer's new version": [layers([layer(OTHER)], [layer(OTHER, 2)])],
    "a layer of one's own": [layers([], [layer(ACCOUNT)])],
    "a layer of AWS": [layers([], [layer("580247275435", name="LambdaInsightsExtension")])],
    "a release": [task(image(ACCOUNT), image(ACCOUNT, "web@sha256:" + "0" * 64))],
    "an image moves into a registry of one's own": [task("nginx:1", image(ACCOUNT, "nginx:1"))],
    "a public image's new version": [task("nginx:1.27", "nginx:1.28")],
    "a sidecar": [task(image(ACCOUNT), image(ACCOUNT), name="agent", image="public.ecr.aws/x/agent:1")],
}  # fmt: skip


def findings(changes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What blocks or informs, with the account given."""
    found = review_plan(read_plan(plan_text(*changes)), accounts=[ACCOUNT]).findings
    return [(finding.id, finding.severity) for finding in found if finding.severity != "info"]


@pytest.mark.parametrize("name", FOUND)
def test_what_runs_otherwise_is_found(name: str) -> None:
    rule, severity, changes = FOUND[name]
    assert (rule, severity) in findings(changes)


@pytest.mark.parametrize("name", QUIET)
def test_what_only_looks_like_it_is_not(name: str) -> None:
    assert findings(QUIET[name]) == []


def test_who_acts_is_followed_through_the_code() -> None:
    """A role that is made along with its policy has no ARN yet; the configuration says which it is."""
    named = {"references": ["aws_iam_role.b.arn", "aws_iam_role.b"]}
    configuration = {
        "root_module": {
            "resources": [
                {"address": "aws_lambda_function.f", "expressions": {"role": named}},
                {"address": "aws_iam_role_policy.b", "expressions": {"role": named}},
            ]
        }
    }
    made = [
        resource("aws_iam_role", None, {"name": "b"}, unknown={"arn": True}, address="aws_iam_role.b"),
        resource(
            ROLE_POLICY, None, {"name": "p", "policy": WRITES}, unknown={"role": True}, address="aws_iam_role_policy.b"
        ),
        resource(
            "aws_lambda_function", {"role": role_arn("a")}, {}, unknown={"role": True}, address="aws_lambda_function.f"
        ),
    ]  # fmt: skip

    def said(text: str) -> list[str]:
        plan = read_plan(plan_text(*made, *role("a", text), configuration=configuration))
        return [finding.message for finding in review_plan(plan).findings if finding.id == "IA012"]

    assert said(READS) == ["it acts with the role b instead of a: it may do more: s3:putobject"]
    assert said(WRITES) == []


@pytest.mark.parametrize(
    "action",
    [
        "secretsmanager:batchgetsecretvalue",
        "lambda:listfunctions",
        "ecs:describetaskdefinition",
        "ec2:runinstances",
        "s3:listbucket",
        "iam:getaccountauthorizationdetails",
    ],
)
def test_what_shows_secrets_or_has_resources_does_not_only_look(action: str) -> None:
    assert action not in only_looks()
    assert {"ec2:describeavailabilityzones", "s3:listallmybuckets", "kms:listaliases"} <= only_looks()
