"""The rules about IAM: who may do more, who is let in, what can't be read; and what is no change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from orchestrator.review import read_plan, review_plan
from orchestrator.review.source import RootSource
from tests.unit.test_review import ACCOUNT, ROLE_POLICY, allow, plan_text, policy, resource, review, trust

OTHER = "999988887777"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
DENY_ALL = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/*"}


def deny(action: Any, **condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Action": action,
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    }


def changed(*before: dict[str, Any], to: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """A role's policy that says something else."""
    role = {"role": "app", "name": "p"}
    return resource(ROLE_POLICY, {**role, "policy": policy(*before)}, {**role, "policy": policy(*to)})


def bucket(**condition: Any) -> dict[str, Any]:
    """A new bucket policy for everybody, held back by a condition."""
    text = policy(allow("s3:GetObject", Principal="*", Condition=condition))
    return resource("aws_s3_bucket_policy", None, {"bucket": "shop", "policy": text})


def new(action: Any, on: Any = "*", **more: Any) -> dict[str, Any]:
    return resource(
        ROLE_POLICY, None, {"role": "app", "name": "p", "policy": policy(allow(action, on, **more))}
    )


def attachment(before: str | None, after: str | None, address: str, kind: str = "role") -> dict[str, Any]:
    sides = [{"role": "ops", "policy_arn": arn} if arn else None for arn in (before, after)]
    return resource(f"aws_iam_{kind}_policy_attachment", *sides, address=address)


def of_oidc(**condition: Any) -> dict[str, Any]:
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": provider,
        "Condition": condition,
    }
    return resource("aws_iam_role", None, {"assume_role_policy": policy(statement)})


SUB = "token.actions.githubusercontent.com:sub"
A, TMP, PROD = "arn:aws:s3:::a/*", "arn:aws:s3:::tmp/*", "arn:aws:s3:::prod/*"
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
INLINE = {"name": "app", "inline_policy": [{"name": "guard", "policy": policy(DENY_ALL)}]}

FOUND: dict[str, tuple[str, str | None, list[dict[str, Any]]]] = {
    "actions and resources of two statements are crossed": (
        "IA002",
        "high",
        [
            changed(
                allow("s3:GetObject", A),
                allow("s3:DeleteObject", TMP),
                to=(allow(["s3:GetObject", "s3:DeleteObject"], [A, TMP]),),
            )
        ],
    ),
    "a statement gets the resource that another had": (
        "IA002",
        "high",
        [
            changed(
                allow("s3:GetObject", PROD),
                allow(["s3:DeleteObject", "s3:GetObject"], TMP),
                to=(allow(["s3:DeleteObject", "s3:GetObject"], PROD),),
            )
        ],
    ),
    "MFA is dropped where another statement asks for none": (
        "IA002",
        "high",
        [
            changed(
                allow("s3:GetObject", A, **MFA),
                allow("s3:GetObject", TMP),
                to=(allow("s3:GetObject", A), allow("s3:GetObject", TMP)),
            )
        ],
    ),
    "one more VPC endpoint is not denied": (
        "IA002",
        "high",
        [
            changed(
                deny("s3:*", StringNotEquals={"aws:SourceVpce": ["vpce-1"]}),
                to=(deny("s3:*", StringNotEquals={"aws:SourceVpce": ["vpce-1", "vpce-2"]}),),
            )
        ],
    ),
    "one region is not denied any more": (
        "IA002",
        "high",
        [
            changed(
                deny("ec2:*", StringEquals={"aws:RequestedRegion": ["a", "b"]}),
                to=(deny("ec2:*", StringEquals={"aws:RequestedRegion": ["a"]}),),
            )
        ],
    ),
    "all denials go, and nothing is left": ("IA002", "high", [changed(DENY_ALL, to=())]),
    "an inline denial goes": (
        "IA002",
        "high",
        [resource("aws_iam_role", INLINE, {"name": "app", "inline_policy": []})],
    ),
    "a policy of denials is deleted": (
        "IA002",
        "high",
        [resource(ROLE_POLICY, {"role": "app", "name": "p", "policy": policy(DENY_ALL)}, None)],
    ),
    "AWSDenyAll is detached": (
        "IA002",
        "high",
        [attachment("arn:aws:iam::aws:policy/AWSDenyAll", None, "aws_iam_role_policy_attachment.a")],
    ),
    "a bucket policy comes back wider under another address": (
        "IA002",
        "high",
        [
            resource(
                "aws_s3_bucket_policy",
                {"bucket": "shop", "policy": policy(allow("s3:GetObject", A, Principal={"AWS": ACCOUNT}))},
                None,
                address="aws_s3_bucket_policy.old",
            ),
            resource(
                "aws_s3_bucket_policy",
                None,
                {"bucket": "shop", "policy": policy(allow("s3:*", A, Principal={"AWS": ACCOUNT}))},
                address="aws_s3_bucket_policy.new",
            ),
        ],
    ),
    "an organization's policy is loosened": (
        "IA002",
        "high",
        [
            resource(
                "aws_organizations_policy",
                {"content": policy(deny(["iam:*", "ec2:*"]))},
                {"content": policy(deny("iam:*"))},
            )
        ],
    ),
    "from the whole internet": ("IA003", "critical", [bucket(IpAddress={"aws:SourceIp": "0.0.0.0/0"})]),
    "from the internet, one range among others": (
        "IA003",
        "critical",
        [bucket(IpAddress={"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]})],
    ),
    "from everywhere but": ("IA003", "critical", [bucket(NotIpAddress={"aws:SourceIp": "10.0.0.0/8"})]),
    "of every other organization": (
        "IA003",
        "critical",
        [bucket(StringNotEquals={"aws:PrincipalOrgID": "o-1"})],
    ),
    "of any principal": ("IA003", "critical", [bucket(StringLike={"aws:PrincipalArn": "*"})]),
    "of a role in any account": (
        "IA003",
        "critical",
        [bucket(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/reader"})],
    ),
    "by an endpoint, if there is one": (
        "IA003",
        "critical",
        [bucket(StringEqualsIfExists={"aws:SourceVpce": "vpce-1"})],
    ),
    "every account": (
        "IA003",
        "critical",
        [
            resource(
                "aws_s3_bucket_policy",
                None,
                {"policy": policy(allow("s3:GetObject", Principal={"AWS": "arn:aws:iam::*:root"}))},
            )
        ],
    ),
    "a log policy for everybody": (
        "IA003",
        "critical",
        [
            resource(
                "aws_cloudwatch_log_resource_policy",
                None,
                {"policy_document": policy(allow("logs:PutLogEvents", "*", Principal="*"))},
            )
        ],
    ),
    "everything, under a condition that says nothing": (
        "IA001",
        "critical",
        [new("*", Condition={"StringLike": {"aws:PrincipalArn": "*"}})],
    ),
    "everything on every ARN": ("IA001", "critical", [new("**", "arn:aws:*:*:*:*")]),
    "everything but one bucket": (
        "IA001",
        "critical",
        [
            resource(
                ROLE_POLICY,
                None,
                {"policy": policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::secret"})},
            )
        ],
    ),
    "a policy called boundary that is attached": (
        "IA001",
        "critical",
        [
            resource(
                "aws_iam_policy",
                None,
                {"name": "boundary", "policy": policy(allow("*", "*"))},
                address="aws_iam_policy.boundary",
            )
        ],
    ),
    "an administrator among exclusive attachments": (
        "IA001",
        "critical",
        [
            resource(
                "aws_iam_role_policy_attachments_exclusive",
                None,
                {"role_name": "app", "policy_arns": [ADMIN]},
            )
        ],
    ),
    "an administrator's permission set": (
        "IA001",
        "critical",
        [
            resource(
                "aws_ssoadmin_permission_set_inline_policy", None, {"inline_policy": policy(allow("*", "*"))}
            )
        ],
    ),
    "policies for one's own role": (
        "IA004",
        "high",
        [new("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/app")],
    ),
    "commands on instances": ("IA004", "high", [new("ssm:SendCommand")]),
    "any role": ("IA004", "high", [new("sts:AssumeRole")]),
    "an escalation in one region, which IAM is in": (
        "IA004",
        "high",
        [new("iam:AttachRolePolicy", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}})],
    ),
    "every role but one is passed": (
        "IA005",
        "high",
        [
            resource(
                ROLE_POLICY,
                None,
                {"policy": policy({"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:x"})},
            )
        ],
    ),
    "another boundary": (
        "IA006",
        "medium",
        [resource("aws_iam_role", {"permissions_boundary": "arn:1"}, {"permissions_boundary": "arn:2"})],
    ),
    "an organization's policy is detached": (
        "IA006",
        "high",
        [resource("aws_organizations_policy_attachment", {"policy_id": "p-1", "target_id": ACCOUNT}, None)],
    ),
    "the main branch of anybody": (
        "IA007",
        "critical",
        [of_oidc(StringLike={SUB: "repo:*:ref:refs/heads/main"})],
    ),
    "every subject but one": ("IA007", "critical", [of_oidc(StringNotEquals={SUB: "repo:a/b:x"})]),
    "any identity pool": (
        "IA007",
        "high",
        [
            resource(
                "aws_iam_role",
                None,
                {
                    "assume_role_policy": policy(
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRoleWithWebIdentity",
                            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                        }
                    )
                },
            )
        ],
    ),
    "all objects": ("IA008", "medium", [new("s3:*")]),
    "all secrets": ("IA008", "medium", [new("secretsmanager:GetSecretValue")]),
    "a managed policy for all of Lambda": (
        "IA008",
        "medium",
        [
            attachment(
                None, "arn:aws:iam::aws:policy/AWSLambda_FullAccess", "aws_iam_role_policy_attachment.a"
            )
        ],
    ),
    "a policy that nobody can read yet": (
        "IA009",
        "medium",
        [resource("aws_s3_bucket_policy", {"policy": policy(DENY_ALL)}, {}, unknown={"policy": True})],
    ),
    "a service is trusted": (
        "IA002",
        "medium",
        [
            resource(
                "aws_iam_role",
                {"assume_role_policy": trust({"Service": "ec2.amazonaws.com"})},
                {"assume_role_policy": trust({"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]})},
            )
        ],
    ),
}

QUIET: dict[str, list[dict[str, Any]]] = {
    "a denial in two": [
        changed(deny(["s3:Put*", "s3:Delete*"]), to=(deny("s3:Put*"), deny("s3:Delete*"))),
    ],
    "alternatives in two statements": [
        changed(
            allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpce": "a"}}),
            allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpce": "b"}}),
            to=(allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpce": ["b", "a"]}}),),
        )
    ],
    "what is allowed is denied anyway": [
        changed(
            deny("s3:Delete*"),
            allow("s3:Get*"),
            to=(deny("s3:Delete*"), allow(["s3:Get*", "s3:DeleteObject"])),
        ),
    ],
    "a smaller range": [
        changed(
            allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            to=(allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}),),
        )
    ],
    "an endpoint's default policy": [
        resource("aws_vpc_endpoint", None, {"policy": policy(allow("*", "*", Principal="*"))})
    ],
    "an administrator under another address": [
        attachment(ADMIN, None, "aws_iam_role_policy_attachment.old"),
        attachment(None, ADMIN, "aws_iam_role_policy_attachment.new"),
    ],
    "an administrator by an attachment instead": [
        resource(
            "aws_iam_role",
            {"name": "ops", "managed_policy_arns": [ADMIN]},
            {"name": "ops", "managed_policy_arns": []},
        ),
        attachment(None, ADMIN, "aws_iam_role_policy_attachment.new"),
    ],
    "a bucket policy under another address": [
        resource(
            "aws_s3_bucket_policy",
            {"bucket": "shop", "policy": policy(DENY_ALL)},
            None,
            address="aws_s3_bucket_policy.a",
        ),
        resource(
            "aws_s3_bucket_policy",
            None,
            {"bucket": "shop", "policy": policy(DENY_ALL)},
            address="aws_s3_bucket_policy.b",
        ),
    ],
    "a role goes with its denials": [
        resource(ROLE_POLICY, {"role": "app", "name": "p", "policy": policy(DENY_ALL)}, None),
        resource("aws_iam_role", {"name": "app", "id": "app"}, None),
    ],
    "a boundary that limits a role": [
        resource(
            "aws_iam_policy",
            {"arn": "arn:1", "policy": policy(allow("s3:*", A))},
            {"arn": "arn:1", "policy": policy(allow("s3:*", A)), "tags": {"a": "b"}},
        ),
        resource(
            "aws_iam_policy",
            None,
            {"arn": "arn:2", "policy": policy(allow("*", "*"))},
            address="aws_iam_policy.limit",
        ),
        resource("aws_iam_role", None, {"name": "a", "permissions_boundary": "arn:2"}),
    ],
    "a topic's default policy after a new name": [
        resource(
            "aws_sns_topic",
            {"policy": policy(DENY_ALL), "tags": {}},
            {"policy": policy(DENY_ALL), "tags": {"a": "b"}},
        )
    ],
    "one repository's main branch": [of_oidc(StringLike={SUB: "repo:shop/*:ref:refs/heads/main"})],
}


def worst(*changes: dict[str, Any], **more: Any) -> dict[str, str]:
    """Rule → the severity of its worst finding."""
    found: dict[str, str] = {}
    for finding in review(*changes, **more).findings:
        found.setdefault(finding.id, finding.severity)
    return found


@pytest.mark.parametrize("name", FOUND)
def test_what_widens_is_found(name: str) -> None:
    rule, severity, changes = FOUND[name]
    assert worst(*changes).get(rule) == severity


@pytest.mark.parametrize("name", QUIET)
def test_what_does_not_is_not(name: str) -> None:
    assert {rule: severity for rule, severity in worst(*QUIET[name]).items() if severity != "info"} == {}


def configuration(references: list[str], **modules: Any) -> dict[str, Any]:
    resources = [
        {
            "address": "aws_iam_policy.x",
            "mode": "managed",
            "type": "aws_iam_policy",
            "name": "x",
            "expressions": {"policy": {"references": references}},
        }
    ]
    return {"root_module": {"resources": resources, **modules}}


UNREAD = resource("aws_iam_policy", None, {"name": "a"}, unknown={"policy": True}, address="aws_iam_policy.x")


def document(address: str, **statement: Any) -> dict[str, Any]:
    return resource("aws_iam_policy_document", None, statement, address=address, mode="data")


EVERYTHING = {"statement": [{"effect": "Allow", "actions": ["*"], "resources": ["*"]}]}


def test_a_document_in_a_module_is_read() -> None:
    inner = {
        "resources": [{"address": "data.aws_iam_policy_document.d", "mode": "data", "expressions": {}}],
        "outputs": {"json": {"expression": {"references": ["data.aws_iam_policy_document.d.json"]}}},
    }
    plan = configuration(["module.m.json", "module.m"], module_calls={"m": {"module": inner}})
    found = worst(
        UNREAD, document("module.m.data.aws_iam_policy_document.d", **EVERYTHING), configuration=plan
    )
    assert found == {"IA001": "critical"}


def test_a_document_that_is_made_from_another_is_read_with_it() -> None:
    plan = configuration(["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"])
    made = document("data.aws_iam_policy_document.d", source_policy_documents=[policy(allow("*", "*"))])
    assert worst(UNREAD, made, configuration=plan) == {"IA001": "critical"}


@pytest.mark.parametrize(
    "unknown",
    [
        {"statement": True},
        {"statement": [True]},
        {"source_policy_documents": [True]},
        {"statement": [{"actions": True}]},
        {"statement": [{"actions": [False, True]}]},
        {"statement": [{"effect": True}]},
    ],
)
def test_a_document_that_is_not_seen_whole_is_not_taken_for_less(unknown: dict[str, Any]) -> None:
    plan = configuration(["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"])
    made = resource(
        "aws_iam_policy_document",
        None,
        {},
        unknown=unknown,
        address="data.aws_iam_policy_document.d",
        mode="data",
    )
    assert worst(UNREAD, made, configuration=plan) == {"IA009": "medium"}


def test_what_is_taken_in_as_it_is_allows_no_more_than_before() -> None:
    taken = resource(ROLE_POLICY, {"policy": policy(allow("*", "*"))}, {"policy": policy(allow("*", "*"))})
    taken["change"]["importing"] = {"id": "app:p"}
    assert worst(taken) == {}


@pytest.mark.parametrize(
    ("hcl", "expected"),
    [
        (
            'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = ["*", aws_s3_bucket.b.arn] }] })',
            {"IA001": "critical"},
        ),
        (
            'policy = jsonencode({ Statement = { Effect = "Allow", Action = "s3:Get*", Resource = "${aws_s3_bucket.b.arn}/*" } })',
            {},
        ),
        ("policy = local.all", {"IA001": "critical"}),
        ("policy = local.document", {"IA001": "critical"}),
        (
            "policy = jsonencode({ Statement = concat(local.some, [local.everything]) })",
            {"IA001": "critical"},
        ),
        ("policy = jsonencode({ Statement = concat(local.some, []) })", {}),
        (
            "policy = jsonencode({ Statement = [for one in [local.everything] : merge(one, { Action = var.actions })] })",
            {"IA001": "critical"},
        ),
        ("policy = local.some == null ? null : local.text", {"IA001": "critical"}),
        # What can't be known is said, wherever in the policy it stands.
        ('policy = jsonencode({ Statement = concat(local.a, [{ Effect = "Allow" }]) })', {"IA009": "medium"}),
        (
            "policy = jsonencode({ Statement = concat(local.some, [aws_s3_bucket.b.tags]) })",
            {"IA009": "medium"},
        ),
        (
            'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = uuid(), Resource = "*" }] })',
            {"IA009": "medium"},
        ),
        (
            'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = aws_s3_bucket.b.arn, Resource = "*" }] })',
            {"IA009": "medium"},
        ),
        (
            'policy = jsonencode({ Statement = [{ Effect = aws_s3_bucket.b.arn, Action = "*", Resource = "*" }] })',
            {"IA009": "medium"},
        ),
        (
            'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = file("x") }] })',
            {"IA009": "medium"},
        ),
        ("policy = aws_s3_bucket.b.tags == null ? local.read : local.text", {"IA009": "medium"}),
        ("policy = templatefile(local.a, {})", {"IA009": "medium"}),
        ('policy = templatefile("../outside.json", {})', {"IA009": "medium"}),
        ("policy = var.nowhere", {"IA009": "medium"}),
    ],
)
def test_a_policy_that_is_written_as_json_is_read_from_the_code(
    tmp_path: Path, hcl: str, expected: dict[str, str]
) -> None:
    (tmp_path / "main.tf").write_text(
        f'resource "aws_iam_policy" "x" {{\n  name = "a"\n  {hcl}\n}}\n'
        'locals {\n  all = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })\n'
        "  document = data.aws_iam_policy_document.d.json\n"
        '  read = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = aws_s3_bucket.b.arn }] })\n'
        '  some = [{ Effect = "Allow", Action = "s3:Get*", Resource = aws_s3_bucket.b.arn }]\n'
        '  everything = { Effect = "Allow", Action = "*", Resource = "*" }\n'
        '  text = <<-JSON\n    {"Statement": [{"Effect": "Allow", "Action": "*",\n'
        '     "Resource": ["${aws_s3_bucket.b.arn}/*", "*"]}]}\n  JSON\n'
        '}\nvariable "actions" {\n  type = set(string)\n}\n'
    )
    (tmp_path.parent / "outside.json").write_text('{"Statement": []}')
    made = document("data.aws_iam_policy_document.d", **EVERYTHING)
    references = re.findall(r"(?:local|var)\.\w+|aws_s3_bucket\.b\.arn", hcl)
    given = {"actions": {"value": ["*"]}}
    plan = read_plan(plan_text(UNREAD, made, configuration=configuration(references), variables=given))
    found = review_plan(plan, RootSource(tmp_path)).findings
    assert {finding.id: finding.severity for finding in found} == expected


def test_a_boundary_that_is_made_in_the_same_plan_is_known_by_its_reference() -> None:
    made = resource(
        "aws_iam_policy",
        None,
        {"name": "limits", "policy": policy(allow("*", "*"))},
        unknown={"arn": True},
        address="aws_iam_policy.limits",
    )
    # The provider fills managed_policy_arns in, though nobody sets them.
    role = resource(
        "aws_iam_role",
        None,
        {"name": "a"},
        unknown={"permissions_boundary": True, "managed_policy_arns": True},
        address="aws_iam_role.a",
    )
    configuration = {
        "root_module": {
            "resources": [
                {"address": "aws_iam_policy.limits", "expressions": {}},
                {
                    "address": "aws_iam_role.a",
                    "expressions": {"permissions_boundary": {"references": ["aws_iam_policy.limits.arn", "aws_iam_policy.limits"]}},
                },
            ]
        }
    }  # fmt: skip
    assert "IA001" not in worst(made, role, configuration=configuration)
