"""A guard or a record of access is removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, rule
from orchestrator.review.plan import Change, at, blocks, dotted
from orchestrator.review.rules._common import goes_on, loses, same, stops
from orchestrator.review.rules._containers import walls_of_containers

_GUARDS = {
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
    "aws_macie2_account": "Macie looks no more",
    "aws_networkfirewall_firewall": "the network firewall is gone",
}
_GUARDED = ("resource_arn", "bucket", "vpc_id", "subnet_id", "eni_id")
"""What names the thing that is guarded."""
_ONE_PER_ACCOUNT = (
    "aws_guardduty_detector",
    "aws_securityhub_account",
    "aws_config_configuration_recorder",
    "aws_accessanalyzer_analyzer",
    "aws_inspector2_enabler",
    "aws_macie2_account",
)
_TWINS = (*_GUARDED, "s3_bucket_name")
"""What two guards of the same thing have in common."""

_TRAIL, _LB = "aws_cloudtrail", ("aws_lb", "aws_alb")
_SWITCHES: tuple[tuple[str | tuple[str, ...], str, Any, str], ...] = (
    # types (as they begin), path, the value that guards, what its end means
    (_TRAIL, "enable_logging", True, "the trail records no more"),
    (_TRAIL, "is_multi_region_trail", True, "the trail records one region only"),
    (_TRAIL, "include_global_service_events", True, "the trail leaves out IAM and other global services"),
    (_TRAIL, "enable_log_file_validation", True, "changed log files are not noticed"),
    (_LB, "access_logs.0.enabled", True, "no access log is kept"),
    ("aws_guardduty", "enable", True, "the detector is off"),
    ("aws_config", "recording", True, "the recorder is off"),
    ("aws_config", "is_enabled", True, "it is off"),
    (
        _TRAIL,
        "event_selector.0.include_management_events",
        True,
        "the trail leaves out what is done to the account",
    ),
    ("aws_guardduty_detector_feature", "status", "ENABLED", "GuardDuty looks at less"),
    ("aws_macie2_account", "status", "ENABLED", "Macie pauses"),
    (
        "aws_networkfirewall",
        "firewall_policy_change_protection",
        True,
        "the firewall's policy can be exchanged",
    ),
)
_LESS: tuple[tuple[str, str, Any, str], ...] = (
    (_TRAIL, "event_selector.0.read_write_type", "All", "the trail records reads or writes only"),
    ("aws_flow_log", "traffic_type", "ALL", "the flow log leaves out what is refused, or what gets through"),
    (
        "aws_ecr_repository",
        "image_scanning_configuration.0.scan_on_push",
        True,
        "images are not scanned when they come",
    ),
    (
        "aws_ecr_registry_scanning_configuration",
        "scan_type",
        "ENHANCED",
        "images are scanned once, when they come",
    ),
)
"""What guards less than it did."""
_OFF_FROM_THE_START = ("enable_logging", "enable")
_LOGS_KEPT = (
    (("aws_eks_cluster",), "enabled_cluster_log_types", "the control plane"),
    (
        ("aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"),
        "enabled_cloudwatch_logs_exports",
        "the database",
    ),
    (("aws_neptune_cluster",), "enable_cloudwatch_logs_exports", "the database"),
)
_SIGN_IN = {
    "aws_lb_listener": "default_action",
    "aws_alb_listener": "default_action",
    "aws_lb_listener_rule": "action",
    "aws_alb_listener_rule": "action",
}
"""Where a load balancer asks users to sign in."""
_LOG_BLOCKS = (
    (("aws_lb", "aws_alb", "aws_elb"), "access_logs"),
    (("aws_apigatewayv2_stage", "aws_api_gateway_stage"), "access_log_settings"),
    (("aws_cloudfront_distribution",), "logging_config"),
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
def guard_is_removed(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action == "delete" and change.type in _GUARDS and not _moves_or_ends(change, plan):
        yield Hit(_GUARDS[change.type])
    for kinds, path, on, what in _SWITCHES:
        if change.type.startswith(kinds) and (
            stops(change, path, on) or (change.creates and isinstance(on, bool) and _is_off(change, path, on))
        ):
            yield Hit(what, path, on if change.before else None, at(change.after, *dotted(path)))
    for kind, path, on, what in _LESS:
        if change.type == kind and stops(change, path, on):
            yield Hit(what, path, on, at(change.after, *dotted(path)), "medium")
    token = (
        "http_tokens"
        if change.type == "aws_ec2_instance_metadata_defaults"
        else "metadata_options.0.http_tokens"
    )
    if stops(change, token, "required"):
        yield Hit("the instance's credentials are given without a token (IMDSv1)", token)
    yield from walls_of_containers(change)
    if goes_on(change):
        yield from _logs_end(change)
        yield from _web_acl(change)


def _is_off(change: Change, path: str, on: bool) -> bool:
    """Whether something new is switched off from the start."""
    return path in _OFF_FROM_THE_START and same(at(change.after, *dotted(path)), not on)


def _moves_or_ends(change: Change, plan: PlanInContext) -> bool:
    """Whether what is guarded ends too, or is guarded by another resource of the type from now on."""
    if change.deposed or plan.ends(*(change.before.get(name) for name in _GUARDED)):
        return True
    if change.type in _ONE_PER_ACCOUNT:
        return any(other.creates for other in plan.by_type.get(change.type, ()))
    return any(
        not other.ends and change.before.get(name) and change.before.get(name) == other.after.get(name)
        for other in plan.by_type.get(change.type, ())
        if other is not change
        for name in _TWINS
    )


def _logs_end(change: Change) -> Iterator[Hit]:
    for kinds, name, what in _LOGS_KEPT:
        if change.type in kinds and not change.is_unknown(name):
            gone = set(change.before.get(name) or ()) - set(change.after.get(name) or ())
            if gone:
                yield Hit(f"{what} keeps no log of {', '.join(sorted(gone))}", name, severity="medium")
    for types, name in _LOG_BLOCKS:
        if change.type in types and loses(change, name):
            yield Hit("no access log is kept", name, severity="medium")


def _web_acl(change: Change) -> Iterator[Hit]:
    if change.type == "aws_cloudfront_distribution":
        before, after = change.before.get("web_acl_id"), change.after.get("web_acl_id")
        if before and not after and not change.is_unknown("web_acl_id"):
            yield Hit("the web ACL guards the distribution no more", "web_acl_id", before, after)
        if not change.is_unknown("origin"):
            yield from _origins_open(change)
    if change.type in _SIGN_IN and not change.is_unknown(_SIGN_IN[change.type]):
        name = _SIGN_IN[change.type]
        was, now = (
            {str(entry.get("type")) for entry in blocks(side, name)} for side in (change.before, change.after)
        )
        gone = sorted(kind for kind in was - now if kind.startswith("authenticate-"))
        if gone and not any(kind.startswith("authenticate-") for kind in now):
            yield Hit(f"nobody is asked to sign in any more ({', '.join(gone)})", name, gone[0], None)
    if change.type not in ("aws_wafv2_web_acl", "aws_wafv2_rule_group"):
        return
    if blocks(at(change.before, "default_action", 0) or {}, "block") and blocks(
        at(change.after, "default_action", 0) or {}, "allow"
    ):
        yield Hit("what no rule names is let through", "default_action", "block", "allow")
    if change.is_unknown("rule"):
        return
    before = {str(entry.get("name")): entry for entry in blocks(change.before, "rule")}
    after = {str(entry.get("name")): entry for entry in blocks(change.after, "rule")}
    contents = [_without_name(entry) for entry in after.values()]
    for name, entry in sorted(before.items()):
        if not _stops_requests(entry):
            continue
        if name not in after:
            if _without_name(entry) not in contents:
                yield Hit(f"the rule {name} is taken away", "rule", name, None)
        elif not _stops_requests(after[name]):
            yield Hit(f"the rule {name} only counts, or lets through", "rule", name, None)


def _origins_open(change: Change) -> Iterator[Hit]:
    name = "origin_access_control_id"
    was = {entry.get("domain_name") for entry in blocks(change.before, "origin") if entry.get(name)}
    for entry in blocks(change.after, "origin"):
        if entry.get("domain_name") in was and not entry.get(name) and not change.is_unknown("origin"):
            yield Hit(
                f"{entry.get('domain_name')} is asked without saying who asks (origin access control)",
                "origin",
                severity="medium",
            )


def _without_name(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in entry.items() if key not in ("name", "priority", "visibility_config")
    }


def _stops_requests(entry: Mapping[str, Any]) -> bool:
    """Whether a rule of a web ACL does more than count or let through."""
    return not any(
        blocks(one, mild)
        for name, milds in (("action", ("count", "allow")), ("override_action", ("count",)))
        for one in blocks(entry, name)
        for mild in milds
    )
