"""Exposure: what more people can reach, see or call after the plan."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.iam.documents import outsiders, policies_of
from orchestrator.review.plan import Change, ReviewedPlan, at, blocks, dotted

_WORLD = frozenset({"0.0.0.0/0", "::/0"})
_WEB = frozenset({80, 443})
_ADMIN = {
    22: "SSH",
    23: "Telnet",
    135: "RPC",
    445: "SMB",
    1433: "SQL Server",
    1521: "Oracle",
    2375: "Docker",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
    5439: "Redshift",
    5601: "Kibana",
    5985: "WinRM",
    6379: "Redis",
    9200: "OpenSearch",
    11211: "Memcached",
    27017: "MongoDB",
}

_FLAGS: tuple[tuple[str, str, Any, Severity, str], ...] = (
    # type ("" for all), path, the value that exposes, severity, what that means
    ("", "publicly_accessible", True, "critical", "reached from the internet"),
    ("aws_subnet", "map_public_ip_on_launch", True, "medium", "whatever starts in it has a public address"),
    ("aws_instance", "associate_public_ip_address", True, "high", "it has a public address"),
    (
        "aws_launch_template",
        "network_interfaces.0.associate_public_ip_address",
        "true",
        "high",
        "what it starts has a public address",
    ),
    (
        "aws_ecs_service",
        "network_configuration.0.assign_public_ip",
        True,
        "high",
        "tasks have public addresses",
    ),
    ("aws_lb", "internal", False, "medium", "the load balancer faces the internet"),
    ("aws_alb", "internal", False, "medium", "the load balancer faces the internet"),
    (
        "aws_eks_cluster",
        "vpc_config.0.endpoint_public_access",
        True,
        "high",
        "the Kubernetes API is reached from outside the VPC",
    ),
    ("aws_s3_bucket_public_access_block", "block_public_acls", False, "high", "public ACLs are accepted"),
    (
        "aws_s3_bucket_public_access_block",
        "block_public_policy",
        False,
        "high",
        "public policies are accepted",
    ),
    ("aws_s3_bucket_public_access_block", "ignore_public_acls", False, "high", "public ACLs count"),
    ("aws_s3_bucket_public_access_block", "restrict_public_buckets", False, "high", "public policies count"),
    (
        "aws_s3_account_public_access_block",
        "block_public_acls",
        False,
        "critical",
        "public ACLs are accepted in the whole account",
    ),
    (
        "aws_s3_account_public_access_block",
        "block_public_policy",
        False,
        "critical",
        "public policies are accepted in the whole account",
    ),
    (
        "aws_s3_account_public_access_block",
        "ignore_public_acls",
        False,
        "critical",
        "public ACLs count in the whole account",
    ),
    (
        "aws_s3_account_public_access_block",
        "restrict_public_buckets",
        False,
        "critical",
        "public policies count in the whole account",
    ),
    ("aws_lambda_function_url", "authorization_type", "NONE", "high", "anybody can call the function"),
    ("aws_apigatewayv2_route", "authorization_type", "NONE", "medium", "anybody can call the route"),
    ("aws_api_gateway_method", "authorization", "NONE", "medium", "anybody can call the method"),
    (
        "aws_appsync_graphql_api",
        "authentication_type",
        "API_KEY",
        "medium",
        "whoever has the key can call it",
    ),
    ("aws_ecr_repository", "image_tag_mutability", "MUTABLE", "low", "an image can change under its tag"),
    (
        "aws_sagemaker_notebook_instance",
        "direct_internet_access",
        "Enabled",
        "high",
        "the notebook reaches the internet",
    ),
    (
        "aws_sagemaker_domain",
        "app_network_access_type",
        "PublicInternetOnly",
        "high",
        "apps reach the internet past the VPC",
    ),
    ("aws_redshift_cluster", "publicly_accessible", True, "critical", "reached from the internet"),
    ("aws_dms_replication_instance", "publicly_accessible", True, "critical", "reached from the internet"),
    ("aws_mq_broker", "publicly_accessible", True, "critical", "reached from the internet"),
)


@rule(
    "EX001",
    "A port is opened to the internet",
    "high",
    "exposure",
    why="Everything that listens there is found within minutes and attacked for as long as it is open.",
    fix="Name the ranges or security groups that need it; reach instances through Systems Manager, databases from inside the VPC.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
)
def port_is_opened(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    before = (
        {(opening[:3]) for opening in _openings(change.type, change.before)} if not change.creates else set()
    )
    for low, high, cidr, label in _openings(change.type, change.after):
        if (low, high, cidr) in before:
            continue
        if any(was_low <= low and high <= was_high and was == cidr for was_low, was_high, was in before):
            continue
        ports = (
            "every port"
            if (low, high) == (0, 65535)
            else f"port {low}"
            if low == high
            else f"ports {low}-{high}"
        )
        risky = sorted({name for port, name in _ADMIN.items() if low <= port <= high})
        severity: Severity = "high"
        if risky:
            severity = "critical"
        elif low == high and low in _WEB:
            severity = "medium"
        names = f" ({', '.join(risky[:4])}{' …' if len(risky) > 4 else ''})" if risky and low != 0 else ""
        yield Hit(f"{label} opens {ports}{names} to {cidr}", None, None, f"{low}-{high} {cidr}", severity)


def _openings(kind: str, value: Mapping[str, Any]) -> Iterator[tuple[int, int, str, str]]:
    """(from, to, range, what) of each way in from the internet."""
    if kind in ("aws_security_group", "aws_default_security_group"):
        for entry in blocks(value, "ingress"):
            yield from _ways(
                entry,
                [*(entry.get("cidr_blocks") or ()), *(entry.get("ipv6_cidr_blocks") or ())],
                "protocol",
                "an ingress rule",
            )
    elif kind == "aws_security_group_rule" and value.get("type") == "ingress":
        yield from _ways(
            value,
            [*(value.get("cidr_blocks") or ()), *(value.get("ipv6_cidr_blocks") or ())],
            "protocol",
            "the rule",
        )
    elif kind == "aws_vpc_security_group_ingress_rule":
        yield from _ways(value, [value.get("cidr_ipv4"), value.get("cidr_ipv6")], "ip_protocol", "the rule")
    elif kind == "aws_network_acl_rule" and not value.get("egress") and value.get("rule_action") == "allow":
        yield from _ways(
            value, [value.get("cidr_block"), value.get("ipv6_cidr_block")], "protocol", "the network ACL"
        )
    elif kind in ("aws_network_acl", "aws_default_network_acl"):
        for entry in blocks(value, "ingress"):
            if entry.get("action") == "allow":
                yield from _ways(
                    entry,
                    [entry.get("cidr_block"), entry.get("ipv6_cidr_block")],
                    "protocol",
                    "the network ACL",
                )


def _is_world(cidr: Any) -> bool:
    """Whether a range is all of the internet, or so much of it (more than a /8) that it makes no difference."""
    if cidr in _WORLD:
        return True
    try:
        network = ipaddress.ip_network(str(cidr), strict=False)
    except ValueError:
        return False
    return network.prefixlen < (8 if network.version == 4 else 16) and not network.is_private


def _ways(
    entry: Mapping[str, Any], ranges: list[Any], protocol: str, label: str
) -> Iterator[tuple[int, int, str, str]]:
    low, high = entry.get("from_port"), entry.get("to_port")
    if str(entry.get(protocol)) in ("-1", "all") or low is None or low == -1:
        low, high = 0, 65535
    if str(entry.get(protocol)).lower() in ("icmp", "icmpv6", "1", "58"):
        return
    for cidr in ranges:
        if _is_world(cidr):
            yield int(low), int(high if high is not None else low), cidr, label


@rule(
    "EX002",
    "Something becomes public",
    "high",
    "exposure",
    why="Who can reach it is no longer decided by the network or by IAM.",
    fix="Keep it private; where it has to be public, say so in a waiver with a reason.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-networks.html",
)
def flag_exposes(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.action == "delete":
        if change.type == "aws_s3_bucket_public_access_block":
            yield Hit("the bucket's block of public access is removed", severity="high")
        elif change.type == "aws_s3_account_public_access_block":
            yield Hit("the account's block of public access is removed", severity="critical")
        return
    for kind, path, exposes, severity, meaning in _FLAGS:
        if kind not in ("", change.type):
            continue
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if change.is_unknown(*keys) or after != exposes or type(after) is not type(exposes):
            continue
        if not change.creates and before == exposes:
            continue
        yield Hit(
            f"{path.rpartition('.')[2]} is {str(after).lower()}: {meaning}", path, before, after, severity
        )
    if change.type in ("aws_s3_bucket_acl", "aws_s3_bucket"):
        before, after = change.before.get("acl"), change.after.get("acl")
        if after in ("public-read", "public-read-write", "authenticated-read") and before != after:
            yield Hit(f"the ACL is {after}", "acl", before, after, "critical")
    if change.type == "aws_lambda_permission" and change.creates and change.after.get("principal") == "*":
        held_back = [
            name for name in ("principal_org_id", "source_account", "source_arn") if _is_set(change, name)
        ]
        if not held_back:
            yield Hit("anybody can call the function", "principal", None, "*", "critical")
    if change.type == "aws_eks_cluster":
        yield from _widened(change, "vpc_config.0.public_access_cidrs", "the Kubernetes API")


def _is_set(change: Change, name: str) -> bool:
    return change.is_unknown(name) or bool(change.after.get(name))


def _widened(change: Change, path: str, what: str) -> Iterator[Hit]:
    keys = dotted(path)
    before, after = set(at(change.before, *keys) or ()), set(at(change.after, *keys) or ())
    if (
        not change.is_unknown(*keys)
        and after & _WORLD
        and not before & _WORLD
        and at(change.after, "vpc_config", 0, "endpoint_public_access")
    ):
        yield Hit(
            f"{what} is open to {', '.join(sorted(after & _WORLD))}",
            path,
            sorted(before),
            sorted(after),
            "critical",
        )


@rule(
    "EX003",
    "Something is shared with other accounts, or with everybody",
    "high",
    "exposure",
    why="Whoever it is shared with can copy it, and keeps the copy.",
    fix="Share with named accounts only, and for as long as it takes.",
    source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-modifying-snapshot-permissions.html",
)
def shared_with_others(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if (
        change.type in ("aws_ami_launch_permission", "aws_snapshot_create_volume_permission")
        and change.creates
    ):
        everybody = change.after.get("group") == "all"
        to = "everybody" if everybody else change.after.get("account_id") or "an organization"
        if to not in plan.accounts:
            yield Hit(f"shared with {to}", severity="critical" if everybody else "high")
    if change.type in ("aws_db_snapshot", "aws_db_cluster_snapshot"):
        before, after = (
            set(change.before.get("shared_accounts") or ()),
            set(change.after.get("shared_accounts") or ()),
        )
        for account in sorted(after - before - plan.accounts):
            yield Hit(
                f"shared with {account}",
                "shared_accounts",
                None,
                account,
                "critical" if account == "all" else "high",
            )
    if (
        change.type == "aws_lambda_layer_version_permission"
        and change.creates
        and change.after.get("principal") == "*"
        and not _is_set(change, "organization_id")
    ):
        yield Hit("everybody can use the layer", "principal", None, "*")
    external = (
        change.type == "aws_ram_resource_share" and change.after.get("allow_external_principals") is True
    )
    if external and (change.creates or not change.before.get("allow_external_principals")):
        yield Hit(
            "accounts outside the organization can be admitted",
            "allow_external_principals",
            change.before.get("allow_external_principals"),
            True,
            "medium",
        )
    for name, old, statements in policies_of(change, plan):
        if name != "assume_role_policy":
            known = {who for statement in old or () if statement.allow for who in statement.principals}
            new = {who for statement in statements if statement.allow for who in statement.principals} - known
            for who in outsiders(sorted(new), plan):
                yield Hit(f"its policy admits {who.partition(':')[2]}", name, None, who)
    if change.type == "aws_lambda_permission" and change.creates:
        who = str(change.after.get("principal") or "")
        account = re.search(r"^(\d{12})$|::(\d{12}):", who)
        if account and plan.accounts and plan.accounts.isdisjoint(account.groups()):
            yield Hit(f"{who} can call the function", "principal", None, who)
    if (
        change.type == "aws_ram_principal_association"
        and change.creates
        and change.after.get("principal") not in plan.accounts
    ):
        yield Hit(
            f"a resource share admits {change.after.get('principal')}",
            "principal",
            None,
            change.after.get("principal"),
        )


_LOGS_KEPT = (
    (("aws_eks_cluster",), "enabled_cluster_log_types", "the control plane"),
    (
        ("aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"),
        "enabled_cloudwatch_logs_exports",
        "the database",
    ),
    (("aws_neptune_cluster",), "enable_cloudwatch_logs_exports", "the database"),
)


@rule(
    "EX004",
    "A guard or a record of access is removed",
    "high",
    "exposure",
    why="Attacks get through, or leave no trace.",
    fix="Keep it; when it moves elsewhere, create the new one first.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/detection.html",
)
def guard_is_removed(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    guards = {
        "aws_wafv2_web_acl_association": "the web ACL guards it no more",
        "aws_wafv2_web_acl": "the web ACL is gone",
        "aws_wafv2_web_acl_logging_configuration": "the web ACL keeps no log",
        "aws_shield_protection": "Shield Advanced protects it no more",
        "aws_guardduty_detector": "GuardDuty looks no more",
        "aws_securityhub_account": "Security Hub is off",
        "aws_config_configuration_recorder": "AWS Config records no more",
        "aws_cloudtrail": "the trail is gone",
        "aws_flow_log": "the network keeps no flow log",
        "aws_s3_bucket_logging": "the bucket keeps no access log",
        "aws_accessanalyzer_analyzer": "Access Analyzer looks no more",
        "aws_inspector2_enabler": "Inspector looks no more",
    }
    if change.action == "delete" and change.type in guards:
        yield Hit(guards[change.type])
    for path, off, what in (
        ("enable_logging", False, "the trail records no more"),
        ("is_multi_region_trail", False, "the trail records one region only"),
        ("enable_log_file_validation", False, "changed log files are not noticed"),
        ("access_logs.0.enabled", False, "no access log is kept"),
        ("enable", False, "the detector is off"),
        ("recording", False, "the recorder is off"),
        ("is_enabled", False, "it is off"),
    ):
        if change.type in ("aws_kms_key", "aws_kms_replica_key") and path == "is_enabled":
            continue
        if change.type.startswith(
            ("aws_cloudtrail", "aws_lb", "aws_alb", "aws_guardduty", "aws_config")
        ) and change.turned(path, True, off):
            yield Hit(what, path, True, off)
    if change.turned("metadata_options.0.http_tokens", "required", "optional"):
        yield Hit(
            "the instance's credentials are given without a token (IMDSv1)", "metadata_options.0.http_tokens"
        )
    for kinds, name, what in _LOGS_KEPT:
        if change.type not in kinds or not change.stays or change.is_unknown(name):
            continue
        gone = set(change.before.get(name) or ()) - set(change.after.get(name) or ())
        if gone:
            yield Hit(f"{what} keeps no log of {', '.join(sorted(gone))}", name, severity="medium")
    if (
        change.type in ("aws_lb", "aws_alb")
        and change.stays
        and blocks(change.before, "access_logs")
        and not blocks(change.after, "access_logs")
    ):
        yield Hit("no access log is kept", "access_logs", severity="medium")


# Oldest protocol that a policy accepts, higher is better; those that are not listed are not judged.
_TLS = {
    "ELBSecurityPolicy-TLS-1-0-2015-04": 10,
    "ELBSecurityPolicy-2016-08": 10,
    "ELBSecurityPolicy-TLS13-1-0-2021-06": 10,
    "ELBSecurityPolicy-TLS-1-1-2017-01": 11,
    "ELBSecurityPolicy-TLS13-1-1-2021-06": 11,
    "ELBSecurityPolicy-TLS-1-2-2017-01": 12,
    "ELBSecurityPolicy-TLS-1-2-Ext-2018-06": 12,
    "ELBSecurityPolicy-FS-1-2-2019-08": 12,
    "ELBSecurityPolicy-FS-1-2-Res-2020-10": 12,
    "ELBSecurityPolicy-TLS13-1-2-2021-06": 12,
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": 12,
    "ELBSecurityPolicy-TLS13-1-3-2021-06": 13,
    "TLS_1_0": 10,
    "TLS_1_2": 12,
    "SSLv3": 3,
    "TLSv1": 10,
    "TLSv1_2016": 10,
    "TLSv1.1_2016": 11,
    "TLSv1.2_2018": 12,
    "TLSv1.2_2019": 12,
    "TLSv1.2_2021": 12,
    "Policy-Min-TLS-1-0-2019-07": 10,
    "Policy-Min-TLS-1-2-2019-07": 12,
    "Policy-Min-TLS-1-2-PFS-2023-10": 12,
}


@rule(
    "EX005",
    "Traffic is encrypted less",
    "high",
    "exposure",
    why="Old TLS versions can be broken, plain HTTP can be read and changed on the way.",
    fix="Take a policy of TLS 1.2 or newer; redirect HTTP to HTTPS.",
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
)
def transport_is_weakened(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    for path in (
        "ssl_policy",
        "security_policy",
        "minimum_protocol_version",
        "domain_name_configuration.0.security_policy",
        "viewer_certificate.0.minimum_protocol_version",
        "domain_endpoint_options.0.tls_security_policy",
    ):
        keys = dotted(path)
        before, after = at(change.before, *keys), at(change.after, *keys)
        if change.action == "delete" or change.is_unknown(*keys) or before == after or after not in _TLS:
            continue
        if _TLS[after] < 12 and _TLS.get(before, 12) > _TLS[after]:
            yield Hit(f"{path.rpartition('.')[2]} {after} accepts TLS before 1.2", path, before, after)
    if change.type in ("aws_lb_listener", "aws_alb_listener") and change.turned("protocol", "HTTPS", "HTTP"):
        yield Hit("the listener speaks HTTP instead of HTTPS", "protocol", "HTTPS", "HTTP")
    for path, good, bad in (
        ("transit_encryption_enabled", True, False),
        ("domain_endpoint_options.0.enforce_https", True, False),
        ("node_to_node_encryption.0.enabled", True, False),
    ):
        if change.turned(path, good, bad):
            yield Hit(
                f"{path.rpartition('.')[2] if path.endswith('https') else path.partition('.')[0]} is switched off",
                path,
                good,
                bad,
            )
