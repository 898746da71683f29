"""What an attacker would try, each beside what looks like it and is harmless: ways in, ways out, guards that do less."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.test_review import ACCOUNT, allow, policy, resource, review

OTHER = "999988887777"
OWN = resource(
    "aws_sns_topic",
    {"arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:own", "name": "own", "tags": {"a": "b"}},
    {"arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:own", "name": "own", "tags": {}},
    address="aws_sns_topic.own",
)
"""Tells which account is planned for."""


def arn(service: str, account: str = OTHER, name: str = "x") -> str:
    return f"arn:aws:{service}:eu-west-1:{account}:{name}"


def members(kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [resource(f"aws_iam_{kind}", before, after)]


def vault(account: str) -> dict[str, Any]:
    copies = [{"destination_vault_arn": arn("backup", account, "backup-vault:x")}]
    plain = {"name": "b", "rule": [{"rule_name": "d", "copy_action": []}]}
    return resource(
        "aws_backup_plan", plain, {"name": "b", "rule": [{"rule_name": "d", "copy_action": copies}]}
    )


def registry(account: str) -> dict[str, Any]:
    place = [{"region": "eu-west-1", "registry_id": account}]
    return resource(
        "aws_ecr_replication_configuration",
        None,
        {"replication_configuration": [{"rule": [{"destination": place}]}]},
    )


def task(before: bool | None, after: bool) -> dict[str, Any]:
    sides = [
        None
        if on is None
        else {"family": "f", "container_definitions": json.dumps([{"name": "a", "privileged": on}])}
        for on in (before, after)
    ]
    return resource("aws_ecs_task_definition", *sides)


def trail(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return resource(
        "aws_cloudtrail", {"name": "t", "event_selector": [before]}, {"name": "t", "event_selector": [after]}
    )


def gitlab(subject: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"},
        "Condition": {"StringLike": {"gitlab.com:sub": subject}},
    }
    return resource("aws_iam_role", None, {"assume_role_policy": policy(statement)})


def role(action: str) -> dict[str, Any]:
    return resource(
        "aws_iam_role_policy", None, {"role": "app", "name": "p", "policy": policy(allow(action, "*"))}
    )


JWT = {"jwt_configuration": [{"issuer": "a", "audience": ["a"]}]}
JWT_FOR_MORE = {"jwt_configuration": [{"issuer": "a", "audience": ["a", "b"]}]}
METHOD = {"http_method": "GET", "authorization": "NONE", "rest_api_id": "r"}
ALL = {"read_write_type": "All", "include_management_events": True}
POLICY = {"minimum_password_length": 14, "require_symbols": True, "password_reuse_prevention": 5}
POOL: dict[str, Any] = {
    "name": "u",
    "password_policy": [{"minimum_length": 14, "require_symbols": True}],
    "admin_create_user_config": [{"allow_admin_create_user_only": True}],
}
OIDC = {"url": "https://ci.example.com", "client_id_list": ["a"], "thumbprint_list": ["t"]}
GUESTS, SCANS = "allow_unauthenticated_identities", "image_scanning_configuration"
TTL = {"enabled": True, "attribute_name": "ends"}

FOUND: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "a user joins a group": (
        "IA010", "medium",
        members("user_group_membership", {"user": "bob", "groups": ["a"]}, {"user": "bob", "groups": ["a", "b"]}),
    ),
    "a group gets a user": (
        "IA010", "medium",
        members("group_membership", {"group": "a", "users": ["al"]}, {"group": "a", "users": ["al", "bob"]}),
    ),
    "another role for instances": (
        "IA010", "medium",
        members("instance_profile", {"name": "web", "role": "web"}, {"name": "web", "role": "admin"}),
    ),
    "a key for a user": ("IA010", "medium", members("access_key", None, {"user": "bob"})),
    "a console password": ("IA010", "medium", members("user_login_profile", None, {"user": "bob"})),
    "a permission set for an account": (
        "IA010", "medium",
        [resource("aws_ssoadmin_account_assignment", None, {"principal_id": "g", "principal_type": "GROUP", "target_id": ACCOUNT})],
    ),
    "shorter passwords": (
        "IA011", "medium",
        members("account_password_policy", POLICY, POLICY | {"minimum_password_length": 8}),
    ),
    "passwords without signs": (
        "IA011", "medium", members("account_password_policy", POLICY, POLICY | {"require_symbols": False}),
    ),
    "no rules for passwords": ("IA011", "medium", members("account_password_policy", POLICY, None)),
    "anybody signs up": (
        "IA011", "medium",
        [resource("aws_cognito_user_pool", POOL, POOL | {"admin_create_user_config": [{"allow_admin_create_user_only": False}]})],
    ),
    "customers' passwords": (
        "IA011", "medium",
        [resource("aws_cognito_user_pool", POOL, POOL | {"password_policy": [{"minimum_length": 6, "require_symbols": True}]})],
    ),
    "another audience": (
        "IA011", "medium", members("openid_connect_provider", OIDC, OIDC | {"client_id_list": ["a", "b"]}),
    ),
    "another identity provider behind the name": (
        "IA011", "medium",
        members("saml_provider", {"name": "i", "saml_metadata_document": "a"}, {"name": "i", "saml_metadata_document": "b"}),
    ),
    "tokens of another issuer": (
        "IA011", "medium", [resource("aws_apigatewayv2_authorizer", JWT, {"jwt_configuration": [{"issuer": "b", "audience": ["a"]}]})],
    ),
    "tokens for more": (
        "IA011", "medium", [resource("aws_apigatewayv2_authorizer", JWT, JWT_FOR_MORE)],
    ),
    "another role for who signs in": (
        "IA010", "medium", [resource("aws_cognito_user_group", {"name": "g", "role_arn": "a"}, {"name": "g", "role_arn": "b"})],
    ),
    "another role for guests": (
        "IA010", "medium",
        [resource("aws_cognito_identity_pool_roles_attachment", {"roles": {"guests": "a"}}, {"roles": {"guests": "b"}})],
    ),
    "every project of GitLab": ("IA007", "critical", [gitlab("project_path:*")]),
    "a role that stops the trail": ("IA008", "medium", [role("cloudtrail:StopLogging")]),
    "a role that leaves the organization": ("IA008", "medium", [role("organizations:LeaveOrganization")]),
    "consoles past the network": (
        "EX002", "medium", [resource("aws_ec2_serial_console_access", {"enabled": False}, {"enabled": True})],
    ),
    "a method without its key": (
        "EX002", "medium",
        [resource("aws_api_gateway_method", METHOD | {"api_key_required": True}, METHOD | {"api_key_required": False})],
    ),
    "GuardDuty looks at less": (
        "EX004", "high",
        [resource("aws_guardduty_detector_feature", {"name": "S3", "status": "ENABLED"}, {"name": "S3", "status": "DISABLED"})],
    ),
    "credentials for guests": (
        "EX002", "high",
        [resource("aws_cognito_identity_pool", {GUESTS: False}, {GUESTS: True})],
    ),
    "log lines go elsewhere": (
        "EX003", "high",
        [OWN, resource("aws_cloudwatch_log_subscription_filter", None, {"destination_arn": arn("logs")})],
    ),
    "events go elsewhere": (
        "EX003", "high", [OWN, resource("aws_cloudwatch_event_target", None, {"arn": arn("events")})],
    ),
    "messages go elsewhere": (
        "EX003", "high",
        [OWN, resource("aws_sns_topic_subscription", None, {"protocol": "sqs", "endpoint": arn("sqs")})],
    ),
    "backups go elsewhere": ("EX003", "high", [OWN, vault(OTHER)]),
    "images go elsewhere": ("EX003", "high", [OWN, registry(OTHER)]),
    "messages over plain HTTP": (
        "EX005", "high",
        [resource("aws_sns_topic_subscription", None, {"protocol": "http", "endpoint": "http://a.example.com"})],
    ),
    "signed in over plain HTTP": (
        "EX005", "medium",
        [resource("aws_cognito_user_pool_client", {"callback_urls": []}, {"callback_urls": ["http://localhost.example.com/in"]})],
    ),
    "instances of the account without tokens": (
        "EX004", "high",
        [resource("aws_ec2_instance_metadata_defaults", {"http_tokens": "required"}, {"http_tokens": "optional"})],
    ),
    "no scan of images": (
        "EX004", "medium",
        [resource("aws_ecr_repository", {"name": "x", SCANS: [{"scan_on_push": True}]}, {"name": "x", SCANS: []})],
    ),
    "a trail without management events": ("EX004", "high", [trail(ALL, ALL | {"include_management_events": False})]),
    "a trail of writes": ("EX004", "medium", [trail(ALL, ALL | {"read_write_type": "WriteOnly"})]),
    "a flow log of what got through": (
        "EX004", "medium",
        [resource("aws_flow_log", {"traffic_type": "ALL", "vpc_id": "v"}, {"traffic_type": "ACCEPT", "vpc_id": "v"})],
    ),
    "Macie off": ("EX004", "high", [resource("aws_macie2_account", {"status": "ENABLED"}, None)]),
    "Macie paused": (
        "EX004", "high", [resource("aws_macie2_account", {"status": "ENABLED"}, {"status": "PAUSED"})],
    ),
    "no firewall": ("EX004", "high", [resource("aws_networkfirewall_firewall", {"name": "f"}, None)]),
    "a container with its host": ("EX004", "high", [task(False, True)]),
    "a new container with its host": ("EX004", "high", [task(None, True)]),
    "the host's processes": (
        "EX004", "high",
        [resource("aws_ecs_task_definition", {"family": "f"}, {"family": "f", "pid_mode": "host"})],
    ),
    "a parameter in the clear": (
        "EN001", "high",
        [resource("aws_ssm_parameter", {"name": "p", "type": "SecureString"}, {"name": "p", "type": "String"})],
    ),
    "items expire": (
        "DL005", "medium",
        [resource("aws_dynamodb_table", {"name": "t", "ttl": [{"enabled": False}]}, {"name": "t", "ttl": [TTL]})],
    ),
    "items expire by another attribute": (
        "DL005", "medium",
        [resource("aws_dynamodb_table", {"name": "t", "ttl": [TTL]}, {"name": "t", "ttl": [TTL | {"attribute_name": "made"}]})],
    ),
    "no snapshots": (
        "DL003", "high",
        [resource("aws_dlm_lifecycle_policy", {"state": "ENABLED"}, {"state": "DISABLED"})],
    ),
}  # fmt: skip

QUIET: dict[str, list[dict[str, Any]]] = {
    "a user leaves": members(
        "user_group_membership", {"user": "bob", "groups": ["a", "b"]}, {"user": "bob", "groups": ["a"]}
    ),
    "the same groups in another order": members(
        "user_group_membership", {"user": "bob", "groups": ["a", "b"]}, {"user": "bob", "groups": ["b", "a"]}
    ),
    "a membership at another address": [
        resource("aws_iam_user_group_membership", {"user": "bob", "groups": ["a"]}, None, address="x.old"),
        resource("aws_iam_user_group_membership", None, {"user": "bob", "groups": ["a"]}, address="x.new"),
    ],
    "the same role renamed": [
        *members("instance_profile", {"name": "web", "role": "web"}, {"name": "web", "role": "web-2"}),
        resource("aws_iam_role", {"name": "web", "id": "web"}, None),
    ],
    "longer passwords": members(
        "account_password_policy", POLICY, POLICY | {"minimum_password_length": 20, "password_reuse_prevention": 24}
    ),
    "a pool is tagged": [resource("aws_cognito_user_pool", POOL, POOL | {"tags": {"a": "b"}})],
    "fewer audiences": members("openid_connect_provider", OIDC | {"client_id_list": ["a", "b"]}, OIDC),
    "a code host's provider is new": members(
        "openid_connect_provider", None, OIDC | {"url": "https://token.actions.githubusercontent.com"}
    ),
    "tokens for fewer": [
        resource("aws_apigatewayv2_authorizer", {"jwt_configuration": [{"issuer": "a", "audience": ["a", "b"]}]}, JWT)
    ],
    "the role of who signs in is renamed": [
        resource("aws_cognito_user_group", {"name": "g", "role_arn": "a"}, {"name": "g", "role_arn": "b"}),
        resource("aws_iam_role", {"name": "a", "arn": "a"}, None),
    ],
    "one project of GitLab": [gitlab("project_path:shop/api:ref_type:branch:ref:main")],
    "a role that looks at the trail": [role("cloudtrail:LookupEvents")],
    "a method with a signature and no key": [
        resource(
            "aws_api_gateway_method",
            METHOD | {"authorization": "AWS_IAM", "api_key_required": True},
            METHOD | {"authorization": "AWS_IAM", "api_key_required": False},
        )
    ],
    "log lines stay": [
        OWN, resource("aws_cloudwatch_log_subscription_filter", None, {"destination_arn": arn("lambda", ACCOUNT)})
    ],
    "events stay": [OWN, resource("aws_cloudwatch_event_target", None, {"arn": arn("sqs", ACCOUNT)})],
    "nobody knows the account": [resource("aws_cloudwatch_event_target", None, {"arn": arn("sqs", ACCOUNT)})],
    "mail": [OWN, resource("aws_sns_topic_subscription", None, {"protocol": "email", "endpoint": "a@example.com"})],
    "backups in another region": [OWN, vault(ACCOUNT)],
    "images in another region": [OWN, registry(ACCOUNT)],
    "one's own machine": [
        resource(
            "aws_cognito_user_pool_client",
            {"callback_urls": []},
            {"callback_urls": ["http://localhost:3000/in", "http://localhost", "http://127.0.0.1/in", "https://a.example.com"]},
        )
    ],
    "more of what is recorded": [trail(ALL | {"read_write_type": "WriteOnly"}, ALL)],
    "an unprivileged container": [task(True, False)],
    "a container that was privileged": [task(True, True)],
    "items expire no more": [
        resource("aws_dynamodb_table", {"name": "t", "ttl": [TTL]}, {"name": "t", "ttl": [{"enabled": False}]})
    ],
    "a parameter is encrypted": [
        resource("aws_ssm_parameter", {"name": "p", "type": "String"}, {"name": "p", "type": "SecureString"})
    ],
    "Macie goes with nothing else": [resource("aws_macie2_account", {"status": "PAUSED"}, {"status": "ENABLED"})],
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_helps_an_attacker_is_found(name: str) -> None:
    rule, severity, changes = FOUND[name]
    found = {(finding.id, finding.severity) for finding in review(*changes).findings}
    assert (rule, severity) in found


@pytest.mark.parametrize("name", QUIET)
def test_what_only_looks_like_it_is_not(name: str) -> None:
    assert [finding for finding in review(*QUIET[name]).findings if finding.severity != "info"] == []
