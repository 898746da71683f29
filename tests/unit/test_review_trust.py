"""The review sees what is marked sensitive, shows none of it, and refuses what it can't be sure of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.errors import OrchestratorError
from orchestrator.plan.redact import Redactor
from orchestrator.review import Review, read_plan, review_plan
from orchestrator.review.render import markdown, sarif
from tests.conftest import Cli
from tests.project import ProjectFolder
from tests.unit.test_review import plan_text, resource

ANYBODY = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": {"AWS": "*"}, "Sid": "Canary7Sid"}]}
)  # fmt: skip


def marked(change: dict[str, Any], mask: dict[str, Any]) -> dict[str, Any]:
    """The same, with its values marked sensitive."""
    change["change"] |= {"before_sensitive": {}, "after_sensitive": mask}
    return change


def everything_said(review: Review) -> str:
    return json.dumps(review.as_json()) + markdown(review) + json.dumps(sarif(review))


@pytest.mark.parametrize(
    ("change", "mask", "rule"),
    [
        (resource("aws_s3_bucket_policy", None, {"policy": ANYBODY}), {"policy": True}, "IA003"),
        (resource("aws_s3_bucket_acl", None, {"acl": "public-read"}), {"acl": True}, "EX002"),
        (
            resource(
                "aws_vpc_security_group_ingress_rule",
                None,
                {"cidr_ipv4": "0.0.0.0/0", "from_port": 22, "to_port": 22, "ip_protocol": "tcp"},
            ),
            {"cidr_ipv4": True},
            "EX001",
        ),
        (
            resource(
                "aws_iam_role_policy_attachment",
                None,
                {"role": "r", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
            {"policy_arn": True},
            "IA001",
        ),
    ],
)
def test_what_is_marked_sensitive_is_reviewed_and_not_shown(
    change: dict[str, Any], mask: dict[str, Any], rule: str
) -> None:
    hidden = next(iter(mask))
    plan = read_plan(plan_text(marked(change, mask)))
    review = review_plan(plan)
    assert rule in {finding.id for finding in review.findings}
    assert review.blocks
    assert str(change["change"]["after"][hidden]) not in everything_said(review)
    assert "Canary7Sid" not in everything_said(review)


def test_a_secret_that_reads_like_a_word_of_terraform_hides_nothing() -> None:
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    words = ("0.0.0.0/0", "AdministratorAccess", "aws_db_instance", "module.data.aws_db_instance.this")
    decoys = [
        marked(
            resource(
                "aws_ssm_parameter",
                None,
                {"type": "SecureString", "value": word},
                address=f"aws_ssm_parameter.n{n}",
            ),
            {"value": True},
        )
        for n, word in enumerate(words)
    ]
    port = {"cidr_ipv4": "0.0.0.0/0", "from_port": 22, "to_port": 22, "ip_protocol": "tcp"}
    changes = [
        resource("aws_db_instance", {"identifier": "a"}, None),
        resource("aws_iam_role_policy_attachment", None, {"role": "r", "policy_arn": admin}),
        resource("aws_vpc_security_group_ingress_rule", None, port),
    ]
    with_decoys = review_plan(read_plan(plan_text(*decoys, *changes)))
    without = review_plan(read_plan(plan_text(*changes)))
    assert [(found.id, found.severity, found.address) for found in with_decoys.findings] == [
        (found.id, found.severity, found.address) for found in without.findings
    ]
    redacted = Redactor(b"k").plan(json.loads(plan_text(*decoys, *changes)))
    entry = redacted["resource_changes"][len(decoys)]
    assert (entry["address"], entry["type"]) == ("module.data.aws_db_instance.this", "aws_db_instance")


SECRETS: dict[str, dict[str, Any]] = {
    "environment": {"environment": [{"variables": {"PGPASSWORD": "zq8Lw2hvT1"}}]},
    "arguments": {"default_arguments": {"--db_password": "zq8Lw2hvT1"}},
    "tag": {"tags": {"password": "zq8Lw2hvT1"}},
    "camel": {"settings": {"dbPassword": "zq8Lw2hvT1"}},
    "json": {"container_properties": json.dumps({"environment": [{"name": "DB_PASSWORD", "value": "zq8Lw2hvT1"}]})},
    "option": {"container_definitions": json.dumps([{"name": "a", "command": ["--password", "zq8Lw2hvT1"]}])},
    "command": {"user_data": "#!/bin/sh\nmysql --user=x --password=zq8Lw2hvT1 -h db\n"},
    "nested": {"user": [{"username": "a", "password": "zq8Lw2hvT1"}]},
}  # fmt: skip


@pytest.mark.parametrize("where", SECRETS)
def test_a_secret_in_a_plain_value_is_found_and_taken_out(where: str) -> None:
    text = plan_text(resource("aws_thing", None, SECRETS[where]))
    plan = read_plan(text)
    review = review_plan(plan)
    assert "SE001" in {finding.id for finding in review.findings}
    assert "zq8Lw2hvT1" not in everything_said(review)
    assert "zq8Lw2hvT1" not in json.dumps(Redactor(b"k").plan(json.loads(text)))
    assert plan.without_secrets is not None
    assert "zq8Lw2hvT1" not in str(plan.without_secrets)


@pytest.mark.parametrize(
    "configuration",
    [
        {"provider_config": {"x": {"expressions": {"secret_key": {"constant_value": "zq8Lw2hvT1"}}}}},
        {"root_module": {"variables": {"db": {"default": "zq8Lw2hvT1", "sensitive": True}}}},
        {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_instance.a",
                        "expressions": {"user_data": {"constant_value": "export DB_PASSWORD=zq8Lw2hvT1"}},
                        "provisioners": [
                            {"type": "local-exec", "expressions": {"command": {"constant_value": "x --token zq8Lw2hvT1"}}}
                        ],
                    }
                ]
            }
        },
    ],
)  # fmt: skip
def test_a_secret_that_stands_in_the_code_is_taken_out(configuration: dict[str, Any]) -> None:
    assert "zq8Lw2hvT1" not in json.dumps(
        Redactor(b"k").plan(json.loads(plan_text(configuration=configuration)))
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTH", "cognito-user-pool"),
        ("API_AUTH", "oauth2-client-credentials"),
        ("DB_SECRET", "prod-database-credentials"),
        ("API_KEY_HEADER", "x-api-key-header"),
        ("CREDENTIALS", "same-origin"),
        ("TOKEN_ISSUER", "https://issuer.example.com/a1"),
        ("PASSWORD_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x"),
    ],
)
def test_a_setting_about_secrets_is_none(name: str, value: str) -> None:
    change = resource("aws_lambda_function", None, {"environment": [{"variables": {name: value}}]})
    assert "SE001" not in {finding.id for finding in review_plan(read_plan(plan_text(change))).findings}


TABLE = resource("aws_dynamodb_table", {"name": "a"}, None)


def _with(**change: Any) -> dict[str, Any]:
    return {**TABLE, "change": {**TABLE["change"], **change}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (plan_text(_with(actions=[])), "resource_changes.0.change.actions"),
        (plan_text(_with(actions="delete")), "resource_changes.0.change.actions"),
        (plan_text(_with(actions=["delete", "frob"])), r"actions \['delete', 'frob'\], which mean nothing known"),
        (plan_text(_with(before=[1])), "resource_changes.0.change.before"),
        (plan_text({**TABLE, "type": 7}), "resource_changes.0.type"),
        (plan_text().replace("[]", "null"), "resource_changes: input should be a valid list"),
        (plan_text(planned_values=None), "planned_values"),
        (plan_text(configuration={"root_module": [1]}), "configuration.root_module"),
        (plan_text(prior_state="x"), "prior_state"),
        (plan_text(prior_state={"values": {"root_module": {"resources": [None]}}}), "prior_state.values.root_module.resources.0"),
        ('{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"mode": "managed"}]}}}', "what changes"),
        ('{"format_version": "1.2garbage", "resource_changes": []}', "format 1.2garbage"),
        ('{"format_version": 1.2, "resource_changes": []}', "format 1.2"),
        (plan_text(resource("aws_x", None, {"a": 1})).replace("1}", "[" * 900 + "]" * 900 + "}", 1), "deep"),
    ],
)  # fmt: skip
def test_a_plan_that_is_not_built_as_terraform_does_is_refused(text: str, message: str) -> None:
    with pytest.raises(OrchestratorError, match=message):
        read_plan(text)


def test_a_change_that_terraform_has_put_off_is_reviewed_and_blocks() -> None:
    review = review_plan(
        read_plan(
            plan_text(deferred_changes=[{"reason": "unknown", "resource_change": TABLE}], complete=False)
        )
    )
    assert {finding.id for finding in review.findings} == {"CT006", "DL001"}
    assert review.blocks


def test_a_plan_of_a_part_is_told_in_every_format(folder: ProjectFolder, cli: Cli) -> None:
    folder.write("plan.json", plan_text(complete=False))
    for form in ("text", "json", "markdown", "sarif", "html"):
        said = cli("review", "--plan-json", "plan.json", "--format", form)
        assert said.code == 0
        assert "CT007" in said.out
