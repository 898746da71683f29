"""The rules about exposure and plan-time code: openings, guards that go, transport; and what only moves."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.review import read_plan, review_plan
from orchestrator.review.rules.ex005_transport_is_weakened import oldest_protocol
from tests.unit.test_review import ACCOUNT, PRIOR, plan_text, resource
from tests.unit.test_rules_iam import OTHER, worst

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
GRANT = [{"permission": "READ", "grantee": [{"type": "Group", "uri": ALL_USERS}]}]
OWN = resource(
    "aws_sqs_queue",
    {"arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"},
    {"arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"},
)
TLS13 = "ELBSecurityPolicy-TLS13-1-2-2021-06"
FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
OPEN = {"from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp"}


def updated(kind: str, before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    return [resource(kind, before, after)]


def replaced(kind: str, before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    return [resource(kind, before, after, replace=[["x"]])]


def rules(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"rule": [{"name": "sqli", "priority": 1, **entry} for entry in entries]}


FOUND: dict[str, tuple[str, str | None, list[dict[str, Any]]]] = {
    **{
        f"{flag} is not set any more": (
            "EX002",
            "high",
            updated("aws_s3_bucket_public_access_block", {flag: True}, {flag: None}),
        )
        for flag in FLAGS
    },
    "a function's permission becomes everybody's": (
        "EX002",
        "critical",
        replaced(
            "aws_lambda_permission", {"principal": "s3.amazonaws.com", "source_arn": "a"}, {"principal": "*"}
        ),
    ),
    "another account may call, by replacement": (
        "EX003",
        "high",
        [OWN, *replaced("aws_lambda_permission", {"principal": ACCOUNT}, {"principal": OTHER})],
    ),
    "any bucket of anybody may call": (
        "EX002",
        "medium",
        [resource("aws_lambda_permission", None, {"principal": "s3.amazonaws.com"})],
    ),
    "a key for another account": (
        "EX003",
        "high",
        [OWN, resource("aws_kms_grant", None, {"grantee_principal": f"arn:aws:iam::{OTHER}:root"})],
    ),
    "an ACL for everybody": (
        "EX002",
        "critical",
        [resource("aws_s3_bucket_acl", None, {"access_control_policy": [{"grant": GRANT}]})],
    ),
    "an object for everybody": ("EX002", "high", [resource("aws_s3_object", None, {"acl": "public-read"})]),
    "everybody's events": (
        "EX002",
        "critical",
        [resource("aws_cloudwatch_event_permission", None, {"principal": "*"})],
    ),
    "collections from the internet": (
        "EX002",
        "high",
        [
            resource(
                "aws_opensearchserverless_security_policy", None, {"policy": '[{"AllowFromPublic": true}]'}
            )
        ],
    ),
    "any account connects": (
        "EX002",
        "high",
        updated("aws_vpc_endpoint_service", {"allowed_principals": []}, {"allowed_principals": ["*"]}),
    ),
    "brokers with public addresses": (
        "EX002",
        "high",
        updated(
            "aws_msk_cluster",
            {"broker_node_group_info": [{"connectivity_info": [{"public_access": [{"type": "DISABLED"}]}]}]},
            {
                "broker_node_group_info": [
                    {"connectivity_info": [{"public_access": [{"type": "SERVICE_PROVIDED_EIPS"}]}]}
                ]
            },
        ),
    ),
    "snapshots may be shared": (
        "EX002",
        "high",
        updated(
            "aws_ebs_snapshot_block_public_access", {"state": "block-all-sharing"}, {"state": "unblocked"}
        ),
    ),
    "a table's way to the internet": (
        "EX002",
        "medium",
        updated(
            "aws_route_table", {"route": []}, {"route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]}
        ),
    ),
    "no second factor": (
        "EX002",
        "medium",
        updated("aws_cognito_user_pool", {"mfa_configuration": "ON"}, {"mfa_configuration": "OFF"}),
    ),
    "a document for all": (
        "EX003",
        "critical",
        updated(
            "aws_ssm_document", {"permissions": {}}, {"permissions": {"account_ids": "All", "type": "Share"}}
        ),
    ),
    "a prefix list with everything": (
        "EX001",
        "critical",
        [resource("aws_ec2_managed_prefix_list_entry", None, {"cidr": "0.0.0.0/0"})],
    ),
    "a sixteenth of a sixteenth of the internet": (
        "EX001",
        "critical",
        [
            resource(
                "aws_vpc_security_group_ingress_rule",
                None,
                {"cidr_ipv4": "3.0.0.0/8", "from_port": 22, "to_port": 22, "ip_protocol": "tcp"},
            )
        ],
    ),
    "a trail that never records": (
        "EX004",
        "high",
        [resource("aws_cloudtrail", None, {"enable_logging": False})],
    ),
    "a trail that is replaced by a silent one": (
        "EX004",
        "high",
        replaced("aws_cloudtrail", {"enable_logging": True}, {"enable_logging": False}),
    ),
    "a trail without IAM": (
        "EX004",
        "high",
        updated(
            "aws_cloudtrail",
            {"include_global_service_events": True},
            {"include_global_service_events": False},
        ),
    ),
    "a trail's validation is not set any more": (
        "EX004",
        "high",
        updated("aws_cloudtrail", {"enable_log_file_validation": True}, {}),
    ),
    "a distribution without its web ACL": (
        "EX004",
        "high",
        updated("aws_cloudfront_distribution", {"web_acl_id": "arn"}, {"web_acl_id": ""}),
    ),
    "a web ACL's rule goes": ("EX004", "high", updated("aws_wafv2_web_acl", rules({}), rules())),
    "a rule only counts": (
        "EX004",
        "high",
        updated(
            "aws_wafv2_web_acl",
            rules({"override_action": [{"none": [{}], "count": []}]}),
            rules({"override_action": [{"none": [], "count": [{}]}]}),
        ),
    ),
    "what no rule names comes through": (
        "EX004",
        "high",
        updated(
            "aws_wafv2_web_acl",
            {"default_action": [{"block": [{}], "allow": []}]},
            {"default_action": [{"block": [], "allow": [{}]}]},
        ),
    ),
    "nobody signs in": (
        "EX004",
        "high",
        updated(
            "aws_lb_listener",
            {"default_action": [{"type": "authenticate-oidc"}, {"type": "forward"}]},
            {"default_action": [{"type": "forward"}]},
        ),
    ),
    "a stage without a log": (
        "EX004",
        "medium",
        updated(
            "aws_apigatewayv2_stage", {"access_log_settings": [{"format": "a"}]}, {"access_log_settings": []}
        ),
    ),
    "a listener is replaced by a plain one": (
        "EX005",
        "high",
        replaced("aws_lb_listener", {"protocol": "HTTPS"}, {"protocol": "HTTP"}),
    ),
    "TLS becomes TCP": (
        "EX005",
        "high",
        updated("aws_lb_listener", {"protocol": "TLS"}, {"protocol": "TCP"}),
    ),
    "HTTP is served": (
        "EX005",
        "high",
        updated(
            "aws_lb_listener",
            {"protocol": "HTTP", "default_action": [{"type": "redirect"}]},
            {"protocol": "HTTP", "default_action": [{"type": "forward"}]},
        ),
    ),
    "an old policy by its pattern": (
        "EX005",
        "high",
        updated("aws_lb_listener", {"ssl_policy": TLS13}, {"ssl_policy": "ELBSecurityPolicy-FS-1-1-2019-08"}),
    ),
    "a policy that nobody knows": (
        "EX005",
        "low",
        updated("aws_lb_listener", {"ssl_policy": TLS13}, {"ssl_policy": "Custom"}),
    ),
    "viewers by HTTP": (
        "EX005",
        "high",
        updated(
            "aws_cloudfront_distribution",
            {"default_cache_behavior": [{"viewer_protocol_policy": "redirect-to-https"}]},
            {"default_cache_behavior": [{"viewer_protocol_policy": "allow-all"}]},
        ),
    ),
    "a cache that is replaced without TLS": (
        "EX005",
        "high",
        replaced(
            "aws_elasticache_replication_group",
            {"transit_encryption_enabled": True},
            {"transit_encryption_enabled": None},
        ),
    ),
    "a database that takes plain connections": (
        "EX005",
        "high",
        updated(
            "aws_db_parameter_group",
            {"parameter": [{"name": "rds.force_ssl", "value": "1"}]},
            {"parameter": [{"name": "rds.force_ssl", "value": "0"}]},
        ),
    ),
    "files that travel in the clear": (
        "EX005",
        "high",
        replaced(
            "aws_ecs_task_definition",
            {"volume": [{"name": "v", "efs_volume_configuration": [{"transit_encryption": "ENABLED"}]}]},
            {"volume": [{"name": "v", "efs_volume_configuration": [{"transit_encryption": "DISABLED"}]}]},
        ),
    ),
    "a file where Terraform runs": ("CT001", "low", [resource("local_file", None, {"filename": "/tmp/a"})]),
}

QUIET: dict[str, list[dict[str, Any]]] = {
    "a rule on its own": [
        resource("aws_security_group", {"id": "sg-1", "ingress": [OPEN]}, {"id": "sg-1", "ingress": []}),
        resource(
            "aws_vpc_security_group_ingress_rule",
            None,
            {
                "security_group_id": "sg-1",
                "cidr_ipv4": "0.0.0.0/0",
                "from_port": 443,
                "to_port": 443,
                "ip_protocol": "tcp",
            },
        ),
    ],
    "a web ACL goes with its stage": [
        resource("aws_wafv2_web_acl_association", {"resource_arn": "arn:stage", "web_acl_arn": "w"}, None),
        resource("aws_api_gateway_stage", {"arn": "arn:stage", "stage_name": "a"}, None),
    ],
    "a web ACL's log under another address": [
        resource("aws_wafv2_web_acl_logging_configuration", {"resource_arn": "a"}, None, address="a.x"),
        resource("aws_wafv2_web_acl_logging_configuration", None, {"resource_arn": "a"}, address="a.y"),
    ],
    "a web ACL's rule has another name": updated(
        "aws_wafv2_web_acl", rules({}), rules({"name": "sql", "priority": 7})
    ),
    "a browser asks first": [
        resource("aws_api_gateway_method", None, {"authorization": "NONE", "http_method": "OPTIONS"})
    ],
    "a permission with a source": [
        resource(
            "aws_lambda_permission",
            None,
            {"principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::shop"},
        )
    ],
    "a source that is not known yet": [
        resource(
            "aws_lambda_permission", None, {"principal": "sns.amazonaws.com"}, unknown={"source_arn": True}
        )
    ],
    "a new network's way out": [
        resource(
            "aws_route",
            None,
            {"destination_cidr_block": "0.0.0.0/0"},
            unknown={"gateway_id": True, "route_table_id": True},
        )
    ],
    "an account's own document": [
        OWN,
        resource("aws_ssm_document", {"permissions": {}}, {"permissions": {"account_ids": ACCOUNT}}),
    ],
}


@pytest.mark.parametrize("name", FOUND)
def test_what_exposes_is_found(name: str) -> None:
    rule, severity, changes = FOUND[name]
    assert worst(*changes).get(rule) == severity


@pytest.mark.parametrize("name", QUIET)
def test_what_does_not_is_not(name: str) -> None:
    assert {rule: severity for rule, severity in worst(*QUIET[name]).items() if severity != "info"} == {}


@pytest.mark.parametrize(
    ("name", "oldest"),
    [
        ("ELBSecurityPolicy-2015-05", 10),
        ("ELBSecurityPolicy-FS-2018-06", 10),
        ("ELBSecurityPolicy-FS-1-1-2019-08", 11),
        ("ELBSecurityPolicy-TLS13-1-0-2021-06", 10),
        ("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", 12),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", 13),
        ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", 12),
        ("Policy-Min-TLS-1-0-2019-07", 10),
        ("Policy-Min-TLS-1-2-PFS-2023-10", 12),
        ("TLSv1.1_2016", 11),
        ("TLSv1.2_2025", 12),
        ("TLSv1_2016", 10),
        ("TLSv1", 10),
        ("SSLv3", 3),
        ("TLS_1_2", 12),
        ("Custom", None),
        (None, None),
    ],
)
def test_a_policy_tells_its_oldest_protocol_by_its_name(name: str | None, oldest: int | None) -> None:
    assert oldest_protocol(name) == oldest


def test_a_module_from_outside_is_told_when_it_is_new() -> None:
    source = {"source": f"git::https://example.com/q.git?ref={'a' * 40}", "module": {}}
    configuration = {"root_module": {"module_calls": {"q": source}}}

    def found(*changes: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
        plan = read_plan(plan_text(*changes, configuration=configuration, **more))
        return [(finding.id, finding.severity) for finding in review_plan(plan).findings]

    new = resource("aws_sqs_queue", None, {"name": "a"}, address="module.q.aws_sqs_queue.this")
    old = resource("aws_sqs_queue", {"name": "a"}, {"name": "a"}, address="module.q.aws_sqs_queue.dlq")
    assert found(new, prior_state=PRIOR) == [("CT005", "info")]
    assert found(new, old, prior_state=PRIOR) == []
    assert found(new) == []  # the first apply: everything is new
